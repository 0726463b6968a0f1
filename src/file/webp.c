/* webp.c - WebP by libwebp, where it was there at build time. Still pictures; of its metadata nothing is read but whether there is a
 * colour profile. */
#include "file/picture.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

#if GAN_HAVE_WEBP

#include <webp/decode.h>

enum { RATIO_MAX = 1 << 16 /* a lossless picture of one colour is some twenty bytes */ };

static gan_status features(WebPBitstreamFeatures *f, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    if (WebPGetFeatures(file, bytes, f) != VP8_STATUS_OK)
        return gan__fail(err, GAN_EFORMAT, "%s: the WebP picture is damaged", name);
    if (f->has_animation)
        return gan__fail(err, GAN_EFORMAT, "%s: is an animated WebP; its frames as pictures of their own can be read", name);
    return gan__picture_room(name, (size_t)f->height, (size_t)f->width, bytes, RATIO_MAX, err);
}

gan_status gan__webp_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    enum { FLAGS = 20, HAS_PROFILE = 0x20 }; /* of an extended file: RFC 9649, section 2.7 */
    WebPBitstreamFeatures f;
    *out = (gan__picture_info){0};
    const gan_status s = features(&f, name, file, bytes, err);
    if (s == GAN_OK)
        *out = (gan__picture_info){f.height, f.width, bytes > FLAGS && !memcmp(file + 12, "VP8X", 4) && (file[FLAGS] & HAS_PROFILE)};
    return s;
}

gan_status gan__webp_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    WebPBitstreamFeatures f;
    *out = (gan_image){0};
    const gan_status s = features(&f, name, file, bytes, err);
    if (s != GAN_OK)
        return s;
    const size_t row = (size_t)f.width * (f.has_alpha ? 4 : 3), size = row * (size_t)f.height;
    uint8_t *pixels = malloc(size);
    if (!pixels)
        return gan__fail_memory(err, name);
    if (!(f.has_alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto)(file, bytes, pixels, size, (int)row)) {
        free(pixels);
        return gan__fail(err, GAN_EFORMAT, "%s: the WebP picture is damaged", name);
    }
    *out = (gan_image){f.height, f.width, f.has_alpha ? 4 : 3, pixels};
    return GAN_OK;
}

#else

static gan_status without(const char *name, gan_error *err)
{
    return gan__fail(err, GAN_EUNSUPPORTED, "%s: is a WebP picture, and this gander was built without libwebp", name);
}

gan_status gan__webp_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    (void)file, (void)bytes;
    *out = (gan__picture_info){0};
    return without(name, err);
}

gan_status gan__webp_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    (void)file, (void)bytes;
    *out = (gan_image){0};
    return without(name, err);
}

#endif
