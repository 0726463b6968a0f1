/* products.h - matrix products and convolutions as steps. */
#ifndef GAN_PLAN_PRODUCTS_H
#define GAN_PLAN_PRODUCTS_H

#include "plan/lowering.h"

void gan__lower_matmul(gan__lower *l, int node); /* marks it done, and all that its step does */
void gan__lower_conv(gan__lower *l, int node);

#endif
