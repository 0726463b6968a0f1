/* gzip.c - gzip streams in memory, over zlib.
 *
 * zlib counts in 32 bits, so both sides are fed in pieces of at most 1 GiB. The caller says how
 * many bytes it wants, so a small file that unpacks without end fills nothing but the caller's
 * buffer.
 */
#include "file/gzip.h"

#include "base/error.h"

#include <stdlib.h>
#define ZLIB_CONST /* its input pointers are const then */
#include <zlib.h>

enum { PIECE_MAX = 1 << 30, GZIP_WINDOW = 15 + 16 };

struct gan__gzip {
    z_stream stream;
    const uint8_t *rest; /* input that zlib has not been shown yet */
    size_t rest_bytes;
    size_t made; /* bytes unpacked so far */
    bool ended;
};

static uInt piece(size_t bytes)
{
    return bytes < PIECE_MAX ? (uInt)bytes : (uInt)PIECE_MAX;
}

bool gan__gzip_is(const uint8_t *file, size_t bytes)
{
    return bytes >= 2 && file[0] == 0x1f && file[1] == 0x8b;
}

gan_status gan__gzip_begin(gan__gzip **out, const uint8_t *file, size_t bytes, gan_error *err)
{
    gan__gzip *z = calloc(1, sizeof *z);
    if (!z || inflateInit2(&z->stream, GZIP_WINDOW) != Z_OK) {
        free(z);
        *out = NULL;
        return gan__fail_memory(err, "unpacking");
    }
    z->rest = file;
    z->rest_bytes = bytes;
    *out = z;
    return GAN_OK;
}

/* What an answer of inflate() means once no more progress can be made. */
static gan_status explain(const gan__gzip *z, int answer, gan_error *err)
{
    if (answer == Z_MEM_ERROR)
        return gan__fail_memory(err, "unpacking");
    if (answer == Z_BUF_ERROR)
        return gan__fail(err, GAN_EFORMAT, "the gzip stream is cut off after %zu bytes", z->made);
    return gan__fail(err, GAN_EFORMAT, "the gzip stream is damaged after %zu bytes (%s)", z->made,
                     z->stream.msg ? z->stream.msg : "a preset dictionary");
}

gan_status gan__gzip_read(gan__gzip *z, uint8_t *out, size_t want, size_t *got, gan_error *err)
{
    *got = 0;
    while (*got < want && !z->ended) {
        if (z->stream.avail_in == 0) {
            z->stream.next_in = z->rest;
            z->stream.avail_in = piece(z->rest_bytes);
            z->rest += z->stream.avail_in;
            z->rest_bytes -= z->stream.avail_in;
        }
        const uInt room = piece(want - *got);
        z->stream.next_out = out + *got;
        z->stream.avail_out = room;
        const int answer = inflate(&z->stream, Z_NO_FLUSH);
        const uInt made = room - z->stream.avail_out;
        *got += made;
        z->made += made;
        z->ended = answer == Z_STREAM_END;
        if (answer != Z_OK && answer != Z_STREAM_END)
            return explain(z, answer, err);
    }
    if (z->ended && (z->stream.avail_in || z->rest_bytes))
        return gan__fail(err, GAN_EFORMAT, "%zu bytes stand behind the end of the gzip stream",
                         z->stream.avail_in + z->rest_bytes);
    return GAN_OK;
}

void gan__gzip_end(gan__gzip *z)
{
    if (z)
        inflateEnd(&z->stream);
    free(z);
}

struct gan__gzip_packer {
    z_stream stream;
    gan__gzip_sink *sink;
    void *ctx;
    uint8_t out[1 << 16];
};

gan_status gan__gzip_pack_begin(gan__gzip_packer **out, gan__gzip_sink *sink, void *ctx, gan_error *err)
{
    gan__gzip_packer *p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p || deflateInit2(&p->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                           Z_DEFAULT_STRATEGY) != Z_OK) {
        free(p);
        return gan__fail_memory(err, "packing");
    }
    p->sink = sink;
    p->ctx = ctx;
    *out = p;
    return GAN_OK;
}

gan_status gan__gzip_pack_add(gan__gzip_packer *p, const uint8_t *data, size_t bytes, bool last,
                              gan_error *err)
{
    gan_status s = GAN_OK;
    do {
        p->stream.next_in = data;
        p->stream.avail_in = piece(bytes);
        data += p->stream.avail_in;
        bytes -= p->stream.avail_in;
        do {
            p->stream.next_out = p->out;
            p->stream.avail_out = sizeof p->out;
            deflate(&p->stream, last && bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
            const size_t made = sizeof p->out - p->stream.avail_out;
            s = made ? p->sink(p->ctx, p->out, made, err) : GAN_OK;
        } while (s == GAN_OK && p->stream.avail_out == 0);
    } while (s == GAN_OK && bytes > 0);
    return s;
}

void gan__gzip_pack_end(gan__gzip_packer *p)
{
    if (p)
        deflateEnd(&p->stream);
    free(p);
}
