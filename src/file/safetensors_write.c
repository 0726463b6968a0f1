/* safetensors_write.c - arrays to a file, so that the same content gives the same bytes.
 *
 * The header is made with 64 zeros for "sha256"; the digest runs over it and the data; then its
 * digits take the zeros' place. The file never stands half written (gan__atomic_file).
 */
#include "base/error.h"
#include "base/fileio.h"
#include "base/sha256.h"
#include "file/safetensors.h"
#include "file/safetensors_internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

/* Floats first, then by name. Wider elements first keeps them aligned. */
static int by_place(const void *a, const void *b)
{
    const gan__tensor *x = a, *y = b;
    return x->dtype != y->dtype ? (int)x->dtype - (int)y->dtype : strcmp(x->name, y->name);
}

static gan_status measure(gan__tensor *t, gan_error *err)
{
    t->bytes = gan__dtype_bytes(t->dtype);
    if (t->rank < 0 || t->rank > GAN__TENSOR_RANK_MAX)
        return gan__fail(err, GAN_EINVAL, "tensor %s: rank %d", t->name, t->rank);
    for (int i = 0; i < t->rank; i++)
        if (t->dim[i] < 0 || __builtin_mul_overflow(t->bytes, (size_t)t->dim[i], &t->bytes))
            return gan__fail(err, GAN_EINVAL, "tensor %s: a shape that no memory holds", t->name);
    return GAN_OK;
}

/* Put `value` (stolen, may be NULL) under a key that must be new. */
static gan_status put(json_t *object, const char *key, json_t *value, gan_error *err)
{
    if (json_object_get(object, key)) {
        json_decref(value);
        return gan__fail(err, GAN_EINVAL, "two entries have the name %s", key);
    }
    if (json_object_set_new(object, key, value) != 0)
        return gan__fail(err, GAN_EINVAL, "%s: not UTF-8 text, or out of memory", key);
    return GAN_OK;
}

static json_t *tensor_json(const gan__tensor *t, size_t begin)
{
    json_t *shape = json_array();
    for (int i = 0; shape && i < t->rank; i++)
        if (json_array_append_new(shape, json_integer(t->dim[i])) != 0) {
            json_decref(shape);
            shape = NULL; /* which makes json_pack fail */
        }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", gan__dtype_name(t->dtype), "shape", shape,
                     "data_offsets", (json_int_t)begin, (json_int_t)(begin + t->bytes));
}

/* The header's JSON object; tensors are in order of place. */
static gan_status describe(json_t **out, const gan__tensor *tensors, size_t count,
                           const gan__meta *meta, size_t pairs, gan_error *err)
{
    json_t *head = json_object(), *words = json_object();
    gan_status s = head && words ? GAN_OK : gan__fail_memory(err, "a header");
    for (size_t i = 0; s == GAN_OK && i < pairs; i++)
        s = put(words, meta[i].key, json_string(meta[i].value), err);
    if (s == GAN_OK)
        s = put(words, GAN__META_SHA256, json_string(zeros), err);
    if (s == GAN_OK)
        s = put(head, GAN__META_KEY, json_incref(words), err);
    size_t at = 0;
    for (size_t i = 0; s == GAN_OK && i < count; i++) {
        s = put(head, tensors[i].name, tensor_json(&tensors[i], at), err);
        at += tensors[i].bytes;
    }
    json_decref(words);
    if (s != GAN_OK)
        json_decref(head);
    *out = s == GAN_OK ? head : NULL;
    return s;
}

size_t gan__find_digest(const uint8_t *header, size_t bytes)
{
    static const char pair[] = "\"" GAN__META_SHA256 "\":\"";
    const uint8_t *at = header, *end = header + bytes;
    while ((at = memmem(at, (size_t)(end - at), pair, sizeof pair - 1))) {
        const size_t digits = (size_t)(at - header) + sizeof pair - 1;
        if (at > header && (at[-1] == '{' || at[-1] == ',') && bytes - digits >= sizeof zeros)
            return digits;
        at++;
    }
    return 0;
}

/* The JSON text, malloc'd; NULL: out of memory. jansson (2.14) may then leave something out and
 * call that a success, so the text is read back and compared. */
static char *print_json(const json_t *head)
{
    char *text = json_dumps(head, JSON_COMPACT | JSON_SORT_KEYS);
    json_t *back = text ? json_loads(text, 0, NULL) : NULL;
    if (!json_equal(head, back)) {
        free(text);
        text = NULL;
    }
    json_decref(back);
    return text;
}

/* Length, JSON, spaces: *out is malloc'd. */
static gan_status print_header(const json_t *head, uint8_t **out, size_t *bytes, gan_error *err)
{
    *out = NULL;
    char *text = print_json(head);
    if (!text)
        return gan__fail_memory(err, "a header");
    const size_t n = strlen(text), padded = (n + 7) / 8 * 8;
    uint8_t *file = malloc(8 + padded);
    if (file) {
        gan__put_u64(file, padded);
        memcpy(file + 8, text, n);
        memset(file + 8 + n, ' ', padded - n);
        *out = file;
        *bytes = 8 + padded;
    }
    free(text);
    return file ? GAN_OK : gan__fail_memory(err, "a header");
}

static gan_status sign(uint8_t *header, size_t bytes, const gan__tensor *tensors, size_t count,
                       gan_error *err)
{
    gan__sha256 *sha = gan__sha256_create();
    if (!sha)
        return gan__fail_memory(err, "a digest");
    gan__sha256_update(sha, header, bytes);
    for (size_t i = 0; i < count; i++)
        gan__sha256_update(sha, tensors[i].data, tensors[i].bytes);
    char hex[GAN__SHA256_HEX];
    gan__sha256_hex(sha, hex);
    gan__sha256_free(sha);
    memcpy(header + gan__find_digest(header, bytes), hex, sizeof zeros - 1);
    return GAN_OK;
}

static gan_status write_all(const char *path, const uint8_t *header, size_t bytes,
                            const gan__tensor *tensors, size_t count, gan_error *err)
{
    gan__atomic_file f;
    gan_status s = gan__atomic_begin(&f, path, err);
    if (s == GAN_OK)
        s = gan__atomic_write(&f, header, bytes, err);
    for (size_t i = 0; s == GAN_OK && i < count; i++)
        s = gan__atomic_write(&f, tensors[i].data, tensors[i].bytes, err);
    return s == GAN_OK ? gan__atomic_commit(&f, err) : s;
}

gan_status gan__safetensors_write(const char *path, const gan__tensor *tensors, size_t count,
                                  const gan__meta *meta, size_t pairs, gan_error *err)
{
    json_t *head = NULL;
    uint8_t *header = NULL;
    size_t bytes = 0;
    gan_status s = GAN_OK;
    gan__tensor *sorted = malloc((count + 1) * sizeof *sorted);
    if (!sorted)
        return gan__fail_memory(err, "a header");
    if (count > 0) {
        memcpy(sorted, tensors, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, by_place);
    }
    for (size_t i = 0; s == GAN_OK && i < count; i++)
        s = measure(&sorted[i], err);
    if (s == GAN_OK)
        s = describe(&head, sorted, count, meta, pairs, err);
    if (s == GAN_OK)
        s = print_header(head, &header, &bytes, err);
    if (s == GAN_OK)
        s = sign(header, bytes, sorted, count, err);
    if (s == GAN_OK)
        s = write_all(path, header, bytes, sorted, count, err);
    free(header);
    json_decref(head);
    free(sorted);
    return s;
}
