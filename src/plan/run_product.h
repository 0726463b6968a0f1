/* run_product.h - steps of matrix products. */
#ifndef GAN_PLAN_RUN_PRODUCT_H
#define GAN_PLAN_RUN_PRODUCT_H

#include "plan/share.h"

void gan__run_product(const gan__share *sh, const gan__step *s);
void gan__run_descend(const gan__share *sh, const gan__step *s);

#endif
