/* lower.h - from nodes to steps. */
#ifndef GAN_PLAN_LOWER_H
#define GAN_PLAN_LOWER_H

#include "plan/plan_internal.h"

gan_status gan__plan_lower(gan_plan *plan, const gan_plan_params *params, gan_error *err);

#endif
