/* png.h - PNG pictures of 8 bits: grey, grey + alpha, RGB, RGBA. */
#ifndef GAN_FILE_PNG_H
#define GAN_FILE_PNG_H

#include "file/picture_limits.h"

/* gan__png_encode - to memory; *out is malloc'd. No time is stored: same pixels, same libraries,
 * same bytes. gan__png_write - to a file, atomically. */
gan_status gan__png_encode(const gan_image *image, uint8_t **out, size_t *bytes, gan_error *err);
gan_status gan__png_write(const gan_image *image, const char *path, gan_error *err);

/* gan__png_decode - from memory (`name` is for messages); gan__png_read - from a file. Palettes and
 * other depths become 8 bits, gamma and profiles are not applied; limits as in picture.h. out->pixels is malloc'd. gan__png_look - its size.
 * Errors  GAN_EFORMAT: not a PNG, damaged or too large; GAN_ENOTFOUND, GAN_EIO, GAN_ENOMEM. */
gan_status gan__png_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes,
                           gan_error *err);
gan_status gan__png_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err);
gan_status gan__png_read(gan_image *out, const char *path, gan_error *err);

#endif
