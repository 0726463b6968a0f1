/* idx.c - see idx.h. A file is read whole (it is smaller than what it becomes), then parsed. */
#include "file/idx.h"

#include "base/error.h"
#include "base/fileio.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* its input pointers are const then */
#include <zlib.h>

enum { HEADER_MAX = 4 + 4 * GAN__IDX_RANK_MAX, SIDE_MAX = 1 << 16 };

static const size_t file_max = (size_t)4 << 30;

void gan__idx_release(gan__idx *idx)
{
    free(idx->data);
    *idx = (gan__idx){0};
}

/* Where the bytes come from: memory as it is, or inflated. */
typedef struct source {
    const char *name;
    const uint8_t *plain; /* NULL: zip */
    size_t left;
    z_stream zip;
    bool zipped, ended;
} source;

static gan_status open_source(source *s, const char *name, const uint8_t *file, size_t bytes,
                              gan_error *err)
{
    *s = (source){.name = name, .plain = file, .left = bytes};
    s->zipped = bytes >= 2 && file[0] == 0x1f && file[1] == 0x8b;
    if (!s->zipped)
        return GAN_OK;
    if (bytes > UINT32_MAX)
        return gan__fail(err, GAN_EFORMAT, "%s: compressed files end at 4 GB", name);
    s->zip.next_in = file;
    s->zip.avail_in = (uInt)bytes;
    if (inflateInit2(&s->zip, 15 + 16) != Z_OK)
        return gan__fail_memory(err, name);
    return GAN_OK;
}

static void close_source(source *s)
{
    if (s->zipped)
        inflateEnd(&s->zip);
}

/* Up to n bytes; *got < n only at the end. */
static gan_status take(source *s, uint8_t *to, size_t n, size_t *got, gan_error *err)
{
    if (!s->zipped) {
        *got = n < s->left ? n : s->left;
        memcpy(to, s->plain, *got);
        s->plain += *got;
        s->left -= *got;
        return GAN_OK;
    }
    *got = 0;
    while (*got < n && !s->ended) {
        const size_t want = n - *got < (1u << 30) ? n - *got : 1u << 30;
        s->zip.next_out = to + *got;
        s->zip.avail_out = (uInt)want;
        const int code = inflate(&s->zip, Z_NO_FLUSH);
        *got += want - s->zip.avail_out;
        s->ended = code == Z_STREAM_END;
        if (code != Z_OK && code != Z_STREAM_END) {
            if (code == Z_BUF_ERROR)
                return GAN_OK; /* the file ends in the middle: the caller says what is missing */
            return gan__fail(err, GAN_EFORMAT, "%s: the compressed data is damaged; fetch it again",
                             s->name);
        }
    }
    return GAN_OK;
}

static gan_status parse_header(gan__idx *out, const char *name, const uint8_t *h, size_t have,
                               gan_error *err)
{
    if (have < 4)
        return gan__fail(err, GAN_EFORMAT, "%s: %zu bytes are too few for an IDX file", name, have);
    if (h[0] || h[1])
        return gan__fail(err, GAN_EFORMAT, "%s: not an IDX file (it does not begin with two zero bytes)",
                         name);
    if (h[2] != 8)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: IDX of type 0x%02x; only unsigned bytes (0x08) are read", name, h[2]);
    if (h[3] < 1 || h[3] > GAN__IDX_RANK_MAX)
        return gan__fail(err, GAN_EFORMAT, "%s: IDX of %d dimensions; 1 to %d are read", name, h[3],
                         GAN__IDX_RANK_MAX);
    out->rank = h[3];
    return GAN_OK;
}

static gan_status parse_sizes(gan__idx *out, const char *name, const uint8_t *h, gan_error *err)
{
    out->bytes = 1;
    for (int i = 0; i < out->rank; i++, h += 4) {
        const uint32_t n = (uint32_t)h[0] << 24 | (uint32_t)h[1] << 16 | (uint32_t)h[2] << 8 | h[3];
        if (n == 0)
            return gan__fail(err, GAN_EFORMAT, "%s: holds nothing (dimension %d is 0)", name, i + 1);
        if (n > (i ? (uint32_t)SIDE_MAX : (uint32_t)1 << 30) || out->bytes > file_max / n)
            return gan__fail(err, GAN_EFORMAT, "%s: dimension %d is %u, which no such file holds", name,
                             i + 1, n);
        out->size[i] = (int)n;
        out->bytes *= n;
    }
    return GAN_OK;
}

static gan_status too_short(const gan__idx *x, const char *name, size_t have, gan_error *err)
{
    if (x->rank >= 3)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: %d images of %d x %d need %zu bytes, the file has %zu; fetch it again",
                         name, x->size[0], x->size[1], x->size[2], x->bytes, have);
    return gan__fail(err, GAN_EFORMAT, "%s: %zu bytes are promised, the file has %zu; fetch it again",
                     name, x->bytes, have);
}

/* Deflate makes at most 1,032 bytes of one: a header that asks for more lies. */
static bool can_hold(const source *s, size_t file_bytes, size_t want)
{
    return s->zipped ? want / 1032 <= file_bytes : want <= s->left;
}

static gan_status read_body(gan__idx *out, source *s, size_t file_bytes, gan_error *err)
{
    uint8_t header[HEADER_MAX], extra;
    size_t got;
    gan_status st = take(s, header, 4, &got, err);
    if (st == GAN_OK)
        st = parse_header(out, s->name, header, got, err);
    const size_t sizes = 4 * (size_t)out->rank;
    if (st == GAN_OK)
        st = take(s, header, sizes, &got, err);
    if (st == GAN_OK && got < sizes)
        st = gan__fail(err, GAN_EFORMAT, "%s: ends within its header; fetch it again", s->name);
    if (st == GAN_OK)
        st = parse_sizes(out, s->name, header, err);
    if (st == GAN_OK && !can_hold(s, file_bytes, out->bytes))
        st = too_short(out, s->name, s->zipped ? 1032 * file_bytes : s->left, err);
    if (st != GAN_OK)
        return st;
    out->data = malloc(out->bytes);
    if (!out->data)
        return gan__fail(err, GAN_ENOMEM, "%s: no memory for its %zu MB", s->name, out->bytes >> 20);
    st = take(s, out->data, out->bytes, &got, err);
    if (st == GAN_OK && got < out->bytes)
        return too_short(out, s->name, got, err);
    size_t more = 0;
    if (st == GAN_OK)
        st = take(s, &extra, 1, &more, err);
    if (st == GAN_OK && (more > 0 || (s->zipped && !s->ended)))
        st = gan__fail(err, GAN_EFORMAT, "%s: goes on behind the %zu bytes that its header promises",
                       s->name, out->bytes);
    return st;
}

gan_status gan__idx_parse(gan__idx *out, const char *name, const uint8_t *file, size_t bytes,
                          gan_error *err)
{
    *out = (gan__idx){0};
    if (bytes == 0)
        return gan__fail(err, GAN_EFORMAT, "%s: the file is empty; fetch it again", name);
    source s;
    gan_status st = open_source(&s, name, file, bytes, err);
    if (st != GAN_OK)
        return st;
    st = read_body(out, &s, bytes, err);
    close_source(&s);
    if (st != GAN_OK)
        gan__idx_release(out);
    return st;
}

gan_status gan__idx_read(gan__idx *out, const char *path, gan_error *err)
{
    uint8_t *file;
    size_t bytes;
    *out = (gan__idx){0};
    gan_status s = gan__read_file(path, file_max, &file, &bytes, err);
    if (s == GAN_OK)
        s = gan__idx_parse(out, path, file, bytes, err);
    free(file);
    return s;
}

static gan_status write_zipped(const char *path, const uint8_t *header, size_t header_bytes,
                               const uint8_t *data, size_t bytes, gan_error *err)
{
    z_stream z = {0};
    if (bytes > UINT32_MAX - 64 || deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return gan__fail_memory(err, path);
    const size_t bound = deflateBound(&z, (uLong)(bytes + header_bytes)) + 64;
    uint8_t *packed = malloc(bound);
    gan_status s = GAN_OK;
    if (!packed || bound > UINT32_MAX) {
        s = gan__fail_memory(err, path);
    } else {
        z.next_out = packed;
        z.avail_out = (uInt)bound;
        z.next_in = header;
        z.avail_in = (uInt)header_bytes;
        deflate(&z, Z_NO_FLUSH);
        z.next_in = data;
        z.avail_in = (uInt)bytes;
        if (deflate(&z, Z_FINISH) != Z_STREAM_END)
            s = gan__fail(err, GAN_EIO, "%s: compressing failed", path);
        else
            s = gan__write_file(path, packed, bound - z.avail_out, err);
    }
    free(packed);
    deflateEnd(&z);
    return s;
}

gan_status gan__idx_write(const char *path, int rank, const int size[], const uint8_t *data,
                          gan_error *err)
{
    uint8_t header[HEADER_MAX] = {0, 0, 8, (uint8_t)rank};
    size_t bytes = 1, n = 4;
    for (int i = 0; i < rank; i++) {
        for (int shift = 24; shift >= 0; shift -= 8)
            header[n++] = (uint8_t)((uint32_t)size[i] >> shift);
        bytes *= (size_t)size[i];
    }
    const size_t length = strlen(path);
    if (length > 3 && !strcmp(path + length - 3, ".gz"))
        return write_zipped(path, header, n, data, bytes, err);
    gan__atomic_file f;
    gan_status s = gan__atomic_begin(&f, path, err);
    if (s == GAN_OK)
        s = gan__atomic_write(&f, header, n, err);
    if (s == GAN_OK)
        s = gan__atomic_write(&f, data, bytes, err);
    return s == GAN_OK ? gan__atomic_commit(&f, err) : s;
}
