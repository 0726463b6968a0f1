/* idx.h - the IDX format of MNIST: bytes in a rectangular array.
 *
 *     0 0 type rank | size[0] ... size[rank-1] (32 bits, big-endian) | data
 *
 * Read plain or gzip'd (told apart by content). A header that promises more than the file holds is
 * refused before anything of that size is allocated.
 */
#ifndef GAN_FILE_IDX_H
#define GAN_FILE_IDX_H

#include <gan/status.h>
#include <stddef.h>
#include <stdint.h>

enum { GAN__IDX_RANK_MAX = 4 };

typedef struct gan__idx {
    int rank;
    int size[GAN__IDX_RANK_MAX];
    uint8_t *data; /* malloc'd; gan__idx_release */
    size_t bytes;
} gan__idx;

/* gan__idx_read - unsigned bytes only (type 8), rank 1 to 4. Errors name the file: GAN_EIO,
 * GAN_ENOTFOUND, GAN_EFORMAT, GAN_ENOMEM. gan__idx_parse - from memory; name is for messages. */
gan_status gan__idx_read(gan__idx *out, const char *path, gan_error *err);
gan_status gan__idx_parse(gan__idx *out, const char *name, const uint8_t *file, size_t bytes,
                          gan_error *err);
void gan__idx_release(gan__idx *idx);

/* gan__idx_write - gzip'd where the name ends in .gz, without a name or a time in it. Atomic. */
gan_status gan__idx_write(const char *path, int rank, const int size[], const uint8_t *data,
                          gan_error *err);

#endif
