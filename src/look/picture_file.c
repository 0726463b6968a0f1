/* picture_file.c - pictures to and from PNG files, and animated ones. */
#include "file/apng.h"
#include "file/png.h"

gan_status gan_image_write_png(const gan_image *image, const char *path, gan_error *err)
{
    return gan__png_write(image, path, err);
}

gan_status gan_image_read_png(gan_image *out, const char *path, gan_error *err)
{
    return gan__png_read(out, path, err);
}

/* The one is the other: the public name has no underscores. */
gan_status gan_animation_begin(gan_animation **out, const char *path, int pictures, int delay_ms, gan_error *err)
{
    return gan__apng_begin(out, path, pictures, delay_ms, err);
}

gan_status gan_animation_add(gan_animation *a, const gan_image *image, gan_error *err)
{
    return gan__apng_add(a, image, err);
}

gan_status gan_animation_end(gan_animation *a, bool keep, gan_error *err)
{
    return gan__apng_end(a, keep, err);
}
