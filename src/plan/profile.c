/* profile.c - a plan for people: its steps, and where the time goes.
 *
 * Thread 0 looks at the clock before and behind its share of every step: what lies between is work, what
 * lies before the next step is waiting for the other threads. Two looks cost some 50 ns a step; a plan that
 * is not profiled takes none. Bytes are those of the operands, each counted once: what a step would move
 * if nothing were in cache.
 */
#include "plan/profile.h"

#include "base/error.h"
#include "plan/step_kinds.h"

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

static void describe(const gan__step *s, FILE *out)
{
    fprintf(out, "%s%s", gan__step_rows[s->kind].name, s->solo ? " (one thread)" : "");
    gan__step_rows[s->kind].say(s, out);
    fputc('\n', out);
}

void gan_plan_print(const gan_plan *plan, FILE *out)
{
    for (int i = 0; i < plan->steps; i++) {
        fprintf(out, "%4d  node %-5d ", i, plan->step[i].node);
        describe(&plan->step[i], out);
    }
}

/* How many of so many threads the plan keeps busy at a time, were all as fast as those that ran it: steps come one behind the
 * other, and a step's parts, as many as it split into, are dealt out whole. */
static double busy(const gan_plan *plan, size_t threads)
{
    double one = 0, many = 0;
    for (int i = 0; i < plan->steps; i++) {
        const gan__timing *t = &plan->profile->step[i];
        const double alone = t->work * (t->parts ? plan->threads : 1);
        const size_t parts = t->parts ? t->parts : 1, turns = (parts + threads - 1) / threads;
        one += alone;
        many += alone * (double)turns / (double)parts;
    }
    return many > 0 ? one / many : 1;
}

void gan_plan_profile_print(const gan_plan *plan, double seconds, FILE *out)
{
    const gan__profile *p = plan->profile;
    if (!p || !p->runs)
        return;
    const double runs = (double)p->runs, us = 1e6 / runs, whole = seconds > 0 ? seconds : p->seconds;
    double work = 0, wait = 0;
    fprintf(out, "%4s %8s %6s %7s %8s %7s %6s  %s\n", "step", "work us", "share", "wait us", "GFLOP/s",
            "GB/s", "parts", "what");
    for (int i = 0; i < plan->steps; i++) {
        const gan__step *s = &plan->step[i];
        const gan__step_row *row = &gan__step_rows[s->kind];
        const gan__timing *t = &p->step[i];
        const double both = (t->work + t->wait) / runs, flops = row->flops(s);
        work += t->work;
        wait += t->wait;
        fprintf(out, "%4d %8.2f %5.1f%% %7.2f ", i, us * t->work, 100 * (t->work + t->wait) / whole,
                us * t->wait);
        if (flops > 0)
            fprintf(out, "%8.1f ", 1e-9 * flops / both);
        else
            fprintf(out, "%8s ", "");
        fprintf(out, "%7.1f %6zu  ", 4e-9 * row->floats(s) / both, t->parts ? t->parts : 1);
        describe(s, out);
    }
    fprintf(out,
            "%d steps: %.1f us of work and %.1f us of waiting of %.1f us; %.1f us (%.1f %%) are none of "
            "them; %.0f MFLOP in products, %.1f GFLOP/s\n",
            plan->steps, us * work, us * wait, us * whole, us * (whole - work - wait),
            100 * (whole - work - wait) / whole, 1e-6 * plan->flops,
            1e-9 * plan->flops * runs / whole);
    fprintf(out, "16 threads would find work for %.1f of them at a time\n", busy(plan, 16));
}
