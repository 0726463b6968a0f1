/* apng.c - pictures one after the other as one animated PNG; who knows only PNG sees the first.
 *
 *     IHDR acTL | fcTL IDAT | fcTL fdAT | ... | IEND        every picture is encoded by libpng; its chunks get other names
 *
 * PNG specification, third edition (W3C 2025), sections 4.9 and 11.3.6.
 */
#include <gan/image.h>

#include "base/error.h"
#include "base/fileio.h"
#include "file/png.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SIGNATURE = 8, HEADER = 13, AROUND = 12 /* of a chunk's data: length, name, sum */ };

struct gan_animation {
    gan__atomic_file file;
    int pictures, done, delay_ms;
    uint32_t sequence;
    uint8_t header[HEADER]; /* IHDR's */
};

static void put_u32(uint8_t *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

/* A chunk: `first` (of fdAT its number) and then the data. */
static gan_status write_chunk(gan_animation *a, const char *name, const uint8_t *first, size_t firsts, const uint8_t *data, size_t bytes,
                              gan_error *err)
{
    uint8_t head[8], tail[4];
    put_u32(head, (uint32_t)(firsts + bytes));
    memcpy(head + 4, name, 4);
    uLong sum = crc32(0, head + 4, 4);
    sum = firsts ? crc32(sum, first, (uInt)firsts) : sum;
    sum = bytes ? crc32(sum, data, (uInt)bytes) : sum;
    put_u32(tail, (uint32_t)sum);
    gan_status s = gan__atomic_write(&a->file, head, sizeof head, err);
    if (s == GAN_OK && firsts)
        s = gan__atomic_write(&a->file, first, firsts, err);
    if (s == GAN_OK && bytes)
        s = gan__atomic_write(&a->file, data, bytes, err);
    return s == GAN_OK ? gan__atomic_write(&a->file, tail, sizeof tail, err) : s;
}

gan_status gan_animation_begin(gan_animation **out, const char *path, int pictures, int delay_ms, gan_error *err)
{
    *out = NULL;
    if (pictures < 1 || delay_ms < 1 || delay_ms > 65535)
        return gan__fail(err, GAN_EINVAL, "%s: %d pictures, %d ms each: an animation has one at least, of 1 to 65535 ms", path, pictures,
                         delay_ms);
    gan_animation *a = calloc(1, sizeof *a);
    if (!a)
        return gan__fail_memory(err, path);
    a->pictures = pictures;
    a->delay_ms = delay_ms;
    const gan_status s = gan__atomic_begin(&a->file, path, err);
    if (s == GAN_OK)
        *out = a;
    else
        free(a);
    return s;
}

static gan_status write_control(gan_animation *a, gan_error *err)
{
    uint8_t c[26] = {0}; /* number, width, height, x, y, delay as a fraction, and zeros: what was there is replaced */
    put_u32(c, a->sequence++);
    memcpy(c + 4, a->header, 8);
    c[20] = (uint8_t)(a->delay_ms >> 8);
    c[21] = (uint8_t)a->delay_ms;
    c[22] = 1000 >> 8;
    c[23] = (uint8_t)1000;
    return write_chunk(a, "fcTL", NULL, 0, c, sizeof c, err);
}

static gan_status begin_file(gan_animation *a, const uint8_t *png, gan_error *err)
{
    uint8_t control[8] = {0}; /* pictures, and how often: 0, for ever */
    put_u32(control, (uint32_t)a->pictures);
    memcpy(a->header, png + SIGNATURE + 8, HEADER);
    gan_status s = gan__atomic_write(&a->file, png, SIGNATURE, err);
    if (s == GAN_OK)
        s = write_chunk(a, "IHDR", NULL, 0, a->header, HEADER, err);
    return s == GAN_OK ? write_chunk(a, "acTL", NULL, 0, control, sizeof control, err) : s;
}

/* The pixels' chunks of a PNG that libpng made. */
static gan_status copy_pixels(gan_animation *a, const uint8_t *png, size_t bytes, gan_error *err)
{
    gan_status s = GAN_OK;
    for (size_t at = SIGNATURE; at + AROUND <= bytes && s == GAN_OK;) {
        const size_t n = get_u32(png + at);
        const uint8_t *data = png + at + 8;
        uint8_t number[4];
        if (!memcmp(png + at + 4, "IDAT", 4)) {
            put_u32(number, a->sequence);
            a->sequence += a->done ? 1 : 0;
            s = a->done ? write_chunk(a, "fdAT", number, 4, data, n, err) : write_chunk(a, "IDAT", NULL, 0, data, n, err);
        }
        at += AROUND + n;
    }
    return s;
}

gan_status gan_animation_add(gan_animation *a, const gan_image *image, gan_error *err)
{
    uint8_t *png = NULL;
    size_t bytes = 0;
    gan_status s = gan__png_encode(image, &png, &bytes, err);
    if (s == GAN_OK && a->done == a->pictures)
        s = gan__fail(err, GAN_EINVAL, "%s: more than %d pictures", a->file.path, a->pictures);
    if (s == GAN_OK && !a->done)
        s = begin_file(a, png, err);
    if (s == GAN_OK && memcmp(a->header, png + SIGNATURE + 8, HEADER) != 0)
        s = gan__fail(err, GAN_EINVAL, "%s: picture %d is %d x %d x %d, not of the first one's size", a->file.path, a->done, image->height,
                      image->width, image->channels);
    if (s == GAN_OK)
        s = write_control(a, err);
    if (s == GAN_OK)
        s = copy_pixels(a, png, bytes, err);
    a->done++;
    free(png);
    return s;
}

gan_status gan_animation_end(gan_animation *a, bool keep, gan_error *err)
{
    gan_status s = GAN_OK;
    if (!a)
        return s;
    if (keep && a->done != a->pictures)
        s = gan__fail(err, GAN_EINVAL, "%s: %d pictures of %d", a->file.path, a->done, a->pictures);
    if (keep && s == GAN_OK)
        s = write_chunk(a, "IEND", NULL, 0, NULL, 0, err);
    if (keep && s == GAN_OK)
        s = gan__atomic_commit(&a->file, err);
    else
        gan__atomic_abort(&a->file);
    free(a);
    return s;
}
