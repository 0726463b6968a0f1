/* profile.c - a plan for people: its steps, and where the time goes.
 *
 * Thread 0 looks at the clock before and behind its share of every step: what lies between is work, what
 * lies before the next step is waiting for the other threads. Two looks cost some 50 ns a step; a plan that
 * is not profiled takes none. Bytes are those of the operands, each counted once: what a step would move
 * if nothing were in cache.
 */
#include "plan/plan_internal.h"

#include "base/error.h"

#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

gan_status gan_plan_profile(gan_plan *plan, gan_error *err)
{
    free(plan->profile);
    plan->profile = calloc(1, sizeof *plan->profile + (size_t)plan->steps * sizeof(gan__timing));
    return plan->profile ? GAN_OK : gan__fail_memory(err, "a profile");
}

void gan__profile_begin(gan__profile *p)
{
    p->mark = p->began = now();
    p->runs++;
}

void gan__profile_work(gan__profile *p, int step)
{
    const double t = now();
    p->step[step].work += t - p->mark;
    p->mark = t;
}

void gan__profile_wait(gan__profile *p, int step)
{
    const double t = now();
    p->step[step].wait += t - p->mark;
    p->mark = t;
}

void gan__profile_end(gan__profile *p)
{
    p->seconds += now() - p->began;
}

/* ---- what a step is ------------------------------------------------------------------------------ */

static const char *const names[] = {
    [GAN__STEP_PROGRAM] = "pointwise", [GAN__STEP_PRODUCT] = "product",
    [GAN__STEP_DESCEND] = "gradient, update",
    [GAN__STEP_FROM_U8] = "from bytes", [GAN__STEP_NORMAL] = "normal",
    [GAN__STEP_SUM] = "sum",           [GAN__STEP_SUM_BLOCKS] = "sum of blocks",
    [GAN__STEP_MAX] = "max",           [GAN__STEP_GATHER] = "gather",
    [GAN__STEP_SCATTER_ADD] = "scatter", [GAN__STEP_CONV] = "conv",
    [GAN__STEP_CONV_DX] = "conv dx",   [GAN__STEP_CONV_DW] = "conv dw",
    [GAN__STEP_PACK] = "pack",         [GAN__STEP_UNPACK] = "unpack",
    [GAN__STEP_UPDATE] = "update",     [GAN__STEP_AVERAGE] = "average",
};

static double program_floats(const gan__program *p)
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

static double segment_floats(const gan__segment *s, bool first)
{
    const double m = s->product.m, n = s->product.n, k = s->product.terms;
    return (double)s->batches * (m * k + m * n + (first ? k * n : 0)) +
           (s->epilogue ? program_floats(s->epilogue) - m * n : 0);
}

static double flops_of(const gan__step *s)
{
    const gan__conv *c = &s->conv;
    const int inputs = c->groups ? c->c / c->groups : 0;
    double sum = 0;
    for (int i = 0; i < s->segments; i++)
        sum += 2.0 * (double)s->segment[i].batches * s->segment[i].product.m *
               s->segment[i].product.n * s->segment[i].product.terms;
    if (s->kind == GAN__STEP_CONV || s->kind == GAN__STEP_CONV_DX || s->kind == GAN__STEP_CONV_DW)
        sum += 2.0 * c->n * c->y[0] * c->y[1] * c->y[2] * c->k[0] * c->k[1] * c->k[2] *
               inputs * c->o;
    return sum;
}

static double bytes_of(const gan__step *s)
{
    double floats = s->program ? program_floats(s->program) : 0;
    for (int i = 0; i < s->segments; i++)
        floats += segment_floats(&s->segment[i], i == 0 || s->kind == GAN__STEP_DESCEND);
    switch (s->kind) {
    case GAN__STEP_UPDATE: floats += 7 * (double)s->n; break; /* w, m, v twice, gradient */
    case GAN__STEP_AVERAGE: floats += 3 * (double)s->n; break;
    case GAN__STEP_NORMAL: floats += (double)s->outer * (double)s->n; break;
    case GAN__STEP_FROM_U8: floats += 1.25 * (double)s->n; break;
    case GAN__STEP_SUM:
    case GAN__STEP_SUM_BLOCKS:
    case GAN__STEP_MAX: floats += (double)s->outer * (double)s->n * (double)s->inner; break;
    case GAN__STEP_PACK:
    case GAN__STEP_UNPACK: floats += 2.0 * s->k * s->columns; break;
    case GAN__STEP_GATHER:
    case GAN__STEP_SCATTER_ADD: floats += 2.0 * (double)s->n * (double)s->inner; break;
    case GAN__STEP_DESCEND: /* w, m, v and perhaps the average, twice; no result */
        floats += ((s->update->average < 0 ? 6 : 8) - (double)s->segments) * s->segment->product.m *
                  s->segment->product.n;
        break;
    case GAN__STEP_PROGRAM:
    case GAN__STEP_PRODUCT:
    case GAN__STEP_CONV:
    case GAN__STEP_CONV_DX:
    case GAN__STEP_CONV_DW: break;
    }
    return 4 * floats;
}

static void describe(const gan__step *s, FILE *out)
{
    fprintf(out, "%s%s", names[s->kind], s->solo ? " (one thread)" : "");
    if (s->program)
        fprintf(out, "  %zu x %zu, %d operations", gan__program_rows(s->program),
                gan__program_cols(s->program), s->program->instrs);
    for (int k = 0; k < s->segments; k++) {
        const gan__segment *g = &s->segment[k];
        fprintf(out, "%s[%d,%d] x [%d,%d]%s", k ? " | " : "  ", g->product.m, g->product.terms,
                g->product.terms, g->product.n, g->product.turned ? " turned" : "");
        if (g->batches > 1)
            fprintf(out, " %zu times", g->batches);
        if (g->epilogue)
            fprintf(out, " + %d", g->epilogue->instrs);
    }
    if (s->kind == GAN__STEP_UPDATE || s->kind == GAN__STEP_AVERAGE)
        fprintf(out, "  %zu", s->n);
    if (s->kind == GAN__STEP_SUM || s->kind == GAN__STEP_MAX)
        fprintf(out, "  [%zu,%zu,%zu]", s->outer, s->n, s->inner);
}

void gan_plan_print(const gan_plan *plan, FILE *out)
{
    for (int i = 0; i < plan->steps; i++) {
        fprintf(out, "%4d  node %-5d ", i, plan->step[i].node);
        describe(&plan->step[i], out);
        fputc('\n', out);
    }
}

void gan_plan_profile_print(const gan_plan *plan, double seconds, FILE *out)
{
    const gan__profile *p = plan->profile;
    if (!p || !p->runs)
        return;
    const double runs = (double)p->runs, us = 1e6 / runs, whole = seconds > 0 ? seconds : p->seconds;
    double work = 0, wait = 0;
    fprintf(out, "%4s %8s %6s %7s %8s %7s  %s\n", "step", "work us", "share", "wait us", "GFLOP/s",
            "GB/s", "what");
    for (int i = 0; i < plan->steps; i++) {
        const gan__step *s = &plan->step[i];
        const gan__timing *t = &p->step[i];
        const double both = (t->work + t->wait) / runs, flops = flops_of(s);
        work += t->work;
        wait += t->wait;
        fprintf(out, "%4d %8.2f %5.1f%% %7.2f ", i, us * t->work, 100 * (t->work + t->wait) / whole,
                us * t->wait);
        if (flops > 0)
            fprintf(out, "%8.1f ", 1e-9 * flops / both);
        else
            fprintf(out, "%8s ", "");
        fprintf(out, "%7.1f  ", 1e-9 * bytes_of(s) / both);
        describe(s, out);
        fputc('\n', out);
    }
    fprintf(out,
            "%d steps: %.1f us of work and %.1f us of waiting of %.1f us; %.1f us (%.1f %%) are none of "
            "them; %.0f MFLOP in products, %.1f GFLOP/s\n",
            plan->steps, us * work, us * wait, us * whole, us * (whole - work - wait),
            100 * (whole - work - wait) / whole, 1e-6 * plan->flops,
            1e-9 * plan->flops * runs / whole);
}
