/* picture_limits.c - see picture_limits.h. */
#include "file/picture_limits.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

void gan_image_release(gan_image *image)
{
    free(image->pixels);
    *image = (gan_image){0};
}

gan_status gan__picture_room(const char *name, size_t height, size_t width, size_t bytes, size_t ratio, gan_error *err)
{
    if (height < 1 || width < 1)
        return gan__fail(err, GAN_EFORMAT, "%s: %zu x %zu pixels", name, width, height);
    if (height > GAN__PICTURE_SIDE_MAX || width > GAN__PICTURE_SIDE_MAX || height * width > GAN__PICTURE_PIXELS_MAX)
        return gan__fail(err, GAN_EFORMAT, "%s: %zu x %zu pixels; at most %d a side and %d million of them can be read", name, width,
                         height, GAN__PICTURE_SIDE_MAX, GAN__PICTURE_PIXELS_MAX >> 20);
    if (height * width / ratio > bytes)
        return gan__fail(err, GAN_EFORMAT, "%s: %zu x %zu pixels are more than %zu bytes can hold", name, width, height, bytes);
    return GAN_OK;
}

/* EXIF 2.3, tag 0x0112: where the first row and the first column of what is stored belong. Mirrored first, then turned. */
gan_status gan__picture_upright(gan_image *image, int orientation, gan_error *err)
{
    static const struct {
        bool turned, from_right, from_below;
    } ways[9] = {[1] = {0}, [2] = {.from_right = true}, [3] = {.from_right = true, .from_below = true}, [4] = {.from_below = true},
                 [5] = {.turned = true}, [6] = {.turned = true, .from_right = true},
                 [7] = {.turned = true, .from_right = true, .from_below = true}, [8] = {.turned = true, .from_below = true}};
    if (orientation < 2 || orientation > 8)
        return GAN_OK;
    const int h = ways[orientation].turned ? image->width : image->height, w = ways[orientation].turned ? image->height : image->width;
    const size_t c = (size_t)image->channels;
    uint8_t *upright = malloc((size_t)h * (size_t)w * c), *to = upright;
    if (!upright)
        return gan__fail_memory(err, "a picture");
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++, to += c) {
            const int across = ways[orientation].from_right ? w - 1 - j : j, down = ways[orientation].from_below ? h - 1 - i : i;
            const int y = ways[orientation].turned ? across : down, x = ways[orientation].turned ? down : across;
            memcpy(to, image->pixels + ((size_t)y * (size_t)image->width + (size_t)x) * c, c);
        }
    free(image->pixels);
    *image = (gan_image){h, w, image->channels, upright};
    return GAN_OK;
}
