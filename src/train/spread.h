/* spread.h - how varied samples are, in one number. */
#ifndef GAN_TRAIN_SPREAD_H
#define GAN_TRAIN_SPREAD_H

#include <gan/plan.h>

/* gan__spread - square root of the sum over pixels of the unbiased variance over n samples; mean and square
 * are work space of `pixels` numbers. In two passes, in double, samples ascending. */
double gan__spread(gan_team *team, const float *x, int n, int pixels, double *mean, double *square);

#endif
