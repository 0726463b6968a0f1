/* killer.c - preloaded: ends the process at the Nth call that changes a file of a run.
 *
 * KILLER_AT=N, KILLER_WHEN=before|after: where to end it. KILLER_COUNT=FILE: write the number of calls
 * there at exit. The process ends as by SIGKILL: nothing is flushed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int calls;

static void at_call(const char *when)
{
    const char *at = getenv("KILLER_AT"), *which = getenv("KILLER_WHEN");
    if (at && which && atoi(at) == calls && !strcmp(which, when))
        _exit(137);
}

static int regular(int fd)
{
    struct stat st;
    return fd > 2 && fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

/* One call: counted, and perhaps the last. */
#define CALL(result, counted, call)                                                               \
    do {                                                                                          \
        const int counts = (counted);                                                             \
        calls += counts;                                                                          \
        if (counts)                                                                               \
            at_call("before");                                                                    \
        const result r = (call);                                                                  \
        if (counts) {                                                                             \
            const int keep = errno;                                                               \
            at_call("after");                                                                     \
            errno = keep;                                                                         \
        }                                                                                         \
        return r;                                                                                 \
    } while (0)

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

ssize_t write(int fd, const void *data, size_t n)
{
    ssize_t (*real)(int, const void *, size_t);
    *(void **)&real = next("write");
    CALL(ssize_t, regular(fd), real(fd, data, n));
}

int fsync(int fd)
{
    int (*real)(int);
    *(void **)&real = next("fsync");
    CALL(int, regular(fd), real(fd));
}

int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    *(void **)&real = next("rename");
    CALL(int, 1, real(from, to));
}

int renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
    int (*real)(int, const char *, int, const char *, unsigned);
    *(void **)&real = next("renameat2");
    CALL(int, 1, real(a, from, b, to, flags));
}

int mkdir(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t);
    *(void **)&real = next("mkdir");
    CALL(int, 1, real(path, mode));
}

int unlink(const char *path)
{
    int (*real)(const char *);
    *(void **)&real = next("unlink");
    CALL(int, 1, real(path));
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("KILLER_COUNT");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        fprintf(f, "%d\n", calls);
        fclose(f);
    }
}
