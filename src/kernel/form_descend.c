/* form_descend.c - a weight gradient that never is in memory: product tile by tile, straight into Adam.
 *
 *     tile t      | k  k  k  k  k  k  k ...    multiply-adds of tile t
 *     tile t - 1  |   A     A     A     A      Adam of two vectors of the tile before, now and then
 *
 * Adam's square root and division keep a unit of their own busy: some 9 cycles a vector on Zen 5, 34 on Ice Lake,
 * where the multiply-adders could do something else. A processor looks a few hundred instructions ahead, so
 * done tile by tile the two add up; woven into each other, what the units do not share disappears (Zen 5, one
 * thread, 1024 x 784: 875 us in place of 960 at 128 terms, 498 of 535 at 64, 253 of 277 at 16). The finished tile
 * waits in a buffer of 24 vectors. Tiles of 5 x 4 or 4 x 1, which leave registers for Adam, are slower.
 *
 * The sums are those of gan__product, the update that of gan__adam: the same operations on the same numbers,
 * in another order in time.
 */
#include "kernel/form_adam.h"

enum { TALL = 6 };

typedef struct work {
    int terms;
    const float *a;
    size_t a_row, a_term;
    const float *b;
    size_t b_term, b_panel;
    size_t at[TALL * TILE_VECTORS]; /* where each vector of a tile goes, from its first */
    adam_constants k;
    gan__descent now;     /* where the tile under way will go */
    gan__descent waiting; /* where the one in `grad` goes; w NULL: there is none */
    float *grad;          /* [rows][vectors][16] */
    bool adds, last;      /* this product's sums are added to what is in `grad`; they complete it */
} work;

INLINE void adam_at(const work *t, int q, bool averaged)
{
    const gan__descent *d = &t->waiting;
    const size_t at = t->at[q];
    adam_one(d->w + at, d->m + at, d->v + at, v_load(t->grad + q * GAN__LANES), &t->k);
    if (averaged)
        average_one(d->average + at, d->w + at, &t->k);
    /* some rows on: by then they have come */
    __builtin_prefetch(d->w + at + AHEAD, 1);
    __builtin_prefetch(d->m + at + AHEAD, 1);
    __builtin_prefetch(d->v + at + AHEAD, 1);
    if (averaged)
        __builtin_prefetch(d->average + at + AHEAD, 1);
}

#define ROW(i, M, V)                                                                                  \
    if (i < M) {                                                                                      \
        const vf x = v_set1(a[(size_t)i * a_row]);                                                    \
        UNROLL for (int u = 0; u < V; u++) acc[i][u] = v_fma(x, w[u], acc[i][u]);                     \
    }
#define STEP(M, V)                                                                                    \
    {                                                                                                 \
        vf w[V];                                                                                      \
        UNROLL for (int u = 0; u < V; u++) w[u] = v_load(b + (size_t)u * b_panel);                    \
        ROW(0, M, V) ROW(1, M, V) ROW(2, M, V) ROW(3, M, V) ROW(4, M, V) ROW(5, M, V)                              \
        a += a_term;                                                                                  \
        b += b_term;                                                                                  \
    }

/* M x V; a_row is 1 wherever M > 1. Addresses come from tables: with them computed here gcc keeps a and b in
 * memory, and their way through it is longer than all the multiply-adds. */
#define TILE(name, M, V, averaged)                                                                    \
    static void name(work *t)                                                                         \
    {                                                                                                 \
        vf acc[M][V];                                                                                 \
        UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++) acc[i][j] = v_zero();   \
        const float *a = t->a, *b = t->b;                                                             \
        const size_t a_row = 1, a_term = t->a_term, b_term = t->b_term, b_panel = t->b_panel;         \
        const int gap = t->terms / ((M * V + 1) / 2);                                                 \
        int left = t->terms;                                                                          \
        if (t->waiting.w)                                                                             \
            for (int q = 0; q < M * V; q += 2) {                                                      \
                for (int s = 0; s < gap; s++)                                                         \
                    STEP(M, V)                                                                        \
                left -= gap;                                                                          \
                adam_at(t, q, averaged);                                                              \
                if (M * V % 2 == 0 || q + 1 < M * V)                                                  \
                    adam_at(t, q + 1, averaged);                                                      \
            }                                                                                         \
        for (; left > 0; left--)                                                                      \
            STEP(M, V)                                                                                \
        UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++)                         \
        {                                                                                             \
            float *to = t->grad + (i * V + j) * GAN__LANES;                                           \
            v_store(to, t->adds ? v_add(v_load(to), acc[i][j]) : acc[i][j]);                          \
        }                                                                                             \
        t->waiting = t->now;                                                                          \
        if (!t->last)                                                                                 \
            t->waiting.w = NULL;                                                                      \
    }                                                                                                 \
    static void name##_rest(work *t)                                                                  \
    {                                                                                                 \
        for (int q = 0; q < M * V && t->waiting.w; q++)                                               \
            adam_at(t, q, averaged);                                                                  \
        t->waiting.w = NULL;                                                                          \
    }
#define TILES(M, V) TILE(tile_##M##_##V, M, V, false) TILE(averaged_##M##_##V, M, V, true)
#define KIND(name) {name, name##_rest}

typedef struct kind {
    void (*tile)(work *), (*rest)(work *);
} kind;

#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds" /* rows beyond M are dead code */
#endif
TILES(1, 1)
TILES(2, 1)
TILES(6, 1)
#if TILE_VECTORS == 4
TILES(1, 4)
TILES(2, 4)
TILES(6, 4)
#endif
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic pop
#endif

/* By averaged, by one vector or TILE_VECTORS, by one, two or TALL rows. */
static const kind kinds[2][TILE_VECTORS == 4 ? 2 : 1][3] = {
    {{KIND(tile_1_1), KIND(tile_2_1), KIND(tile_6_1)},
#if TILE_VECTORS == 4
     {KIND(tile_1_4), KIND(tile_2_4), KIND(tile_6_4)},
#endif
    },
    {{KIND(averaged_1_1), KIND(averaged_2_1), KIND(averaged_6_1)},
#if TILE_VECTORS == 4
     {KIND(averaged_1_4), KIND(averaged_2_4), KIND(averaged_6_4)},
#endif
    }};

static gan__descent descent_at(const gan__descent *d, size_t at)
{
    gan__descent to = *d;
    to.w += at;
    to.m += at;
    to.v += at;
    if (to.average)
        to.average += at;
    return to;
}

/* One product's part of one tile. */
static void part_of_tile(work *t, const gan__product *p, const kind *k, int row, int panel)
{
    t->terms = p->terms;
    t->a = p->a + (size_t)row * p->a_row;
    t->a_term = p->a_term;
    t->b = p->b + (size_t)panel * p->b_panel;
    t->b_term = p->b_term;
    t->b_panel = p->b_panel;
    k->tile(t);
}

/* All rows of one strip: tall tiles, then what is left. */
static void strip(work *t, const gan__product *p, int count, const gan__descent *d, int panel, int vectors)
{
    for (int q = 0; q < TALL * vectors; q++)
        t->at[q] = (size_t)(q / vectors) * GAN__LANES + (size_t)(q % vectors) * p->c_panel;
    for (int row = 0, h; row < p->m; row += h) {
        const int left = p->m - row;
        h = left >= TALL ? TALL : left >= 2 ? 2 : 1;
        const kind *k = &kinds[d->average != NULL][vectors > 1][h > 2 ? 2 : h - 1];
        t->now = descent_at(d, (size_t)row * GAN__LANES + (size_t)panel * p->c_panel);
        for (int i = 0; i < count; i++) {
            t->adds = i > 0;
            t->last = i + 1 == count;
            part_of_tile(t, &p[i], k, row, panel);
        }
        if (left - h < h) /* the next tile is of another kind, or there is none */
            k->rest(t);
    }
}

void FORM(gan__descend)(const gan__product *p, int count, int panel, int panel_end,
                        const gan__descent *d, float *scratch)
{
    work t = {.k = constants_of(d), .grad = scratch};
    for (int vectors; panel < panel_end; panel += vectors) {
        vectors = panel_end - panel >= TILE_VECTORS ? TILE_VECTORS : 1;
        strip(&t, p, count, d, panel, vectors);
    }
}
