/* run_update.h - steps that write weights. */
#ifndef GAN_PLAN_RUN_UPDATE_H
#define GAN_PLAN_RUN_UPDATE_H

#include "plan/share.h"

/* gan__descent_at - what update u does from element `first` of its storage on. */
gan__descent gan__descent_at(const gan_plan *p, const gan__update *u, size_t first);

void gan__run_update(const gan__share *sh, const gan__step *s);
void gan__run_average(const gan__share *sh, const gan__step *s);

#endif
