/* step_kinds.h - steps.def as a table, and what can be asked of any step. */
#ifndef GAN_PLAN_STEP_KINDS_H
#define GAN_PLAN_STEP_KINDS_H

#include "plan/plan_internal.h"
#include "plan/share.h"

#include <stdio.h>

typedef struct gan__step_row {
    const char *name;
    int results, operands;
    void (*run)(const gan__share *sh, const gan__step *s);
    double (*floats)(const gan__step *s);
    double (*flops)(const gan__step *s);
    void (*say)(const gan__step *s, FILE *out);
} gan__step_row;
extern const gan__step_row gan__step_rows[GAN__STEP_COUNT];

/* gan__step_touches - tell fn of every buffer with memory that a step reads or writes. */
typedef void gan__touch_fn(void *ctx, int buffer, bool written);
void gan__step_touches(const gan_plan *plan, const gan__step *s, gan__touch_fn *fn, void *ctx);

#endif
