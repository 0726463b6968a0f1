/* scatter.c - points on a plane as a picture. */
#include "base/error.h"

#include <gan/image.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 3, GROUND = 24, SIDE_LEAST = 16, SIDE_MAX = 4096 };

typedef struct window {
    double middle[2], half; /* of the square that is shown */
} window;

/* The square around all of them, a tenth of its half wider. */
static window around(const float *points, int n)
{
    double low[2] = {HUGE_VAL, HUGE_VAL}, high[2] = {-HUGE_VAL, -HUGE_VAL};
    window w = {{0, 0}, 0};
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) {
            const double x = (double)points[2 * i + k];
            low[k] = isfinite(x) ? fmin(low[k], x) : low[k];
            high[k] = isfinite(x) ? fmax(high[k], x) : high[k];
        }
    for (int k = 0; k < 2 && low[k] <= high[k]; k++) {
        w.middle[k] = (low[k] + high[k]) / 2;
        w.half = fmax(w.half, (high[k] - low[k]) / 2);
    }
    w.half = w.half > 0 ? 1.1 * w.half : 1;
    return w;
}

/* Each point goes a part of the way from what is there to its colour: where there are many it is bright. Up is up. */
static void dab(gan_image *out, const window *w, const float *points, int n, const uint8_t color[CHANNELS])
{
    const int side = out->width, dot = side / 128 > 1 ? side / 128 : 1;
    for (int i = 0; i < n; i++) {
        const double x = (((double)points[2 * i] - w->middle[0]) / w->half + 1) / 2 * side,
                     y = (1 - ((double)points[2 * i + 1] - w->middle[1]) / w->half) / 2 * side;
        if (!(x >= 0 && x < side && y >= 0 && y < side))
            continue;
        for (int down = 0; down < dot; down++)
            for (int right = 0; right < dot; right++) {
                const int row = (int)y + down, column = (int)x + right;
                if (row >= side || column >= side)
                    continue;
                uint8_t *to = out->pixels + CHANNELS * ((size_t)row * (size_t)side + (size_t)column);
                for (int c = 0; c < CHANNELS; c++)
                    to[c] = (uint8_t)((to[c] + color[c]) / 2);
            }
    }
}

gan_status gan_image_scatter(gan_image *out, int side, const float *real, int n_real, const float *samples, int n_samples,
                             gan_error *err)
{
    static const uint8_t blue[CHANNELS] = {70, 130, 220}, orange[CHANNELS] = {255, 165, 40};
    *out = (gan_image){0};
    if (side < SIDE_LEAST || side > SIDE_MAX || n_real < 1 || n_samples < 0)
        return gan__fail(err, GAN_EINVAL, "%d points on %d x %d pixels cannot be drawn", n_real, side, side);
    const size_t bytes = (size_t)side * (size_t)side * CHANNELS;
    *out = (gan_image){side, side, CHANNELS, malloc(bytes)};
    if (!out->pixels)
        return gan__fail_memory(err, "a picture of points");
    memset(out->pixels, GROUND, bytes);
    const window w = around(real, n_real);
    dab(out, &w, real, n_real, blue);
    dab(out, &w, samples, n_samples, orange);
    return GAN_OK;
}
