/* picture.h - a picture file of a kind that we read, told by its first bytes whatever its name: PNG, JPEG and, where libwebp was
 * there at build time, WebP.
 *
 * What comes out is upright (of JPEG: EXIF's orientation is heeded), 8 bits a channel, and as many channels as the file has: grey, grey and
 * alpha, RGB, RGBA. A palette becomes RGB(A), 16 bits become 8, CMYK becomes RGB. Colour profiles (ICC) and gamma are not applied:
 * numbers stay as they are in the file. Nothing that a header says is believed beyond what limits and the file's size allow.
 */
#ifndef GAN_FILE_PICTURE_H
#define GAN_FILE_PICTURE_H

#include "file/picture_limits.h"

/* gan__picture_look   - from its headers alone.
 * gan__picture_decode - pixels; `least`: nobody needs more than so many pixels along its shorter side, so that a large JPEG may be decoded at a
 *                       half, a quarter or an eighth of its size (never below `least`); 0: as it is.
 * name   for messages
 * Errors GAN_EFORMAT: no picture, damaged, cut off, or beyond the limits; GAN_EUNSUPPORTED: WebP without its library;
 *        GAN_ENOMEM. out->pixels is then NULL. */
gan_status gan__picture_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err);
gan_status gan__picture_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes, int least, gan_error *err);

/* jpeg.c and webp.c: the two functions above for files of their own. */
gan_status gan__jpeg_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err);
gan_status gan__jpeg_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes, int least, gan_error *err);
gan_status gan__webp_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err);
gan_status gan__webp_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err);

#endif
