/* safetensors.h - named arrays in a file without code: an 8-byte length, a JSON header, the data.
 *
 *     u64 little-endian n | n bytes of JSON, padded with spaces to a multiple of 8 | data, no gaps
 *     {"__metadata__": {key: value, ...}, name: {"dtype", "shape", "data_offsets"}, ...}
 *
 * What gander writes has sorted keys, float32 tensors before bytes (so that floats stay aligned),
 * each by name, and the metadata key "sha256": the SHA-256 of the whole file with those 64 digits
 * as zeros. What it reads is checked to the last offset before anything is handed out; a "sha256"
 * that is there must be right. One flipped bit in the word "sha256" itself leaves a file that is
 * valid and has none: whoever reads a file that gander must have written asks for the key too.
 * Source: github.com/huggingface/safetensors, README, "Format".
 */
#ifndef GAN_FILE_SAFETENSORS_H
#define GAN_FILE_SAFETENSORS_H

#include <gan/status.h>
#include <stddef.h>
#include <stdint.h>

enum { GAN__TENSOR_RANK_MAX = 8 };

typedef enum gan__dtype { GAN__F32, GAN__U8 } gan__dtype;

typedef struct gan__tensor {
    const char *name;
    gan__dtype dtype;
    int rank; /* 0: a scalar */
    int64_t dim[GAN__TENSOR_RANK_MAX];
    const void *data; /* little-endian; in a file that others wrote maybe unaligned: use memcpy */
    size_t bytes;     /* filled in by reading; writing computes it from dtype and shape */
} gan__tensor;

typedef struct gan__meta {
    const char *key, *value; /* UTF-8 */
} gan__meta;

/* gan__safetensors_write - atomically (fsync, rename, fsync of the folder). The lists may come in
 * any order; the bytes do not depend on it. The key "sha256" is added and must not be in `meta`.
 * Errors  GAN_EINVAL: two of one name, or text that is not UTF-8; GAN_EIO; GAN_ENOMEM. */
gan_status gan__safetensors_write(const char *path, const gan__tensor *tensors, size_t count,
                                  const gan__meta *meta, size_t pairs, gan_error *err);

/* A file that was read: owns its bytes, tensors and metadata. */
typedef struct gan__safetensors gan__safetensors;

/* gan__safetensors_read  - a file.
 * gan__safetensors_parse - one in memory (copied); `name` is for messages.
 * Errors  GAN_ENOTFOUND, GAN_EIO, GAN_ENOMEM; GAN_EFORMAT: cut off, altered, or not a safetensors
 * file; GAN_EUNSUPPORTED: a dtype other than F32 and U8. */
gan_status gan__safetensors_read(gan__safetensors **out, const char *path, gan_error *err);
gan_status gan__safetensors_parse(gan__safetensors **out, const char *name, const uint8_t *file,
                                  size_t bytes, gan_error *err);
void gan__safetensors_free(gan__safetensors *st);

size_t gan__safetensors_count(const gan__safetensors *st);
const gan__tensor *gan__safetensors_at(const gan__safetensors *st, size_t i); /* in order of name */
const gan__tensor *gan__safetensors_find(const gan__safetensors *st,
                                         const char *name); /* or NULL */

/* Metadata: by key (NULL: not there), and the i-th in order of key. */
const char *gan__safetensors_meta(const gan__safetensors *st, const char *key);
size_t gan__safetensors_meta_count(const gan__safetensors *st);
gan__meta gan__safetensors_meta_at(const gan__safetensors *st, size_t i);

#endif
