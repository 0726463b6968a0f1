/* safetensors.h - tensors and text in one file (github.com/huggingface/safetensors): no pickle, no code.
 *
 *     8 bytes: length of the header | JSON header, padded with spaces | data
 *
 * Written with keys sorted and a metadata entry "sha256": the SHA-256 of the whole file with those 64
 * digits zeroed. Reading checks everything that the header says before it is used, and that digest where
 * there is one, so a torn or altered file is found.
 */
#ifndef GAN_FILE_SAFETENSORS_H
#define GAN_FILE_SAFETENSORS_H

#include <gan/status.h>
#include <stddef.h>
#include <stdint.h>

enum { GAN__ST_RANK_MAX = 8 };

typedef struct gan__st_tensor {
    const char *name;
    int rank;
    size_t dim[GAN__ST_RANK_MAX];
    const float *data; /* F32, the only type that is written or read */
    size_t count;
} gan__st_tensor;

typedef struct gan__st_text {
    const char *key, *value;
} gan__st_text;

/* gan__st_write - atomically; the order of the tensors in the file is that of their names. */
gan_status gan__st_write(const char *path, const gan__st_tensor *tensors, int count,
                         const gan__st_text *metadata, int texts, gan_error *err);

typedef struct gan__st_file {
    gan__st_tensor *tensor; /* sorted by name; names and data belong to the file */
    int count;
    gan__st_text *text; /* metadata, sorted by key */
    int texts;
    void *json, *memory;
} gan__st_file;

/* gan__st_read, gan__st_parse - errors name the file: GAN_EFORMAT where it is not whole or not right. The
 * file's bytes are owned by out after success (parse takes them over, malloc'd and 8-byte aligned). */
gan_status gan__st_read(gan__st_file *out, const char *path, gan_error *err);
gan_status gan__st_parse(gan__st_file *out, const char *name, uint8_t *file, size_t bytes,
                         gan_error *err);
void gan__st_release(gan__st_file *f);

const gan__st_tensor *gan__st_find(const gan__st_file *f, const char *name); /* NULL: none */
const char *gan__st_metadata(const gan__st_file *f, const char *key);        /* NULL: none */

#endif
