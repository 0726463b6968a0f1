/* pairs.c - see pairs.h. The loop is written once (pairs_tile.h) and compiled for what gan_isa() names. */
#include "measure/pairs.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/team.h"
#include "plan/plan_internal.h"

#include <gan/gan.h>

#include <stdlib.h>
#include <string.h>

enum { LANES = 8, ROWS = 4, BLOCK = 16 }; /* BLOCK rows meet a panel while it is in L1 */

/* ---- panels -------------------------------------------------------------------------------------- */

gan_status gan__panels_make(gan__panels *p, const gan_features *f, gan_error *err)
{
    const size_t panels = ((size_t)f->n + LANES - 1) / LANES, dims = (size_t)f->dims;
    *p = (gan__panels){f->n, f->dims, gan__aligned_alloc(panels * dims * LANES, sizeof *p->block)};
    if (!p->block)
        return gan__fail_memory(err, "features");
    for (size_t i = 0; i < (size_t)f->n; i++)
        for (size_t k = 0; k < dims; k++)
            p->block[(i / LANES * dims + k) * LANES + i % LANES] = f->x[i * dims + k];
    return GAN_OK;
}

void gan__panels_release(gan__panels *p)
{
    free(p->block);
    *p = (gan__panels){0};
}

/* ---- a few rows and one panel -------------------------------------------------------------------- */

/* x: ROWS rows; out: [ROWS][stride]. */
typedef void tile_fn(const double *const x[ROWS], const double *panel, int dims, double *out, size_t stride);

#define FORM portable
#define FORM_TARGET
#define FORM_WIDTH 2
#define FORM_PARTS 2
#include "measure/pairs_tile.h"

#define FORM avx2
#define FORM_TARGET __attribute__((target("avx2")))
#define FORM_WIDTH 4
#define FORM_PARTS 2
#include "measure/pairs_tile.h"

#define FORM avx512
#define FORM_TARGET __attribute__((target("avx512f")))
#define FORM_WIDTH 8
#define FORM_PARTS 1
#include "measure/pairs_tile.h"

static tile_fn *tile(void)
{
    const char *isa = gan_isa();
    return !strcmp(isa, "avx512") ? dots_avx512 : !strcmp(isa, "avx2") ? dots_avx2 : dots_portable;
}

/* ---- all pairs ----------------------------------------------------------------------------------- */

typedef struct work {
    const gan_features *rows;
    const gan__panels *columns;
    tile_fn *tile;
    gan__pairs_fn *fn;
    void *ctx;
    double *values; /* of each thread: [BLOCK][stride] */
    size_t stride;
} work;

/* Rows first .. end - 1, at most BLOCK of them, against all columns. */
static void some_values(const work *w, int first, int end, double *values)
{
    const int panels = (w->columns->n + LANES - 1) / LANES;
    const size_t dims = (size_t)w->rows->dims;
    for (int p = 0; p < panels; p++)
        for (int t = first; t < end; t += ROWS) {
            const double *x[ROWS];
            for (int r = 0; r < ROWS; r++) /* behind the last row it is itself again */
                x[r] = w->rows->x + (size_t)(t + r < end ? t + r : end - 1) * dims;
            w->tile(x, w->columns->block + (size_t)p * dims * LANES, (int)dims,
                    values + (size_t)(t - first) * w->stride + (size_t)p * LANES, w->stride);
        }
}

static void some_rows(void *ctx, int thread, int threads)
{
    const work *w = ctx;
    const int n = w->rows->n, blocks = (n + BLOCK - 1) / BLOCK;
    double *values = w->values + (size_t)thread * BLOCK * w->stride;
    for (int b = (int)((long)blocks * thread / threads); b < (int)((long)blocks * (thread + 1) / threads); b++) {
        const int first = b * BLOCK, end = first + BLOCK < n ? first + BLOCK : n;
        some_values(w, first, end, values);
        for (int row = first; row < end; row++)
            w->fn(w->ctx, thread, row, values + (size_t)(row - first) * w->stride);
    }
}

int gan__threads_of(const gan_team *team)
{
    return team ? gan_team_threads(team) : 1;
}

gan_status gan__pairs(const gan_features *rows, const gan__panels *columns, gan_team *team,
                      gan__pairs_fn *fn, void *ctx, gan_error *err)
{
    work w = {.rows = rows, .columns = columns, .tile = tile(), .fn = fn, .ctx = ctx};
    w.stride = ((size_t)columns->n + LANES - 1) / LANES * LANES;
    w.values = gan__aligned_alloc((size_t)gan__threads_of(team) * BLOCK * w.stride, sizeof *w.values);
    if (!w.values)
        return gan__fail_memory(err, "distances");
    if (team)
        gan__team_run(team->threads, some_rows, &w);
    else
        some_rows(&w, 0, 1);
    free(w.values);
    return GAN_OK;
}

typedef struct product {
    double *out;
    size_t columns;
} product;

static void keep(void *ctx, int thread, int row, const double *values)
{
    const product *p = ctx;
    (void)thread;
    memcpy(p->out + (size_t)row * p->columns, values, p->columns * sizeof *values);
}

gan_status gan__products(const gan_features *a, const gan_features *b, gan_team *team, double *out, gan_error *err)
{
    gan__panels panels;
    product p = {out, (size_t)b->n};
    gan_status s = gan__panels_make(&panels, b, err);
    if (s == GAN_OK)
        s = gan__pairs(a, &panels, team, keep, &p, err);
    gan__panels_release(&panels);
    return s;
}
