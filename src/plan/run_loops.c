/* run_loops.c - steps that are one loop: pointwise programs, noise, sums, moves, convolutions. */
#include "plan/run_loops.h"

#include "plan/program.h"

#include <string.h>

void gan__run_program(const gan__share *sh, const gan__step *s)
{
    const size_t rows = gan__program_rows(s->program), cols = gan__program_cols(s->program);
    size_t first, end;
    if (rows >= 4 * (size_t)sh->threads) {
        gan__share_part(sh, rows, 1, &first, &end);
        gan__share_program(sh, s->program, (gan__range){first, end, 0, cols}, NULL);
    } else {
        gan__share_part(sh, cols, GAN__LANES, &first, &end);
        if (first < end)
            gan__share_program(sh, s->program, (gan__range){0, rows, first, end}, NULL);
    }
}

void gan__run_normal(const gan__share *sh, const gan__step *s)
{
    const gan_step *now = &sh->plan->at;
    size_t first, end;
    gan__share_part(sh, s->outer, 1, &first, &end);
    for (size_t r = first; r < end; r++)
        sh->plan->kernels->normal(gan__share_at(sh, s, 0) + r * s->n, s->n, now->seed, s->stream,
                                  now->step, now->sample + (uint32_t)r, 0);
}

void gan__run_from_u8(const gan__share *sh, const gan__step *s)
{
    size_t first, end;
    gan__share_part(sh, s->n, GAN__LANES, &first, &end);
    sh->plan->kernels->from_u8(gan__share_at(sh, s, 0) + first, s->bytes + first, end - first, s->a, s->b);
}

/* One block of rows, made a tile of columns at a time, and summed. */
static void sum_made(const gan__share *sh, const gan__step *s, float *y, gan__range rows)
{
    for (size_t c = rows.col, end = rows.col_end; c < end; c = rows.col_end) {
        rows.col = c;
        rows.col_end = end - c < GAN__TILE_COLUMNS ? end : c + GAN__TILE_COLUMNS;
        gan__share_program(sh, s->program, rows, sh->scratch);
        sh->plan->kernels->sum_rows(y + c, sh->scratch, GAN__TILE_COLUMNS, (int)(rows.row_end - rows.row), (int)(rows.col_end - c));
    }
}

/* Partial sums of whole blocks: of contiguous elements, or of rows. */
void gan__run_sum(const gan__share *sh, const gan__step *s)
{
    const gan__kernels *k = sh->plan->kernels;
    const size_t block = s->inner == 1 ? GAN__REDUCE_BLOCK : GAN__ROWS_BLOCK;
    const size_t blocks = (s->n + block - 1) / block;
    float *y = gan__share_at(sh, s, 0);
    const float *x = gan__share_at(sh, s, 1);
    size_t first, end, col = 0, col_end = s->inner;
    if (s->outer * blocks >= (size_t)sh->threads || s->inner == 1) {
        gan__share_part(sh, s->outer * blocks, 1, &first, &end);
    } else { /* few blocks of many columns */
        first = 0;
        end = s->outer * blocks;
        gan__share_part(sh, s->inner, GAN__LANES, &col, &col_end);
    }
    for (size_t i = first; i < end && col < col_end; i++) {
        const size_t from = i / blocks * s->n + i % blocks * block;
        const size_t left = s->n - i % blocks * block, n = left < block ? left : block;
        if (s->inner == 1)
            y[i] = k->sum_block(x + from, n);
        else if (s->program)
            sum_made(sh, s, y + i * s->inner, (gan__range){from, from + n, col, col_end});
        else
            k->sum_rows(y + i * s->inner + col, x + from * s->inner + col, s->inner, (int)n,
                        (int)(col_end - col));
    }
}

void gan__run_sum_blocks(const gan__share *sh, const gan__step *s)
{
    float *y = gan__share_at(sh, s, 0);
    const float *x = gan__share_at(sh, s, 1);
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

void gan__run_max(const gan__share *sh, const gan__step *s)
{
    const gan__kernels *k = sh->plan->kernels;
    size_t first, end;
    gan__share_part(sh, s->outer, 1, &first, &end);
    for (size_t o = first; o < end; o++) {
        const float *x = gan__share_at(sh, s, 1) + o * s->n * s->inner;
        float *y = gan__share_at(sh, s, 0) + o * s->inner;
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

static void by_index(const gan__share *sh, const gan__step *s, bool gather)
{
    float *y = gan__share_at(sh, s, 0);
    const float *x = gan__share_at(sh, s, 1), *index = gan__share_at(sh, s, 2);
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

/* Places first .. end - 1 of all, all channels: of a program whose rows they are, or where there is one channel its columns. */
static gan__range places_of(const gan__program *p, size_t all, size_t first, size_t end)
{
    return gan__program_rows(p) == all ? (gan__range){first, end, 0, gan__program_cols(p)} : (gan__range){0, 1, first, end};
}

/* TILE_ROWS: results of a register tile. AT_ONCE: enough for weights that come from beyond the second cache, few enough to stay
 * in it. PIECES of a thread's part, where nothing else says how many: the last of them may go to another thread. */
enum { TILE_ROWS = 6, AT_ONCE = 192, ROWS_AT_ONCE = 256, PIECES = 4 };

/* Some results at a time: pointwise work behind them finds them in cache. */
static void by_piece(const gan__share *sh, const gan__step *s, gan__conv_fn *fn, size_t unit, size_t piece)
{
    for (size_t first, end; gan__share_next(sh, s->n, unit, piece, &first, &end);) {
        fn(&s->conv, gan__share_at(sh, s, 1), gan__share_at(sh, s, 2), gan__share_at(sh, s, 0), (int)first, (int)end, sh->scratch);
        if (s->program)
            gan__share_program(sh, s->program, places_of(s->program, s->n, first, end), NULL);
    }
}

/* PIECES in each thread's part, which may be a tile larger than an even one, or as many of `least` as it has. */
static size_t piece_of(const gan__share *sh, size_t n, size_t least)
{
    const size_t part = n / (size_t)sh->threads + TILE_ROWS, fit = part / least, pieces = fit > PIECES ? PIECES : fit ? fit : 1;
    return sh->threads == 1 ? n : (part + pieces - 1) / pieces;
}

void gan__run_conv(const gan__share *sh, const gan__step *s)
{
    by_piece(sh, s, sh->plan->kernels->conv, TILE_ROWS, s->program ? AT_ONCE : piece_of(sh, s->n, AT_ONCE));
}

/* The adjoint goes through its results phase by phase: AT_ONCE of each, so that the phases find in cache what all of them read.
 * Pointwise work behind it wants whole images. */
void gan__run_conv_dx(const gan__share *sh, const gan__step *s)
{
    const int *stride = s->conv.stride;
    const size_t phases = (size_t)stride[0] * (size_t)stride[1] * (size_t)stride[2],
                 whole = (AT_ONCE * phases + s->inner - 1) / s->inner * s->inner;
    by_piece(sh, s, sh->plan->kernels->conv_dx, s->program ? s->inner : TILE_ROWS,
             s->program || phases > 1 ? whole : piece_of(sh, s->n, AT_ONCE));
}

/* Each piece of the weight gradient copies all of y: few of them. */
void gan__run_conv_dw(const gan__share *sh, const gan__step *s)
{
    by_piece(sh, s, sh->plan->kernels->conv_dw, TILE_ROWS, piece_of(sh, s->n, ROWS_AT_ONCE));
}

void gan__run_conv_pack(const gan__share *sh, const gan__step *s)
{
    size_t first, end;
    gan__share_part(sh, (size_t)gan__conv_panels(&s->conv, s->k), 1, &first, &end);
    sh->plan->kernels->conv_pack(&s->conv, s->k, gan__share_at(sh, s, 1), gan__share_at(sh, s, 0), (int)first, (int)end);
}

/* A table, a line each. */
/* clang-format off */
void gan__run_gather(const gan__share *sh, const gan__step *s) { by_index(sh, s, true); }
void gan__run_scatter_add(const gan__share *sh, const gan__step *s) { by_index(sh, s, false); }
/* clang-format on */

void gan__run_pack(const gan__share *sh, const gan__step *s)
{
    gan__panels_pack(gan__share_at(sh, s, 0), gan__share_at(sh, s, 1), s->k, s->columns);
}

void gan__run_unpack(const gan__share *sh, const gan__step *s)
{
    gan__panels_unpack(gan__share_at(sh, s, 0), gan__share_at(sh, s, 1), s->k, s->columns);
}
