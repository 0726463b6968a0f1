/* profile.h - where a run's time goes; by thread 0: work, then wait, of each step. */
#ifndef GAN_PLAN_PROFILE_H
#define GAN_PLAN_PROFILE_H

#include "plan/plan_internal.h"

void gan__profile_begin(gan__profile *p);
void gan__profile_work(gan__profile *p, int step);
void gan__profile_wait(gan__profile *p, int step);
void gan__profile_end(gan__profile *p);

#endif
