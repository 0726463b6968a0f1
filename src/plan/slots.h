/* slots.h - memory for a parameter set's arrays. */
#ifndef GAN_PLAN_SLOTS_H
#define GAN_PLAN_SLOTS_H

#include "graph/graph_internal.h"
#include "plan/params_internal.h"

/* gan__params_slot - a slot's memory, zeroed when first asked for; seals the set. NULL: out of memory. */
float *gan__params_slot(gan_params *p, gan_slot slot);

/* A graph's state is a tensor of a set, and one of its slots: what gan_params_slot_state put into its number. */
gan_params *gan__state_owner(const gan__state *s);
const gan__param *gan__state_tensor(const gan__state *s);
gan_slot gan__state_slot(const gan__state *s);

#endif
