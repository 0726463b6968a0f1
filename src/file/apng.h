/* apng.h - pictures one after the other as one animated PNG; who knows only PNG sees the first.
 *
 *     IHDR acTL | fcTL IDAT | fcTL fdAT | ... | IEND        every picture is encoded by libpng; its chunks get other names
 *
 * PNG specification, third edition (W3C 2025), sections 4.9 and 11.3.6.
 */
#ifndef GAN_FILE_APNG_H
#define GAN_FILE_APNG_H

#include <gan/image.h>
#include <stdbool.h>

/* begin -> add as many as promised -> end (keep: written atomically; else nothing is left; frees it, NULL is fine). All
 * pictures are of the first one's size and channels: GAN_EINVAL; so are fewer than promised. */
gan_status gan__apng_begin(gan_animation **out, const char *path, int pictures, int delay_ms, gan_error *err);
gan_status gan__apng_add(gan_animation *a, const gan_image *image, gan_error *err);
gan_status gan__apng_end(gan_animation *a, bool keep, gan_error *err);

#endif
