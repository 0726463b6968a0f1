/* form_conv.c - CONV and CONV_DX: the product family over a table of pointers.
 *
 *             w: V vectors of 16 results' channels
 *           +----+----+----+----+
 *     p0 -> | y  |    |    |    |     for each tap and input channel: load V vectors of w, broadcast each pixel's
 *     ...   |    |    |    |    |     number, M x V fused multiply-adds into registers
 *     p5 -> |    |    |    |    |
 *           +----+----+----+----+
 *
 * A pixel's row of channels is found by a pointer for each tap; what lies outside the image points at zeros, which count
 * as terms. No copy of the image is made, but where it has few channels: there a pixel's terms are gathered side by side, and
 * are one tap. CONV_DX is the same over the taps of each phase, with weights packed the other way round. Where each
 * channel is a group of its own, lanes are channels.
 */
#include "kernel/form_conv_job.h"
#include "kernel/form_tiles.h"

enum {
    TILES_MAX = 32,
    NARROW = 8,
    TAPS_IN_BLOCK = GAN__SUM_BLOCK + 2,      /* that a block of terms may touch */
    TABLE = CONV_POINTERS - TAPS_IN_BLOCK    /* pointers to pixels; those to weights stand behind */
};
_Static_assert((int)TABLE >= (int)TILE_ROWS * (int)TAPS_IN_BLOCK, "a tile's pointers for one block");

/* M pixels x V vectors over `taps` taps; the first and the last may be parts of one. */
typedef struct tile {
    const float *const *p; /* [tap][TILE_ROWS] */
    size_t off;            /* of the channels in every row that p points at */
    const float *const *w; /* [tap], at its first term here */
    size_t first_row;      /* of the first tap: channels before its first term */
    size_t col, w_panel;
    int taps, first, terms, final; /* terms of the first tap, of those between, of the last */
    float *const *y;
    int last; /* columns of the last vector */
    bool add;
} tile;

#define ROW(i, M, V)                                                                              \
    if (i < M) {                                                                                  \
        const vf x = v_set1(a##i[c]);                                                             \
        UNROLL for (int j = 0; j < V; j++) acc[i][j] = v_fma(x, w[j], acc[i][j]);                 \
    }
#define POINTER(i, M) const float *const a##i = p[i < M ? i : 0] + off;

#define TILE_BODY(M, V, tail)                                                                     \
    vf acc[M][V];                                                                                 \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++) acc[i][j] = v_zero();   \
    const float *const *p = t->p;                                                                 \
    const size_t w_panel = t->w_panel;                                                            \
    for (int s = 0; s < t->taps; s++, p += TILE_ROWS) {                                         \
        const size_t off = t->off + (s ? 0 : t->first_row);                                       \
        const int terms = s == 0 ? t->first : s + 1 == t->taps ? t->final : t->terms;             \
        const float *b = t->w[s] + t->col / GAN__LANES * w_panel;                                 \
        POINTER(0, M) POINTER(1, M) POINTER(2, M) POINTER(3, M) POINTER(4, M) POINTER(5, M)       \
        for (int c = 0; c < terms; c++, b += GAN__LANES) {                                        \
            vf w[V];                                                                              \
            UNROLL for (int j = 0; j < V; j++) w[j] = v_load(b + (size_t)j * w_panel);            \
            ROW(0, M, V) ROW(1, M, V) ROW(2, M, V) ROW(3, M, V) ROW(4, M, V) ROW(5, M, V)         \
        }                                                                                         \
        (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;                                         \
    }                                                                                             \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++)                         \
    {                                                                                             \
        float *y = t->y[i] + t->col + (size_t)j * GAN__LANES;                                     \
        if (tail && j == V - 1)                                                                   \
            v_store_n(y, t->add ? v_add(v_load_n(y, t->last), acc[i][j]) : acc[i][j], t->last);   \
        else                                                                                      \
            v_store(y, t->add ? v_add(v_load(y), acc[i][j]) : acc[i][j]);                         \
    }

TILE_TABLE

/* All strips of columns of one group and block, for the tiles of a chunk: `t` as it is for the first pixel. */
static void strips(const gan__gather *j, const tile *t, int group, float *const *y, int pixels, int taps_in_table)
{
    float *to[TILE_ROWS];
    for (int col = 0, vectors; col < j->cols; col += vectors * GAN__LANES) {
        const int left = (j->cols - col + GAN__LANES - 1) / GAN__LANES;
        vectors = left < TILE_VECTORS ? left : TILE_VECTORS;
        const int last = j->cols - col - (vectors - 1) * GAN__LANES;
        tile u = *t;
        u.last = last < GAN__LANES ? last : GAN__LANES;
        u.col = (size_t)col;
        u.y = to;
        tile_fn *const *fn = tiles[vectors - 1][u.last < GAN__LANES];
        for (int p = 0, h; p < pixels; p += h) {
            h = tile_rows(pixels - p);
            for (int i = 0; i < h; i++)
                to[i] = y[p + i] + (size_t)group * (size_t)j->cols;
            fn[h - 1](&u);
            u.p += (size_t)TILE_ROWS * (size_t)taps_in_table;
        }
    }
}

/* Pixels that go through all groups and blocks together: where they are, and where their results go. */
typedef struct chunk {
    spot at[TILE_ROWS * TILES_MAX];
    float *y[TILE_ROWS * TILES_MAX];
    int pixels;
} chunk;

/* The next pixels from `at` on, row by row; moves it behind them. */
static void fill_chunk(const gan__gather *j, chunk *c, spot *at, int pixels)
{
    const ptrdiff_t step = (ptrdiff_t)j->a[2].out_step * j->dst_channels;
    c->pixels = pixels;
    for (int p = 0; p < pixels;) {
        float *y = gan__gather_result(j, at);
        const int left = j->a[2].outs - at->m[2], run = left < pixels - p ? left : pixels - p;
        for (int i = 0; i < run; i++, p++, y += step) {
            c->at[p] = *at;
            c->at[p].m[2] += i;
            c->y[p] = y;
        }
        at->m[2] += run - 1;
        next_spot(j->a, at);
    }
}

/* The table for taps first .. end - 1 of every pixel; off: channels that every pointer into the image is moved by, the
 * first tap's by in_first more. */
static void build(const gan__gather *j, const chunk *c, int first, int end, size_t off, int in_first, const float *zeros,
                  const float **table)
{
    ptrdiff_t offset[CONV_POINTERS / TILE_ROWS];
    const int taps = end - first;
    tap_offsets(j->a, j->src_channels, first, end, offset);
    for (int p = 0, h; p < c->pixels; p += h, table += (size_t)TILE_ROWS * (size_t)taps) {
        h = tile_rows(c->pixels - p);
        for (int i = 0; i < h; i++) {
            const spot *s = &c->at[p + i];
            if (all_inside(j->a, s)) {
                const float *at = j->src + (ptrdiff_t)off + first_read(j->a, s, j->src_channels);
                for (int t = 0; t < taps; t++)
                    table[t * TILE_ROWS + i] = at + offset[t];
            } else {
                point(j->a, s, j->src + off, j->src_channels, zeros, first, end, table + i, TILE_ROWS);
            }
            table[i] += table[i] == zeros ? 0 : in_first;
        }
    }
}

/* Few channels: each pixel's terms side by side, one tap. */
static void build_patches(const gan__gather *j, const chunk *c, const float **table, float *patches)
{
    const size_t size = (size_t)j->taps * (size_t)j->terms;
    for (int p = 0, h; p < c->pixels; p += h, table += TILE_ROWS) {
        h = tile_rows(c->pixels - p);
        for (int i = 0; i < h; i++, patches += size) {
            patch(j->a, &c->at[p + i], j->src, j->src_channels, patches);
            table[i] = patches;
        }
    }
}

static bool every_tap(const gan__gather *j)
{
    for (int d = 0; d < 3; d++)
        if (j->a[d].tap_step != 1 || j->a[d].taps != j->k[d])
            return false;
    return true;
}

/* How a job goes through its pixels. */
typedef struct way {
    bool patches, whole; /* whole: one table holds all taps, whatever the group and block */
    int taps, terms;     /* as the tiles see them */
    int tiles;           /* in a chunk */
} way;

static way way_of(const gan__gather *j)
{
    way w = {.taps = j->taps, .terms = j->terms};
    const int all = j->taps * j->terms;
    if (j->groups == 1 && j->terms <= NARROW && j->taps > 1 && all <= CONV_PATCHES / (2 * TILE_ROWS) && every_tap(j)) {
        w.patches = w.whole = true;
        w.terms = all;
        w.taps = 1;
        w.tiles = CONV_PATCHES / (TILE_ROWS * all);
    } else if (!all) {
        w.tiles = TILES_MAX; /* no tap reaches these results */
    } else {
        w.whole = j->taps <= TABLE / TILE_ROWS && j->src_channels <= CONV_ZEROS;
        const int in_block = GAN__SUM_BLOCK / j->terms + 2, taps = w.whole ? j->taps : in_block < j->taps ? in_block : j->taps;
        w.tiles = TABLE / (TILE_ROWS * taps);
    }
    w.tiles = w.tiles < 1 ? 1 : w.tiles > TILES_MAX ? TILES_MAX : w.tiles;
    return w;
}

static void blocks(const gan__gather *j, const way *w, const chunk *c, int group, const float *zeros, const float **table,
                   const float **rows)
{
    const int all = w->taps * w->terms;
    for (int k = 0; k < all; k += GAN__SUM_BLOCK) {
        const int stop = all - k < GAN__SUM_BLOCK ? all : k + GAN__SUM_BLOCK, tap = k / w->terms,
                  taps = (stop - 1) / w->terms + 1 - tap, in_first = k % w->terms;
        tile t = {.taps = taps,
                  .terms = w->terms,
                  .first = stop - k < w->terms - in_first ? stop - k : w->terms - in_first,
                  .final = stop - (tap + taps - 1) * w->terms,
                  .w_panel = j->w_panel,
                  .first_row = (size_t)in_first,
                  .add = k > 0};
        const size_t group_off = (size_t)group * (size_t)j->terms;
        for (int s = 0; s < taps; s++)
            rows[s] = (w->patches ? j->w : gan__gather_weights(j, tap + s)) + (size_t)group * j->w_group;
        rows[0] += in_first * GAN__LANES;
        t.w = rows;
        t.p = table;
        t.off = group_off;
        if (w->whole) {
            t.p += (size_t)TILE_ROWS * (size_t)tap;
            strips(j, &t, group, c->y, c->pixels, w->taps);
            continue;
        }
        /* Many channels or taps: a table for this block alone. Zeros are few, so the first tap's pointers already stand at
         * its first term. */
        build(j, c, tap, tap + taps, group_off, in_first, zeros, table);
        t.first_row = 0;
        t.off = 0;
        strips(j, &t, group, c->y, c->pixels, taps);
    }
}

/* No tap reaches these results. */
static void clear(const gan__gather *j, const chunk *c)
{
    for (int p = 0; p < c->pixels; p++)
        memset(c->y[p], 0, (size_t)j->dst_channels * sizeof(float));
}

/* Each channel by itself: lanes are channels. Taps go by in blocks of terms, channels as many as there are zeros. */
static void depthwise(const gan__gather *j, const chunk *c, const float *zeros, const float **table, const float **rows)
{
    for (int base = 0; base < j->dst_channels; base += CONV_ZEROS) {
        const int channels = j->dst_channels - base < CONV_ZEROS ? j->dst_channels - base : CONV_ZEROS;
        for (int k = 0; k < j->taps; k += GAN__SUM_BLOCK) {
            const int taps = j->taps - k < GAN__SUM_BLOCK ? j->taps - k : GAN__SUM_BLOCK;
            for (int t = 0; t < taps; t++)
                rows[t] = gan__gather_weights(j, k + t) + base;
            for (int p = 0; p < c->pixels; p++) {
                point(j->a, &c->at[p], j->src + base, j->src_channels, zeros, k, k + taps, table, 1);
                for (int o = 0; o < channels; o += GAN__LANES) {
                    const int lanes = channels - o < GAN__LANES ? channels - o : GAN__LANES;
                    float *y = c->y[p] + base + o;
                    vf sum = v_zero();
                    for (int t = 0; t < taps; t++)
                        sum = v_fma(v_load_n(table[t] + o, lanes), v_load_n(rows[t] + o, lanes), sum);
                    v_store_n(y, k ? v_add(v_load_n(y, lanes), sum) : sum, lanes);
                }
            }
        }
    }
}

/* Results first .. end - 1 of the job's kind. */
static void run(const gan__gather *j, int first, int end, float *scratch)
{
    if (gan__conv_few(j, first, end, scratch))
        return;
    float *zeros = scratch + AT_ZEROS, *patches = scratch + AT_PATCHES;
    const float **table = (const float **)(void *)(scratch + AT_POINTERS), **rows = table + TABLE;
    const way w = way_of(j);
    const bool by_channel = j->terms == 1 && j->cols == 1 && j->groups > 1;
    chunk c;
    memset(zeros, 0, CONV_ZEROS * sizeof *zeros);
    spot at = spot_of(j->a, first);
    while (first < end) {
        const int most = TILE_ROWS * w.tiles;
        fill_chunk(j, &c, &at, end - first < most ? end - first : most);
        first += c.pixels;
        if (!j->taps) {
            clear(j, &c);
            continue;
        }
        if (by_channel) {
            depthwise(j, &c, zeros, table, rows);
            continue;
        }
        if (w.patches)
            build_patches(j, &c, table, patches);
        else if (w.whole)
            build(j, &c, 0, j->taps, 0, 0, zeros, table);
        for (int group = 0; group < j->groups; group++)
            blocks(j, &w, &c, group, zeros, table, rows);
    }
}

/* Where the weights lie: packed, or as they are where each channel is a group. */
static void set_weights(gan__gather *j, const gan__conv *g, const float *w)
{
    j->w = w;
    j->w_tap = gan__conv_is_packed(g) ? (size_t)j->terms * GAN__LANES : (size_t)g->o;
    j->w_panel = (size_t)product_of(g->k) * j->w_tap;
    j->w_group = (size_t)((j->cols + GAN__LANES - 1) / GAN__LANES) * j->w_panel;
}

void FORM(gan__conv)(const gan__conv *g, const float *x, const float *w, float *y, int first, int end, float *scratch)
{
    const int terms = g->c / g->groups, cols = g->o / g->groups;
    gan__gather j = {.a = {conv_axis(g, 0), conv_axis(g, 1), conv_axis(g, 2)},
                   .groups = g->groups,
                   .terms = terms,
                   .cols = cols,
                   .taps = product_of(g->k),
                   .src = x,
                   .src_channels = g->c,
                   .dst_channels = g->o,
                   .dst_extent = {g->y[0], g->y[1], g->y[2]},
                   .k = {g->k[0], g->k[1], g->k[2]},
                   .dst = y};
    set_weights(&j, g, w);
    run(&j, first, end, scratch);
}

/* ---- the adjoint --------------------------------------------------------------------------------- */

/* Taps that reach results congruent to `phase`, and those results; taps 0: none does. Result i meets tap u at input
 * (i + low - u dilation) / stride, where that is whole. */
static axis phase_axis(const gan__conv *g, int d, int phase)
{
    const int stride = g->stride[d], dilation = g->dilation[d], i = phase + g->low[d];
    int u = 0, step = 1;
    while (u < g->k[d] && u < stride && (i - u * dilation) % stride != 0)
        u++;
    while ((step * dilation) % stride != 0)
        step++;
    const bool reached = u < g->k[d] && u < stride;
    return (axis){.out0 = phase,
                  .out_step = stride,
                  .outs = (g->x[d] - phase + stride - 1) / stride,
                  .tap0 = u,
                  .tap_step = step,
                  .taps = reached ? (g->k[d] - u + step - 1) / step : 0,
                  .base = reached ? (i - u * dilation) / stride : 0,
                  .by_out = 1,
                  .by_tap = -(step * dilation / stride),
                  .extent = g->y[d]};
}

void FORM(gan__conv_dx)(const gan__conv *g, const float *y, const float *w, float *x, int first, int end, float *scratch)
{
    const int terms = g->o / g->groups, cols = g->c / g->groups;
    const long long units = (long long)g->n * product_of(g->x);
    gan__gather j = {.groups = g->groups,
             .terms = terms,
             .cols = cols,
             .src = y,
             .src_channels = g->o,
             .dst_channels = g->c,
             .dst_extent = {g->x[0], g->x[1], g->x[2]},
             .k = {g->k[0], g->k[1], g->k[2]},
             .dst = x};
    set_weights(&j, g, w);
    for (int p0 = 0; p0 < g->stride[0] && p0 < g->x[0]; p0++)
        for (int p1 = 0; p1 < g->stride[1] && p1 < g->x[1]; p1++)
            for (int p2 = 0; p2 < g->stride[2] && p2 < g->x[2]; p2++) {
                const int phase[3] = {p0, p1, p2};
                for (int d = 0; d < 3; d++)
                    j.a[d] = phase_axis(g, d, phase[d]);
                j.taps = j.a[0].taps * j.a[1].taps * j.a[2].taps;
                const long long results = (long long)g->n * j.a[0].outs * j.a[1].outs * j.a[2].outs;
                run(&j, (int)(results * first / units), (int)(results * end / units), scratch);
            }
}
