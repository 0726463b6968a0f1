/* png_file.c - through libpng's simplified interface, in memory: files are written and read as a whole. */
#include "file/png_file.h"

#include "base/error.h"
#include "base/fileio.h"

#include <png.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SIDE_MAX = 16384 };

static const png_uint_32 formats[5] = {0, PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB,
                                       PNG_FORMAT_RGBA};

gan_status gan__png_write(const char *path, int height, int width, int channels,
                          const uint8_t *pixels, gan_error *err)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (channels < 1 || channels > 4 || height < 1 || width < 1)
        return gan__fail(err, GAN_EINVAL, "%s: a picture of %d x %d x %d cannot be", path, height,
                         width, channels);
    image.width = (png_uint_32)width;
    image.height = (png_uint_32)height;
    image.format = formats[channels];
    png_alloc_size_t bytes = 0;
    gan_status s = GAN_OK;
    uint8_t *file = NULL;
    if (!png_image_write_to_memory(&image, NULL, &bytes, 0, pixels, 0, NULL))
        s = gan__fail(err, GAN_EIO, "%s: %s", path, image.message);
    else if (!(file = malloc(bytes)))
        s = gan__fail_memory(err, path);
    else if (!png_image_write_to_memory(&image, file, &bytes, 0, pixels, 0, NULL))
        s = gan__fail(err, GAN_EIO, "%s: %s", path, image.message);
    else
        s = gan__write_file(path, file, bytes, err);
    free(file);
    png_image_free(&image);
    return s;
}

gan_status gan__png_read(const char *path, int *height, int *width, int *channels, uint8_t **pixels,
                         gan_error *err)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    uint8_t *file;
    size_t bytes;
    *pixels = NULL;
    gan_status s = gan__read_file(path, (size_t)1 << 30, &file, &bytes, err);
    if (s != GAN_OK)
        return s;
    if (!png_image_begin_read_from_memory(&image, file, bytes)) {
        s = gan__fail(err, GAN_EFORMAT, "%s: not a PNG that can be read: %s", path, image.message);
    } else if (image.width > SIDE_MAX || image.height > SIDE_MAX) {
        s = gan__fail(err, GAN_EFORMAT, "%s: %u x %u pixels; at most %d a side are read", path,
                      image.height, image.width, SIDE_MAX);
    } else {
        const bool color = image.format & PNG_FORMAT_FLAG_COLOR, alpha = image.format & PNG_FORMAT_FLAG_ALPHA;
        *channels = (color ? 3 : 1) + alpha;
        *height = (int)image.height;
        *width = (int)image.width;
        image.format = formats[*channels];
        *pixels = malloc(PNG_IMAGE_SIZE(image));
        if (!*pixels)
            s = gan__fail_memory(err, path);
        else if (!png_image_finish_read(&image, NULL, *pixels, 0, NULL))
            s = gan__fail(err, GAN_EFORMAT, "%s: damaged: %s", path, image.message);
    }
    png_image_free(&image);
    free(file);
    if (s != GAN_OK) {
        free(*pixels);
        *pixels = NULL;
    }
    return s;
}
