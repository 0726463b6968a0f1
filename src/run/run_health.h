/* run_health.h - a look inside the nets every so often: into the metrics, for the doctor. */
#ifndef GAN_RUN_RUN_HEALTH_H
#define GAN_RUN_RUN_HEALTH_H

#include "run/run_internal.h"

/* gan__run_health_open - where the recipe asks for it (train.health_every). What D is shown that it never learned from is of what the recipe holds out
 * (data.holdout): so the figures are a function of the recipe and its data, as all others are.
 * gan__run_health - look now: m gets the rows that are known. Where there is no memory for it, that is told, and nobody looks any more. */
gan_status gan__run_health_open(gan__run *r, gan_error *err);
void gan__run_health_release(gan__run *r);
bool gan__run_health_due(const gan__run *r, int64_t iteration);
gan_status gan__run_health(gan__run *r, gan_metrics *m, gan_error *err);

#endif
