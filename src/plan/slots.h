/* slots.h - memory for a parameter set's arrays. */
#ifndef GAN_PLAN_SLOTS_H
#define GAN_PLAN_SLOTS_H

#include "plan/params_internal.h"

/* gan__params_slot - a slot's memory, zeroed when first asked for; seals the set. NULL: out of memory. */
float *gan__params_slot(gan_params *p, gan_slot slot);

#endif
