/* scratch.h - a temporary folder for a test, and files in it. */
#ifndef GAN_TESTS_SCRATCH_H
#define GAN_TESTS_SCRATCH_H


#include <ftw.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

static char scratch_folder[64];

static inline int scratch_remove_entry(const char *path, const struct stat *st, int kind,
                                       struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

/* cmocka's group set-up and tear-down. */
static inline int scratch_begin(void **state)
{
    (void)state;
    strcpy(scratch_folder, "/tmp/gander-test-XXXXXX");
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static inline int scratch_end(void **state)
{
    (void)state;
    return nftw(scratch_folder, scratch_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* A name in the folder; valid until the eighth call from here. */
static inline const char *scratch(const char *name)
{
    static char path[8][256];
    static int next;
    char *p = path[next++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", scratch_folder, name);
    return p;
}

static inline const char *scratch_file(const char *name, const void *data, size_t bytes)
{
    const char *path = scratch(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, bytes, f), bytes);
    assert_int_equal(fclose(f), 0);
    return path;
}

/* A disk that is full after `bytes`: writing fails (EFBIG) until scratch_disk(RLIM_INFINITY). */
static inline void scratch_disk(rlim_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

#endif
