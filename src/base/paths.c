/* paths.c - folders and names. */
#include "base/error.h"
#include "base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gan_status gan__make_dir(const char *path, gan_error *err)
{
    char *copy = strdup(path);
    if (!copy)
        return gan__fail_memory(err, "a file name");
    gan_status s = GAN_OK;
    for (char *p = copy + 1; s == GAN_OK; p++) {
        if (*p && *p != '/')
            continue;
        const char end = *p;
        *p = 0;
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            s = gan__fail_errno(err, GAN_EIO, "%s: the folder cannot be made", path);
        *p = end;
        if (!end)
            break;
    }
    free(copy);
    if (s == GAN_OK && !gan__is_dir(path))
        s = gan__fail(err, GAN_EIO, "%s: is there, but is not a folder", path);
    return s;
}

char *gan__path_join(const char *dir, const char *name)
{
    const size_t n = strlen(dir), m = strlen(name);
    char *path = malloc(n + m + 2);
    if (!path)
        return NULL;
    memcpy(path, dir, n);
    path[n] = '/';
    memcpy(path + n + 1, name, m + 1);
    return path;
}

bool gan__is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool gan__is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int64_t gan__name_number(const char *name, const char *ending)
{
    char *end;
    const int64_t n = strtoll(name, &end, 10);
    return end != name && !strcmp(end, ending) && n >= 0 ? n : -1;
}

gan_status gan__sync_dir(const char *path, gan_error *err)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    if (!dir)
        return gan__fail_memory(err, "a file name");
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gan_status s = GAN_OK;
    /* Some file systems cannot sync a folder and say EINVAL; the rename is as safe as they make it. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        s = gan__fail_errno(err, GAN_EIO, "%s: the folder cannot be synced", dir);
    if (fd >= 0)
        close(fd);
    free(dir);
    return s;
}

gan_status gan__cache_folder(char **out, const char *name, gan_error *err)
{
    *out = NULL;
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *base = NULL;
    if (cache && cache[0] == '/') /* a relative one is to be ignored, says the XDG specification */
        base = gan__path_join(cache, "gander");
    else if (home && home[0])
        base = gan__path_join(home, ".cache/gander");
    else
        return gan__fail(err, GAN_ENOTFOUND, "no place for what is kept: set HOME or XDG_CACHE_HOME");
    if (base)
        *out = gan__path_join(base, name);
    free(base);
    return *out ? GAN_OK : gan__fail_memory(err, "a file name");
}
