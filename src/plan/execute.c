/* execute.c - the run: every thread walks all steps and does its share of each.
 *
 * Work is split by results (or by whole blocks of a sum), never inside a sum, so the number of threads
 * changes no byte. Where a step needs what another thread has made stands a barrier (barriers.c). Nothing is allocated and no lock is taken.
 */
#include "plan/plan_internal.h"

#include <string.h>

typedef struct share {
    const gan_plan *plan;
    int thread, threads;
    float *scratch; /* GAN__THREAD_SCRATCH floats of its own */
} share;

static float *at(const gan_plan *p, const gan__step *s, int k)
{
    return p->buffer[s->buffer[k]].p + s->offset[k];
}

/* This thread's part of 0 .. n - 1, in units. */
static void part(const share *sh, size_t n, size_t unit, size_t *first, size_t *end)
{
    const size_t units = (n + unit - 1) / unit, t = (size_t)sh->thread, all = (size_t)sh->threads;
    *first = units * t / all * unit;
    *end = units * (t + 1) / all * unit;
    if (*first > n)
        *first = n;
    if (*end > n)
        *end = n;
}

static void run_range(const share *sh, const gan__program *p, gan__range range, float *local)
{
    gan__program_run(sh->plan, p, range, sh->scratch + GAN__SCRATCH_SLOTS, local);
}

static void run_program(const share *sh, const gan__step *s)
{
    const size_t rows = gan__program_rows(s->program), cols = gan__program_cols(s->program);
    size_t first, end;
    if (rows >= 4 * (size_t)sh->threads) {
        part(sh, rows, 1, &first, &end);
        run_range(sh, s->program, (gan__range){first, end, 0, cols}, NULL);
    } else {
        part(sh, cols, GAN__LANES, &first, &end);
        if (first < end)
            run_range(sh, s->program, (gan__range){0, rows, first, end}, NULL);
    }
}

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
static void run_local(const share *sh, const gan__segment *seg, gan__product p, int row, int row_end, int panel,
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
            run_range(sh, seg->epilogue,
                      (gan__range){(size_t)r, (size_t)(r + p.m), (size_t)first, (size_t)end}, p.c);
        }
    }
}

static void run_segment(const share *sh, const gan__segment *seg, size_t batch, int row, int row_end,
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
        run_range(sh, seg->epilogue,
                  (gan__range){(size_t)row, (size_t)row_end, (size_t)panel * GAN__LANES, (size_t)col_end},
                  NULL);
    }
}

/* What update u does from element `first` of its storage on. */
static gan__descent descent_at(const gan_plan *p, const gan__update *u, size_t first)
{
    const gan__buffer *b = p->buffer;
    gan__descent d = {.w = b[u->value].p + first,
                      .m = b[u->moment1].p + first,
                      .v = b[u->moment2].p + first,
                      .adam = u->adam,
                      .rate = b[u->rate].p[u->rate_offset],
                      .correction = b[u->correction].p[u->correction_offset]};
    if (u->average >= 0) {
        d.average = b[u->average].p + first;
        d.decay = b[u->decay].p[u->decay_offset];
    }
    return d;
}

/* Panel after panel of a tile of a packed result: epilogue, then update. */
static void finish_tile(const share *sh, const gan__segment *seg, int row, int rows, int panel, int stop)
{
    float *tile = sh->scratch + GAN__SCRATCH_TILE;
    const size_t column = (size_t)rows * GAN__LANES;
    for (; panel < stop; panel++, tile += column) {
        const size_t first = (size_t)panel * seg->product.c_panel + (size_t)row * GAN__LANES;
        if (seg->epilogue)
            run_range(sh, seg->epilogue, (gan__range){0, 1, first, first + column}, tile);
        if (seg->update) {
            const gan__descent d = descent_at(sh->plan, seg->update, first);
            sh->plan->kernels->adam(&d, tile, column);
        }
    }
}

/* Rows [row, row + p.m) of a packed result, panels [panel, stop): into its memory, or into a tile of this
 * thread's own where an update takes it. */
static void run_tile(const share *sh, const gan__segment *seg, gan__product p, int row, int panel, int stop)
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
static void run_descend(const share *sh, const gan__step *s)
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
    part(sh, (size_t)p->m, 2, &first, &end);
    for (int row = (int)first, rows; row < (int)end; row += rows) {
        float *chunk = sh->scratch + GAN__SCRATCH_CHUNK;
        rows = (int)end - row < most ? (int)end - row : most;
        for (int i = 0; i < s->segments; i++) {
            p[i].m = rows;
            chunk = copy_chunk(&p[i], a[i], s->segment[i].product.a_term, row, chunk);
        }
        const gan__descent d = descent_at(plan, s->update, (size_t)row * GAN__LANES);
        plan->kernels->descend(p, s->segments, 0, panels, &d, sh->scratch);
    }
}

/* A packed result that goes through an epilogue, or is kept: tile by tile, while it is in L1. */
static void run_packed(const share *sh, const gan__segment *seg)
{
    const gan_plan *plan = sh->plan;
    gan__product p = seg->product;
    const float *a = plan->buffer[seg->buffer_a].p + seg->offset_a;
    const int panels = (p.n + GAN__LANES - 1) / GAN__LANES, strip = plan->kernels->strip;
    const bool copies = p.a_row == 1 && p.terms <= GAN__SUM_BLOCK;
    const int most = copies ? rows_at_once(p.terms, GAN__TILE_ROWS) : GAN__TILE_ROWS;
    size_t first, end;
    part(sh, (size_t)p.m, 6, &first, &end);
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
static void run_product(const share *sh, const gan__step *s)
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
            part(sh, (size_t)seg[i].product.m, 6, &row, &row_end);
            if (row < row_end)
                run_segment(sh, &seg[i], 0, (int)row, (int)row_end, 0, panels);
        }
        return;
    }
    /* Panels that do not divide evenly are shared row by row. */
    const size_t all = seg->batches * (size_t)panels, odd = seg->batches == 1 ? all % (size_t)sh->threads : 0;
    size_t first, end;
    for (int i = 0; odd && i < s->segments; i++) {
        part(sh, (size_t)seg[i].product.m, 6, &first, &end);
        if (first < end)
            run_segment(sh, &seg[i], 0, (int)first, (int)end, panels - (int)odd, panels);
    }
    part(sh, all - odd, 1, &first, &end);
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

static void run_normal(const share *sh, const gan__step *s)
{
    const gan_step *now = &sh->plan->at;
    size_t first, end;
    part(sh, s->outer, 1, &first, &end);
    for (size_t r = first; r < end; r++)
        sh->plan->kernels->normal(at(sh->plan, s, 0) + r * s->n, s->n, now->seed, s->stream,
                                  now->step, now->sample + (uint32_t)r, 0);
}

static void run_from_u8(const share *sh, const gan__step *s)
{
    size_t first, end;
    part(sh, s->n, GAN__LANES, &first, &end);
    sh->plan->kernels->from_u8(at(sh->plan, s, 0) + first, s->bytes + first, end - first, s->a, s->b);
}

/* Partial sums of whole blocks: of contiguous elements, or of rows. */
static void run_sum(const share *sh, const gan__step *s)
{
    const gan__kernels *k = sh->plan->kernels;
    const size_t block = s->inner == 1 ? GAN__REDUCE_BLOCK : GAN__ROWS_BLOCK;
    const size_t blocks = (s->n + block - 1) / block;
    float *y = at(sh->plan, s, 0);
    const float *x = at(sh->plan, s, 1);
    size_t first, end, col = 0, col_end = s->inner;
    if (s->outer * blocks >= (size_t)sh->threads || s->inner == 1) {
        part(sh, s->outer * blocks, 1, &first, &end);
    } else { /* few blocks of many columns */
        first = 0;
        end = s->outer * blocks;
        part(sh, s->inner, GAN__LANES, &col, &col_end);
    }
    for (size_t i = first; i < end && col < col_end; i++) {
        const size_t from = i / blocks * s->n + i % blocks * block;
        const size_t left = s->n - i % blocks * block, n = left < block ? left : block;
        if (s->inner == 1)
            y[i] = k->sum_block(x + from, n);
        else
            k->sum_rows(y + i * s->inner + col, x + from * s->inner + col, s->inner, (int)n,
                        (int)(col_end - col));
    }
}

static void run_sum_blocks(const share *sh, const gan__step *s)
{
    float *y = at(sh->plan, s, 0);
    const float *x = at(sh->plan, s, 1);
    if (sh->thread)
        return;
    for (size_t o = 0; o < s->outer; o++, y += s->inner, x += s->n * s->inner)
        for (size_t c = 0; c < s->inner; c++) {
            float sum = x[c];
            for (size_t b = 1; b < s->n; b++)
                sum += x[b * s->inner + c];
            y[c] = sum;
        }
}

static void run_max(const share *sh, const gan__step *s)
{
    const gan__kernels *k = sh->plan->kernels;
    size_t first, end;
    part(sh, s->outer, 1, &first, &end);
    for (size_t o = first; o < end; o++) {
        const float *x = at(sh->plan, s, 1) + o * s->n * s->inner;
        float *y = at(sh->plan, s, 0) + o * s->inner;
        if (s->inner == 1)
            *y = k->max_block(x, s->n);
        else
            k->max_rows(y, x, s->inner, (int)s->n, (int)s->inner);
    }
}

/* An index that is no row of the table reads, and adds, nothing: zeros. */
static bool row_of(float index, size_t rows, size_t *row)
{
    if (!(index >= 0 && index < (float)rows))
        return false;
    *row = (size_t)index;
    return true;
}

static void run_index(const share *sh, const gan__step *s)
{
    float *y = at(sh->plan, s, 0);
    const float *x = at(sh->plan, s, 1), *index = at(sh->plan, s, 2);
    const bool gather = s->kind == GAN__STEP_GATHER;
    memset(y, 0, (gather ? s->n : s->outer) * s->inner * sizeof *y);
    for (size_t i = 0; i < s->n; i++) {
        size_t row;
        if (!row_of(index[i], s->outer, &row))
            continue;
        if (gather)
            memcpy(y + i * s->inner, x + row * s->inner, s->inner * sizeof *y);
        else
            for (size_t c = 0; c < s->inner; c++)
                y[row * s->inner + c] += x[i * s->inner + c];
    }
}

static void run_conv(const share *sh, const gan__step *s)
{
    const gan__kernels *k = sh->plan->kernels;
    size_t first, end;
    part(sh, s->n, 1, &first, &end);
    if (first == end)
        return;
    void (*fn)(const gan__conv *, const float *, const float *, float *, int, int) =
        s->kind == GAN__STEP_CONV ? k->conv : s->kind == GAN__STEP_CONV_DX ? k->conv_dx : k->conv_dw;
    fn(&s->conv, at(sh->plan, s, 1), at(sh->plan, s, 2), at(sh->plan, s, 0), (int)first, (int)end);
}

static void run_update(const share *sh, const gan__step *s)
{
    const gan_plan *p = sh->plan;
    size_t first, end;
    part(sh, s->n, GAN__LANES, &first, &end);
    if (first < end) {
        const gan__descent d = descent_at(p, s->update, first);
        p->kernels->adam(&d, at(p, s, 0) + first, end - first);
    }
}

static void run_average(const share *sh, const gan__step *s)
{
    const gan_plan *p = sh->plan;
    size_t first, end;
    part(sh, s->n, GAN__LANES, &first, &end);
    p->kernels->average(at(p, s, 0) + first, at(p, s, 1) + first, end - first, *at(p, s, 2));
}

static void run_step(const share *sh, const gan__step *s)
{
    switch (s->kind) {
    case GAN__STEP_PROGRAM: run_program(sh, s); break;
    case GAN__STEP_PRODUCT: run_product(sh, s); break;
    case GAN__STEP_DESCEND: run_descend(sh, s); break;
    case GAN__STEP_FROM_U8: run_from_u8(sh, s); break;
    case GAN__STEP_NORMAL: run_normal(sh, s); break;
    case GAN__STEP_SUM: run_sum(sh, s); break;
    case GAN__STEP_SUM_BLOCKS: run_sum_blocks(sh, s); break;
    case GAN__STEP_MAX: run_max(sh, s); break;
    case GAN__STEP_GATHER:
    case GAN__STEP_SCATTER_ADD: run_index(sh, s); break;
    case GAN__STEP_CONV:
    case GAN__STEP_CONV_DX:
    case GAN__STEP_CONV_DW: run_conv(sh, s); break;
    case GAN__STEP_PACK: gan__panels_pack(at(sh->plan, s, 0), at(sh->plan, s, 1), s->k, s->columns); break;
    case GAN__STEP_UNPACK:
        gan__panels_unpack(at(sh->plan, s, 0), at(sh->plan, s, 1), s->k, s->columns);
        break;
    case GAN__STEP_UPDATE: run_update(sh, s); break;
    case GAN__STEP_AVERAGE: run_average(sh, s); break;
    }
}

static void run_thread(void *ctx, int thread, int threads)
{
    const gan_plan *plan = ctx;
    const unsigned before = gan__fp_enter();
    float *scratch = plan->scratch + (size_t)thread * GAN__THREAD_SCRATCH;
    share sh = {plan, thread, threads, scratch};
    share alone = {plan, 0, 1, scratch};
    gan__profile *profile = thread ? NULL : plan->profile;
    if (profile)
        gan__profile_begin(profile);
    for (int i = 0; i < plan->steps; i++) {
        const gan__step *s = &plan->step[i];
        if (threads > 1 && s->barrier)
            gan__team_barrier(plan->team, thread);
        if (profile && i)
            gan__profile_wait(profile, i - 1);
        if (!s->solo)
            run_step(&sh, s);
        else if (!thread)
            run_step(&alone, s);
        if (profile)
            gan__profile_work(profile, i);
    }
    if (profile)
        gan__profile_end(profile);
    gan__fp_leave(before);
}

void gan_plan_run(gan_plan *plan, gan_step step)
{
    plan->at = step;
    if (plan->team)
        gan__team_run(plan->team, run_thread, plan);
    else
        run_thread(plan, 0, 1);
}
