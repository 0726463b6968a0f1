/* descent.h - weight gradients on their way into Adam. */
#ifndef GAN_PLAN_DESCENT_H
#define GAN_PLAN_DESCENT_H

#include "plan/lowering.h"

/* The only reader of a packed value that is no sink, or -1. */
int gan__only_reader(const gan__lower *l, int node);
/* The UPDATE that takes nothing but a sum of `count` products, `node` one of them; or -1. */
int gan__descent_of(const gan__lower *l, int node, int product[GAN__DESCEND_MAX], int *count);
/* A weight gradient whose UPDATE waits for more than it is best left until the rest is done: a node that it had
 * better wait for, until that one is ready or nearer to it; or -1. */
int gan__descent_waits(const gan__lower *l, int node);

#endif
