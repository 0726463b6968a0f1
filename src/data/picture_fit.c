/* picture_fit.c - see picture_fit.h.
 *
 * stb_image_resize is compiled here, with our flags: no contraction, no libm but floor and ceil, so a picture has the same pixels
 * under every compiler. (libswscale and libvips have a kernel for each processor, whose bytes differ.)
 */
#include "data/picture_fit.h"

#include "base/error.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define STB_IMAGE_RESIZE_STATIC
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb/stb_image_resize.h>

static const char what[] = "a picture";

/* Rec. 601, in 256ths. */
static uint8_t luma(const uint8_t *p)
{
    return (uint8_t)((77 * p[0] + 150 * p[1] + 29 * p[2] + 128) >> 8);
}

static void to_rgba(uint8_t *out, const gan_image *in)
{
    const size_t pixels = (size_t)in->height * (size_t)in->width;
    const int c = in->channels;
    const uint8_t *p = in->pixels;
    if (c == 4) {
        memcpy(out, p, 4 * pixels);
        return;
    }
    for (size_t i = 0; i < pixels; i++, p += c, out += 4) {
        out[0] = p[0];
        out[1] = c < 3 ? p[0] : p[1];
        out[2] = c < 3 ? p[0] : p[2];
        out[3] = c % 2 ? 255 : p[c - 1];
    }
}

/* Alpha is kept, and what is wholly transparent is black. Every pixel of a set comes through here, so each is one word, alpha on top. */
static unsigned keep_alpha(uint8_t *out, size_t pixels)
{
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "alpha is the word's high byte");
    uint32_t opaque = 0xffffffff, colour = 0;
    for (size_t i = 0; i < pixels; i++) {
        uint32_t p;
        memcpy(&p, out + 4 * i, 4);
        p = p > 0xffffff ? p : 0;
        opaque &= p;
        colour |= p ^ p >> 8; /* red beside green, green beside blue, and what the mask takes away */
        memcpy(out + 4 * i, &p, 4);
    }
    return (opaque < 0xff000000 ? GAN__HAS_ALPHA : 0u) | (colour & 0xffff ? GAN__HAS_COLOUR : 0u);
}

/* What is said of alpha, done; and what is there then. */
static unsigned settle_alpha(uint8_t *p, size_t pixels, gan_alpha alpha)
{
    unsigned has = 0;
    if (alpha == GAN_ALPHA_KEEP)
        return keep_alpha(p, pixels);
    for (size_t i = 0; i < pixels; i++, p += 4) {
        const int ground = alpha == GAN_ALPHA_WHITE ? 255 : 0;
        for (int c = 0; c < 3 && alpha >= GAN_ALPHA_WHITE && p[3] < 255; c++)
            p[c] = (uint8_t)((p[c] * p[3] + ground * (255 - p[3]) + 127) / 255);
        p[3] = 255;
        has |= p[0] != p[1] || p[1] != p[2] ? GAN__HAS_COLOUR : 0u;
    }
    return has;
}

/* The part of the picture that is shown, in its own pixels, and where within the item it comes to lie, in the item's. */
typedef struct placing {
    double x, y, w, h;
    int left, top, width, height;
} placing;

static int rounded(double x, int most)
{
    const int n = (int)(x + 0.5);
    return n < 1 ? 1 : n < most ? n : most;
}

static placing place(const gan_image *in, gan_fit fit, int height, int width)
{
    placing p = {0, 0, in->width, in->height, 0, 0, width, height};
    const double across = (double)width / in->width, down = (double)height / in->height;
    if (fit == GAN_FIT_CROP) {
        const double scale = across > down ? across : down;
        p.w = width / scale;
        p.h = height / scale;
        p.x = (in->width - p.w) / 2;
        p.y = (in->height - p.h) / 2;
        if (scale == 1) /* then pixels stay what they are */
            p.x = (int)p.x, p.y = (int)p.y;
    } else if (fit == GAN_FIT_PAD) {
        const double scale = across < down ? across : down;
        p.width = rounded(in->width * scale, width);
        p.height = rounded(in->height * scale, height);
        p.left = (width - p.width) / 2;
        p.top = (height - p.height) / 2;
    }
    return p;
}

/* Catmull-Rom leaves a picture that keeps its size as it is; Mitchell would blur it. */
static stbir_filter filter_of(double from, int to)
{
    return to >= from ? STBIR_FILTER_CATMULLROM : STBIR_FILTER_MITCHELL;
}

/* The part that is shown, resampled to its size, with as many channels; malloc'd. NULL: out of memory. */
static uint8_t *resample(const gan_image *in, const placing *p, gan_alpha alpha)
{
    const int c = in->channels;
    uint8_t *out = malloc((size_t)p->width * (size_t)p->height * (size_t)c);
    if (out && !stbir_resize_region(in->pixels, in->width, in->height, 0, out, p->width, p->height, 0, STBIR_TYPE_UINT8, c,
                                    c % 2 || alpha == GAN_ALPHA_DROP ? STBIR_ALPHA_CHANNEL_NONE : c - 1, 0, STBIR_EDGE_CLAMP, STBIR_EDGE_CLAMP,
                                    filter_of(p->w, p->width), filter_of(p->h, p->height), STBIR_COLORSPACE_LINEAR, NULL, (float)(p->x / in->width),
                                    (float)(p->y / in->height), (float)((p->x + p->w) / in->width), (float)((p->y + p->h) / in->height))) {
        free(out);
        out = NULL;
    }
    return out;
}

/* Anywhere. */
static bool is_transparent(const gan_image *in)
{
    const size_t c = (size_t)in->channels, pixels = (size_t)in->height * (size_t)in->width;
    for (size_t i = 0; c % 2 == 0 && i < pixels; i++)
        if (in->pixels[i * c + c - 1] < 255)
            return true;
    return false;
}

static void fill_ground(uint8_t *out, size_t pixels, const gan_image *in, gan_alpha alpha)
{
    const uint8_t colour = alpha == GAN_ALPHA_WHITE ? 255 : 0, opacity = alpha == GAN_ALPHA_KEEP && is_transparent(in) ? 0 : 255;
    for (size_t i = 0; i < pixels; i++, out += 4) {
        memset(out, colour, 3);
        out[3] = opacity;
    }
}

gan_status gan__picture_fit(const gan_image *in, const gan_pictures *how, int height, int width, uint8_t *out, unsigned *has,
                            gan_error *err)
{
    const size_t pixels = (size_t)height * (size_t)width;
    if (in->height == height && in->width == width) {
        to_rgba(out, in);
        *has = settle_alpha(out, pixels, how->alpha);
        return GAN_OK;
    }
    const placing p = place(in, how->fit, height, width);
    gan_image part = {p.height, p.width, in->channels, resample(in, &p, how->alpha)};
    uint8_t *whole = part.pixels ? malloc((size_t)p.width * (size_t)p.height * 4) : NULL;
    if (whole) {
        to_rgba(whole, &part);
        if (p.width < width || p.height < height)
            fill_ground(out, pixels, in, how->alpha);
        for (int y = 0; y < p.height; y++)
            memcpy(out + ((size_t)(p.top + y) * (size_t)width + (size_t)p.left) * 4, whole + (size_t)y * (size_t)p.width * 4,
                   (size_t)p.width * 4);
        *has = settle_alpha(out, pixels, how->alpha);
    }
    free(part.pixels);
    free(whole);
    return whole ? GAN_OK : gan__fail_memory(err, what);
}

int gan__picture_channels(const gan_pictures *how, unsigned has)
{
    if (how->channels)
        return how->channels;
    const bool colour = how->gray == GAN_GRAY_OFF || (how->gray == GAN_GRAY_AUTO && has & GAN__HAS_COLOUR);
    return (colour ? 3 : 1) + (has & GAN__HAS_ALPHA ? 1 : 0);
}

void gan__picture_narrow(uint8_t *out, const uint8_t *rgba, size_t pixels, int channels, const gan_pictures *how)
{
    if (channels == 4 && how->gray != GAN_GRAY_ON) {
        if (out != rgba)
            memmove(out, rgba, 4 * pixels);
        return;
    }
    for (size_t i = 0; i < pixels; i++, rgba += 4) {
        uint8_t p[4];
        memcpy(p, rgba, 4);
        if (channels < 3 || how->gray == GAN_GRAY_ON)
            p[0] = p[1] = p[2] = luma(p);
        for (int c = channels < 3 ? 2 : 0; c < 3; c++)
            *out++ = p[c];
        if (channels % 2 == 0)
            *out++ = p[3];
    }
}
