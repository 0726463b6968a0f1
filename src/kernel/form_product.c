/* form_product.c - the product family's register tiles.
 *
 *            b: V panels of 16 columns
 *          +----+----+----+----+
 *     a 1  | c  |    |    |    |     for each term k: load V vectors of b, broadcast each row's a,
 *     ...  |    |    |    |    |     M x V fused multiply-adds into registers
 *       6  |    |    |    |    |
 *          +----+----+----+----+
 *
 * 6 x 4 vectors of 512 bits or 6 x 1 pair of 256 bits need at most half a load for each FMA. Rows that are
 * left over have tiles of their own (16 = 6 + 5 + 5; single rows ran at 58 % of peak). The forms differ
 * in V and nothing else: an accumulator is one result's, so the tile's shape changes no byte.
 *
 * Where b's last panel is not whole it goes through a buffer in L1, 256 terms at a time, and the accumulators go
 * on from memory. Where b is read transposed: form_turned.c. Broadcasts stand row by row inside the loop:
 * gathered into an array first, gcc spills them.
 */
#include "kernel/form_tiles.h"

enum { TURN_TERMS = 256, CHUNK_ROWS = 384 };

/* One tile. in: where accumulators go on from (NULL: zeros); add: the finished sums are added to c. */
typedef struct tile {
    int terms;
    const float *a;
    size_t a_row, a_term;
    const float *b;
    size_t b_term, b_panel;
    const float *in;
    size_t in_row, in_panel;
    float *c;
    size_t c_row, c_panel;
    int last; /* columns of the last vector */
    bool add;
} tile;

#define ROW(i, M, V)                                                                                  \
    if (i < M) {                                                                                  \
        const vf x = v_set1(a##i[at]);                                                            \
        UNROLL for (int j = 0; j < V; j++) acc[i][j] = v_fma(x, w[j], acc[i][j]);                 \
    }

/* M and V are constants of each tile function; `tail` where the last vector is not full. */
#define TILE_BODY(M, V, tail)                                                                     \
    vf acc[M][V];                                                                                 \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++)                         \
    {                                                                                             \
        const float *in = t->in ? t->in + (size_t)i * t->in_row + (size_t)j * t->in_panel : NULL; \
        acc[i][j] = !in ? v_zero() : tail && j == V - 1 ? v_load_n(in, t->last) : v_load(in);     \
    }                                                                                             \
    const float *const a0 = t->a, *const a1 = a0 + (M > 1) * t->a_row,                            \
                       *const a2 = a1 + (M > 2) * t->a_row, *const a3 = a2 + (M > 3) * t->a_row,  \
                       *const a4 = a3 + (M > 4) * t->a_row, *const a5 = a4 + (M > 5) * t->a_row;  \
    const float *b = t->b;                                                                        \
    const size_t step = t->a_term, b_term = t->b_term, b_panel = t->b_panel;                      \
    const int terms = t->terms;                                                                   \
    size_t at = 0;                                                                                \
    for (int k = 0; k < terms; k++) {                                                             \
        vf w[V];                                                                                  \
        UNROLL for (int j = 0; j < V; j++) w[j] = v_load(b + (size_t)j * b_panel);                \
        ROW(0, M, V) ROW(1, M, V) ROW(2, M, V) ROW(3, M, V) ROW(4, M, V) ROW(5, M, V)             \
        at += step;                                                                               \
        b += b_term;                                                                              \
    }                                                                                             \
    const bool add = t->add;                                                                      \
    const int last = t->last;                                                                     \
    const size_t c_row = t->c_row, c_panel = t->c_panel;                                          \
    float *const c = t->c;                                                                        \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++)                         \
        put_sum(c + (size_t)i * c_row + (size_t)j * c_panel, acc[i][j], add, tail && j == V - 1, last);\
    (void)a1, (void)a2, (void)a3, (void)a4, (void)a5

#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds" /* rows beyond M are dead code */
#endif
TILE_TABLE
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic pop
#endif

static void all_rows(tile t, int vectors, int rows)
{
    tile_fn *const *fn = tiles[vectors - 1][t.last < GAN__LANES];
    while (rows > 0) {
        const int h = tile_rows(rows);
        fn[h - 1](&t);
        t.a += (size_t)h * t.a_row;
        t.c += (size_t)h * t.c_row;
        if (t.in)
            t.in += (size_t)h * t.in_row;
        rows -= h;
    }
}

/* dst[k][j] = b(k0 + k, j0 + j) for a strip of `vectors` panels: [vectors][terms][16], zeros beyond n. */
static void fetch_strip(const gan__product *p, int j0, int vectors, int k0, int terms, float *dst)
{
    for (int v = 0; v < vectors; v++, dst += (size_t)terms * GAN__LANES) {
        const int j = j0 + v * GAN__LANES, cols = p->n - j < GAN__LANES ? p->n - j : GAN__LANES;
        const float *from = p->b + (size_t)k0 * p->b_term + (size_t)(j / GAN__LANES) * p->b_panel;
        for (int k = 0; k < terms; k++)
            v_store(dst + (size_t)k * GAN__LANES, v_load_n(from + (size_t)k * p->b_term, cols));
    }
}

static tile tile_at(const gan__product *p, int panel, int vectors, int k)
{
    const int left = p->n - (panel + vectors - 1) * GAN__LANES;
    return (tile){.a = p->a + (size_t)k * p->a_term,
                  .a_row = p->a_row,
                  .a_term = p->a_term,
                  .c = p->c + (size_t)panel * p->c_panel,
                  .c_row = p->c_row,
                  .c_panel = p->c_panel,
                  .last = left < GAN__LANES ? left : GAN__LANES,
                  .add = k > 0};
}

/* b read in place, a block of 1,024 terms at a time. */
static void strip_in_place(const gan__product *p, int panel, int vectors)
{
    for (int k = 0; k < p->terms; k += GAN__SUM_BLOCK) {
        tile t = tile_at(p, panel, vectors, k);
        t.terms = p->terms - k < GAN__SUM_BLOCK ? p->terms - k : GAN__SUM_BLOCK;
        t.b = p->b + (size_t)k * p->b_term + (size_t)panel * p->b_panel;
        t.b_term = p->b_term;
        t.b_panel = p->b_panel;
        all_rows(t, vectors, p->m);
    }
}

/* b through a buffer, 256 terms at a time. Within a block of 1,024 the accumulators rest in c, or, where
 * c already holds earlier blocks, in `rest`; the last part of such a block is added to c. */
static void strip_fetched(const gan__product *p, int panel, int vectors, float *scratch)
{
    float *buffer = scratch, *rest = scratch + TURN_TERMS * TILE_VECTORS * GAN__LANES;
    const size_t width = (size_t)vectors * GAN__LANES;
    for (int row = 0; row < p->m; row += CHUNK_ROWS) {
        const int rows = p->m - row < CHUNK_ROWS ? p->m - row : CHUNK_ROWS;
        for (int k = 0; k < p->terms; k += TURN_TERMS) {
            const int terms = p->terms - k < TURN_TERMS ? p->terms - k : TURN_TERMS;
            const bool opens = k % GAN__SUM_BLOCK == 0;
            const bool closes = (k + terms) % GAN__SUM_BLOCK == 0 || k + terms == p->terms;
            tile t = tile_at(p, panel, vectors, k);
            fetch_strip(p, panel * GAN__LANES, vectors, k, terms, buffer);
            t.terms = terms;
            t.a += (size_t)row * p->a_row;
            t.c += (size_t)row * p->c_row;
            t.b = buffer;
            t.b_term = GAN__LANES;
            t.b_panel = (size_t)terms * GAN__LANES;
            t.add = k >= GAN__SUM_BLOCK && closes;
            const bool apart = k >= GAN__SUM_BLOCK;
            if (!opens) {
                t.in = apart ? rest : t.c;
                t.in_row = apart ? width : t.c_row;
                t.in_panel = apart ? GAN__LANES : t.c_panel;
            }
            if (apart && !closes) {
                t.c = rest;
                t.c_row = width;
                t.c_panel = GAN__LANES;
            }
            all_rows(t, vectors, rows);
        }
    }
}

/* A packed result's padding columns are zero. */
static void clear_padding(const gan__product *p, int panel)
{
    const int cols = p->n - panel * GAN__LANES;
    if (p->c_panel == GAN__LANES || cols >= GAN__LANES)
        return;
    for (int i = 0; i < p->m; i++)
        v_store(p->c + (size_t)i * p->c_row + (size_t)panel * p->c_panel, v_zero());
}

void FORM(gan__product)(const gan__product *p, int panel, int panel_end, float *scratch)
{
    if (p->turned && panel < panel_end) {
        clear_padding(p, panel_end - 1);
        gan__product_turned(p, panel, panel_end, scratch);
        return;
    }
    while (panel < panel_end) {
        const int vectors = panel_end - panel < TILE_VECTORS ? panel_end - panel : TILE_VECTORS;
        const bool whole = p->b_whole || p->n - (panel + vectors) * GAN__LANES >= 0;
        clear_padding(p, panel + vectors - 1);
        if (whole)
            strip_in_place(p, panel, vectors);
        else
            strip_fetched(p, panel, vectors, scratch);
        panel += vectors;
    }
}
