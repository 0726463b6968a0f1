/* form_conv_few.c - convolutions to one to four channels: lanes are 16 results that lie side by side.
 *
 *     row of the input, turned once: [channel][place]
 *          c   | . . . . . . . . . . . . . . . . |        results m .. m + 15 of a row read 16 places side by side;
 *              +---------------------------------+        N output channels share each load
 *
 * Up to four rows of results are summed at once, so that sums do not wait for each other. Turned rows are kept while the
 * results go down the image: each is turned once.
 */
#include "kernel/form_conv_job.h"

enum { STRIPS = 4, FEW = 4, ROOM = CONV_PATCHES + CONV_REST };

/* Rows kept, and where a place of a row stands: `lead` zeros before place 0. */
typedef struct rows {
    const gan__gather *j;
    float *room;
    int lead, width, slots1, slots; /* the last slot is zeros */
    long long key[64];              /* of the row in a slot; -1: none */
} rows;

/* 16 results side by side, or fewer at the end of a row. */
typedef struct strip {
    spot at;
    int lanes;
} strip;

static size_t slot_size(const rows *r)
{
    return (size_t)r->j->terms * (size_t)r->width;
}

/* Can the job be done so? */
static bool plan_rows(rows *r, const gan__gather *j, float *room)
{
    const axis *a = j->a;
    const int back = (a[2].taps - 1) * a[2].by_tap, least = a[2].base + (back < 0 ? back : 0),
              most = a[2].base + a[2].outs - 1 + GAN__LANES + (back > 0 ? back : 0);
    *r = (rows){.j = j, .room = room, .lead = least < 0 ? -least : 0, .slots1 = a[1].taps + STRIPS - 1};
    r->width = r->lead + (most > a[2].extent ? most : a[2].extent);
    r->slots = a[0].taps * r->slots1 + 1;
    const bool steps = a[2].by_out == 1 && a[1].by_out == 1 && (a[1].taps == 1 || a[1].by_tap == 1 || a[1].by_tap == -1) &&
                       (a[0].taps == 1 || a[0].by_tap == 1 || a[0].by_tap == -1);
    return steps && r->slots <= (int)(sizeof r->key / sizeof *r->key) &&
           (double)r->slots * (double)j->terms * (double)r->width <= ROOM;
}

/* One row of the input, turned; the zeros around it stand in the slot already. Blocks of 16 x 16 are turned fastest, so what
 * is narrower is filled up. */
static void turn_row(const rows *r, const float *line, float *out)
{
    float block[GAN__LANES * GAN__LANES], full[GAN__LANES * GAN__LANES] = {0};
    const int channels = r->j->src_channels, places = r->j->a[2].extent;
    for (int c = 0; c < channels; c += GAN__LANES)
        for (int x = 0; x < places; x += GAN__LANES) {
            const int wide = places - x < GAN__LANES ? places - x : GAN__LANES,
                      deep = channels - c < GAN__LANES ? channels - c : GAN__LANES;
            const float *from = line + (size_t)x * (size_t)channels + c;
            size_t step = (size_t)channels;
            if (wide < GAN__LANES || deep < GAN__LANES) {
                for (int i = 0; i < wide; i++)
                    v_store(full + i * GAN__LANES, v_load_n(from + (size_t)i * step, deep));
                from = full;
                step = GAN__LANES;
            }
            gan__turn(block, from, step, GAN__LANES, GAN__LANES);
            for (int k = 0; k < deep; k++)
                v_store_n(out + (size_t)(c + k) * (size_t)r->width + r->lead + x, v_load(block + k * GAN__LANES), wide);
        }
}

static const float *row_of(rows *r, int n, int i0, int i1)
{
    const axis *a = r->j->a;
    if (i0 < 0 || i1 < 0)
        return r->room + (size_t)(r->slots - 1) * slot_size(r);
    const long long key = ((long long)n * a[0].extent + i0) * a[1].extent + i1;
    const int slot = i0 % a[0].taps * r->slots1 + i1 % r->slots1;
    float *out = r->room + (size_t)slot * slot_size(r);
    if (r->key[slot] != key) {
        turn_row(r, r->j->src + key * a[2].extent * r->j->src_channels, out);
        r->key[slot] = key;
    }
    return out;
}

/* The sums of S strips of N channels: total [S][N]. Terms of the taps ascending, in blocks. */
typedef struct sums {
    const gan__gather *j;
    const float *const *x; /* [tap][STRIPS], at the first lane of channel 0 */
    size_t width;
    vf *total;
} sums;

#define FEW_BODY(S, N)                                                                            \
    vf acc[S][N];                                                                                 \
    int in_block = 0, blocks = 0;                                                                 \
    const gan__gather *const j = t->j;                                                            \
    const size_t width = t->width;                                                                \
    UNROLL for (int s = 0; s < S; s++) UNROLL for (int n = 0; n < N; n++) acc[s][n] = v_zero();   \
    for (int u = 0; u < j->taps; u++) {                                                           \
        const float *w = gan__gather_weights(j, u);                                               \
        for (int c = 0, stop; c < j->terms; c = stop) {                                           \
            const int room = GAN__SUM_BLOCK - in_block;                                           \
            stop = j->terms - c < room ? j->terms : c + room;                                     \
            in_block += stop - c;                                                                 \
            for (int k = c; k < stop; k++, w += GAN__LANES) {                                     \
                vf y[N];                                                                          \
                UNROLL for (int n = 0; n < N; n++) y[n] = v_set1(w[n]);                           \
                UNROLL for (int s = 0; s < S; s++)                                                \
                {                                                                                 \
                    const vf x = v_load(t->x[u * STRIPS + s] + (size_t)k * width);                \
                    UNROLL for (int n = 0; n < N; n++) acc[s][n] = v_fma(x, y[n], acc[s][n]);     \
                }                                                                                 \
            }                                                                                     \
            if (in_block < GAN__SUM_BLOCK)                                                        \
                continue;                                                                         \
            for (int s = 0; s < S; s++)                                                           \
                for (int n = 0; n < N; n++) {                                                     \
                    vf *total = t->total + s * N + n;                                             \
                    *total = blocks ? v_add(*total, acc[s][n]) : acc[s][n];                       \
                    acc[s][n] = v_zero();                                                         \
                }                                                                                 \
            in_block = 0;                                                                         \
            blocks++;                                                                             \
        }                                                                                         \
    }                                                                                             \
    for (int s = 0; s < S && in_block; s++)                                                       \
        for (int n = 0; n < N; n++) {                                                             \
            vf *total = t->total + s * N + n;                                                     \
            *total = blocks ? v_add(*total, acc[s][n]) : acc[s][n];                               \
        }

#define FEW_SUMS(N)                                                                               \
    static void sums_1_##N(const sums *t) { FEW_BODY(1, N) }                                      \
    static void sums_2_##N(const sums *t) { FEW_BODY(2, N) }                                      \
    static void sums_3_##N(const sums *t) { FEW_BODY(3, N) }                                      \
    static void sums_4_##N(const sums *t) { FEW_BODY(4, N) }
FEW_SUMS(1)
FEW_SUMS(2)
FEW_SUMS(3)
FEW_SUMS(4)
static void (*const sums_of[FEW][STRIPS])(const sums *) = {{sums_1_1, sums_2_1, sums_3_1, sums_4_1},
                                                           {sums_1_2, sums_2_2, sums_3_2, sums_4_2},
                                                           {sums_1_3, sums_2_3, sums_3_3, sums_4_3},
                                                           {sums_1_4, sums_2_4, sums_3_4, sums_4_4}};

/* The next strips of one image and place along the first axis; returns how many, and moves *first on. */
static int next_strips(const gan__gather *j, int *first, int end, spot *at, strip out[STRIPS])
{
    const axis *a = j->a;
    int n = 0;
    const spot begin = *at;
    while (n < STRIPS && *first < end && at->n == begin.n && at->m[0] == begin.m[0] && at->m[1] < begin.m[1] + STRIPS) {
        const int left = a[2].outs - at->m[2], most = end - *first < left ? end - *first : left;
        out[n].at = *at;
        out[n].lanes = most < GAN__LANES ? most : GAN__LANES;
        *first += out[n].lanes;
        for (int i = 0; i < out[n].lanes; i++)
            next_spot(a, at);
        n++;
    }
    return n;
}

static void sum_strips(rows *r, const strip *s, int count, const float **table)
{
    const gan__gather *j = r->j;
    const axis *a = j->a;
    vf total[STRIPS * FEW];
    for (int i = 0; i < count; i++)
        for (int u = 0, j0 = 0; j0 < a[0].taps; j0++)
            for (int j1 = 0; j1 < a[1].taps; j1++) {
                const float *row = row_of(r, s[i].at.n, reads(&a[0], s[i].at.m[0], j0), reads(&a[1], s[i].at.m[1], j1));
                for (int j2 = 0; j2 < a[2].taps; j2++, u++)
                    table[u * STRIPS + i] = row + r->lead + a[2].base + s[i].at.m[2] + j2 * a[2].by_tap;
            }
    const sums t = {j, table, (size_t)r->width, total};
    sums_of[j->cols - 1][count - 1](&t);
    for (int i = 0; i < count; i++) {
        float *y = gan__gather_result(j, &s[i].at);
        for (int n = 0; n < j->cols; n++) {
            float lane[GAN__LANES];
            v_store(lane, total[i * j->cols + n]);
            for (int k = 0; k < s[i].lanes; k++)
                y[(ptrdiff_t)k * a[2].out_step * j->dst_channels + n] = lane[k];
        }
    }
}

bool gan__conv_few(const gan__gather *j, int first, int end, float *scratch)
{
    rows r;
    const float **table = (const float **)(void *)(scratch + AT_POINTERS);
    if (j->groups != 1 || j->cols > FEW || j->terms < GAN__LANES / 2 || !j->taps || j->taps > CONV_POINTERS / STRIPS ||
        !plan_rows(&r, j, scratch + AT_PATCHES))
        return false;
    for (int i = 0; i < r.slots; i++)
        r.key[i] = -1;
    memset(r.room, 0, (size_t)r.slots * slot_size(&r) * sizeof(float));
    spot at = spot_of(j->a, first);
    while (first < end) {
        strip s[STRIPS];
        const int count = next_strips(j, &first, end, &at, s);
        sum_strips(&r, s, count, table);
    }
    return true;
}
