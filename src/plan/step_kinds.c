/* step_kinds.c - steps.def, in memory: what a step touches, moves and computes. */
#include "plan/step_kinds.h"

#include "plan/program.h"
#include "plan/run_loops.h"
#include "plan/run_product.h"
#include "plan/run_update.h"

/* ---- floats read and written, each operand once ------------------------------------------------- */

static double of_program(const gan__program *p)
{
    double sum = 0;
    for (int a = 0; a < p->accesses; a++) {
        double n = 1;
        for (int i = 0; i < p->axes; i++)
            n *= p->access[a].stride[i] ? (double)p->dim[i] : 1;
        sum += n;
    }
    return sum;
}

static double of_segment(const gan__segment *s, bool with_b)
{
    const double m = s->product.m, n = s->product.n, k = s->product.terms;
    return (double)s->batches * (m * k + m * n + (with_b ? k * n : 0)) +
           (s->epilogue ? of_program(s->epilogue) - m * n : 0);
}

static double floats_product(const gan__step *s)
{
    double sum = 0;
    for (int i = 0; i < s->segments; i++)
        sum += of_segment(&s->segment[i], i == 0);
    return sum;
}

/* w, m, v and perhaps the average, twice; no result. */
static double floats_descend(const gan__step *s)
{
    double sum = 0;
    for (int i = 0; i < s->segments; i++)
        sum += of_segment(&s->segment[i], true);
    return sum + ((s->update->average < 0 ? 6 : 8) - (double)s->segments) * s->segment->product.m *
                     s->segment->product.n;
}

static double places(const gan__conv *c, const int extent[3])
{
    return (double)c->n * extent[0] * extent[1] * extent[2];
}

static double weights_of(const gan__conv *c)
{
    return (double)c->k[0] * c->k[1] * c->k[2] * c->c / c->groups * c->o;
}

static double floats_conv(const gan__step *s)
{
    const gan__conv *c = &s->conv;
    return places(c, c->x) * c->c + places(c, c->y) * c->o + weights_of(c);
}

static double reduced(const gan__step *s)
{
    return (double)s->outer * (double)s->n * (double)s->inner;
}

/* A table, a line each. */
/* clang-format off */
static double floats_program(const gan__step *s) { return of_program(s->program); }
static double floats_from_u8(const gan__step *s) { return 1.25 * (double)s->n; }
static double floats_rows(const gan__step *s) { return (double)s->outer * (double)s->n; }
static double floats_reduced(const gan__step *s) { return s->program ? of_program(s->program) : reduced(s); }
static double floats_indexed(const gan__step *s) { return 2.0 * (double)s->n * (double)s->inner; }
static double floats_matrix(const gan__step *s) { return 2.0 * s->k * s->columns; }
static double floats_pack(const gan__step *s) { return 2 * (double)s->n; }
static double floats_update(const gan__step *s) { return 7 * (double)s->n; } /* w, m, v twice, gradient */
static double floats_average(const gan__step *s) { return 3 * (double)s->n; }
/* clang-format on */

/* ---- float operations of products --------------------------------------------------------------- */

static double flops_none(const gan__step *s)
{
    (void)s;
    return 0;
}

static double flops_segments(const gan__step *s)
{
    double sum = 0;
    for (int i = 0; i < s->segments; i++)
        sum += 2.0 * (double)s->segment[i].batches * s->segment[i].product.m *
               s->segment[i].product.n * s->segment[i].product.terms;
    return sum;
}

/* Taps outside the image are no terms. */
static double flops_conv(const gan__step *s)
{
    const gan__conv *c = &s->conv;
    double flops = 2.0 * c->n * c->c / c->groups * c->o;
    for (int d = 0; d < 3; d++) {
        double inside = 0;
        for (int y = 0; y < c->y[d]; y++)
            for (int u = 0; u < c->k[d]; u++) {
                const long long at = (long long)y * c->stride[d] + (long long)u * c->dilation[d] - c->low[d];
                inside += at >= 0 && at < c->x[d];
            }
        flops *= inside;
    }
    return flops;
}

/* ---- for people --------------------------------------------------------------------------------- */

static void say_nothing(const gan__step *s, FILE *out)
{
    (void)s;
    (void)out;
}

static void say_program(const gan__step *s, FILE *out)
{
    fprintf(out, "  %zu x %zu, %d operations", gan__program_rows(s->program),
            gan__program_cols(s->program), s->program->instrs);
}

static void say_segments(const gan__step *s, FILE *out)
{
    for (int k = 0; k < s->segments; k++) {
        const gan__segment *g = &s->segment[k];
        fprintf(out, "%s[%d,%d] x [%d,%d]%s", k ? " | " : "  ", g->product.m, g->product.terms,
                g->product.terms, g->product.n, g->product.turned ? " turned" : "");
        if (g->batches > 1)
            fprintf(out, " %zu times", g->batches);
        if (g->epilogue)
            fprintf(out, " + %d", g->epilogue->instrs);
    }
}

/* Pictures, then weights, and how they meet; axes of one place and one tap are left out. */
static void say_conv(const gan__step *s, FILE *out)
{
    const gan__conv *c = &s->conv;
    fprintf(out, "  [%d,", c->n);
    for (int d = 0; d < 3; d++)
        if (c->x[d] > 1 || c->k[d] > 1)
            fprintf(out, "%d,", c->x[d]);
    fprintf(out, "%d] x [", c->c);
    for (int d = 0; d < 3; d++)
        if (c->x[d] > 1 || c->k[d] > 1)
            fprintf(out, "%d,", c->k[d]);
    fprintf(out, "%d,%d]", c->c / c->groups, c->o);
    if (c->stride[2] > 1)
        fprintf(out, " stride %d", c->stride[2]);
    if (c->groups > 1)
        fprintf(out, " groups %d", c->groups);
    if (s->program)
        fprintf(out, " + %d", s->program->instrs);
}

static void say_reduced(const gan__step *s, FILE *out)
{
    fprintf(out, "  [%zu,%zu,%zu]", s->outer, s->n, s->inner);
}

static void say_count(const gan__step *s, FILE *out)
{
    fprintf(out, "  %zu", s->n);
}

const gan__step_row gan__step_rows[GAN__STEP_COUNT] = {
#define STEP(kind, name, results, operands, run, floats, flops, say)                               \
    {name, results, operands, gan__run_##run, floats_##floats, flops_##flops, say_##say},
#include "plan/steps.def"
#undef STEP
};

/* ---- what it touches ---------------------------------------------------------------------------- */

typedef struct witness {
    const gan__buffer *buffer;
    gan__touch_fn *fn;
    void *ctx;
} witness;

/* Local memory is each thread's own. */
static void touch(const witness *w, int buffer, bool written)
{
    if (buffer >= 0 && w->buffer[buffer].memory != GAN__MEMORY_LOCAL)
        w->fn(w->ctx, buffer, written);
}

static void touch_program(const witness *w, const gan__program *p)
{
    for (int a = 0; p && a < p->accesses; a++) {
        bool written = false;
        for (int i = 0; i < p->instrs; i++)
            written |= p->instr[i].y == -1 - a;
        touch(w, p->access[a].buffer, written);
    }
}

static void touch_update(const witness *w, const gan__update *u)
{
    if (!u)
        return;
    const int written[] = {u->value, u->moment1, u->moment2, u->average};
    const int read[] = {u->rate, u->correction, u->decay};
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        touch(w, written[i], true);
    for (size_t i = 0; i < sizeof read / sizeof *read; i++)
        touch(w, read[i], false);
}

void gan__step_touches(const gan_plan *plan, const gan__step *s, gan__touch_fn *fn, void *ctx)
{
    const gan__step_row *row = &gan__step_rows[s->kind];
    const witness w = {plan->buffer, fn, ctx};
    for (int k = 0; k < row->operands; k++)
        touch(&w, s->buffer[k], k < row->results);
    touch_update(&w, s->update);
    touch_program(&w, s->program);
    for (int i = 0; i < s->segments; i++) {
        touch(&w, s->segment[i].buffer_a, false);
        touch(&w, s->segment[i].buffer_b, false);
        touch(&w, s->segment[i].buffer_c, true);
        touch_program(&w, s->segment[i].epilogue);
        touch_update(&w, s->segment[i].update);
    }
}
