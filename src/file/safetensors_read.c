/* safetensors_read.c - a file of arrays that nobody vouches for.
 *
 * Everything is checked before anything is handed out: the header's length (100 MB at most, as in
 * the reference implementation), JSON without repeated names, each tensor's fields, the product of
 * its shape against its bytes, and that the tensors cover the data from its first byte to its last
 * without a gap or an overlap. The JSON tree stays alive, since names and metadata point into it.
 */
#include "base/error.h"
#include "base/fileio.h"
#include "base/sha256.h"
#include "file/safetensors.h"
#include "file/safetensors_internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MAX = 100000000, DIGITS = GAN__SHA256_HEX - 1 };

struct gan__safetensors {
    uint8_t *file;
    size_t bytes;
    size_t header; /* bytes of length and JSON: where the data begins */
    json_t *head;
    gan__tensor *tensors; /* in order of name */
    size_t count;
    gan__meta *meta; /* in order of key */
    size_t pairs;
};

/* ---- header -----------------------------------------------------------------------------------
 */

static gan_status load_json(gan__safetensors *st, const char *name, gan_error *err)
{
    if (st->bytes < 8)
        return gan__fail(err, GAN_EFORMAT, "%s: %zu bytes: cut off, or not a safetensors file",
                         name, st->bytes);
    const uint64_t n = gan__get_u64(st->file);
    if (n > HEADER_MAX)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: claims a header of %llu bytes: not a safetensors file, or damaged",
                         name, (unsigned long long)n);
    if (n > st->bytes - 8)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: cut off: a header of %llu bytes, and %zu bytes in all", name,
                         (unsigned long long)n, st->bytes);
    st->header = 8 + (size_t)n;
    json_error_t e;
    st->head = json_loadb((const char *)st->file + 8, (size_t)n, JSON_REJECT_DUPLICATES, &e);
    if (!st->head && json_error_code(&e) == json_error_out_of_memory)
        return gan__fail_memory(err, name);
    if (!st->head)
        return gan__fail(err, GAN_EFORMAT, "%s: the header is damaged: %s", name, e.text);
    if (!json_is_object(st->head))
        return gan__fail(err, GAN_EFORMAT, "%s: the header is not a JSON object", name);
    return GAN_OK;
}

static int by_key(const void *a, const void *b)
{
    const gan__meta *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static gan_status take_meta(gan__safetensors *st, const char *name, json_t *words, gan_error *err)
{
    if (!json_is_object(words))
        return gan__fail(err, GAN_EFORMAT, "%s: the metadata is not a JSON object", name);
    const size_t n = json_object_size(words);
    st->meta = calloc(n + 1, sizeof *st->meta);
    if (!st->meta)
        return gan__fail_memory(err, name);
    const char *key;
    json_t *value;
    json_object_foreach(words, key, value)
    {
        if (!json_is_string(value))
            return gan__fail(err, GAN_EFORMAT, "%s: metadata %s is not a string", name, key);
        st->meta[st->pairs++] = (gan__meta){key, json_string_value(value)};
    }
    qsort(st->meta, st->pairs, sizeof *st->meta, by_key);
    return GAN_OK;
}

/* ---- tensors ----------------------------------------------------------------------------------
 */

/* dim and bytes from the shape. */
static gan_status take_shape(gan__tensor *t, const char *name, json_t *shape, gan_error *err)
{
    if (!json_is_array(shape) || json_array_size(shape) > GAN__TENSOR_RANK_MAX)
        return gan__fail(err, GAN_EFORMAT, "%s: tensor %s: a shape is a list of at most %d numbers",
                         name, t->name, GAN__TENSOR_RANK_MAX);
    t->rank = (int)json_array_size(shape);
    t->bytes = gan__dtype_bytes(t->dtype);
    for (int i = 0; i < t->rank; i++) {
        const json_t *v = json_array_get(shape, (size_t)i);
        t->dim[i] = json_integer_value(v);
        if (!json_is_integer(v) || t->dim[i] < 0 ||
            __builtin_mul_overflow(t->bytes, (size_t)t->dim[i], &t->bytes))
            return gan__fail(err, GAN_EFORMAT, "%s: tensor %s: a shape that no file holds", name,
                             t->name);
    }
    return GAN_OK;
}

static gan_status take_tensor(gan__safetensors *st, const char *name, const char *key,
                              json_t *value, gan_error *err)
{
    gan__tensor *t = &st->tensors[st->count++];
    t->name = key;
    const char *dtype;
    json_t *shape;
    json_int_t begin, end;
    json_error_t e;
    if (json_unpack_ex(value, &e, JSON_STRICT, "{s:s, s:o, s:[I, I]}", "dtype", &dtype, "shape",
                       &shape, "data_offsets", &begin, &end) != 0)
        return gan__fail(err, GAN_EFORMAT, "%s: tensor %s: %s", name, key, e.text);
    if (strcmp(dtype, "F32") != 0 && strcmp(dtype, "U8") != 0)
        return gan__fail(err, GAN_EUNSUPPORTED,
                         "%s: tensor %s has dtype %s; F32 and U8 can be read", name, key, dtype);
    t->dtype = strcmp(dtype, "F32") == 0 ? GAN__F32 : GAN__U8;
    const gan_status s = take_shape(t, name, shape, err);
    if (s != GAN_OK)
        return s;
    const size_t have = st->bytes - st->header;
    if (begin < 0 || end < begin || (size_t)(end - begin) != t->bytes)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: tensor %s: its shape takes %zu bytes, not %lld to %lld", name, key,
                         t->bytes, (long long)begin, (long long)end);
    if ((size_t)end > have)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: cut off: tensor %s ends at byte %lld of the data, the file has %zu",
                         name, key, (long long)end, have);
    t->data = st->file + st->header + begin;
    return GAN_OK;
}

static int by_place(const void *a, const void *b)
{
    const gan__tensor *x = a, *y = b;
    const uint8_t *p = x->data, *q = y->data;
    return p != q ? (p > q) - (p < q) : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static int by_name(const void *a, const void *b)
{
    const gan__tensor *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* The tensors cover the data, each byte once; then put them in order of name. */
static gan_status check_cover(gan__safetensors *st, const char *name, gan_error *err)
{
    qsort(st->tensors, st->count, sizeof *st->tensors, by_place);
    const uint8_t *at = st->file + st->header;
    for (size_t i = 0; i < st->count; i++) {
        if (st->tensors[i].data != at)
            return gan__fail(
                err, GAN_EFORMAT, "%s: tensor %s: %s before it", name, st->tensors[i].name,
                (const uint8_t *)st->tensors[i].data > at ? "a gap" : "it overlaps the one");
        at += st->tensors[i].bytes;
    }
    if (at != st->file + st->bytes)
        return gan__fail(err, GAN_EFORMAT, "%s: %zu bytes stand behind the last tensor", name,
                         (size_t)(st->file + st->bytes - at));
    qsort(st->tensors, st->count, sizeof *st->tensors, by_name);
    return GAN_OK;
}

static gan_status take_head(gan__safetensors *st, const char *name, gan_error *err)
{
    gan_status s = GAN_OK;
    const char *key;
    json_t *value;
    st->tensors = calloc(json_object_size(st->head) + 1, sizeof *st->tensors);
    if (!st->tensors)
        return gan__fail_memory(err, name);
    json_object_foreach(st->head, key, value)
    {
        s = strcmp(key, GAN__META_KEY) == 0 ? take_meta(st, name, value, err)
                                            : take_tensor(st, name, key, value, err);
        if (s != GAN_OK)
            return s;
    }
    return check_cover(st, name, err);
}

/* ---- digest -----------------------------------------------------------------------------------
 */

static gan_status verify(const gan__safetensors *st, const char *name, gan_error *err)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    const char *said = gan__safetensors_meta(st, GAN__META_SHA256);
    if (!said)
        return GAN_OK;
    const size_t place = gan__find_digest(st->file, st->header);
    char found[GAN__SHA256_HEX] = "";
    if (place > 0) {
        gan__sha256 *sha = gan__sha256_create();
        if (!sha)
            return gan__fail_memory(err, "a digest");
        gan__sha256_update(sha, st->file, place);
        gan__sha256_update(sha, zeros, DIGITS);
        gan__sha256_update(sha, st->file + place + DIGITS, st->bytes - place - DIGITS);
        gan__sha256_hex(sha, found);
        gan__sha256_free(sha);
    }
    if (place == 0 || strcmp(said, found) != 0)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: altered since it was written: its SHA-256 does not fit its content",
                         name);
    return GAN_OK;
}

/* ---- the whole --------------------------------------------------------------------------------
 */

/* Takes over `file`. */
static gan_status build(gan__safetensors **out, const char *name, uint8_t *file, size_t bytes,
                        gan_error *err)
{
    *out = NULL;
    gan__safetensors *st = calloc(1, sizeof *st);
    if (!st) {
        free(file);
        return gan__fail_memory(err, name);
    }
    st->file = file;
    st->bytes = bytes;
    gan_status s = load_json(st, name, err);
    if (s == GAN_OK)
        s = take_head(st, name, err);
    if (s == GAN_OK)
        s = verify(st, name, err);
    if (s == GAN_OK)
        *out = st;
    else
        gan__safetensors_free(st);
    return s;
}

gan_status gan__safetensors_read(gan__safetensors **out, const char *path, gan_error *err)
{
    *out = NULL;
    uint8_t *file = NULL;
    size_t bytes = 0;
    const gan_status s = gan__read_file(path, SIZE_MAX / 2, &file, &bytes, err);
    return s == GAN_OK ? build(out, path, file, bytes, err) : s;
}

gan_status gan__safetensors_parse(gan__safetensors **out, const char *name, const uint8_t *file,
                                  size_t bytes, gan_error *err)
{
    *out = NULL;
    uint8_t *copy = malloc(bytes + 1);
    if (!copy)
        return gan__fail_memory(err, name);
    if (bytes > 0)
        memcpy(copy, file, bytes);
    return build(out, name, copy, bytes, err);
}

void gan__safetensors_free(gan__safetensors *st)
{
    if (!st)
        return;
    json_decref(st->head);
    free(st->tensors);
    free(st->meta);
    free(st->file);
    free(st);
}

size_t gan__safetensors_count(const gan__safetensors *st)
{
    return st->count;
}

const gan__tensor *gan__safetensors_at(const gan__safetensors *st, size_t i)
{
    return &st->tensors[i];
}

const gan__tensor *gan__safetensors_find(const gan__safetensors *st, const char *name)
{
    const gan__tensor key = {.name = name};
    return bsearch(&key, st->tensors, st->count, sizeof key, by_name);
}

const char *gan__safetensors_meta(const gan__safetensors *st, const char *key)
{
    if (st->pairs == 0)
        return NULL;
    const gan__meta wanted = {.key = key};
    const gan__meta *found = bsearch(&wanted, st->meta, st->pairs, sizeof wanted, by_key);
    return found ? found->value : NULL;
}

size_t gan__safetensors_meta_count(const gan__safetensors *st)
{
    return st->pairs;
}

gan__meta gan__safetensors_meta_at(const gan__safetensors *st, size_t i)
{
    return st->meta[i];
}
