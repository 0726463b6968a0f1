/* order.h - which node is next. */
#ifndef GAN_PLAN_ORDER_H
#define GAN_PLAN_ORDER_H

#include "plan/lowering.h"

/* gan__order_start - once the edges and what is packed are known. */
void gan__order_start(gan__lower *l);
/* The node to lower now; -1: none is ready. */
int gan__order_next(gan__lower *l);
void gan__lower_done(gan__lower *l, int node);
/* Extend a group that starts with `first` (pointwise, or a product whose epilogue this is; it is not part
 * of the group then) by the nodes of its shape that can run right behind it. Marks them done. */
void gan__lower_collect(gan__lower *l, int first, gan__group *group);
/* The next product, in order of ids, that is ready and by the same matrix, the same way up; -1: none. Products of
 * two unpacked matrices only. */
int gan__order_twin(const gan__lower *l, int product);

#endif
