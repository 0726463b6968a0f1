/* idx.h - IDX, the format of MNIST: a few big-endian sizes, then bytes.
 *
 *     00 00 08 rank | rank x u32, big-endian | bytes, last dimension fastest
 *
 * Read here: unsigned bytes (type 08) of rank 1 (labels), 3 (N,H,W) or 4 (N,H,W,C with C 1 to 4),
 * N >= 1, H and W 1 to 4,096; plain, or in one gzip stream, told apart by content and not by name.
 * The header is not trusted: nothing is allocated that a file of this size could not hold.
 */
#ifndef GAN_FILE_IDX_H
#define GAN_FILE_IDX_H

#include <gan/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gan__idx {
    int rank;             /* 1, 3 or 4 */
    int dim[4];           /* N, H, W, C; those behind the rank are 1 */
    const uint8_t *bytes; /* N * H * W * C of them, inside block */
    size_t size;          /* how many */
    void *block;          /* owned; gan__idx_release */
} gan__idx;

/* gan__idx_parse - from a whole file in memory (copied where it is plain). `name` is for messages.
 * gan__idx_read  - from a file.
 * Errors  GAN_EFORMAT, GAN_ENOTFOUND, GAN_EIO, GAN_ENOMEM; *out is then empty. */
gan_status gan__idx_parse(gan__idx *out, const char *name, const uint8_t *file, size_t bytes,
                          gan_error *err);
gan_status gan__idx_read(gan__idx *out, const char *path, gan_error *err);
void gan__idx_release(gan__idx *idx);

/* gan__idx_write - uint8 IDX of rank 1, 3 or 4, atomically; gzip'd where the name ends in .gz, with
 * neither time nor name in its header, so that the same zlib gives the same bytes. */
gan_status gan__idx_write(const char *path, int rank, const int dim[], const uint8_t *bytes,
                          gan_error *err);

/* The same piece by piece: begin -> add... -> commit (which frees it; GAN_EINVAL where the pieces are not what
 * dim promises) or abort (nothing is left; also after a failed add). */
typedef struct gan__idx_writer gan__idx_writer;
gan_status gan__idx_begin(gan__idx_writer **out, const char *path, int rank, const int dim[], gan_error *err);
gan_status gan__idx_add(gan__idx_writer *w, const uint8_t *data, size_t bytes, gan_error *err);
gan_status gan__idx_commit(gan__idx_writer *w, gan_error *err);
void gan__idx_abort(gan__idx_writer *w);

#endif
