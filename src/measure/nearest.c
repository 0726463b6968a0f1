/* nearest.c - for each row of one set the nearest of another, exactly, by two looks.
 *
 * The first is in float32 by the product form, |y|^2 / 2 - x y, about the other set's centre: a quarter of the work of squared
 * differences in double. Its error is bounded (Higham 2002, section 3.1: dims u |x| |y|), so whatever may be the nearest is within
 * that of the least score; the second look takes the distances to those few in double. So the answer is that of double alone, and
 * how the first look rounds, in one instruction set or another, does not show. */
#include "measure/pairs.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/team.h"
#include "plan/plan_internal.h"

#include <gan/gan.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 16, ROWS = 4, BLOCK = 16 };

#define FORM portable
#define FORM_TARGET
#define FORM_WIDTH 4
#define FORM_PARTS 2
#include "measure/nearest_tile.h"

#define FORM avx2
#define FORM_TARGET __attribute__((target("avx2")))
#define FORM_WIDTH 8
#define FORM_PARTS 2
#include "measure/nearest_tile.h"

#define FORM avx512
#define FORM_TARGET __attribute__((target("avx512f")))
#define FORM_WIDTH 16
#define FORM_PARTS 1
#include "measure/nearest_tile.h"

typedef void tile_fn(const float *const x[ROWS], const float *panel, int dims, float *out, size_t stride);

static tile_fn *tile(void)
{
    const char *isa = gan_isa();
    return !strcmp(isa, "avx512") ? scores_avx512 : !strcmp(isa, "avx2") ? scores_avx2 : scores_portable;
}

/* ---- the other set, laid out ---------------------------------------------------------------------- */

typedef struct search {
    const gan_features *of, *among;
    double *centre;   /* [dims] */
    double scale;     /* of both sets about the centre, so that the longest row is 1: floats neither overflow nor vanish */
    float *panels;    /* LANES rows side by side, scaled: [dims][LANES], then |y|^2 / 2 [LANES] */
    tile_fn *tile;
    size_t stride;
    float *room;      /* of each thread: BLOCK rows [dims], scores [BLOCK][stride] */
    size_t room_each;
    int *which;
    double *distance;
} search;

static void release(search *s)
{
    free(s->centre);
    free(s->panels);
    free(s->room);
}

static double longest(const gan_features *f, const double *centre)
{
    const size_t dims = (size_t)f->dims;
    double most = 0;
    for (size_t i = 0; i < (size_t)f->n; i++) {
        double square = 0;
        for (size_t k = 0; k < dims; k++)
            square += (f->x[i * dims + k] - centre[k]) * (f->x[i * dims + k] - centre[k]);
        most = fmax(most, square);
    }
    return sqrt(most);
}

static void lay_out(search *s)
{
    const size_t dims = (size_t)s->of->dims, n = (size_t)s->among->n, each = (dims + 1) * LANES;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < dims; k++)
            s->centre[k] += s->among->x[i * dims + k] / (double)n;
    const double most = fmax(longest(s->of, s->centre), longest(s->among, s->centre));
    s->scale = most > 0 ? 1 / most : 1;
    for (size_t i = 0; i < s->stride; i++) {
        float *panel = s->panels + i / LANES * each;
        double square = 0;
        for (size_t k = 0; k < dims && i < n; k++) {
            const double y = (s->among->x[i * dims + k] - s->centre[k]) * s->scale;
            panel[k * LANES + i % LANES] = (float)y;
            square += y * y;
        }
        panel[dims * LANES + i % LANES] = i < n ? (float)(square / 2) : FLT_MAX; /* beyond the last row: never the nearest */
    }
}

static gan_status prepare(search *s, const gan_team *team, gan_error *err)
{
    const size_t dims = (size_t)s->of->dims, threads = (size_t)gan__threads_of(team);
    s->stride = ((size_t)s->among->n + LANES - 1) / LANES * LANES;
    s->room_each = (BLOCK * (dims + s->stride) + LANES - 1) / LANES * LANES;
    s->centre = calloc(dims, sizeof *s->centre);
    s->panels = gan__aligned_alloc(s->stride * (dims + 1), sizeof *s->panels);
    s->room = gan__aligned_alloc(threads * s->room_each, sizeof *s->room);
    s->tile = tile();
    if (!s->centre || !s->panels || !s->room)
        return gan__fail_memory(err, "distances");
    lay_out(s);
    return GAN_OK;
}

/* ---- two looks ------------------------------------------------------------------------------------ */

static double squared(const double *x, const double *y, int dims)
{
    double sum = 0;
    for (int k = 0; k < dims; k++)
        sum += (y[k] - x[k]) * (y[k] - x[k]);
    return sum;
}

/* Of the rows whose score may be the least, the nearest; the first among equals. |x| and |y| are 1 at most. */
static void second_look(const search *s, int row, const float *scores)
{
    const int dims = s->of->dims, n = s->among->n;
    const double *x = s->of->x + (size_t)row * (size_t)dims;
    float least = FLT_MAX;
    for (int i = 0; i < n; i++)
        least = scores[i] < least ? scores[i] : least;
    const double unit = (double)FLT_EPSILON, error = (dims + 4) * unit * 2, most = (double)least + 2 * error;
    double nearest = HUGE_VAL;
    int which = 0;
    for (int i = 0; i < n; i++) {
        if ((double)scores[i] > most)
            continue;
        const double d = squared(x, s->among->x + (size_t)i * (size_t)dims, dims);
        if (d < nearest) {
            nearest = d;
            which = i;
        }
    }
    if (s->which)
        s->which[row] = which;
    if (s->distance)
        s->distance[row] = sqrt(nearest);
}

/* Rows first .. end - 1, at most BLOCK of them. */
static void some(const search *s, int first, int end, float *room)
{
    const size_t dims = (size_t)s->of->dims;
    float *rows = room, *scores = room + BLOCK * dims;
    for (int i = first; i < end; i++)
        for (size_t k = 0; k < dims; k++)
            rows[(size_t)(i - first) * dims + k] = (float)((s->of->x[(size_t)i * dims + k] - s->centre[k]) * s->scale);
    for (size_t p = 0; p < s->stride / LANES; p++)
        for (int t = 0; t < end - first; t += ROWS) {
            const float *x[ROWS];
            for (int r = 0; r < ROWS; r++) /* behind the last row it is itself again */
                x[r] = rows + (size_t)(t + r < end - first ? t + r : end - first - 1) * dims;
            s->tile(x, s->panels + p * (dims + 1) * LANES, (int)dims, scores + (size_t)t * s->stride + p * LANES, s->stride);
        }
    for (int i = first; i < end; i++)
        second_look(s, i, scores + (size_t)(i - first) * s->stride);
}

static void some_blocks(void *ctx, int thread, int threads)
{
    const search *s = ctx;
    const int n = s->of->n, blocks = (n + BLOCK - 1) / BLOCK;
    for (int b = (int)((long)blocks * thread / threads); b < (int)((long)blocks * (thread + 1) / threads); b++)
        some(s, b * BLOCK, (b + 1) * BLOCK < n ? (b + 1) * BLOCK : n, s->room + (size_t)thread * s->room_each);
}

gan_status gan_nearest(const gan_features *of, const gan_features *among, gan_team *team, int *which, double *distance,
                       gan_error *err)
{
    search s = {.of = of, .among = among, .which = which, .distance = distance};
    if (of->dims != among->dims)
        return gan__fail(err, GAN_ESHAPE, "features of %d numbers among features of %d", of->dims, among->dims);
    const gan_status status = prepare(&s, team, err);
    if (status == GAN_OK && team)
        gan__team_run(team->threads, some_blocks, &s);
    else if (status == GAN_OK)
        some_blocks(&s, 0, 1);
    release(&s);
    return status;
}
