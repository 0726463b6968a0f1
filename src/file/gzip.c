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

/* out has deflateBound() bytes, so it always suffices. */
static size_t pack_pieces(z_stream *stream, const gan__gzip_piece pieces[], int n, uint8_t *out,
                          size_t room)
{
    size_t made = 0;
    for (int i = 0; i < n; i++) {
        const uint8_t *data = pieces[i].data;
        size_t left = pieces[i].bytes;
        do {
            stream->next_in = data;
            stream->avail_in = piece(left);
            data += stream->avail_in;
            left -= stream->avail_in;
            const int flush = i == n - 1 && left == 0 ? Z_FINISH : Z_NO_FLUSH;
            do {
                const uInt space = piece(room - made);
                stream->next_out = out + made;
                stream->avail_out = space;
                deflate(stream, flush);
                made += space - stream->avail_out;
            } while (stream->avail_out == 0 && made < room);
        } while (left > 0);
    }
    return made;
}

gan_status gan__gzip_pack(const gan__gzip_piece pieces[], int n, uint8_t **out, size_t *bytes,
                          gan_error *err)
{
    size_t total = 0;
    for (int i = 0; i < n; i++)
        total += pieces[i].bytes;
    *out = NULL;
    z_stream stream = {0};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return gan__fail_memory(err, "packing");
    const size_t room = deflateBound(&stream, total);
    uint8_t *packed = malloc(room);
    if (packed) {
        *bytes = pack_pieces(&stream, pieces, n, packed, room);
        *out = packed;
    }
    deflateEnd(&stream);
    return packed ? GAN_OK : gan__fail_memory(err, "packing");
}
