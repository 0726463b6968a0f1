/* memory.c - see memory.h. */
#include "base/memory.h"

#include "base/error.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A file that holds one number; "max", or no such file, is no limit. */
static size_t number_in(const char *path)
{
    unsigned long long n = SIZE_MAX;
    FILE *f = fopen(path, "r");
    if (!f)
        return SIZE_MAX;
    if (fscanf(f, "%llu", &n) != 1)
        n = SIZE_MAX;
    fclose(f);
    return (size_t)n;
}

/* The group's limit and those of all groups around it, version 2 ("0::/a/b") and 1 ("9:memory:/a/b"). */
static size_t limit_of_groups(void)
{
    char line[1024];
    size_t limit = SIZE_MAX;
    FILE *f = fopen("/proc/self/cgroup", "r");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        char *group = strstr(line, ":/");
        const int version = !strncmp(line, "0::", 3) ? 2 : strstr(line, ":memory:") ? 1 : 0;
        if (!group || !version)
            continue;
        for (group++;;) {
            char path[1280];
            snprintf(path, sizeof path, version == 2 ? "/sys/fs/cgroup%s/memory.max"
                                                     : "/sys/fs/cgroup/memory%s/memory.limit_in_bytes",
                     strcmp(group, "/") ? group : "");
            limit = least(limit, number_in(path));
            char *slash = strrchr(group, '/');
            if (!slash || !slash[1])
                break;
            slash[slash == group] = 0; /* "/a/b" -> "/a" -> "/" */
        }
    }
    if (f)
        fclose(f);
    return limit;
}

size_t gan__memory_limit(void)
{
    struct rlimit space;
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t limit = pages > 0 && page > 0 ? (size_t)pages * (size_t)page : SIZE_MAX;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
        limit = least(limit, (size_t)space.rlim_cur);
    return least(limit, limit_of_groups());
}

gan_status gan__memory_check(size_t bytes, const char *what, gan_error *err)
{
    const size_t limit = gan__memory_limit();
    if (bytes <= limit)
        return GAN_OK;
    return gan__fail(err, GAN_ENOMEM,
                     "%s: needs %.1f GB of memory, and there are %.1f GB; take a smaller batch or narrower layers",
                     what, (double)bytes / 1e9, (double)limit / 1e9);
}
