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

struct gan__idx_writer {
    gan__atomic_file file;
    gan__gzip_packer *packer; /* NULL: plain */
    size_t left;              /* bytes promised by the header and not written yet */
};

static gan_status to_file(void *ctx, const void *data, size_t bytes, gan_error *err)
{
    return gan__atomic_write(ctx, data, bytes, err);
}

static gan_status write_some(gan__idx_writer *w, const uint8_t *data, size_t bytes, bool last, gan_error *err)
{
    return w->packer ? gan__gzip_pack_add(w->packer, data, bytes, last, err)
                     : gan__atomic_write(&w->file, data, bytes, err);
}

gan_status gan__idx_begin(gan__idx_writer **out, const char *path, int rank, const int dim[], gan_error *err)
{
    uint8_t header[HEADER_MAX] = {0, 0, TYPE_UBYTE, (uint8_t)rank};
    *out = NULL;
    gan__idx_writer *w = calloc(1, sizeof *w);
    if (!w)
        return gan__fail_memory(err, path);
    w->left = 1;
    for (int i = 0; i < rank; i++) {
        for (int b = 0; b < 4; b++)
            header[4 + 4 * i + b] = (uint8_t)((uint32_t)dim[i] >> (24 - 8 * b));
        w->left *= (size_t)dim[i];
    }
    gan_status s = gan__atomic_begin(&w->file, path, err);
    if (s == GAN_OK && ends_in_gz(path))
        s = gan__gzip_pack_begin(&w->packer, to_file, &w->file, err);
    if (s == GAN_OK)
        s = write_some(w, header, 4 + 4 * (size_t)rank, false, err);
    if (s == GAN_OK)
        *out = w;
    else
        gan__idx_abort(w);
    return s;
}

gan_status gan__idx_add(gan__idx_writer *w, const uint8_t *data, size_t bytes, gan_error *err)
{
    if (bytes > w->left)
        return gan__fail(err, GAN_EINVAL, "%s: %zu bytes more than its header promises", w->file.path,
                         bytes - w->left);
    w->left -= bytes;
    return write_some(w, data, bytes, w->left == 0, err);
}

gan_status gan__idx_commit(gan__idx_writer *w, gan_error *err)
{
    gan_status s = w->left == 0 ? GAN_OK
                                : gan__fail(err, GAN_EINVAL, "%s: %zu bytes less than its header promises",
                                            w->file.path, w->left);
    if (s == GAN_OK)
        s = gan__atomic_commit(&w->file, err);
    gan__idx_abort(w);
    return s;
}

void gan__idx_abort(gan__idx_writer *w)
{
    if (!w)
        return;
    gan__atomic_abort(&w->file);
    gan__gzip_pack_end(w->packer);
    free(w);
}

gan_status gan__idx_write(const char *path, int rank, const int dim[], const uint8_t *bytes,
                          gan_error *err)
{
    gan__idx_writer *w;
    const gan_status s = gan__idx_begin(&w, path, rank, dim, err);
    if (s != GAN_OK)
        return s;
    const gan_status added = gan__idx_add(w, bytes, w->left, err);
    if (added == GAN_OK)
        return gan__idx_commit(w, err);
    gan__idx_abort(w);
    return added;
}
