/* share.c - see share.h. */
#include "plan/share.h"

#include <stdatomic.h>

float *gan__share_at(const gan__share *sh, const gan__step *s, int k)
{
    return sh->plan->buffer[s->buffer[k]].p + s->offset[k];
}

static void part_of(const gan__share *sh, int thread, size_t n, size_t unit, size_t *first, size_t *end)
{
    const size_t units = (n + unit - 1) / unit, t = (size_t)thread, all = (size_t)sh->threads;
    if (sh->parts && *sh->parts < units)
        *sh->parts = units;
    *first = units * t / all * unit;
    *end = units * (t + 1) / all * unit;
    if (*first > n)
        *first = n;
    if (*end > n)
        *end = n;
}

void gan__share_part(const gan__share *sh, size_t n, size_t unit, size_t *first, size_t *end)
{
    part_of(sh, sh->thread, n, unit, first, end);
}

bool gan__share_next(const gan__share *sh, size_t n, size_t unit, size_t piece, size_t *first, size_t *end)
{
    for (int i = 0; i < sh->threads; i++) {
        const int whose = (sh->thread + i) % sh->threads;
        part_of(sh, whose, n, unit, first, end);
        *first += atomic_fetch_add_explicit(&sh->taken[whose], piece, memory_order_relaxed);
        if (*first < *end) {
            *end = *end - *first < piece ? *end : *first + piece;
            return true;
        }
    }
    return false;
}

void gan__share_program(const gan__share *sh, const gan__program *p, gan__range range, float *local)
{
    gan__program_run(sh->plan, p, range, sh->scratch + GAN__SCRATCH_SLOTS, local);
}
