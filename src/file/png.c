/* png.c - PNG through libpng's simplified interface, always by way of memory: so that writing is
 * atomic and its failures are ours to report, and reading sees a whole file. The simplified
 * interface needs no setjmp here, writes no time, and turns any PNG into 8 bits. */
#include "file/png.h"

#include "base/error.h"
#include "base/fileio.h"

#include <png.h>
#include <stdlib.h>

/* A picture file beyond these is a mistake or an attack. */
enum { SIDE_MAX = 16384, FILE_MAX = 1 << 28, RATIO_MAX = 1032 };

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
    uint8_t *file = NULL;
    size_t bytes = 0;
    gan_status s = gan__png_encode(image, &file, &bytes, err);
    if (s == GAN_OK)
        s = gan__write_file(path, file, bytes, err);
    free(file);
    return s;
}

gan_status gan__png_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes,
                           gan_error *err)
{
    *out = (gan_image){0};
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&png, file, bytes))
        return gan__fail(err, GAN_EFORMAT, "%s: is not a PNG picture (%s)", name, png.message);
    /* Keep colour and alpha as they are; everything else becomes 8 bits, channel by channel. */
    png.format &= PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA;
    const size_t need = PNG_IMAGE_SIZE(png);
    gan_status s = GAN_OK;
    uint8_t *pixels = NULL;
    if (png.width > SIDE_MAX || png.height > SIDE_MAX)
        s = gan__fail(err, GAN_EFORMAT, "%s: %u x %u pixels; sides of at most %d can be read", name,
                      png.width, png.height, SIDE_MAX);
    else if (need / RATIO_MAX / 8 > bytes) /* 8: one bit a pixel may become a byte */
        s = gan__fail(err, GAN_EFORMAT, "%s: %u x %u pixels are more than %zu bytes can hold", name,
                      png.width, png.height, bytes);
    else if (!(pixels = malloc(need)))
        s = gan__fail_memory(err, name);
    else if (!png_image_finish_read(&png, NULL, pixels, 0, NULL))
        s = gan__fail(err, GAN_EFORMAT, "%s: the PNG picture is damaged (%s)", name, png.message);
    if (s == GAN_OK)
        *out = (gan_image){.height = (int)png.height,
                           .width = (int)png.width,
                           .channels = (int)PNG_IMAGE_SAMPLE_CHANNELS(png.format),
                           .pixels = pixels};
    else
        free(pixels);
    png_image_free(&png);
    return s;
}

gan_status gan__png_read(gan_image *out, const char *path, gan_error *err)
{
    *out = (gan_image){0};
    uint8_t *file = NULL;
    size_t bytes = 0;
    gan_status s = gan__read_file(path, FILE_MAX, &file, &bytes, err);
    if (s == GAN_OK)
        s = gan__png_decode(out, path, file, bytes, err);
    free(file);
    return s;
}
