/* form_conv_dw.c - CONV_DW: w[u, c, o] = sum over images and places p of x[p at tap u, c] y[p, o].
 *
 *             y: V vectors of 16 output channels
 *           +----+----+----+----+
 *     c  -> | w  |    |    |    |     for each place: load V vectors of y, broadcast x's channels at the tap,
 *     ...   |    |    |    |    |     M x V fused multiply-adds into registers
 *     c+5-> |    |    |    |    |
 *           +----+----+----+----+
 *
 * Places go by in parts of 128, which stay in L1; between the parts of a block of 1,024 the accumulators rest in memory. Of a
 * part, each tap takes the places at which it reads inside the image. Where a tile is one vector wide, those rows of x are copied
 * side by side: where they lie they fall on the same few lines of L1, and each is wanted again for every strip of columns.
 * Taps of an image with few channels are taken together: each place's terms are gathered side by side.
 */
#include "kernel/form_axes.h"
#include "kernel/form_tiles.h"

enum { PART = 128, NARROW = 8, COPY_ROWS = 24, COPY_COLUMNS = CONV_STRIP / PART };
_Static_assert(PART * TILE_VECTORS * GAN__LANES <= (int)CONV_STRIP, "a part of a strip");

typedef struct tile {
    const float *const *x; /* by place that the tap takes */
    const int *at;         /* which place of the part that is */
    size_t channel;
    const float *y; /* of the part's first place, at the strip's first column */
    size_t y_row;
    int places;
    float *rest; /* [row][vectors x 16]: where the accumulators rest */
    float *w;    /* at the first row's column */
    size_t w_row;
    int last; /* columns of the last vector */
    bool opens, closes, add;
} tile;

#define ROW(i, M, V)                                                                              \
    if (i < M) {                                                                                  \
        const vf a = v_set1(x[i]);                                                                \
        UNROLL for (int j = 0; j < V; j++) acc[i][j] = v_fma(a, y[j], acc[i][j]);                 \
    }

#define TILE_BODY(M, V, tail)                                                                     \
    vf acc[M][V];                                                                                 \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++) acc[i][j] =             \
        t->opens ? v_zero() : v_load(t->rest + (size_t)(i * V + j) * GAN__LANES);       \
    const size_t channel = t->channel, y_row = t->y_row;                                          \
    const float *const *from = t->x;                                                              \
    for (int p = 0; p < t->places; p++) {                                                         \
        const float *const x = from[p] + channel;                                                 \
        const float *const b = t->y + (size_t)t->at[p] * y_row;                                   \
        vf y[V];                                                                                  \
        UNROLL for (int j = 0; j < V; j++) y[j] =                                                 \
            tail && j == V - 1 ? v_load_n(b + j * GAN__LANES, t->last) : v_load(b + j * GAN__LANES); \
        ROW(0, M, V) ROW(1, M, V) ROW(2, M, V) ROW(3, M, V) ROW(4, M, V) ROW(5, M, V)             \
    }                                                                                             \
    const bool closes = t->closes, add = t->add;                                                  \
    const int last = t->last;                                                                     \
    const size_t w_row = t->w_row;                                                                \
    float *const rest = t->rest, *w = t->w;                                                       \
    if (!closes) {                                                                                \
        UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < V; j++)                     \
            v_store(rest + (size_t)(i * V + j) * GAN__LANES, acc[i][j]);                          \
        return;                                                                                   \
    }                                                                                             \
    UNROLL for (int i = 0; i < M; i++, w += w_row) UNROLL for (int j = 0; j < V; j++)             \
        put_sum(w + j * GAN__LANES, acc[i][j], add, tail && j == V - 1, last);

TILE_TABLE

/* Few output channels: lanes are 16 input channels, TAPS taps x N output channels in registers. */
typedef struct swapped {
    const float *const *x; /* [tap][PART]; zeros where a tap reads outside */
    size_t channel;
    int lanes;
    const float *y;
    size_t y_row;
    int places;
    float *rest; /* [tap][N][16] */
    float *w;    /* of the first tap and channel */
    size_t w_tap;
    bool opens, closes, add;
} swapped;

#define SWAPPED_BODY(T, N, whole)                                                                 \
    const int lanes = t->lanes;                                                                   \
    vf acc[T][N];                                                                                 \
    UNROLL for (int i = 0; i < T; i++) UNROLL for (int j = 0; j < N; j++) acc[i][j] =             \
        t->opens ? v_zero() : v_load(t->rest + (size_t)(i * N + j) * GAN__LANES);                 \
    const float *b = t->y;                                                                        \
    for (int p = 0; p < t->places; p++, b += t->y_row) {                                          \
        vf y[N];                                                                                  \
        UNROLL for (int j = 0; j < N; j++) y[j] = v_set1(b[j]);                                   \
        UNROLL for (int i = 0; i < T; i++)                                                        \
        {                                                                                         \
            const float *const from = t->x[(size_t)i * PART + (size_t)p] + t->channel;            \
            const vf x = whole ? v_load(from) : v_load_n(from, lanes);                            \
            UNROLL for (int j = 0; j < N; j++) acc[i][j] = v_fma(x, y[j], acc[i][j]);             \
        }                                                                                         \
    }                                                                                             \
    for (int i = 0; i < T; i++)                                                                   \
        for (int j = 0; j < N; j++) {                                                             \
            float out[GAN__LANES], *w = t->w + (size_t)i * t->w_tap + j;                          \
            if (!t->closes) {                                                                     \
                v_store(t->rest + (size_t)(i * N + j) * GAN__LANES, acc[i][j]);                   \
                continue;                                                                         \
            }                                                                                     \
            v_store(out, acc[i][j]);                                                              \
            for (int c = 0; c < t->lanes; c++)                                                    \
                w[(size_t)c * N] = t->add ? w[(size_t)c * N] + out[c] : out[c];                   \
        }

#define SWAPPED_TILE(T, N)                                                                        \
    static void swapped_##T##_##N(const swapped *t)                                               \
    {                                                                                             \
        if (t->lanes == GAN__LANES) {                                                             \
            SWAPPED_BODY(T, N, true)                                                              \
        } else {                                                                                  \
            SWAPPED_BODY(T, N, false)                                                             \
        }                                                                                         \
    }
#define SWAPPED(N) SWAPPED_TILE(1, N) SWAPPED_TILE(2, N) SWAPPED_TILE(3, N) SWAPPED_TILE(4, N)
SWAPPED(1)
SWAPPED(2)
SWAPPED(3)
SWAPPED(4)
enum { FEW = 4, TAPS_AT_ONCE = 4 };
static void (*const swapped_tiles[FEW][TAPS_AT_ONCE])(const swapped *) = {
    {swapped_1_1, swapped_2_1, swapped_3_1, swapped_4_1},
    {swapped_1_2, swapped_2_2, swapped_3_2, swapped_4_2},
    {swapped_1_3, swapped_2_3, swapped_3_3, swapped_4_3},
    {swapped_1_4, swapped_2_4, swapped_3_4, swapped_4_4},
};
/* Taps at once, by channels: as many sums as the registers hold. */
static const int taps_of[FEW] = {4, TILE_VECTORS == 4 ? 4 : 3, TILE_VECTORS == 4 ? 4 : 2, TILE_VECTORS == 4 ? 4 : 1};

/* Rows are (tap, channel of a group), or with patches all terms of a place; columns first_col .. end_col - 1 of each group. */
typedef struct job {
    const gan__conv *g;
    axis a[3];
    const float *x, *y;
    float *w, *scratch;
    int terms, cols; /* terms: rows of a tap; cols: of a group */
    int first_col, end_col, first_group, end_group;
    bool patches;
    bool few; /* output channels */
    bool copies; /* x's rows, and all strips of y at once */
    int every[PART]; /* 0, 1, ...: places that patches take */
} job;

/* Places first .. first + places - 1, and where they stand in their block of 1,024. */
typedef struct part {
    int first, places;
    bool opens, closes, add;
} part;

/* Which places of a part taps take, and where they read: by tap, from the first of the table on. */
typedef struct table {
    const float **x; /* [tap][PART] */
    int *at;         /* [tap][PART]; places of the part */
    int *places;     /* [tap] */
} table;

/* Places stand where patches do, which need none of theirs; copies of x behind them. */
enum {
    TABLE_TAPS = CONV_POINTERS / PART,
    AT_COPY = AT_PATCHES + TABLE_TAPS * (PART + 1) / GAN__LANES * GAN__LANES + GAN__LANES
};
_Static_assert(AT_COPY + COPY_ROWS * PART <= (int)AT_REST, "no room for copies");

static table table_of(const job *j)
{
    int *at = (int *)(void *)(j->scratch + AT_PATCHES);
    return (table){(const float **)(void *)(j->scratch + AT_POINTERS), at, at + TABLE_TAPS * PART};
}

/* Few input channels: a place's terms side by side, one tap that takes every place. */
static void look_at_patches(const job *j, const part *q)
{
    float *patches = j->scratch + AT_PATCHES;
    const float **out = (const float **)(void *)(j->scratch + AT_POINTERS);
    patches_of(j->a, spot_of(j->a, q->first), q->places, j->x, j->g->c, patches);
    for (int p = 0; p < q->places; p++, patches += j->terms)
        out[p] = patches;
}

/* Taps first .. end - 1, at most TABLE_TAPS. Few output channels: taps go by together, so each takes every place, and reads zeros
 * outside. */
static void look(const job *j, const part *q, int first, int end)
{
    const table t = table_of(j);
    ptrdiff_t offset[TABLE_TAPS];
    spot at = spot_of(j->a, q->first);
    tap_offsets(j->a, j->g->c, first, end, offset);
    for (int u = 0; u < end - first; u++)
        t.places[u] = 0;
    for (int p = 0; p < q->places; p++, next_spot(j->a, &at)) {
        const bool inside = all_inside(j->a, &at);
        const ptrdiff_t from = first_read(j->a, &at, j->g->c);
        for (int u = 0; u < end - first; u++) {
            const bool here = inside || reads_inside(j->a, &at, first + u);
            if (!here && !j->few)
                continue;
            const int n = u * PART + t.places[u]++;
            t.x[n] = here ? j->x + (from + offset[u]) : j->scratch + AT_ZEROS;
            t.at[n] = p;
        }
    }
}

/* Columns of a group that go by together. */
typedef struct strip {
    size_t column; /* the first, of all */
    int vectors, last;
    const float *y; /* of the part's first place */
    size_t y_row;
} strip;

/* The strip at column `col` of a group. Where it is narrower than y's rows its numbers are put side by side
 * at `room`, zeros behind the last: where they lie they fall on the same few lines of L1. */
static strip strip_at(const job *j, const part *q, int group, int col, float *room)
{
    const int left = (j->end_col - col + GAN__LANES - 1) / GAN__LANES, vectors = left < TILE_VECTORS ? left : TILE_VECTORS,
              last = j->end_col - col - (vectors - 1) * GAN__LANES;
    const size_t o = (size_t)j->g->o, width = (size_t)vectors * GAN__LANES;
    strip s = {.column = (size_t)group * (size_t)j->cols + (size_t)col,
               .vectors = vectors,
               .last = last < GAN__LANES ? last : GAN__LANES,
               .y_row = o};
    s.y = j->y + (size_t)q->first * o + s.column;
    if (vectors == 4 || o <= width)
        return s;
    const float *from = s.y;
    s.y = room;
    s.y_row = width;
    for (int p = 0; p < q->places; p++, from += o)
        for (int v = 0; v < vectors; v++, room += GAN__LANES)
            v_store(room, v + 1 < vectors || s.last == GAN__LANES ? v_load(from + v * GAN__LANES)
                                                                  : v_load_n(from + v * GAN__LANES, s.last));
    return s;
}

/* The places that a tap takes of a part: which, and where they read. */
typedef struct taken {
    const float *const *x;
    const int *at;
    int count;
} taken;

/* Rows first .. end - 1, all of one tap and of one strip; `channel`: where x's pointers have the first. Returns where the next rows'
 * accumulators rest. */
static float *rows_of_strip(const job *j, const part *q, const strip *s, const taken *p, int first, int end, size_t channel,
                            float *rest)
{
    tile t = {.x = p->x,
              .at = p->at,
              .channel = channel,
              .y = s->y,
              .y_row = s->y_row,
              .places = p->count,
              .rest = rest,
              .w = j->w + (size_t)first * (size_t)j->g->o + s->column,
              .w_row = (size_t)j->g->o,
              .last = s->last,
              .opens = q->opens,
              .closes = q->closes,
              .add = q->add};
    tile_fn *const *fn = tiles[s->vectors - 1][s->last < GAN__LANES];
    for (int rows = end - first, h; rows > 0; rows -= h) {
        h = tile_rows(rows);
        fn[h - 1](&t);
        t.channel += (size_t)h;
        t.w += (size_t)h * t.w_row;
        t.rest += (size_t)(h * s->vectors) * GAN__LANES;
    }
    return t.rest;
}

static taken taken_by(const job *j, const part *q, int slot)
{
    const table t = table_of(j);
    return (taken){.x = t.x + (size_t)slot * PART,
                    .at = j->patches ? j->every : t.at + (size_t)slot * PART,
                    .count = j->patches ? q->places : t.places[slot]};
}

static int end_of_tap(const job *j, int row, int end)
{
    const int next = (row / j->terms + 1) * j->terms;
    return next < end ? next : end;
}

/* Rows first .. end - 1 of one group, all strips of columns; the table begins at tap `tap`. Returns where the next group's
 * accumulators rest. */
static float *strips(const job *j, const part *q, int group, int first, int end, int tap, float *rest)
{
    const size_t group_off = (size_t)group * (size_t)j->terms;
    for (int col = j->first_col; col < j->end_col; col += TILE_VECTORS * GAN__LANES) {
        const strip s = strip_at(j, q, group, col, j->scratch + AT_STRIP);
        for (int r = first, to; r < end; r = to) {
            to = end_of_tap(j, r, end);
            const taken p = taken_by(j, q, r / j->terms - tap);
            rest = rows_of_strip(j, q, &s, &p, r, to, group_off + (size_t)(r % j->terms), rest);
        }
    }
    return rest;
}

/* The same for tiles of one vector, all strips put side by side first, and rows of x copied, COPY_ROWS of a tap at each place. */
static float *copied_strips(const job *j, const part *q, int group, int first, int end, int tap, float *rest)
{
    const size_t group_off = (size_t)group * (size_t)j->terms;
    float *const copy = j->scratch + AT_COPY;
    const float *at[PART];
    strip some[COPY_COLUMNS / GAN__LANES];
    int count = 0;
    for (int col = j->first_col; col < j->end_col; col += GAN__LANES, count++)
        some[count] = strip_at(j, q, group, col, j->scratch + AT_STRIP + count * PART * GAN__LANES);
    for (int p = 0; p < PART; p++)
        at[p] = copy + (size_t)p * COPY_ROWS;
    for (int r = first, to; r < end; r = to) {
        to = end_of_tap(j, r, end);
        to = to < r + COPY_ROWS ? to : r + COPY_ROWS;
        taken p = taken_by(j, q, r / j->terms - tap);
        for (int i = 0; i < p.count; i++) {
            const float *from = p.x[i] + group_off + (size_t)(r % j->terms);
            if (to - r == COPY_ROWS)
                memcpy(copy + i * COPY_ROWS, from, COPY_ROWS * sizeof *copy);
            else
                copy_few(copy + i * COPY_ROWS, from, to - r);
        }
        p.x = at;
        for (int s = 0; s < count; s++)
            rest = rows_of_strip(j, q, &some[s], &p, r, to, 0, rest);
    }
    return rest;
}

/* A part's share of rows first .. end - 1, all groups; as many taps at a time as the table holds. */
static void part_of_rows(const job *j, const part *q, int first, int end)
{
    float *rest = j->scratch + AT_REST;
    for (int row = first, stop; row < end; row = stop) {
        const int tap = row / j->terms;
        stop = end / j->terms - tap < TABLE_TAPS ? end : (tap + TABLE_TAPS) * j->terms;
        if (j->patches)
            look_at_patches(j, q);
        else
            look(j, q, tap, (stop - 1) / j->terms + 1);
        for (int group = j->first_group; group < j->end_group; group++)
            rest = (j->copies ? copied_strips : strips)(j, q, group, row, stop, tap, rest);
    }
}

/* The same of a group's few columns, for whole taps first .. end - 1. */
static void part_of_taps(const job *j, const part *q, int first, int end)
{
    const table from = table_of(j);
    const int channels = j->g->c, few = j->g->o;
    float *rest = j->scratch + AT_REST;
    for (int tap = first, stop; tap < end; tap = stop) {
        stop = end - tap < TABLE_TAPS ? end : tap + TABLE_TAPS;
        look(j, q, tap, stop);
        for (int u = tap, taps; u < stop; u += taps) {
            taps = stop - u < taps_of[few - 1] ? stop - u : taps_of[few - 1];
            for (int c = 0; c < channels; c += GAN__LANES, rest += (size_t)(taps * few) * GAN__LANES) {
                const swapped t = {.x = from.x + (size_t)(u - tap) * PART,
                                   .channel = (size_t)c,
                                   .lanes = channels - c < GAN__LANES ? channels - c : GAN__LANES,
                                   .y = j->y + (size_t)q->first * (size_t)few,
                                   .y_row = (size_t)few,
                                   .places = q->places,
                                   .rest = rest,
                                   .w = j->w + ((size_t)u * (size_t)channels + (size_t)c) * (size_t)few,
                                   .w_tap = (size_t)channels * (size_t)few,
                                   .opens = q->opens,
                                   .closes = q->closes,
                                   .add = q->add};
                swapped_tiles[few - 1][taps - 1](&t);
            }
        }
    }
}

/* Rows first .. end - 1, few enough to rest: all places. */
static void rows(const job *j, int first, int end)
{
    const int all = j->g->n * product_of(j->g->y);
    const int most = !j->patches || PART * j->terms <= CONV_PATCHES ? PART : CONV_PATCHES / j->terms;
    for (int p = 0, places; p < all; p += places) {
        const int in_block = p % GAN__SUM_BLOCK, to_block = GAN__SUM_BLOCK - in_block,
                  left = to_block < all - p ? to_block : all - p;
        places = most < left ? most : left;
        const part q = {.first = p,
                        .places = places,
                        .opens = in_block == 0,
                        .closes = places == left,
                        .add = p >= GAN__SUM_BLOCK};
        if (j->few)
            part_of_taps(j, &q, first / j->terms, end / j->terms);
        else
            part_of_rows(j, &q, first, end);
    }
}

/* Each channel by itself: lanes are channels, a row is a tap. */
static void depthwise(const job *j, int first, int end)
{
    const int channels = j->g->c, all = j->g->n * product_of(j->g->y);
    const float *zeros = j->scratch + AT_ZEROS;
    for (int tap = first; tap < end; tap++)
        for (int c = 0; c < channels; c += GAN__LANES) {
            const int lanes = channels - c < GAN__LANES ? channels - c : GAN__LANES;
            vf total = v_zero(), sum = v_zero();
            spot at = {0};
            for (int p = 0; p < all; p++, next_spot(j->a, &at)) {
                const float *x;
                point(j->a, &at, j->x, channels, zeros, tap, tap + 1, &x, 1);
                sum = v_fma(v_load_n(x + c, lanes), v_load_n(j->y + (size_t)p * (size_t)channels + c, lanes), sum);
                if ((p + 1) % GAN__SUM_BLOCK == 0 || p + 1 == all) {
                    total = p >= GAN__SUM_BLOCK ? v_add(total, sum) : sum;
                    sum = v_zero();
                }
            }
            v_store_n(j->w + (size_t)tap * (size_t)channels + c, total, lanes);
        }
}

void FORM(gan__conv_dw)(const gan__conv *g, const float *x, const void *y, float *w, int first, int end, float *scratch)
{
    enum { COLUMNS = 8192, COPY_STRIPS = 4 /* at least: fewer do not pay for the copies */ };
    const int terms = g->c / g->groups, taps = product_of(g->k), cols = g->o / g->groups;
    job j = {.g = g,
             .a = {conv_axis(g, 0), conv_axis(g, 1), conv_axis(g, 2)},
             .x = x,
             .y = y,
             .w = w,
             .scratch = scratch,
             .terms = terms,
             .cols = cols,
             .patches = g->groups == 1 && terms <= NARROW && taps > 1 && (long long)taps * terms <= CONV_PATCHES / 16};
    memset(scratch + AT_ZEROS, 0, CONV_ZEROS * sizeof *scratch);
    if (terms == 1 && cols == 1 && g->c <= CONV_ZEROS) {
        depthwise(&j, first, end);
        return;
    }
    /* Few output channels: whole taps, so a share of rows is rounded to them. */
    const int padded_terms = (terms + GAN__LANES - 1) / GAN__LANES * GAN__LANES;
    if (!j.patches && g->groups == 1 && cols <= FEW && terms >= GAN__LANES && terms <= CONV_ZEROS &&
        padded_terms * cols <= CONV_REST) {
        const int at_once = CONV_REST / (padded_terms * cols) * terms;
        j.few = true;
        first = (first + terms - 1) / terms * terms;
        end = (end + terms - 1) / terms * terms;
        for (int row = first; row < end; row += at_once)
            rows(&j, row, end - row < at_once ? end : row + at_once);
        return;
    }
    if (j.patches)
        j.terms = taps * terms;
    for (int p = 0; p < PART; p++)
        j.every[p] = p;
    j.copies = TILE_VECTORS == 1 && !j.patches && cols >= COPY_STRIPS * GAN__LANES;
    const int columns = j.copies ? COPY_COLUMNS : COLUMNS;
    for (j.first_col = 0; j.first_col < cols; j.first_col = j.end_col) {
        j.end_col = cols - j.first_col < columns ? cols : j.first_col + columns;
        const int padded = (j.end_col - j.first_col + GAN__LANES - 1) / GAN__LANES * GAN__LANES,
                  groups = CONV_REST / padded < g->groups ? CONV_REST / padded : g->groups, at_once = CONV_REST / (padded * groups);
        for (j.first_group = 0; j.first_group < g->groups; j.first_group = j.end_group) {
            j.end_group = g->groups - j.first_group < groups ? g->groups : j.first_group + groups;
            for (int row = first; row < end; row += at_once)
                rows(&j, row, end - row < at_once ? end : row + at_once);
        }
    }
}
