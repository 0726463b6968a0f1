/* picture_file.c - pictures to and from PNG files. */
#include "file/png.h"

gan_status gan_image_write_png(const gan_image *image, const char *path, gan_error *err)
{
    return gan__png_write(image, path, err);
}

gan_status gan_image_read_png(gan_image *out, const char *path, gan_error *err)
{
    return gan__png_read(out, path, err);
}
