/* scores.c - see scores.h. */
#include "measure/scores.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/team.h"
#include "measure/pairs.h"
#include "plan/plan_internal.h"

#include <gan/gan.h>

#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = GAN__SCORES, ROWS = 5, BLOCK = 20 }; /* BLOCK rows meet a panel while it is in L1 */

#define FORM portable
#define FORM_TARGET
#define FORM_WIDTH 4
#define FORM_PARTS 2
#define FORM_STEP(sum, y, x) (sum) - (y) * (x)
#include "measure/scores_tile.h"

#define FORM avx2
#define FORM_TARGET __attribute__((target("avx2,fma")))
#define FORM_WIDTH 8
#define FORM_PARTS 2
#define FORM_STEP(sum, y, x) _mm256_fnmadd_ps(y, _mm256_set1_ps(x), sum)
#include "measure/scores_tile.h"

#define FORM avx512
#define FORM_TARGET __attribute__((target("avx512f")))
#define FORM_WIDTH 16
#define FORM_PARTS 1
#define FORM_STEP(sum, y, x) _mm512_fnmadd_ps(y, _mm512_set1_ps(x), sum)
#include "measure/scores_tile.h"

typedef void tile_fn(const float *const x[ROWS], const float *panel, int dims, float *out, size_t stride);

static tile_fn *tile(void)
{
    const char *isa = gan_isa();
    return !strcmp(isa, "avx512") ? scores_avx512 : !strcmp(isa, "avx2") ? scores_avx2 : scores_portable;
}

double gan__squared(const gan_features *a, int i, const gan_features *b, int k)
{
    const double *x = a->x + (size_t)i * (size_t)a->dims, *y = b->x + (size_t)k * (size_t)b->dims;
    double sum = 0;
    for (int d = 0; d < a->dims; d++)
        sum += (y[d] - x[d]) * (y[d] - x[d]);
    return sum;
}

/* ---- frame ---------------------------------------------------------------------------------------- */

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

gan_status gan__frame_make(gan__frame *f, const gan_features *a, const gan_features *b, gan_error *err)
{
    const size_t dims = (size_t)b->dims;
    *f = (gan__frame){.centre = calloc(dims, sizeof *f->centre)};
    if (!f->centre)
        return gan__fail_memory(err, "distances");
    for (size_t i = 0; i < (size_t)b->n; i++)
        for (size_t k = 0; k < dims; k++)
            f->centre[k] += b->x[i * dims + k] / b->n;
    const double most = fmax(longest(a, f->centre), longest(b, f->centre)), unit = (double)FLT_EPSILON;
    f->scale = most > 0 && isfinite(1 / most) ? 1 / most : 1;
    f->error = 2 * (b->dims + 4) * unit;
    return GAN_OK;
}

void gan__frame_release(gan__frame *f)
{
    free(f->centre);
    *f = (gan__frame){0};
}

/* ---- scores --------------------------------------------------------------------------------------- */

typedef struct looking {
    const gan_features *of, *among;
    const gan__frame *frame;
    tile_fn *tile;
    float *panels; /* LANES rows side by side, scaled: [dims][LANES], then |y|^2 / 2 [LANES] */
    float *room;   /* of each thread: BLOCK rows [dims], scores [BLOCK][stride] */
    size_t stride, room_each;
    gan__scores_fn *fn;
    void *ctx;
} looking;

static void lay_out(looking *l)
{
    const size_t dims = (size_t)l->among->dims, n = (size_t)l->among->n;
    for (size_t i = 0; i < l->stride; i++) {
        float *panel = l->panels + i / LANES * (dims + 1) * LANES;
        double square = 0;
        for (size_t k = 0; k < dims && i < n; k++) {
            const double y = (l->among->x[i * dims + k] - l->frame->centre[k]) * l->frame->scale;
            panel[k * LANES + i % LANES] = (float)y;
            square += y * y;
        }
        panel[dims * LANES + i % LANES] = i < n ? (float)(square / 2) : FLT_MAX;
    }
}

/* Rows first .. end - 1, at most BLOCK of them. */
static void some(const looking *l, int thread, int first, int end)
{
    const size_t dims = (size_t)l->of->dims;
    float *rows = l->room + (size_t)thread * l->room_each, *scores = rows + BLOCK * dims;
    double half[BLOCK];
    for (int i = first; i < end; i++) {
        half[i - first] = 0;
        for (size_t k = 0; k < dims; k++) {
            const double x = (l->of->x[(size_t)i * dims + k] - l->frame->centre[k]) * l->frame->scale;
            rows[(size_t)(i - first) * dims + k] = (float)x;
            half[i - first] += x * x / 2;
        }
    }
    for (size_t p = 0; p < l->stride / LANES; p++)
        for (int t = 0; t < end - first; t += ROWS) {
            const float *x[ROWS];
            for (int r = 0; r < ROWS; r++) /* behind the last row it is itself again */
                x[r] = rows + (size_t)(t + r < end - first ? t + r : end - first - 1) * dims;
            l->tile(x, l->panels + p * (dims + 1) * LANES, (int)dims, scores + (size_t)t * l->stride + p * LANES, l->stride);
        }
    for (int i = first; i < end; i++)
        l->fn(l->ctx, thread, i, scores + (size_t)(i - first) * l->stride, half[i - first]);
}

static void some_blocks(void *ctx, int thread, int threads)
{
    const looking *l = ctx;
    const int n = l->of->n, blocks = (n + BLOCK - 1) / BLOCK;
    for (int b = (int)((long)blocks * thread / threads); b < (int)((long)blocks * (thread + 1) / threads); b++)
        some(l, thread, b * BLOCK, (b + 1) * BLOCK < n ? (b + 1) * BLOCK : n);
}

gan_status gan__scores(const gan_features *of, const gan_features *among, const gan__frame *f, gan_team *team, gan__scores_fn *fn,
                       void *ctx, gan_error *err)
{
    const size_t dims = (size_t)of->dims, threads = (size_t)gan__threads_of(team);
    looking l = {.of = of, .among = among, .frame = f, .tile = tile(), .fn = fn, .ctx = ctx};
    l.stride = ((size_t)among->n + LANES - 1) / LANES * LANES;
    l.room_each = (BLOCK * (dims + l.stride) + LANES - 1) / LANES * LANES;
    l.panels = gan__aligned_alloc(l.stride * (dims + 1), sizeof *l.panels);
    l.room = gan__aligned_alloc(threads * l.room_each, sizeof *l.room);
    const gan_status s = l.panels && l.room ? GAN_OK : gan__fail_memory(err, "distances");
    if (s == GAN_OK)
        lay_out(&l);
    if (s == GAN_OK && team)
        gan__team_run(team->threads, some_blocks, &l);
    else if (s == GAN_OK)
        some_blocks(&l, 0, 1);
    free(l.panels);
    free(l.room);
    return s;
}
