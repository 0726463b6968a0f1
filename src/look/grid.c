/* grid.c - many pictures side by side as one. */
#include "base/error.h"

#include <gan/image.h>

#include <stdlib.h>
#include <string.h>

enum { GROUND = 24, SIDE_MAX = 32768 };

void gan_image_release(gan_image *image)
{
    free(image->pixels);
    *image = (gan_image){0};
}

/* The smallest square that holds n. */
static int square_side(int n)
{
    int side = 1;
    while ((long)side * side < n)
        side++;
    return side;
}

/* One source pixel becomes zoom x zoom. */
static void put_pixel(const gan_image *out, int y, int x, int zoom, const uint8_t *pixel)
{
    const size_t c = (size_t)out->channels;
    for (int i = 0; i < zoom; i++) {
        uint8_t *to = out->pixels + ((size_t)(y + i) * (size_t)out->width + (size_t)x) * c;
        for (int j = 0; j < zoom; j++, to += c)
            memcpy(to, pixel, c);
    }
}

gan_status gan_image_grid(gan_image *out, const gan_grid *grid, const uint8_t *pixels, gan_error *err)
{
    *out = (gan_image){0};
    if (grid->n < 1 || grid->height < 1 || grid->width < 1 || grid->channels < 1 ||
        grid->channels > 4 || grid->columns < 0 || grid->gap < 0 || grid->zoom < 1)
        return gan__fail(err, GAN_EINVAL, "a grid of %d pictures of %d x %d x %d cannot be", grid->n,
                         grid->height, grid->width, grid->channels);
    const int wanted = grid->columns ? grid->columns : square_side(grid->n);
    const int columns = wanted < grid->n ? wanted : grid->n;
    const int rows = (grid->n + columns - 1) / columns;
    const long cell_h = (long)grid->height * grid->zoom + grid->gap,
               cell_w = (long)grid->width * grid->zoom + grid->gap;
    const long height = rows * cell_h + grid->gap, width = columns * cell_w + grid->gap;
    if (height > SIDE_MAX || width > SIDE_MAX)
        return gan__fail(err, GAN_EINVAL, "a grid of %ld x %ld pixels; at most %d a side", height, width,
                         SIDE_MAX);
    const size_t c = (size_t)grid->channels;
    *out = (gan_image){(int)height, (int)width, grid->channels,
                       malloc((size_t)height * (size_t)width * c)};
    if (!out->pixels)
        return gan__fail_memory(err, "a grid");
    memset(out->pixels, GROUND, (size_t)height * (size_t)width * c);
    for (int i = 0; i < grid->n; i++)
        for (int y = 0; y < grid->height; y++)
            for (int x = 0; x < grid->width; x++, pixels += c)
                put_pixel(out, (int)(i / columns * cell_h) + grid->gap + y * grid->zoom,
                          (int)(i % columns * cell_w) + grid->gap + x * grid->zoom, grid->zoom, pixels);
    return GAN_OK;
}
