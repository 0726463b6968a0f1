/* edges.h - what must be computed, and what may not be overtaken. */
#ifndef GAN_PLAN_EDGES_H
#define GAN_PLAN_EDGES_H

#include "plan/lowering.h"

void gan__edges_find(gan__lower *l, const gan_plan_params *params);

#endif
