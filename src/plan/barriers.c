/* barriers.c - between which steps threads must wait for each other.
 *
 * Two steps without a barrier between them may run at the same time, each thread at its own place. They may
 * if neither writes what the other touches; or if both are so small that thread 0 does them, in order.
 * Memory is compared, not names: two results may share it after the layout.
 */
#include "plan/plan_internal.h"

enum { TOUCHED_MAX = 512 };

typedef struct touched {
    const float *from, *to;
    bool written;
} touched;

typedef struct footprint {
    touched at[TOUCHED_MAX];
    int count;
    bool all; /* too much to say: conflicts with everything */
} footprint;

static void touch(const gan_plan *plan, footprint *f, int buffer, bool written)
{
    if (buffer < 0 || plan->buffer[buffer].memory == GAN__MEMORY_LOCAL)
        return;
    if (f->count == TOUCHED_MAX) {
        f->all = true;
        return;
    }
    const gan__buffer *b = &plan->buffer[buffer];
    f->at[f->count++] = (touched){b->p, b->p + b->floats, written};
}

static void touch_program(const gan_plan *plan, footprint *f, const gan__program *p)
{
    for (int a = 0; p && a < p->accesses; a++) {
        bool written = false;
        for (int i = 0; i < p->instrs; i++)
            written |= p->instr[i].y == -1 - a;
        touch(plan, f, p->access[a].buffer, written);
    }
}

static void touch_update(const gan_plan *plan, footprint *f, const gan__update *u)
{
    if (!u)
        return;
    const int written[] = {u->value, u->moment1, u->moment2, u->average};
    const int read[] = {u->rate, u->correction, u->decay};
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        touch(plan, f, written[i], true);
    for (size_t i = 0; i < sizeof read / sizeof *read; i++)
        touch(plan, f, read[i], false);
}

/* Operands that a step names itself; the first is its result. */
static int operands(gan__step_kind kind)
{
    switch (kind) {
    case GAN__STEP_PROGRAM:
    case GAN__STEP_PRODUCT:
    case GAN__STEP_DESCEND: return 0;
    case GAN__STEP_FROM_U8:
    case GAN__STEP_NORMAL:
    case GAN__STEP_UPDATE: return 1;
    case GAN__STEP_SUM:
    case GAN__STEP_SUM_BLOCKS:
    case GAN__STEP_MAX:
    case GAN__STEP_PACK:
    case GAN__STEP_UNPACK: return 2;
    case GAN__STEP_GATHER:
    case GAN__STEP_SCATTER_ADD:
    case GAN__STEP_CONV:
    case GAN__STEP_CONV_DX:
    case GAN__STEP_CONV_DW:
    case GAN__STEP_AVERAGE: return 3;
    }
    return 0;
}

static void footprint_of(const gan_plan *plan, const gan__step *s, footprint *f)
{
    f->count = 0;
    f->all = false;
    for (int k = 0; k < operands(s->kind); k++)
        touch(plan, f, s->buffer[k], k == 0 && s->kind != GAN__STEP_UPDATE);
    touch_update(plan, f, s->update);
    touch_program(plan, f, s->program);
    for (int i = 0; i < s->segments; i++) {
        touch(plan, f, s->segment[i].buffer_a, false);
        touch(plan, f, s->segment[i].buffer_b, false);
        touch(plan, f, s->segment[i].buffer_c, true);
        touch_program(plan, f, s->segment[i].epilogue);
        touch_update(plan, f, s->segment[i].update);
    }
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
