/* png.c - PNG through libpng, always by way of memory: so that writing is atomic and its failures are ours to report, and reading sees
 * a whole file. Written by the simplified interface, which writes no time. Not read by it: it takes 16 bits without gAMA for linear
 * light, and applies gamma, where every other reader of pictures takes the numbers as they are. */
#include "file/png.h"

#include "base/error.h"
#include "base/fileio.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATIO_MAX = 1032 /* deflate's */, CHUNK_MAX = 1 << 23 };

static const png_uint_32 formats[5] = {0, PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB,
                                       PNG_FORMAT_RGBA};

gan_status gan__png_encode(const gan_image *image, uint8_t **out, size_t *bytes, gan_error *err)
{
    *out = NULL;
    if (image->height < 1 || image->width < 1 || image->channels < 1 || image->channels > 4)
        return gan__fail(err, GAN_EINVAL, "a picture of %d x %d with %d channels cannot be a PNG",
                         image->width, image->height, image->channels);
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)image->width,
                     .height = (png_uint_32)image->height,
                     .format = formats[image->channels]};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
    uint8_t *file = malloc(size);
    if (!file)
        return gan__fail_memory(err, "a PNG");
    if (!png_image_write_to_memory(&png, file, &size, 0, image->pixels, 0, NULL)) {
        free(file);
        return gan__fail(err, GAN_EIO, "a PNG cannot be made: %s", png.message);
    }
    *out = file;
    *bytes = size;
    return GAN_OK;
}

gan_status gan__png_write(const gan_image *image, const char *path, gan_error *err)
{
    gan__atomic_file f;
    uint8_t *file = NULL;
    size_t bytes = 0;
    gan_status s = gan__png_encode(image, &file, &bytes, err);
    if (s == GAN_OK)
        s = gan__atomic_begin(&f, path, err);
    if (s == GAN_OK)
        s = gan__atomic_write(&f, file, bytes, err);
    if (s == GAN_OK)
        s = gan__atomic_commit_unsynced(&f, err);
    free(file);
    return s;
}

/* ---- reading: libpng's long way, which applies no gamma and tells about chunks. Its errors leave by longjmp; what lives across it
 * is in `reader`. -------------------------------------------------------------------------------- */

typedef struct reader {
    png_structp png;
    png_infop info;
    const uint8_t *at;
    size_t left;
    uint8_t *pixels;
    png_bytep *row;
    jmp_buf failed;
    char message[128];
} reader;

static void on_error(png_structp png, png_const_charp message)
{
    reader *r = png_get_error_ptr(png);
    snprintf(r->message, sizeof r->message, "%s", message);
    longjmp(r->failed, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png, (void)message;
}

static void on_read(png_structp png, png_bytep out, size_t bytes)
{
    reader *r = png_get_io_ptr(png);
    if (bytes > r->left)
        png_error(png, "cut off");
    memcpy(out, r->at, bytes);
    r->at += bytes;
    r->left -= bytes;
}

/* Up to the first chunk of pixels; longjmp to r->failed. A profile is only taken note of. */
static void begin(reader *r)
{
    png_set_chunk_malloc_max(r->png, CHUNK_MAX);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_ALWAYS, (png_const_bytep)"iCCP", 1);
    png_set_read_fn(r->png, r, on_read);
    png_read_info(r->png, r->info);
}

static reader *create(const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    reader *r = calloc(1, sizeof *r);
    if (r) {
        r->at = file;
        r->left = bytes;
        r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
        r->info = r->png ? png_create_info_struct(r->png) : NULL;
    }
    if (r && r->info)
        return r;
    if (r)
        png_destroy_read_struct(&r->png, NULL, NULL);
    free(r);
    gan__fail_memory(err, name);
    return NULL;
}

static void release(reader *r)
{
    png_destroy_read_struct(&r->png, &r->info, NULL);
    free(r->pixels);
    free(r->row);
    free(r);
}

static gan_status damaged(const reader *r, const char *name, gan_error *err)
{
    return gan__fail(err, GAN_EFORMAT, "%s: the PNG picture is damaged (%s)", name, r->message);
}

static gan_status room(const reader *r, const char *name, size_t bytes, gan_error *err)
{
    return gan__picture_room(name, png_get_image_height(r->png, r->info), png_get_image_width(r->png, r->info), bytes,
                             (size_t)RATIO_MAX * 8 /* one bit may be a pixel */, err);
}

gan_status gan__png_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    *out = (gan__picture_info){0};
    reader *r = create(name, file, bytes, err);
    if (!r)
        return GAN_ENOMEM;
    gan_status s = GAN_OK;
    if (setjmp(r->failed)) {
        s = damaged(r, name, err);
    } else {
        png_unknown_chunkp chunks;
        begin(r);
        const bool profile = png_get_unknown_chunks(r->png, r->info, &chunks) > 0;
        *out = (gan__picture_info){(int)png_get_image_height(r->png, r->info), (int)png_get_image_width(r->png, r->info), profile};
        s = room(r, name, bytes, err);
    }
    release(r);
    return s;
}

/* All rows, 8 bits a channel; false: out of memory. */
static bool read_pixels(reader *r, gan_image *out)
{
    png_set_expand(r->png); /* palettes, few bits, a transparent colour */
    png_set_scale_16(r->png);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    const size_t h = png_get_image_height(r->png, r->info), row = png_get_rowbytes(r->png, r->info);
    r->pixels = malloc(h * row);
    r->row = malloc(h * sizeof *r->row);
    if (!r->pixels || !r->row)
        return false;
    for (size_t y = 0; y < h; y++)
        r->row[y] = r->pixels + y * row;
    png_read_image(r->png, r->row);
    *out = (gan_image){(int)h, (int)png_get_image_width(r->png, r->info), png_get_channels(r->png, r->info), NULL};
    return true;
}

gan_status gan__png_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes,
                           gan_error *err)
{
    *out = (gan_image){0};
    if (bytes < 8 || png_sig_cmp(file, 0, 8) != 0)
        return gan__fail(err, GAN_EFORMAT, "%s: is not a PNG picture", name);
    reader *r = create(name, file, bytes, err);
    if (!r)
        return GAN_ENOMEM;
    gan_status s = GAN_OK;
    if (setjmp(r->failed)) {
        s = damaged(r, name, err);
    } else {
        begin(r);
        s = room(r, name, bytes, err);
        if (s == GAN_OK && !read_pixels(r, out))
            s = gan__fail_memory(err, name);
    }
    if (s == GAN_OK) {
        out->pixels = r->pixels;
        r->pixels = NULL;
    } else {
        *out = (gan_image){0};
    }
    release(r);
    return s;
}

gan_status gan__png_read(gan_image *out, const char *path, gan_error *err)
{
    *out = (gan_image){0};
    uint8_t *file = NULL;
    size_t bytes = 0;
    gan_status s = gan__read_file(path, GAN__PICTURE_FILE_MAX, &file, &bytes, err);
    if (s == GAN_OK)
        s = gan__png_decode(out, path, file, bytes, err);
    free(file);
    return s;
}
