/* image.h - pictures: grids, PNG files, pictures in a terminal. */
#ifndef GAN_IMAGE_H
#define GAN_IMAGE_H

#include <gan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* height x width x channels bytes, row by row; channels 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. */
typedef struct gan_image {
    int height, width, channels;
    uint8_t *pixels; /* owned; gan_image_release */
} gan_image;

GAN_API void gan_image_release(gan_image *image);

/* gan_image_grid - n images of h x w x c (NHWC, contiguous) in `columns` columns with `gap` pixels of
 * dark ground between them; each enlarged `zoom` times (nearest). columns 0: as square as can be. Pictures with alpha are laid over
 * a board of two greys: the grid is grey or RGB. */
typedef struct gan_grid {
    int n, height, width, channels;
    int columns, gap, zoom;
} gan_grid;
GAN_API gan_status gan_image_grid(gan_image *out, const gan_grid *grid, const uint8_t *pixels,
                                  gan_error *err);

/* The same as the images come: an empty grid, then images first .. first + n - 1 put into it. Sides of at most
 * 16,384 pixels: GAN_EINVAL says how large it would be, before any image is needed. */
GAN_API gan_status gan_image_grid_begin(gan_image *out, const gan_grid *grid, gan_error *err);
GAN_API gan_status gan_image_grid_put(gan_image *out, const gan_grid *grid, int first, int n,
                                      const uint8_t *pixels, gan_error *err);

/* gan_image_scatter - points on a plane, RGB, side x side: the data's in blue, samples over them in orange. What is shown is the
 * square around the data, a tenth wider on each side; what lies beyond or is not finite is left out. Two numbers a point. */
GAN_API gan_status gan_image_scatter(gan_image *out, int side, const float *real, int n_real, const float *samples, int n_samples,
                                     gan_error *err);

GAN_API gan_status gan_image_write_png(const gan_image *image, const char *path, gan_error *err);
GAN_API gan_status gan_image_read_png(gan_image *out, const char *path, gan_error *err);

/* gan_animation - pictures one after the other, each so long, for ever: an animated PNG, which programs that know only PNG show the first of.
 * begin -> add as many as promised, all of one size -> end (keep false: nothing is left; frees it, NULL is fine).
 * Errors  GAN_EINVAL: none, fewer or more than promised, another size; GAN_EIO; GAN_ENOMEM. */
typedef struct gan_animation gan_animation;
GAN_API gan_status gan_animation_begin(gan_animation **out, const char *path, int pictures, int delay_ms, gan_error *err);
GAN_API gan_status gan_animation_add(gan_animation *a, const gan_image *image, gan_error *err);
GAN_API gan_status gan_animation_end(gan_animation *a, bool keep, gan_error *err);

/* gan_image_print - draw in a terminal, at most `columns` characters wide: by libchafa where it was
 * found at build time and colours are wanted, else half blocks; without colours (NO_COLOR, or a file)
 * in ASCII. */
typedef enum gan_colors { GAN_COLORS_NONE, GAN_COLORS_256, GAN_COLORS_TRUE } gan_colors;
GAN_API gan_status gan_image_print(const gan_image *image, FILE *out, int columns,
                                   gan_colors colors, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
