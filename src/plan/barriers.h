/* barriers.h - between which steps threads must wait for each other. */
#ifndef GAN_PLAN_BARRIERS_H
#define GAN_PLAN_BARRIERS_H

#include "plan/plan_internal.h"

/* After the layout: memory is compared. */
gan_status gan__plan_barriers(gan_plan *plan, gan_error *err);

#endif
