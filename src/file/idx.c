/* idx.c - IDX: read with distrust, write.
 *
 * A plain file is used where it was read: `bytes` points behind the header. A gzip'd one is
 * unpacked straight into its final place: header first, then exactly what the header promises, then
 * one byte more that must not exist. Since deflate packs at most 1,032 bytes into one, a header
 * that promises more than 1,032 times the file is refused before anything is allocated.
 */
#include "file/idx.h"

#include "base/error.h"
#include "base/fileio.h"
#include "file/gzip.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_UBYTE = 0x08, SIDE_MAX = 4096, CHANNELS_MAX = 4, HEADER_MAX = 4 + 4 * 4 };

/* Bytes from a plain or gzip'd file in memory, in order. */
typedef struct source {
    const char *name;
    const uint8_t *file;
    size_t bytes, at; /* at: plain only */
    gan__gzip *z;     /* NULL: plain */
} source;

static gan_status take(source *in, uint8_t *out, size_t want, size_t *got, gan_error *err)
{
    if (in->z)
        return gan__gzip_read(in->z, out, want, got, err);
    const size_t left = in->bytes - in->at;
    *got = want < left ? want : left;
    memcpy(out, in->file + in->at, *got);
    in->at += *got;
    return GAN_OK;
}

/* take() for the header, where whatever is missing is one mistake. */
static gan_status take_header(source *in, uint8_t *out, size_t want, gan_error *err)
{
    size_t got = 0;
    gan_error inner;
    const gan_status s = take(in, out, want, &got, &inner);
    if (s != GAN_OK)
        return gan__fail(err, s, "%s: %s; fetch it again", in->name, inner.message);
    if (got < want)
        return gan__fail(err, GAN_EFORMAT, "%s: ends inside the IDX header; fetch it again",
                         in->name);
    return GAN_OK;
}

static uint32_t big_endian(const uint8_t b[4])
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* "60000 images of 28 x 28" */
static void describe(const gan__idx *idx, char text[64])
{
    const int *d = idx->dim;
    if (idx->rank == 1)
        snprintf(text, 64, "%d labels", d[0]);
    else if (idx->rank == 3)
        snprintf(text, 64, "%d images of %d x %d", d[0], d[1], d[2]);
    else
        snprintf(text, 64, "%d images of %d x %d x %d", d[0], d[1], d[2], d[3]);
}

static gan_status check_magic(const char *name, const uint8_t m[4], gan_error *err)
{
    if (m[0] != 0 || m[1] != 0 || m[2] < TYPE_UBYTE || m[2] > 0x0e)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: is not an IDX file: it begins with %02x %02x %02x %02x, not with 00 "
                         "00 08",
                         name, m[0], m[1], m[2], m[3]);
    if (m[2] != TYPE_UBYTE)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: IDX of type %02x; only unsigned bytes (type 08) can be read", name,
                         m[2]);
    if (m[3] != 1 && m[3] != 3 && m[3] != 4)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: IDX of %d dimensions; 1 (labels) and 3 or 4 (images) can be read",
                         name, m[3]);
    return GAN_OK;
}

/* Read the sizes; on success idx has rank, dim and size. */
static gan_status read_header(gan__idx *idx, source *in, gan_error *err)
{
    uint8_t b[HEADER_MAX];
    gan_status s = take_header(in, b, 4, err);
    if (s == GAN_OK)
        s = check_magic(in->name, b, err);
    if (s != GAN_OK)
        return s;
    idx->rank = b[3];
    s = take_header(in, b + 4, 4 * (size_t)idx->rank, err);
    if (s != GAN_OK)
        return s;
    static const uint32_t most[4] = {INT_MAX, SIDE_MAX, SIDE_MAX, CHANNELS_MAX};
    static const char *const what[4] = {"count", "height", "width", "number of channels"};
    idx->size = 1;
    for (int i = 0; i < 4; i++) {
        const uint32_t v = i < idx->rank ? big_endian(b + 4 + 4 * i) : 1;
        if (v == 0 && i == 0)
            return gan__fail(err, GAN_EFORMAT, "%s: holds no %s", in->name,
                             idx->rank == 1 ? "labels" : "images");
        if (v == 0 || v > most[i])
            return gan__fail(err, GAN_EFORMAT, "%s: a %s of %u; 1 to %u can be right", in->name,
                             what[i], v, most[i]);
        idx->dim[i] = (int)v;
        idx->size *= v; /* at most 2^31 * 2^12 * 2^12 * 2^2 */
    }
    return GAN_OK;
}

/* The promised bytes, and nothing behind them. */
static gan_status read_body(gan__idx *idx, source *in, gan_error *err)
{
    char what[64];
    describe(idx, what);
    const size_t header = 4 + 4 * (size_t)idx->rank, need = header + idx->size;
    if (!in->z) {
        if (in->bytes < need)
            return gan__fail(err, GAN_EFORMAT,
                             "%s: %s need %zu bytes, the file has %zu; fetch it again", in->name,
                             what, need, in->bytes);
        if (in->bytes > need)
            return gan__fail(err, GAN_EFORMAT, "%s: %s need %zu bytes, the file has %zu more",
                             in->name, what, need, in->bytes - need);
        idx->bytes = in->file + header;
        return GAN_OK;
    }
    if (need / GAN__GZIP_RATIO_MAX > in->bytes)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: %s need %zu bytes, more than %zu bytes of gzip can hold; fetch it "
                         "again",
                         in->name, what, need, in->bytes);
    uint8_t *block = malloc(idx->size + 1);
    if (!block)
        return gan__fail_memory(err, in->name);
    idx->block = block;
    idx->bytes = block;
    size_t got = 0;
    gan_error inner;
    const gan_status s = take(in, block, idx->size + 1, &got, &inner);
    if (s != GAN_OK)
        return gan__fail(err, s, "%s: %s need %zu bytes, but %s; fetch it again", in->name, what,
                         need, inner.message);
    if (got < idx->size)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: %s need %zu bytes, the file has %zu (unpacked); fetch it again",
                         in->name, what, need, header + got);
    if (got > idx->size)
        return gan__fail(err, GAN_EFORMAT, "%s: %s need %zu bytes, the file has more (unpacked)",
                         in->name, what, need);
    return GAN_OK;
}

/* After success a plain file's idx points into `file` and has no block of its own. */
static gan_status decode(gan__idx *out, const char *name, const uint8_t *file, size_t bytes,
                         gan_error *err)
{
    *out = (gan__idx){0};
    if (bytes == 0)
        return gan__fail(err, GAN_EFORMAT, "%s: is empty; fetch it again", name);
    source in = {.name = name, .file = file, .bytes = bytes};
    gan_status s = GAN_OK;
    if (gan__gzip_is(file, bytes))
        s = gan__gzip_begin(&in.z, file, bytes, err);
    if (s == GAN_OK)
        s = read_header(out, &in, err);
    if (s == GAN_OK)
        s = read_body(out, &in, err);
    gan__gzip_end(in.z);
    if (s != GAN_OK)
        gan__idx_release(out);
    return s;
}

gan_status gan__idx_parse(gan__idx *out, const char *name, const uint8_t *file, size_t bytes,
                          gan_error *err)
{
    const gan_status s = decode(out, name, file, bytes, err);
    if (s != GAN_OK || out->block)
        return s;
    out->block = malloc(out->size);
    if (!out->block) {
        gan__idx_release(out);
        return gan__fail_memory(err, name);
    }
    out->bytes = memcpy(out->block, out->bytes, out->size);
    return GAN_OK;
}

gan_status gan__idx_read(gan__idx *out, const char *path, gan_error *err)
{
    *out = (gan__idx){0};
    uint8_t *file = NULL;
    size_t bytes = 0;
    gan_status s = gan__read_file(path, SIZE_MAX / 2, &file, &bytes, err);
    if (s == GAN_OK)
        s = decode(out, path, file, bytes, err);
    if (s == GAN_OK && !out->block)
        out->block = file;
    else
        free(file);
    return s;
}

void gan__idx_release(gan__idx *idx)
{
    free(idx->block);
    *idx = (gan__idx){0};
}

static bool ends_in_gz(const char *path)
{
    const size_t n = strlen(path);
    return n >= 3 && strcmp(path + n - 3, ".gz") == 0;
}

gan_status gan__idx_write(const char *path, int rank, const int dim[], const uint8_t *bytes,
                          gan_error *err)
{
    uint8_t header[HEADER_MAX] = {0, 0, TYPE_UBYTE, (uint8_t)rank};
    size_t size = 1;
    for (int i = 0; i < rank; i++) {
        for (int b = 0; b < 4; b++)
            header[4 + 4 * i + b] = (uint8_t)((uint32_t)dim[i] >> (24 - 8 * b));
        size *= (size_t)dim[i];
    }
    const gan__gzip_piece pieces[2] = {{header, 4 + 4 * (size_t)rank}, {bytes, size}};
    if (ends_in_gz(path)) {
        uint8_t *packed = NULL;
        size_t n = 0;
        gan_status s = gan__gzip_pack(pieces, 2, &packed, &n, err);
        if (s == GAN_OK)
            s = gan__write_file(path, packed, n, err);
        free(packed);
        return s;
    }
    gan__atomic_file f;
    gan_status s = gan__atomic_begin(&f, path, err);
    for (int i = 0; s == GAN_OK && i < 2; i++)
        s = gan__atomic_write(&f, pieces[i].data, pieces[i].bytes, err);
    return s == GAN_OK ? gan__atomic_commit(&f, err) : s;
}
