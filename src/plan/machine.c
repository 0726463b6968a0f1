/* machine.c - the peaks of this machine: see machine.h. */
#include "base/clock.h"
#include "plan/plan_internal.h"

#include <gan/machine.h>

#include <stdlib.h>

typedef struct work {
    const gan__kernels *kernels;
    long rounds;        /* of multiply-adds, or of reading the block */
    const float *block; /* NULL: multiply-adds */
    size_t floats;
    double done[256]; /* by thread: float operations, or a sum that keeps reading from being dropped */
} work;

static void share(void *ctx, int thread, int threads)
{
    work *w = ctx;
    const unsigned before = gan__fp_enter();
    if (!w->block) {
        w->done[thread] = w->kernels->fma_peak(w->rounds);
    } else {
        const size_t part = w->floats / (size_t)threads;
        for (long r = 0; r < w->rounds; r++)
            w->done[thread] += (double)w->kernels->read_peak(w->block + part * (size_t)thread, part);
    }
    gan__fp_leave(before);
}

static double seconds_of(work *w, gan_team *team)
{
    const double began = gan__seconds();
    if (team)
        gan__team_run(team->threads, share, w);
    else
        share(w, 0, 1);
    return gan__seconds() - began;
}

/* Rounds that take some ten milliseconds. */
static void choose_rounds(work *w, gan_team *team)
{
    for (w->rounds = 1; w->rounds < 1L << 40; w->rounds *= 2)
        if (seconds_of(w, team) > 0.01)
            return;
}

double gan_machine_flops(gan_team *team, double seconds)
{
    work w = {.kernels = gan__kernels_best()};
    if (!w.kernels)
        return 0;
    const int threads = team ? gan__team_size(team->threads) : 1;
    double best = 0;
    choose_rounds(&w, team);
    for (const double began = gan__seconds(); gan__seconds() - began < seconds || !(best > 0);) {
        const double t = seconds_of(&w, team);
        double all = 0;
        for (int i = 0; i < threads; i++)
            all += w.done[i];
        best = all / t > best ? all / t : best;
    }
    return best;
}

double gan_machine_read(gan_team *team, size_t bytes, double seconds)
{
    const size_t unit = 64 * 256; /* whole vectors for each thread */
    work w = {.kernels = gan__kernels_best(), .floats = bytes / unit * unit / sizeof(float)};
    float *block = w.kernels && w.floats ? gan__aligned_alloc(w.floats, sizeof *block) : NULL;
    double best = 0;
    if (!block)
        return 0;
    w.block = block;
    choose_rounds(&w, team);
    for (const double began = gan__seconds(); gan__seconds() - began < seconds || !(best > 0);) {
        const double t = seconds_of(&w, team);
        const double rate = (double)w.rounds * (double)w.floats * sizeof(float) / t;
        best = rate > best ? rate : best;
    }
    free(block);
    return best;
}
