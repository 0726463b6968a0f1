/* layout.h - all results in one block. */
#ifndef GAN_PLAN_LAYOUT_H
#define GAN_PLAN_LAYOUT_H

#include "plan/plan_internal.h"

gan_status gan__plan_layout(gan_plan *plan, gan_error *err);

/* gan__plan_bytes - what it takes; gan__plan_take_memory - the block, asked for only where the machine has as much. */
size_t gan__plan_bytes(const gan_plan *plan);
gan_status gan__plan_take_memory(gan_plan *plan, gan_error *err);

#endif
