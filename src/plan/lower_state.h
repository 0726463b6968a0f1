/* lower_state.h - reading and writing weights. */
#ifndef GAN_PLAN_LOWER_STATE_H
#define GAN_PLAN_LOWER_STATE_H

#include "plan/lowering.h"

void gan__lower_param(gan__lower *l, int node);
void gan__lower_update(gan__lower *l, int node); /* marks it done */
/* What an UPDATE node does, and the AVERAGE node that can be done with it (-1: none). NULL: no memory. */
gan__update *gan__lower_describe(gan__lower *l, int node, int *average);
void gan__lower_updated(gan__lower *l, int node, int average);     /* mark both done */
void gan__lower_average(gan__lower *l, int node);
void gan__lower_assign(gan__lower *l, int node);

#endif
