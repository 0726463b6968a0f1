/* layout.h - where results lie: some in a room that plans share, some in the plan's own block. */
#ifndef GAN_PLAN_LAYOUT_H
#define GAN_PLAN_LAYOUT_H

#include "plan/plan_internal.h"

gan_status gan__plan_layout(gan_plan *plan, gan_error *err);

gan_plan_memory gan__plan_memory(const gan_plan *plan);
/* gan__plan_take_memory - asked for only where the machine has as much. Other plans of the room point into it again when they
 * run next (gan__plan_settle). */
gan_status gan__plan_take_memory(gan_plan *plan, gan_error *err);
void gan__plan_settle(gan_plan *plan);
void gan__room_release(gan__room *r);

#endif
