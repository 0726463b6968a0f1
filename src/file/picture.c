/* picture.c - which kind of picture is it? */
#include "file/picture.h"

#include "base/error.h"
#include "file/png.h"

#include <string.h>

typedef enum kind { NONE, PNG, JPEG, WEBP } kind;

static kind kind_of(const uint8_t *file, size_t bytes)
{
    static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    if (bytes >= 8 && !memcmp(file, png, 8))
        return PNG;
    if (bytes >= 3 && file[0] == 0xFF && file[1] == 0xD8 && file[2] == 0xFF)
        return JPEG;
    return bytes >= 12 && !memcmp(file, "RIFF", 4) && !memcmp(file + 8, "WEBP", 4) ? WEBP : NONE;
}

static gan_status no_picture(const char *name, gan_error *err)
{
    return gan__fail(err, GAN_EFORMAT, "%s: is neither a PNG, a JPEG nor a WebP picture", name);
}

gan_status gan__picture_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    *out = (gan__picture_info){0};
    switch (kind_of(file, bytes)) {
    case PNG: return gan__png_look(out, name, file, bytes, err);
    case JPEG: return gan__jpeg_look(out, name, file, bytes, err);
    case WEBP: return gan__webp_look(out, name, file, bytes, err);
    case NONE: break;
    }
    return no_picture(name, err);
}

gan_status gan__picture_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes, int least, gan_error *err)
{
    *out = (gan_image){0};
    switch (kind_of(file, bytes)) {
    case PNG: return gan__png_decode(out, name, file, bytes, err);
    case JPEG: return gan__jpeg_decode(out, name, file, bytes, least, err);
    case WEBP: return gan__webp_decode(out, name, file, bytes, err);
    case NONE: break;
    }
    return no_picture(name, err);
}
