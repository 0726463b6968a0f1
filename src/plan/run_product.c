/* run_product.c - matrix products, with what is done to their results while those are in cache. */
#include "plan/run_product.h"

#include "plan/program.h"
#include "plan/run_update.h"

#include <string.h>

/* Columns of c that are done at once: what fits in half of an L1 stays there for the epilogue; where several
 * products share b, its strip fits in half of an L2. */
static int panels_at_once(const gan__kernels *k, const gan__step *s)
{
    const gan__segment *seg = s->segment;
    if (seg->product.turned) /* a is turned anew for each call */
        return (seg->product.n + GAN__LANES - 1) / GAN__LANES;
    int fit = 16 * 1024 / (int)sizeof(float) / (seg->product.m * GAN__LANES + 1);
    const int shared = 256 * 1024 / (int)sizeof(float) / (seg->product.terms * GAN__LANES);
    if (s->segments > 1 && shared < fit)
        fit = shared;
    return fit <= k->strip ? k->strip : fit / k->strip * k->strip;
}

/* Tile by tile: product into this thread's own memory, and from there through the epilogue. */
static void run_local(const gan__share *sh, const gan__segment *seg, gan__product p, int row, int row_end, int panel,
                      int panel_end)
{
    enum { PANELS = GAN__TILE_COLUMNS / GAN__LANES };
    const float *a = p.a, *b = p.b;
    p.c = sh->scratch + GAN__SCRATCH_TILE;
    p.c_row = GAN__TILE_COLUMNS;
    p.c_panel = GAN__LANES;
    for (int stop; panel < panel_end; panel = stop) {
        stop = panel + PANELS < panel_end ? panel + PANELS : panel_end;
        const int first = panel * GAN__LANES,
                  end = stop * GAN__LANES < seg->product.n ? stop * GAN__LANES : seg->product.n;
        p.b = b + (size_t)panel * p.b_panel;
        p.n = seg->product.n - first;
        for (int r = row; r < row_end; r += p.m) {
            p.m = row_end - r < GAN__TILE_ROWS ? row_end - r : GAN__TILE_ROWS;
            p.a = a + (size_t)(r - row) * p.a_row;
            sh->plan->kernels->product(&p, 0, stop - panel, sh->scratch);
            gan__share_program(sh, seg->epilogue,
                      (gan__range){(size_t)r, (size_t)(r + p.m), (size_t)first, (size_t)end}, p.c);
        }
    }
}

static void run_segment(const gan__share *sh, const gan__segment *seg, size_t batch, int row, int row_end,
                        int panel, int panel_end)
{
    const gan_plan *plan = sh->plan;
    gan__product p = seg->product;
    size_t a = seg->offset_a, b = seg->offset_b, rest = batch;
    for (int i = seg->batch_axes - 1; i >= 0; i--) {
        a += rest % seg->batch_dim[i] * seg->batch_a[i];
        b += rest % seg->batch_dim[i] * seg->batch_b[i];
        rest /= seg->batch_dim[i];
    }
    p.a = plan->buffer[seg->buffer_a].p + a + (size_t)row * p.a_row;
    p.b = plan->buffer[seg->buffer_b].p + b;
    if (seg->local) {
        run_local(sh, seg, p, row, row_end, panel, panel_end);
        return;
    }
    p.c = plan->buffer[seg->buffer_c].p + seg->offset_c + batch * seg->batch_c +
          (size_t)row * p.c_row;
    p.m = row_end - row;
    plan->kernels->product(&p, panel, panel_end, sh->scratch);
    if (seg->epilogue) {
        const int col_end = panel_end * GAN__LANES < p.n ? panel_end * GAN__LANES : p.n;
        gan__share_program(sh, seg->epilogue,
                  (gan__range){(size_t)row, (size_t)row_end, (size_t)panel * GAN__LANES, (size_t)col_end},
                  NULL);
    }
}

/* Panel after panel of a tile of a packed result: epilogue, then update. */
static void finish_tile(const gan__share *sh, const gan__segment *seg, int row, int rows, int panel, int stop)
{
    float *tile = sh->scratch + GAN__SCRATCH_TILE;
    const size_t column = (size_t)rows * GAN__LANES;
    for (; panel < stop; panel++, tile += column) {
        const size_t first = (size_t)panel * seg->product.c_panel + (size_t)row * GAN__LANES;
        if (seg->epilogue)
            gan__share_program(sh, seg->epilogue, (gan__range){0, 1, first, first + column}, tile);
        if (seg->update) {
            const gan__descent d = gan__descent_at(sh->plan, seg->update, first);
            sh->plan->kernels->adam(&d, tile, column);
        }
    }
}

/* Rows [row, row + p.m) of a packed result, panels [panel, stop): into its memory, or into a tile of this
 * thread's own where an update takes it. */
static void run_tile(const gan__share *sh, const gan__segment *seg, gan__product p, int row, int panel, int stop)
{
    p.b += (size_t)panel * p.b_panel;
    p.n -= panel * GAN__LANES;
    if (seg->update) {
        p.c = sh->scratch + GAN__SCRATCH_TILE;
        p.c_panel = (size_t)p.m * GAN__LANES;
    } else {
        p.c = sh->plan->buffer[seg->buffer_c].p + seg->offset_c + (size_t)row * GAN__LANES +
              (size_t)panel * p.c_panel;
    }
    sh->plan->kernels->product(&p, 0, stop - panel, sh->scratch);
    if (seg->epilogue || seg->update)
        finish_tile(sh, seg, row, p.m, panel, stop);
}

/* The terms of a transposed operand lie whole rows apart and would fall on the same few lines of L1: rows
 * [row, row + p->m) are copied together, an odd number of lines from term to term. */
static float *copy_chunk(gan__product *p, const float *a, size_t a_term, int row, float *chunk)
{
    p->a = chunk;
    p->a_term = ((size_t)p->m + GAN__LANES - 1) / GAN__LANES * GAN__LANES;
    p->a_term += p->a_term / GAN__LANES % 2 ? 0 : GAN__LANES;
    for (int k = 0; k < p->terms; k++, chunk += p->a_term)
        memcpy(chunk, a + row + (size_t)k * a_term, (size_t)p->m * sizeof *chunk);
    return chunk;
}

/* Rows whose copy fits, at most `most`. */
static int rows_at_once(int terms, int most)
{
    const int fit = GAN__CHUNK_FLOATS / terms / GAN__LANES * GAN__LANES;
    return fit < most ? fit : most;
}

/* Weight gradients and what Adam makes of them, rows of the weights shared by the threads. */
void gan__run_descend(const gan__share *sh, const gan__step *s)
{
    const gan_plan *plan = sh->plan;
    gan__product p[GAN__DESCEND_MAX];
    const float *a[GAN__DESCEND_MAX];
    int terms = 0;
    for (int i = 0; i < s->segments; i++) {
        const gan__segment *seg = &s->segment[i];
        p[i] = seg->product;
        p[i].b = plan->buffer[seg->buffer_b].p + seg->offset_b;
        a[i] = plan->buffer[seg->buffer_a].p + seg->offset_a;
        terms += p[i].terms;
    }
    const int most = rows_at_once(terms, GAN__CHUNK_ROWS_MAX), panels = (p->n + GAN__LANES - 1) / GAN__LANES;
    size_t first, end;
    gan__share_part(sh, (size_t)p->m, 2, &first, &end);
    for (int row = (int)first, rows; row < (int)end; row += rows) {
        float *chunk = sh->scratch + GAN__SCRATCH_CHUNK;
        rows = (int)end - row < most ? (int)end - row : most;
        for (int i = 0; i < s->segments; i++) {
            p[i].m = rows;
            chunk = copy_chunk(&p[i], a[i], s->segment[i].product.a_term, row, chunk);
        }
        const gan__descent d = gan__descent_at(plan, s->update, (size_t)row * GAN__LANES);
        plan->kernels->descend(p, s->segments, 0, panels, &d, sh->scratch);
    }
}

/* A packed result that goes through an epilogue, or is kept: tile by tile, while it is in L1. */
static void run_packed(const gan__share *sh, const gan__segment *seg)
{
    const gan_plan *plan = sh->plan;
    gan__product p = seg->product;
    const float *a = plan->buffer[seg->buffer_a].p + seg->offset_a;
    const int panels = (p.n + GAN__LANES - 1) / GAN__LANES, strip = plan->kernels->strip;
    const bool copies = p.a_row == 1 && p.terms <= GAN__SUM_BLOCK;
    const int most = copies ? rows_at_once(p.terms, GAN__TILE_ROWS) : GAN__TILE_ROWS;
    size_t first, end;
    gan__share_part(sh, (size_t)p.m, 6, &first, &end);
    p.b = plan->buffer[seg->buffer_b].p + seg->offset_b;
    for (int row = (int)first; row < (int)end; row += p.m) {
        p.m = (int)end - row < most ? (int)end - row : most;
        p.a = a + (size_t)row * p.a_row;
        if (copies)
            copy_chunk(&p, a, seg->product.a_term, row, sh->scratch + GAN__SCRATCH_CHUNK);
        for (int panel = 0; panel < panels; panel += strip)
            run_tile(sh, seg, p, row, panel, panel + strip < panels ? panel + strip : panels);
    }
}

/* All segments share b: a strip of its columns is used for each of them while it is in cache. With fewer
 * panels than threads, rows are split instead. */
void gan__run_product(const gan__share *sh, const gan__step *s)
{
    const gan__segment *seg = s->segment;
    if (seg->product.c_panel != GAN__LANES && s->segments == 1) {
        run_packed(sh, seg);
        return;
    }
    const int panels = (seg->product.n + GAN__LANES - 1) / GAN__LANES;
    if (panels < 2 * sh->threads && seg->batches == 1) {
        for (int i = 0; i < s->segments; i++) {
            size_t row, row_end;
            gan__share_part(sh, (size_t)seg[i].product.m, 6, &row, &row_end);
            if (row < row_end)
                run_segment(sh, &seg[i], 0, (int)row, (int)row_end, 0, panels);
        }
        return;
    }
    /* Panels that do not divide evenly are shared row by row. */
    const size_t all = seg->batches * (size_t)panels, odd = seg->batches == 1 ? all % (size_t)sh->threads : 0;
    size_t first, end;
    for (int i = 0; odd && i < s->segments; i++) {
        gan__share_part(sh, (size_t)seg[i].product.m, 6, &first, &end);
        if (first < end)
            run_segment(sh, &seg[i], 0, (int)first, (int)end, panels - (int)odd, panels);
    }
    gan__share_part(sh, all - odd, 1, &first, &end);
    const int step = panels_at_once(sh->plan->kernels, s);
    while (first < end) {
        const size_t batch = first / (size_t)panels;
        const int panel = (int)(first % (size_t)panels);
        int stop = panel + step < panels ? panel + step : panels;
        if ((size_t)(stop - panel) > end - first)
            stop = panel + (int)(end - first);
        for (int i = 0; i < s->segments; i++)
            run_segment(sh, &seg[i], batch, 0, seg[i].product.m, panel, stop);
        first += (size_t)(stop - panel);
    }
}
