/* safetensors.c - see safetensors.h. */
#include "file/safetensors.h"

#include "base/error.h"
#include "base/fileio.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, DIGITS = 64 };
static const size_t header_max = 100 * 1000 * 1000, file_max = (size_t)64 << 30;
static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

/* ---- writing ----------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const gan__st_tensor *)a)->name, ((const gan__st_tensor *)b)->name);
}

static json_t *tensor_json(const gan__st_tensor *t, size_t offset)
{
    json_t *shape = json_array();
    for (int i = 0; i < t->rank; i++)
        json_array_append_new(shape, json_integer((json_int_t)t->dim[i]));
    return json_pack("{s:s, s:o, s:[I,I]}", "dtype", "F32", "shape", shape, "data_offsets",
                     (json_int_t)offset, (json_int_t)(offset + t->count * sizeof(float)));
}

static char *header_text(const gan__st_tensor *t, int count, const gan__st_text *metadata, int texts)
{
    json_t *root = json_object(), *meta = json_object();
    bool ok = root && meta;
    size_t offset = 0;
    for (int i = 0; ok && i < texts; i++)
        ok = !json_object_set_new(meta, metadata[i].key, json_string(metadata[i].value));
    ok = ok && !json_object_set_new(meta, "sha256", json_string(zeros));
    ok = ok && !json_object_set(root, "__metadata__", meta);
    for (int i = 0; ok && i < count; i++) {
        ok = !json_object_set_new(root, t[i].name, tensor_json(&t[i], offset));
        offset += t[i].count * sizeof(float);
    }
    char *text = ok ? json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(meta);
    json_decref(root);
    return text;
}

/* The header is padded to 8 bytes, so that the data is aligned. */
static uint8_t *file_head(const char *text, size_t *bytes)
{
    const size_t length = strlen(text), padded = (length + 7) / 8 * 8;
    uint8_t *head = malloc(LENGTH_BYTES + padded + 1);
    if (!head)
        return NULL;
    for (int i = 0; i < LENGTH_BYTES; i++)
        head[i] = (uint8_t)(padded >> 8 * i);
    memset(head + LENGTH_BYTES, ' ', padded);
    memcpy(head + LENGTH_BYTES, text, length);
    head[LENGTH_BYTES + padded] = 0;
    *bytes = LENGTH_BYTES + padded;
    return head;
}

/* The digits' place in the head; the last, in case a value says the same: "sha256" sorts behind "recipe". */
static char *find_digits(uint8_t *head)
{
    static const char key[] = "\"sha256\":\"";
    char *found = NULL;
    for (char *p = (char *)head + LENGTH_BYTES; (p = strstr(p, key)) != NULL; p++)
        found = p + sizeof key - 1;
    return found;
}

gan_status gan__st_write(const char *path, const gan__st_tensor *tensors, int count,
                         const gan__st_text *metadata, int texts, gan_error *err)
{
    gan__st_tensor *sorted = malloc(((size_t)count + 1) * sizeof *sorted);
    gan__sha256 *sha = gan__sha256_create();
    char *text = NULL;
    uint8_t *head = NULL;
    size_t bytes = 0;
    gan_status s = GAN_OK;
    if (sorted && count)
        memcpy(sorted, tensors, (size_t)count * sizeof *sorted);
    if (sorted) {
        qsort(sorted, (size_t)count, sizeof *sorted, by_name);
        text = header_text(sorted, count, metadata, texts);
    }
    head = text ? file_head(text, &bytes) : NULL;
    if (!sha || !head) {
        s = gan__fail_memory(err, path);
        goto out;
    }
    gan__sha256_update(sha, head, bytes);
    for (int i = 0; i < count; i++)
        gan__sha256_update(sha, sorted[i].data, sorted[i].count * sizeof(float));
    char hex[GAN__SHA256_HEX];
    gan__sha256_hex(sha, hex);
    memcpy(find_digits(head), hex, DIGITS);
    gan__atomic_file f;
    s = gan__atomic_begin(&f, path, err);
    if (s == GAN_OK)
        s = gan__atomic_write(&f, head, bytes, err);
    for (int i = 0; i < count && s == GAN_OK; i++)
        s = gan__atomic_write(&f, sorted[i].data, sorted[i].count * sizeof(float), err);
    if (s == GAN_OK)
        s = gan__atomic_commit(&f, err);
out:
    free(head);
    free(text);
    gan__sha256_free(sha);
    free(sorted);
    return s;
}

/* ---- reading ----------------------------------------------------------------------------------- */

static gan_status broken(gan_error *err, const char *name, const char *what)
{
    return gan__fail(err, GAN_EFORMAT, "%s: not a whole safetensors file: %s", name, what);
}

static gan_status check_digest(const char *name, uint8_t *file, size_t head, size_t bytes,
                               const char *expected, gan_error *err)
{
    char found[GAN__SHA256_HEX], hex[GAN__SHA256_HEX];
    const uint8_t end = file[head];
    file[head] = 0;
    char *digits = find_digits(file);
    file[head] = end;
    if (!digits || strlen(expected) != DIGITS || strncmp(digits, expected, DIGITS) != 0)
        return broken(err, name, "its digest is misplaced");
    memcpy(found, digits, DIGITS);
    memcpy(digits, zeros, DIGITS);
    const gan_status s = gan__sha256_of(file, bytes, hex, err);
    memcpy(digits, found, DIGITS);
    if (s == GAN_OK && memcmp(found, hex, DIGITS) != 0)
        return gan__fail(err, GAN_EFORMAT, "%s: damaged or altered (its SHA-256 does not match)", name);
    return s;
}

static gan_status parse_tensor(gan__st_tensor *t, const char *file_name, const char *name,
                               const json_t *j, const uint8_t *data, size_t data_bytes, gan_error *err)
{
    const char *dtype = json_string_value(json_object_get(j, "dtype"));
    const json_t *shape = json_object_get(j, "shape"), *offsets = json_object_get(j, "data_offsets");
    if (!dtype || !json_is_array(shape) || json_array_size(offsets) != 2)
        return gan__fail(err, GAN_EFORMAT, "%s: tensor %s lacks dtype, shape or data_offsets", file_name,
                         name);
    if (strcmp(dtype, "F32") != 0)
        return gan__fail(err, GAN_EFORMAT, "%s: tensor %s is %s; only F32 is read", file_name, name,
                         dtype);
    *t = (gan__st_tensor){.name = name, .count = 1};
    if (json_array_size(shape) > GAN__ST_RANK_MAX)
        return gan__fail(err, GAN_EFORMAT, "%s: tensor %s has too many dimensions", file_name, name);
    for (size_t i = 0; i < json_array_size(shape); i++) {
        const json_int_t d = json_integer_value(json_array_get(shape, i));
        if (!json_is_integer(json_array_get(shape, i)) || d < 0 ||
            (d && t->count > file_max / (size_t)d))
            return gan__fail(err, GAN_EFORMAT, "%s: tensor %s has an impossible shape", file_name, name);
        t->dim[t->rank++] = (size_t)d;
        t->count *= (size_t)d;
    }
    const json_int_t begin = json_integer_value(json_array_get(offsets, 0)),
                     end = json_integer_value(json_array_get(offsets, 1));
    if (begin < 0 || end < begin || (size_t)end > data_bytes || begin % 4 ||
        (size_t)(end - begin) != t->count * sizeof(float))
        return gan__fail(err, GAN_EFORMAT, "%s: tensor %s lies outside the file or has another size",
                         file_name, name);
    t->data = (const float *)(const void *)(data + begin);
    return GAN_OK;
}

static int by_place(const void *a, const void *b)
{
    const gan__st_tensor *x = a, *y = b;
    return x->data != y->data ? (x->data > y->data) - (x->data < y->data)
                              : (x->count > y->count) - (x->count < y->count);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const gan__st_text *)a)->key, ((const gan__st_text *)b)->key);
}

/* The format's own rule: tensors cover the data without gaps or overlaps. */
static bool covers(gan__st_tensor *t, int count, const uint8_t *data, size_t bytes)
{
    qsort(t, (size_t)count, sizeof *t, by_place);
    const uint8_t *next = data;
    for (int i = 0; i < count; i++) {
        if ((const uint8_t *)t[i].data != next)
            return false;
        next += t[i].count * sizeof(float);
    }
    return next == data + bytes;
}

static gan_status parse_header(gan__st_file *f, const char *name, const uint8_t *data,
                               size_t data_bytes, gan_error *err)
{
    json_t *root = f->json;
    const char *key;
    json_t *value;
    const size_t n = json_object_size(root);
    f->tensor = malloc((n + 1) * sizeof *f->tensor);
    f->text = malloc((json_object_size(json_object_get(root, "__metadata__")) + 1) * sizeof *f->text);
    if (!f->tensor || !f->text)
        return gan__fail_memory(err, name);
    json_object_foreach (json_object_get(root, "__metadata__"), key, value) {
        if (!json_is_string(value))
            return broken(err, name, "its metadata holds something that is not text");
        f->text[f->texts++] = (gan__st_text){key, json_string_value(value)};
    }
    qsort(f->text, (size_t)f->texts, sizeof *f->text, by_key);
    json_object_foreach (root, key, value) {
        if (!strcmp(key, "__metadata__"))
            continue;
        const gan_status s =
            parse_tensor(&f->tensor[f->count], name, key, value, data, data_bytes, err);
        if (s != GAN_OK)
            return s;
        f->count++;
    }
    if (!covers(f->tensor, f->count, data, data_bytes))
        return broken(err, name, "its tensors overlap or leave gaps");
    qsort(f->tensor, (size_t)f->count, sizeof *f->tensor, by_name);
    return GAN_OK;
}

gan_status gan__st_parse(gan__st_file *out, const char *name, uint8_t *file, size_t bytes,
                         gan_error *err)
{
    *out = (gan__st_file){.memory = file};
    uint64_t length = 0;
    gan_status s = GAN_OK;
    for (size_t i = 0; i < LENGTH_BYTES && i < bytes; i++)
        length |= (uint64_t)file[i] << 8 * i;
    if (bytes < LENGTH_BYTES || length > bytes - LENGTH_BYTES || length > header_max) {
        s = broken(err, name, "the header is longer than the file");
    } else {
        json_error_t e;
        const size_t head = LENGTH_BYTES + (size_t)length;
        out->json = json_loadb((const char *)file + LENGTH_BYTES, (size_t)length, JSON_REJECT_DUPLICATES, &e);
        if (!out->json || !json_is_object((json_t *)out->json))
            s = broken(err, name, "the header is not JSON");
        else
            s = parse_header(out, name, file + head, bytes - head, err);
        const char *digest = s == GAN_OK ? gan__st_metadata(out, "sha256") : NULL;
        if (digest)
            s = check_digest(name, file, head, bytes, digest, err);
    }
    if (s != GAN_OK)
        gan__st_release(out);
    return s;
}

gan_status gan__st_read(gan__st_file *out, const char *path, gan_error *err)
{
    uint8_t *file;
    size_t bytes;
    *out = (gan__st_file){0};
    const gan_status s = gan__read_file(path, file_max, &file, &bytes, err);
    return s == GAN_OK ? gan__st_parse(out, path, file, bytes, err) : s;
}

void gan__st_release(gan__st_file *f)
{
    json_decref(f->json);
    free(f->tensor);
    free(f->text);
    free(f->memory);
    *f = (gan__st_file){0};
}

const gan__st_tensor *gan__st_find(const gan__st_file *f, const char *name)
{
    const gan__st_tensor key = {.name = name};
    return f->count ? bsearch(&key, f->tensor, (size_t)f->count, sizeof key, by_name) : NULL;
}

const char *gan__st_metadata(const gan__st_file *f, const char *key)
{
    const gan__st_text t = {.key = key};
    const gan__st_text *found =
        f->texts ? bsearch(&t, f->text, (size_t)f->texts, sizeof t, by_key) : NULL;
    return found ? found->value : NULL;
}
