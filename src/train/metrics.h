/* metrics.h - what a logged iteration measured: the rows of the game (game/game.h), read. */
#ifndef GAN_TRAIN_METRICS_H
#define GAN_TRAIN_METRICS_H

#include "train/trainer_internal.h"

/* gan__metrics_check - can each row of the game be read? GAN_EINVAL: one is measured and has no row in meters.c, its
 * `every` is no setting of the recipe, or there are more than GAN_METRICS_MAX. */
gan_status gan__metrics_check(const gan__game *game, const gan_recipe *recipe, gan_error *err);

/* gan__metrics_read - the rows that are due in the iteration that v was run for (t->iteration, not counted yet). Draws
 * samples only where a row that is due is measured from them. */
void gan__metrics_read(gan_trainer *t, const gan__variant *v, gan_metrics *m);

#endif
