/* grid.c - many pictures side by side as one. What is transparent shows a board of two greys, as in every editor of pictures. */
#include "base/error.h"

#include <gan/image.h>

#include <stdlib.h>
#include <string.h>

enum { GROUND = 24, SIDE_MAX = 16384 /* as png.c reads */, SQUARE = 4, DARK = 102, LIGHT = 153 };

/* Of a picture with so many channels in a grid. */
static int shown(int channels)
{
    return channels % 2 ? channels : channels - 1;
}

/* Over the square of the board that the pixel at (y, x) of its picture lies on. */
static void over_board(uint8_t *out, const uint8_t *pixel, int colours, int y, int x)
{
    const int ground = (y / SQUARE + x / SQUARE) % 2 ? DARK : LIGHT, opacity = pixel[colours];
    for (int i = 0; i < colours && i < 3; i++)
        out[i] = (uint8_t)((pixel[i] * opacity + ground * (255 - opacity) + 127) / 255);
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

typedef struct layout {
    long height, width, cell_height, cell_width;
    int columns;
} layout;

static gan_status lay_out(layout *l, const gan_grid *grid, gan_error *err)
{
    if (grid->n < 1 || grid->height < 1 || grid->width < 1 || grid->channels < 1 ||
        grid->channels > 4 || grid->columns < 0 || grid->gap < 0 || grid->zoom < 1)
        return gan__fail(err, GAN_EINVAL, "a grid of %d pictures of %d x %d x %d cannot be", grid->n,
                         grid->height, grid->width, grid->channels);
    const int wanted = grid->columns ? grid->columns : square_side(grid->n);
    l->columns = wanted < grid->n ? wanted : grid->n;
    const long rows = ((long)grid->n + l->columns - 1) / l->columns;
    l->cell_height = (long)grid->height * grid->zoom + grid->gap;
    l->cell_width = (long)grid->width * grid->zoom + grid->gap;
    l->height = rows * l->cell_height + grid->gap;
    l->width = l->columns * l->cell_width + grid->gap;
    if (l->height > SIDE_MAX || l->width > SIDE_MAX)
        return gan__fail(err, GAN_EINVAL,
                         "%d pictures make a grid of %ld x %ld pixels; at most %d a side: take fewer, or a file "
                         "that ends in .idx",
                         grid->n, l->height, l->width, SIDE_MAX);
    return GAN_OK;
}

gan_status gan_image_grid_begin(gan_image *out, const gan_grid *grid, gan_error *err)
{
    layout l = {0};
    *out = (gan_image){0};
    const gan_status s = lay_out(&l, grid, err);
    if (s != GAN_OK)
        return s;
    const size_t bytes = (size_t)l.height * (size_t)l.width * (size_t)shown(grid->channels);
    *out = (gan_image){(int)l.height, (int)l.width, shown(grid->channels), malloc(bytes)};
    if (!out->pixels)
        return gan__fail_memory(err, "a grid");
    memset(out->pixels, GROUND, bytes);
    return GAN_OK;
}

gan_status gan_image_grid_put(gan_image *out, const gan_grid *grid, int first, int n, const uint8_t *pixels,
                              gan_error *err)
{
    layout l = {0};
    const gan_status s = lay_out(&l, grid, err);
    if (s != GAN_OK)
        return s;
    if (first < 0 || n < 0 || n > grid->n - first || out->height != l.height || out->width != l.width)
        return gan__fail(err, GAN_EINVAL, "pictures %d to %ld of a grid of %d", first, (long)first + n - 1, grid->n);
    const size_t c = (size_t)grid->channels;
    for (int i = first; i < first + n; i++)
        for (int y = 0; y < grid->height; y++)
            for (int x = 0; x < grid->width; x++, pixels += c) {
                uint8_t seen[4];
                if (grid->channels % 2)
                    memcpy(seen, pixels, c);
                else
                    over_board(seen, pixels, out->channels, y, x);
                put_pixel(out, (int)(i / l.columns * l.cell_height) + grid->gap + y * grid->zoom,
                          (int)(i % l.columns * l.cell_width) + grid->gap + x * grid->zoom, grid->zoom, seen);
            }
    return GAN_OK;
}

gan_status gan_image_grid(gan_image *out, const gan_grid *grid, const uint8_t *pixels, gan_error *err)
{
    gan_status s = gan_image_grid_begin(out, grid, err);
    if (s == GAN_OK)
        s = gan_image_grid_put(out, grid, 0, grid->n, pixels, err);
    return s;
}
