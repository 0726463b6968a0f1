/* run_update.c - Adam, and the moving average. */
#include "plan/run_update.h"

gan__descent gan__descent_at(const gan_plan *p, const gan__update *u, size_t first)
{
    const gan__buffer *b = p->buffer;
    gan__descent d = {.w = b[u->value].p + first,
                      .m = b[u->moment1].p + first,
                      .v = b[u->moment2].p + first,
                      .adam = u->adam,
                      .rate = b[u->rate].p[u->rate_offset],
                      .correction = b[u->correction].p[u->correction_offset]};
    if (u->average >= 0) {
        d.average = b[u->average].p + first;
        d.decay = b[u->decay].p[u->decay_offset];
    }
    return d;
}

void gan__run_update(const gan__share *sh, const gan__step *s)
{
    const gan_plan *p = sh->plan;
    size_t first, end;
    gan__share_part(sh, s->n, GAN__LANES, &first, &end);
    if (first < end) {
        const gan__descent d = gan__descent_at(p, s->update, first);
        p->kernels->adam(&d, gan__share_at(sh, s, 0) + first, end - first);
    }
}

void gan__run_average(const gan__share *sh, const gan__step *s)
{
    const gan_plan *p = sh->plan;
    size_t first, end;
    gan__share_part(sh, s->n, GAN__LANES, &first, &end);
    p->kernels->average(gan__share_at(sh, s, 0) + first, gan__share_at(sh, s, 1) + first, end - first, *gan__share_at(sh, s, 2));
}
