/* spread.c - how varied samples are, in one number. Threads share the pixels: each pixel's sums are one
 * thread's, so their number changes nothing. */
#include "train/spread.h"

#include "base/team.h"
#include "plan/plan_internal.h"

#include <math.h>
#include <string.h>

typedef struct work {
    const float *x;
    int n, pixels;
    double *mean, *square;
} work;

static void some_pixels(void *ctx, int thread, int threads)
{
    const work *w = ctx;
    const int first = (int)((long)w->pixels * thread / threads),
              end = (int)((long)w->pixels * (thread + 1) / threads);
    memset(w->mean + first, 0, (size_t)(end - first) * sizeof *w->mean);
    memset(w->square + first, 0, (size_t)(end - first) * sizeof *w->square);
    for (int i = 0; i < w->n; i++)
        for (int k = first; k < end; k++)
            w->mean[k] += (double)w->x[(size_t)i * (size_t)w->pixels + (size_t)k];
    for (int k = first; k < end; k++)
        w->mean[k] /= w->n;
    for (int i = 0; i < w->n; i++)
        for (int k = first; k < end; k++) {
            const double d = (double)w->x[(size_t)i * (size_t)w->pixels + (size_t)k] - w->mean[k];
            w->square[k] += d * d;
        }
}

double gan__spread(gan_team *team, const float *x, int n, int pixels, double *mean, double *square)
{
    work w = {x, n, pixels, mean, square};
    double sum = 0;
    if (team)
        gan__team_run(team->threads, some_pixels, &w);
    else
        some_pixels(&w, 0, 1);
    for (int k = 0; k < pixels; k++)
        sum += square[k];
    return n > 1 ? sqrt(sum / (n - 1)) : 0;
}
