/* form_conv_few.c - convolutions to one to four channels: lanes are 16 results that lie side by side.
 *
 *     row of the input, turned once: [channel][place]
 *          c   | . . . . . . . . . . . . . . . . |        results m .. m + 15 of a row read 16 places side by side;
 *              +---------------------------------+        N output channels share each load
 *
 * Up to four strips of results are summed at once, so that sums do not wait for each other. Turned rows are kept while the
 * results go down the image, and an adjoint's phases go down together: each row is turned once.
 */
#include "kernel/form_conv_job.h"

enum { STRIPS = 4, FEW = 4, ROOM = CONV_PATCHES + CONV_REST };
/* Strips at once, by channels: as many sums as the registers hold. */
static const int strips_of[FEW] = {4, TILE_VECTORS == 4 ? 4 : 3, TILE_VECTORS == 4 ? 4 : 2, TILE_VECTORS == 4 ? 4 : 1};

/* Rows kept, and where a place of a row stands: `lead` zeros before place 0. */
typedef struct rows {
    const gan__gather *j; /* one of the jobs: they read the same */
    float *room;
    int lead, width, slots0, slots1, slots; /* the last slot is zeros */
    long long key[64];                      /* of the row in a slot; -1: none */
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

static int max_of(int a, int b)
{
    return a > b ? a : b;
}

/* Makes room for one more job; false where it cannot be done so. */
static bool fit(rows *r, const gan__gather *j)
{
    const axis *a = j->a;
    const int back = (a[2].taps - 1) * a[2].by_tap, least = a[2].base + (back < 0 ? back : 0),
              most = a[2].base + a[2].outs + (back > 0 ? back : 0); /* lanes behind a row's last result read on, and do not count */
    r->lead = max_of(r->lead, -least);
    r->width = max_of(r->width, max_of(most, (a[2].extent + GAN__LANES - 1) / GAN__LANES * GAN__LANES)); /* from place 0 on */
    r->slots0 = max_of(r->slots0, a[0].taps);
    r->slots1 = max_of(r->slots1, a[1].taps + STRIPS - 1);
    return j->groups == 1 && j->cols <= FEW && j->terms >= GAN__LANES / 2 && j->taps && j->taps <= CONV_POINTERS / STRIPS &&
           a[2].by_out == 1 && a[1].by_out == 1 && (a[1].taps == 1 || a[1].by_tap == 1 || a[1].by_tap == -1) &&
           (a[0].taps == 1 || a[0].by_tap == 1 || a[0].by_tap == -1);
}

/* Can the jobs be done so? Phases are a row apart. */
static bool plan_rows(rows *r, const gan__gather *jobs, int count, float *room)
{
    *r = (rows){.j = jobs, .room = room};
    for (int i = 0; i < count; i++)
        if (!fit(r, &jobs[i]))
            return false;
    r->width += r->lead;
    r->slots1 += count > 1;
    r->slots = r->slots0 * r->slots1 + 1;
    return r->slots <= (int)(sizeof r->key / sizeof *r->key) &&
           (double)r->slots * (double)jobs->terms * (double)r->width + 2 * GAN__LANES <= ROOM;
}

/* One row of the input, turned, and zeros to the end of its last vector; the other zeros around it stand in the slot already.
 * Blocks of 16 x 16 are turned fastest, so what is narrower is filled up. */
static void turn_row(const rows *r, const float *line, float *out)
{
    float block[GAN__LANES * GAN__LANES], full[GAN__LANES * GAN__LANES];
    const int channels = r->j->src_channels, places = r->j->a[2].extent;
    const size_t width = (size_t)r->width;
    for (int c = 0; c < channels; c += GAN__LANES)
        for (int x = 0; x < places; x += GAN__LANES) {
            const int wide = places - x < GAN__LANES ? places - x : GAN__LANES,
                      deep = channels - c < GAN__LANES ? channels - c : GAN__LANES;
            const float *from = line + (size_t)x * (size_t)channels + c;
            float *to = out + (size_t)c * width + r->lead + x;
            size_t step = (size_t)channels;
            if (wide < GAN__LANES || deep < GAN__LANES) {
                for (int i = 0; i < GAN__LANES; i++)
                    v_store(full + i * GAN__LANES, i < wide ? v_load_n(from + (size_t)i * step, deep) : v_zero());
                from = full;
                step = GAN__LANES;
            }
            if (deep == GAN__LANES) {
                gan__turn(to, width, from, step, GAN__LANES, GAN__LANES);
                continue;
            }
            gan__turn(block, GAN__LANES, from, step, GAN__LANES, GAN__LANES);
            for (int k = 0; k < deep; k++)
                v_store(to + (size_t)k * width, v_load(block + k * GAN__LANES));
        }
}

static const float *row_of(rows *r, int n, int i0, int i1)
{
    const axis *a = r->j->a;
    if (i0 < 0 || i1 < 0)
        return r->room + (size_t)(r->slots - 1) * slot_size(r);
    const long long key = ((long long)n * a[0].extent + i0) * a[1].extent + i1;
    const int slot = i0 % r->slots0 * r->slots1 + i1 % r->slots1;
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
    const int most = strips_of[j->cols - 1];
    const spot begin = *at;
    int n = 0;
    while (n < most && *first < end && at->n == begin.n && at->m[0] == begin.m[0]) {
        const int left = a[2].outs - at->m[2], lanes = end - *first < left ? end - *first : left;
        out[n].at = *at;
        out[n].lanes = lanes < GAN__LANES ? lanes : GAN__LANES;
        *first += out[n].lanes;
        at->m[2] += out[n].lanes - 1;
        next_spot(a, at);
        n++;
    }
    return n;
}

static void sum_strips(rows *r, const gan__gather *j, const strip *s, int count, const float **table)
{
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

bool gan__conv_few(const gan__gather *jobs, int count, const int *first, const int *end, float *scratch)
{
    rows r;
    const float **table = (const float **)(void *)(scratch + AT_POINTERS);
    int next[CONV_JOBS];
    spot at[CONV_JOBS];
    if (!plan_rows(&r, jobs, count, scratch + AT_PATCHES))
        return false;
    for (int i = 0; i < r.slots; i++)
        r.key[i] = -1;
    memset(r.room, 0, (size_t)r.slots * slot_size(&r) * sizeof(float));
    for (int i = 0; i < count; i++) {
        next[i] = first[i];
        at[i] = spot_of(jobs[i].a, first[i]);
    }
    for (int left = count; left > 0;) {
        left = 0;
        for (int i = 0; i < count; i++) {
            strip s[STRIPS];
            const int strips = next_strips(&jobs[i], &next[i], end[i], &at[i], s);
            if (strips)
                sum_strips(&r, &jobs[i], s, strips, table);
            left += next[i] < end[i];
        }
    }
    return true;
}
