/* png_file.h - PNG files of 8 bits a channel, by libpng. */
#ifndef GAN_FILE_PNG_FILE_H
#define GAN_FILE_PNG_FILE_H

#include <gan/status.h>
#include <stdint.h>

/* gan__png_write - channels 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. Atomic; no times or texts
 * inside. */
gan_status gan__png_write(const char *path, int height, int width, int channels,
                          const uint8_t *pixels, gan_error *err);

/* gan__png_read - *pixels is malloc'd, height x width x *channels. At most 16,384 a side. */
gan_status gan__png_read(const char *path, int *height, int *width, int *channels, uint8_t **pixels,
                         gan_error *err);

#endif
