/* fileio.h - whole files in, whole files out; a reader never sees half of one. */
#ifndef GAN_BASE_FILEIO_H
#define GAN_BASE_FILEIO_H

#include <gan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A file being written under a temporary name beside its final one: new (O_EXCL), random, and marked
 * as ours, so that no file of the user's is ever opened, followed or swept.
 * begin -> write... -> commit (fsync, rename, fsync of the folder) or abort (unlink).
 * After a failed write or commit the temporary file is gone and the old file is untouched. */
typedef struct gan__atomic_file {
    int fd;           /* -1: none */
    char *path;       /* final name; owned */
    char *temporary;  /* owned; "": nothing to remove */
} gan__atomic_file;

gan_status gan__atomic_begin(gan__atomic_file *f, const char *path, gan_error *err);
gan_status gan__atomic_write(gan__atomic_file *f, const void *data, size_t bytes, gan_error *err);
gan_status gan__atomic_commit(gan__atomic_file *f, gan_error *err);
/* gan__atomic_commit_unsynced - rename alone: for what can be made again, such as ten thousand pictures, which would wait for the disk one by
 * one. A reader sees all or nothing; after a power cut it may be gone. */
gan_status gan__atomic_commit_unsynced(gan__atomic_file *f, gan_error *err);
void gan__atomic_abort(gan__atomic_file *f);

/* gan__temporary_name - a random marked name in path's folder, ending in ".tmp" (a file) or ".new" (a
 * folder); malloc'd, NULL when out of memory. gan__is_temporary - is a file's name one of those? */
char *gan__temporary_name(const char *path, const char *ending);
bool gan__is_temporary(const char *name, const char *ending);

/* gan__write_all - write(2) until all is written; false with errno on failure. */
bool gan__write_all(int fd, const void *data, size_t bytes);

/* gan__write_file - the four above in one. */
gan_status gan__write_file(const char *path, const void *data, size_t bytes, gan_error *err);

/* gan__read_file - all of a file, one zero byte behind it; *out is malloc'd, the caller frees it.
 * Refuses (GAN_EFORMAT) more than `most` bytes; a directory is named as such (GAN_EIO). */
gan_status gan__read_file(const char *path, size_t most, uint8_t **out, size_t *bytes,
                          gan_error *err);

/* gan__read_file_from - the same of what lies behind its first `from` bytes; *bytes 0: the file has no more than those. */
gan_status gan__read_file_from(const char *path, size_t from, size_t most, uint8_t **out, size_t *bytes, gan_error *err);

#endif
