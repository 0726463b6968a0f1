/* share.h - one thread's part of a run. */
#ifndef GAN_PLAN_SHARE_H
#define GAN_PLAN_SHARE_H

#include "plan/plan_internal.h"
#include "plan/program.h"

typedef struct gan__share {
    const gan_plan *plan;
    int thread, threads;
    float *scratch; /* GAN__THREAD_SCRATCH floats of its own */
    size_t *parts;  /* NULL, or raised to the number of parts that the work could be split into */
    _Atomic size_t *taken; /* by thread: of its part of the step, how much somebody has begun (gan__share_next) */
} gan__share;

/* Buffer k of a step. */
float *gan__share_at(const gan__share *sh, const gan__step *s, int k);
/* This thread's part of 0 .. n - 1, in units. */
void gan__share_part(const gan__share *sh, size_t n, size_t unit, size_t *first, size_t *end);
/* The next `piece` of 0 .. n - 1 that nobody has begun: of this thread's part, then of the others', so that who is held up keeps
 * nobody waiting; false: none is left. All threads ask with the same numbers. */
bool gan__share_next(const gan__share *sh, size_t n, size_t unit, size_t piece, size_t *first, size_t *end);
/* gan__program_run with the thread's own slots. */
void gan__share_program(const gan__share *sh, const gan__program *p, gan__range range, float *local);

#endif
