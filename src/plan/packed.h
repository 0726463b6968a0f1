/* packed.h - which results are kept in panels. */
#ifndef GAN_PLAN_PACKED_H
#define GAN_PLAN_PACKED_H

#include "plan/lowering.h"

void gan__packed_choose(gan__lower *l);

#endif
