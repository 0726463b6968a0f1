/* barriers.c - between which steps threads must wait for each other.
 *
 * Two steps without a barrier between them may run at the same time, each thread at its own place. They may
 * if neither writes what the other touches; or if both are so small that thread 0 does them, in order.
 * Memory is compared, not names: two results may share it after the layout.
 */
#include "plan/barriers.h"

#include "plan/step_kinds.h"

enum { TOUCHED_MAX = 512 };

typedef struct touched {
    const float *from, *to;
    bool written;
} touched;

typedef struct footprint {
    const gan_plan *plan;
    touched at[TOUCHED_MAX];
    int count;
    bool all; /* too much to say: conflicts with everything */
} footprint;

static void touch(void *ctx, int buffer, bool written)
{
    footprint *f = ctx;
    const gan__buffer *b = &f->plan->buffer[buffer];
    if (f->count == TOUCHED_MAX) {
        f->all = true;
        return;
    }
    f->at[f->count++] = (touched){b->p, b->p + b->floats, written};
}

static void footprint_of(const gan_plan *plan, const gan__step *s, footprint *f)
{
    f->plan = plan;
    f->count = 0;
    f->all = false;
    gan__step_touches(plan, s, touch, f);
}

static bool conflict(const footprint *a, const footprint *b)
{
    if (a->all || b->all)
        return true;
    for (int i = 0; i < a->count; i++)
        for (int k = 0; k < b->count; k++)
            if ((a->at[i].written || b->at[k].written) && a->at[i].from < b->at[k].to &&
                b->at[k].from < a->at[i].to)
                return true;
    return false;
}

void gan__plan_barriers(gan_plan *plan)
{
    footprint here, before;
    for (int i = 0, open = 0; i < plan->steps; i++) {
        gan__step *s = &plan->step[i];
        footprint_of(plan, s, &here);
        s->barrier = false;
        for (int k = i - 1; k >= open && !s->barrier; k--) {
            if (s->solo && plan->step[k].solo)
                continue;
            footprint_of(plan, &plan->step[k], &before);
            s->barrier = conflict(&before, &here);
        }
        if (s->barrier)
            open = i;
    }
}
