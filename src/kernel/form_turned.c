/* form_turned.c - products whose second operand is read transposed: c = a b with b(k,j) = B(j,k).
 *
 * B's rows lie along k, so a vector of B would be 16 terms of one result, and a lane must be a result. To turn
 * B's 16 x 16 blocks costs as much as 16 rows of products (57 % of peak at 16 rows). So a, which is small, is
 * turned, once, and c afterwards; in between lanes are rows of a:
 *
 *               aT: V vectors of 16 rows i
 *              +----+----+
 *     B(j)  1  | cT |    |     for each term k: load V vectors of aT, broadcast B(j,k) of M rows j,
 *     ...   .  |    |    |     M x V fused multiply-adds
 *           M  +----+----+
 *
 * 16 x 1, 12 x 2, 8 x 3, 6 x 4 vectors of 512 bits, 6 x 1 pair of 256: 24 accumulators at most and, with one
 * vector, one broadcast for each FMA, which still is what a core loads. 48 rows of B at a time are whole tiles
 * of every kind. A row-major B is copied into panels 16 rows at a time: an address for each of 16 rows would
 * not fit into the registers.
 */
#include "kernel/form.h"

#include <assert.h>

enum {
    GROUP_ROWS = 64,  /* rows of a at once: their turned block of 1,024 terms is 256 KB, in L2 */
    CHUNK = 48,       /* rows of B at once */
    VECTORS_MAX = GROUP_ROWS / GAN__LANES
};

typedef struct strip {
    int terms;
    const float *at;  /* aT [terms][16], from vector to vector `at_vector` floats */
    size_t at_vector;
    const float *b;   /* B(j,k) = b[16 j + (k/16) b_panel + k%16] */
    size_t b_panel;
    float *c;         /* cT [rows of B][16], from vector to vector CHUNK * 16 floats */
} strip;

#define TILE(M, V)                                                                                    \
    static void tile_##M##_##V(const strip *s)                                                        \
    {                                                                                                 \
        vf acc[M][V];                                                                                 \
        UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++) acc[i][j] = v_zero();   \
        const float *b = s->b, *at = s->at;                                                           \
        const size_t at_vector = s->at_vector;                                                        \
        for (int left = s->terms; left > 0; left -= GAN__LANES, b += s->b_panel) {                    \
            const int n = left < GAN__LANES ? left : GAN__LANES;                                      \
            for (int i = 0; i < M; i++) /* what the next tile reads here */                           \
                __builtin_prefetch(b + (M + i) * GAN__LANES);                                         \
            for (int k = 0; k < n; k++, at += GAN__LANES) {                                           \
                vf x[V];                                                                              \
                UNROLL for (int j = 0; j < V; j++) x[j] = v_load(at + (size_t)j * at_vector);         \
                UNROLL for (int i = 0; i < M; i++)                                                    \
                {                                                                                     \
                    const vf w = v_set1(b[i * GAN__LANES + k]);                                       \
                    UNROLL for (int j = 0; j < V; j++) acc[i][j] = v_fma(x[j], w, acc[i][j]);         \
                }                                                                                     \
            }                                                                                         \
        }                                                                                             \
        UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++)                         \
            v_store(s->c + (j * CHUNK + i) * GAN__LANES, acc[i][j]);                                  \
    }

typedef struct tile_kind {
    int rows;
    void (*fn)(const strip *);
} tile_kind;

/* Tallest first; each list ends with one row. */
#if TILE_VECTORS == 4
TILE(16, 1) TILE(4, 1) TILE(1, 1)
TILE(12, 2) TILE(4, 2) TILE(1, 2)
TILE(8, 3) TILE(4, 3) TILE(1, 3)
TILE(6, 4) TILE(4, 4) TILE(1, 4)
static const tile_kind tiles[4][3] = {{{16, tile_16_1}, {4, tile_4_1}, {1, tile_1_1}},
                                      {{12, tile_12_2}, {4, tile_4_2}, {1, tile_1_2}},
                                      {{8, tile_8_3}, {4, tile_4_3}, {1, tile_1_3}},
                                      {{6, tile_6_4}, {4, tile_4_4}, {1, tile_1_4}}};
#else
TILE(6, 1) TILE(4, 1) TILE(1, 1)
static const tile_kind tiles[1][3] = {{{6, tile_6_1}, {4, tile_4_1}, {1, tile_1_1}}};
#endif

/* aT of rows [row, row + rows) and terms [k, k + terms): [vector][terms][16], zeros beyond the rows. */
static void turn_a(const gan__product *p, int row, int rows, int k, int terms, float *at)
{
    for (int i = 0; i < rows; i += GAN__LANES, at += (size_t)terms * GAN__LANES) {
        const int lanes = rows - i < GAN__LANES ? rows - i : GAN__LANES;
        const float *a = p->a + (size_t)(row + i) * p->a_row + (size_t)k * p->a_term;
        if (p->a_row == 1) {
            for (int u = 0; u < terms; u++)
                v_store(at + (size_t)u * GAN__LANES, v_load_n(a + (size_t)u * p->a_term, lanes));
        } else if (p->a_term == 1) {
            for (int u = 0; u < terms; u += GAN__LANES)
                gan__turn(at + (size_t)u * GAN__LANES, GAN__LANES, a + u, p->a_row, lanes,
                          terms - u < GAN__LANES ? terms - u : GAN__LANES);
        } else {
            for (int u = 0; u < terms; u++)
                for (int l = 0; l < GAN__LANES; l++)
                    at[u * GAN__LANES + l] =
                        l < lanes ? a[(size_t)l * p->a_row + (size_t)u * p->a_term] : 0;
        }
    }
}

/* cT [vectors][CHUNK][16] into columns [j, j + cols) of c's rows [row, row + rows); add: to what is there. */
static void turn_back(const gan__product *p, const float *ct, int row, int rows, int j, int cols, bool add)
{
    float block[GAN__LANES * GAN__LANES];
    for (int i = 0; i < rows; i += GAN__LANES, ct += CHUNK * GAN__LANES)
        for (int u = 0; u < cols; u += GAN__LANES) {
            const int n = cols - u < GAN__LANES ? cols - u : GAN__LANES,
                      m = rows - i < GAN__LANES ? rows - i : GAN__LANES;
            gan__turn(block, GAN__LANES, ct + u * GAN__LANES, GAN__LANES, n, m);
            for (int l = 0; l < m; l++) {
                float *c = p->c + (size_t)(row + i + l) * p->c_row +
                           (size_t)((j + u) / GAN__LANES) * p->c_panel;
                const vf x = v_load(block + l * GAN__LANES);
                v_store_n(c, add ? v_add(v_load_n(c, n), x) : x, n);
            }
        }
}

/* Rows [j, j + rows) of B and terms [k, k + terms), for any address. */
static void copy_rows(const gan__product *p, int j, int rows, int k, int terms, float *to)
{
    for (int u = 0; u < terms; u += GAN__LANES, to += GAN__LANES * GAN__LANES)
        for (int i = 0; i < rows; i++)
            v_store(to + i * GAN__LANES,
                    v_load_n(p->b + (size_t)(j + i) * p->b_term + (size_t)((k + u) / GAN__LANES) * p->b_panel,
                             terms - u));
}

static void all_tiles(strip s, int vectors, int rows)
{
    const tile_kind *kind = tiles[vectors - 1];
    while (rows > 0) {
        while (kind->rows > rows)
            kind++;
        kind->fn(&s);
        s.b += kind->rows * GAN__LANES;
        s.c += kind->rows * GAN__LANES;
        rows -= kind->rows;
    }
}

/* One group of rows of a, one block of terms: all columns [j, end). */
static void group(const gan__product *p, int row, int rows, int k, int terms, int j, int end,
                  float *scratch)
{
    float *at = scratch, *ct = at + GROUP_ROWS * GAN__SUM_BLOCK, *copy = ct + CHUNK * GROUP_ROWS;
    const bool packed = p->b_term == GAN__LANES;
    const int vectors = (rows + GAN__LANES - 1) / GAN__LANES, most = packed ? CHUNK : GAN__LANES;
    strip s = {.terms = terms, .at_vector = (size_t)terms * GAN__LANES, .b_panel = p->b_panel};
    turn_a(p, row, rows, k, terms, at);
    for (int n; j < end; j += n) {
        n = end - j < most ? end - j : most;
        s.b = p->b + (size_t)j * GAN__LANES + (size_t)(k / GAN__LANES) * p->b_panel;
        if (!packed) {
            copy_rows(p, j, n, k, terms, copy);
            s.b = copy;
            s.b_panel = GAN__LANES * GAN__LANES;
        }
        for (int v = 0, w; v < vectors; v += w) {
            w = vectors - v < TILE_VECTORS ? vectors - v : TILE_VECTORS;
            s.at = at + (size_t)v * s.at_vector;
            s.c = ct + v * CHUNK * GAN__LANES;
            all_tiles(s, w, n);
        }
        turn_back(p, ct, row, rows, j, n, k > 0);
    }
}

void gan__product_turned(const gan__product *p, int panel, int panel_end, float *scratch)
{
    const int j = panel * GAN__LANES, end = panel_end * GAN__LANES < p->n ? panel_end * GAN__LANES : p->n;
    for (int row = 0; row < p->m; row += GROUP_ROWS)
        for (int k = 0; k < p->terms; k += GAN__SUM_BLOCK)
            group(p, row, p->m - row < GROUP_ROWS ? p->m - row : GROUP_ROWS, k,
                  p->terms - k < GAN__SUM_BLOCK ? p->terms - k : GAN__SUM_BLOCK, j, end, scratch);
}

static_assert(VECTORS_MAX >= TILE_VECTORS, "a group is at least one tile wide");
static_assert(GROUP_ROWS * GAN__SUM_BLOCK + CHUNK * GROUP_ROWS + GAN__LANES * GAN__SUM_BLOCK <=
                  GAN__PRODUCT_SCRATCH,
              "aT, cT and copied rows must fit");
