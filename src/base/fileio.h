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

/* gan__make_dir - mkdir -p. gan__path_join - malloc'd "dir/name" or NULL. */
gan_status gan__make_dir(const char *path, gan_error *err);
char *gan__path_join(const char *dir, const char *name);
bool gan__is_dir(const char *path);
bool gan__is_file(const char *path);

/* gan__sync_dir - fsync of the folder that holds path. */
gan_status gan__sync_dir(const char *path, gan_error *err);

/* SHA-256 (FIPS 180-4). hex gets 64 digits and a zero byte. */
enum { GAN__SHA256_HEX = 65 };
typedef struct gan__sha256 gan__sha256;
gan__sha256 *gan__sha256_create(void); /* NULL when out of memory */
void gan__sha256_update(gan__sha256 *sha, const void *data, size_t bytes);
void gan__sha256_hex(gan__sha256 *sha, char hex[GAN__SHA256_HEX]); /* ends and resets it */
void gan__sha256_free(gan__sha256 *sha);
gan_status gan__sha256_of(const void *data, size_t bytes, char hex[GAN__SHA256_HEX],
                          gan_error *err);

#endif
