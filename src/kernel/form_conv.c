/* form_conv.c - CONV and CONV_DX: the product family over a table of pointers.
 *
 *             w: V vectors of 16 results' channels
 *           +----+----+----+----+
 *     p0 -> | y  |    |    |    |     for each tap and input channel: load V vectors of w, broadcast each pixel's
 *     ...   |    |    |    |    |     number, M x V fused multiply-adds into registers
 *     p5 -> |    |    |    |    |
 *           +----+----+----+----+
 *
 * A pixel's row of channels is found by a pointer for each tap; no copy of the image is made, but where it has few channels:
 * there a pixel's terms are gathered side by side, and are one tap. Pixels near the border miss taps, which are left out: those
 * of a chunk that miss the same ones are a zone, and go through the tiles together. CONV_DX is the same over the taps of each
 * phase, with weights packed the other way round. Where each channel is a group of its own, lanes are channels.
 */
#include "kernel/form_conv_job.h"
#include "kernel/form_tiles.h"

enum {
    TILES_MAX = 32,
    NARROW = 8,
    TERMS_AT_ONCE = TILE_VECTORS == 4 ? 1 : 8, /* narrow tiles: their short loops would end, guessed wrong, too often */
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

#define ROW(i, at, M, V)                                                                          \
    if (i < M) {                                                                                  \
        const vf x = v_set1(a##i[at]);                                                            \
        UNROLL for (int j = 0; j < V; j++) acc[i][j] = v_fma(x, w[j], acc[i][j]);                 \
    }
#define TERM(at, from, M, V)                                                                      \
    {                                                                                             \
        vf w[V];                                                                                  \
        UNROLL for (int j = 0; j < V; j++) w[j] = v_load((from) + (size_t)j * w_panel);           \
        ROW(0, at, M, V) ROW(1, at, M, V) ROW(2, at, M, V) ROW(3, at, M, V) ROW(4, at, M, V) ROW(5, at, M, V) \
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
        int c = 0;                                                                                \
        for (; c + TERMS_AT_ONCE <= terms; c += TERMS_AT_ONCE, b += TERMS_AT_ONCE * GAN__LANES)   \
            UNROLL for (int k = 0; k < TERMS_AT_ONCE; k++) TERM(c + k, b + k * GAN__LANES, M, V)  \
        for (; c < terms; c++, b += GAN__LANES)                                                   \
            TERM(c, b, M, V)                                                                      \
        (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;                                         \
    }                                                                                             \
    const bool add = t->add;                                                                      \
    const int last = t->last;                                                                     \
    float *const *const to = t->y;                                                                \
    const size_t col = t->col;                                                                    \
    UNROLL for (int i = 0; i < M; i++)                                                            \
    {                                                                                             \
        float *const y = to[i] + col;                                                             \
        UNROLL for (int j = 0; j < V; j++) put_sum(y + j * GAN__LANES, acc[i][j], add, tail && j == V - 1, last); \
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

enum { PIXELS_MAX = TILE_ROWS * TILES_MAX };

/* Pixels that go through all groups and blocks together: where they are, and where their results go. */
typedef struct chunk {
    spot at[PIXELS_MAX];
    float *y[PIXELS_MAX];
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

/* Pixels of a chunk that the same taps reach: along each axis lo .. hi - 1. */
typedef struct reach {
    int lo[3], hi[3];
} reach;

typedef struct zone {
    reach taps;
    int first, pixels;
} zone;

/* The taps of an axis that read inside the image for result m: they follow each other. */
static void taps_inside(const axis *a, int m, int *lo, int *hi)
{
    const int begin = a->base + m * a->by_out, end = begin + (a->taps - 1) * a->by_tap;
    *lo = 0;
    *hi = a->taps;
    if (begin >= 0 && begin < a->extent && end >= 0 && end < a->extent)
        return;
    while (*lo < *hi && reads(a, m, *lo) < 0)
        ++*lo;
    while (*hi > *lo && reads(a, m, *hi - 1) < 0)
        --*hi;
}

/* The zone of those taps; `count` where there is none yet. now: where to look first. */
static int zone_of(const zone *zones, int count, int now, const reach *taps)
{
    if (now < count && !memcmp(&zones[now].taps, taps, sizeof *taps))
        return now;
    for (now = 0; now < count && memcmp(&zones[now].taps, taps, sizeof *taps) != 0;)
        now++;
    return now;
}

/* Pixels of one zone after those of another. */
static void sort_by_zone(chunk *c, zone *zones, int count, const int *of)
{
    const chunk unsorted = *c;
    int next[PIXELS_MAX];
    for (int i = 0, first = 0; i < count; i++) {
        zones[i].first = next[i] = first;
        first += zones[i].pixels;
    }
    for (int p = 0; p < c->pixels; p++) {
        const int to = next[of[p]]++;
        c->at[to] = unsorted.at[p];
        c->y[to] = unsorted.y[p];
    }
}

/* Sorts a chunk by zones, whose number is returned: at most one a pixel. */
static int find_zones(const gan__gather *j, chunk *c, zone *zones)
{
    int count = 0, now = 0, of[PIXELS_MAX];
    reach taps;
    for (int p = 0; p < c->pixels; p++) {
        const spot *s = &c->at[p];
        for (int d = 0; d < 3; d++)
            if (!p || s->m[d] != c->at[p - 1].m[d])
                taps_inside(&j->a[d], s->m[d], &taps.lo[d], &taps.hi[d]);
        now = zone_of(zones, count, now, &taps);
        if (now == count)
            zones[count++] = (zone){.taps = taps};
        zones[now].pixels++;
        of[p] = now;
    }
    if (count > 1)
        sort_by_zone(c, zones, count, of);
    return count;
}

/* The zone's taps among first .. end - 1, ascending; returns how many. */
static int zone_taps(const gan__gather *j, const reach *z, int first, int end, int *out)
{
    const int row = j->a[2].taps, plane = j->a[1].taps * row;
    int n = 0;
    for (int j0 = z->lo[0]; j0 < z->hi[0]; j0++)
        for (int j1 = z->lo[1]; j1 < z->hi[1]; j1++)
            for (int t = j0 * plane + j1 * row + z->lo[2], stop = t + z->hi[2] - z->lo[2]; t < stop; t++)
                if (t >= first && t < end)
                    out[n++] = t;
    return n;
}

/* What a zone's blocks are taken from: its taps, their weights, its table. */
typedef struct lists {
    int tap[TABLE / TILE_ROWS], taps;
    const float **table, **rows;
} lists;

/* The table for the listed taps of the zone's pixels; off: channels that every pointer is moved by. */
static void build(const gan__gather *j, const chunk *c, const zone *z, const lists *l, size_t off)
{
    ptrdiff_t offset[TABLE / TILE_ROWS];
    const float **table = l->table;
    const int taps = l->taps;
    for (int t = 0; t < taps; t++)
        tap_offsets(j->a, j->src_channels, l->tap[t], l->tap[t] + 1, &offset[t]);
    for (int p = 0, h; p < z->pixels; p += h, table += (size_t)TILE_ROWS * (size_t)taps) {
        h = tile_rows(z->pixels - p);
        for (int i = 0; i < h; i++) {
            const ptrdiff_t at = first_read(j->a, &c->at[z->first + p + i], j->src_channels) + (ptrdiff_t)off;
            for (int t = 0; t < taps; t++)
                table[t * TILE_ROWS + i] = j->src + (at + offset[t]);
        }
    }
}

/* Few channels: each pixel's terms side by side, one tap. */
static void build_patches(const gan__gather *j, const chunk *c, const float **table, float *patches)
{
    const size_t size = (size_t)j->taps * (size_t)j->terms;
    patches_of(j->a, c->at[0], c->pixels, j->src, j->src_channels, patches);
    for (int p = 0, h; p < c->pixels; p += h, table += TILE_ROWS) {
        h = tile_rows(c->pixels - p);
        for (int i = 0; i < h; i++, patches += size)
            table[i] = patches;
    }
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
    if (j->groups == 1 && j->terms <= NARROW && j->taps > 1 && all <= CONV_PATCHES / (2 * TILE_ROWS) &&
        j->taps == product_of(j->k)) {
        w.patches = w.whole = true;
        w.terms = all;
        w.taps = 1;
        w.tiles = CONV_PATCHES / (TILE_ROWS * all);
    } else if (!all) {
        w.tiles = TILES_MAX; /* no tap reaches these results */
    } else {
        w.whole = j->taps <= TABLE / TILE_ROWS;
        const int in_block = GAN__SUM_BLOCK / j->terms + 2, taps = w.whole ? j->taps : in_block < j->taps ? in_block : j->taps;
        w.tiles = TABLE / (TILE_ROWS * taps);
    }
    w.tiles = w.tiles < 1 ? 1 : w.tiles > TILES_MAX ? TILES_MAX : w.tiles;
    return w;
}

/* Group after group, block after block: of the taps that have terms in a block, those that reach the zone. A block in which none
 * does adds a zero. */
static void blocks(const gan__gather *j, const way *w, const chunk *c, const zone *z, int group, lists *l)
{
    const int all = w->taps * w->terms;
    int from = 0;
    const size_t group_off = (size_t)group * (size_t)j->terms;
    for (int k = 0; k < all; k += GAN__SUM_BLOCK) {
        const int stop = all - k < GAN__SUM_BLOCK ? all : k + GAN__SUM_BLOCK, tap = k / w->terms,
                  last = (stop - 1) / w->terms, in_first = k % w->terms;
        if (!w->whole) { /* many taps: a list and a table for this block alone */
            from = 0;
            l->taps = zone_taps(j, &z->taps, tap, last + 1, l->tap);
            build(j, c, z, l, group_off);
        }
        while (from < l->taps && l->tap[from] < tap)
            from++;
        int taps = 0;
        while (from + taps < l->taps && l->tap[from + taps] <= last)
            taps++;
        tile t = {.taps = taps,
                  .terms = w->terms,
                  .w_panel = j->w_panel,
                  .w = l->rows,
                  .p = l->table + (size_t)TILE_ROWS * (size_t)from,
                  .off = w->whole ? group_off : 0,
                  .add = k > 0};
        if (taps) {
            const bool opens = l->tap[from] == tap, closes = l->tap[from + taps - 1] == last;
            const int skipped = opens ? in_first : 0, behind = closes ? stop - last * w->terms : w->terms;
            t.first_row = (size_t)skipped;
            t.first = (taps == 1 ? behind : w->terms) - skipped;
            t.final = behind;
            for (int s = 0; s < taps; s++)
                l->rows[s] = (w->patches ? j->w : gan__gather_weights(j, l->tap[from + s])) + (size_t)group * j->w_group;
            l->rows[0] += skipped * GAN__LANES;
        }
        strips(j, &t, group, c->y + z->first, z->pixels, l->taps);
    }
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
    float *zeros = scratch + AT_ZEROS, *patches = scratch + AT_PATCHES;
    const float **table = (const float **)(void *)(scratch + AT_POINTERS);
    lists l = {.table = table, .rows = table + TABLE};
    const way w = way_of(j);
    const bool by_channel = j->terms == 1 && j->cols == 1 && j->groups > 1;
    chunk c;
    zone zones[PIXELS_MAX];
    if (by_channel)
        memset(zeros, 0, CONV_ZEROS * sizeof *zeros);
    spot at = spot_of(j->a, first);
    while (first < end) {
        const int most = TILE_ROWS * w.tiles;
        fill_chunk(j, &c, &at, end - first < most ? end - first : most);
        first += c.pixels;
        if (!j->taps) { /* none reaches these results */
            for (int p = 0; p < c.pixels; p++)
                memset(c.y[p], 0, (size_t)j->dst_channels * sizeof(float));
            continue;
        }
        if (by_channel) {
            depthwise(j, &c, zeros, table, l.rows);
            continue;
        }
        zones[0] = (zone){.pixels = c.pixels};
        if (w.patches)
            build_patches(j, &c, table, patches);
        const int count = w.patches ? 1 : find_zones(j, &c, zones);
        for (const zone *z = zones; z < zones + count; z++) {
            l.taps = w.patches ? 1 : w.whole ? zone_taps(j, &z->taps, 0, w.taps, l.tap) : 0;
            if (w.whole && !w.patches)
                build(j, &c, z, &l, 0);
            for (int group = 0; group < j->groups; group++)
                blocks(j, &w, &c, z, group, &l);
        }
    }
}

/* Jobs that read the same: results first[i] .. end[i] - 1 of job i. */
static void run_jobs(const gan__gather *jobs, int count, const int *first, const int *end, float *scratch)
{
    if (gan__conv_few(jobs, count, first, end, scratch))
        return;
    for (int i = 0; i < count; i++)
        run(&jobs[i], first[i], end[i], scratch);
}

/* Where the weights lie: packed, or as they are where each channel is a group. */
static void set_weights(gan__gather *j, const gan__conv *g, const void *w)
{
    j->w = w;
    j->w_tap = gan__conv_is_packed(g) ? (size_t)j->terms * GAN__LANES : (size_t)g->o;
    j->w_panel = (size_t)product_of(g->k) * j->w_tap;
    j->w_group = (size_t)((j->cols + GAN__LANES - 1) / GAN__LANES) * j->w_panel;
}

void FORM(gan__conv)(const gan__conv *g, const float *x, const void *w, float *y, int first, int end, float *scratch)
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
    run_jobs(&j, 1, &first, &end, scratch);
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

void FORM(gan__conv_dx)(const gan__conv *g, const float *y, const void *w, float *x, int first, int end, float *scratch)
{
    const int terms = g->o / g->groups, cols = g->c / g->groups;
    const long long units = (long long)g->n * product_of(g->x);
    gan__gather jobs[CONV_JOBS], j = {.groups = g->groups,
                                      .terms = terms,
                                      .cols = cols,
                                      .src = y,
                                      .src_channels = g->o,
                                      .dst_channels = g->c,
                                      .dst_extent = {g->x[0], g->x[1], g->x[2]},
                                      .k = {g->k[0], g->k[1], g->k[2]},
                                      .dst = x};
    int count = 0, from[CONV_JOBS], to[CONV_JOBS];
    set_weights(&j, g, w);
    for (int p0 = 0; p0 < g->stride[0] && p0 < g->x[0]; p0++)
        for (int p1 = 0; p1 < g->stride[1] && p1 < g->x[1]; p1++)
            for (int p2 = 0; p2 < g->stride[2] && p2 < g->x[2]; p2++) {
                const int phase[3] = {p0, p1, p2};
                for (int d = 0; d < 3; d++)
                    j.a[d] = phase_axis(g, d, phase[d]);
                j.taps = j.a[0].taps * j.a[1].taps * j.a[2].taps;
                const long long results = (long long)g->n * j.a[0].outs * j.a[1].outs * j.a[2].outs;
                from[count] = (int)(results * first / units);
                to[count] = (int)(results * end / units);
                jobs[count++] = j;
                if (count == CONV_JOBS) {
                    run_jobs(jobs, count, from, to, scratch);
                    count = 0;
                }
            }
    if (count)
        run_jobs(jobs, count, from, to, scratch);
}
