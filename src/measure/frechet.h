/* frechet.h - the distance between two normal distributions, |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)): Dowson & Landau 1982;
 * as a measure of samples (FID): Heusel et al. 2017, arXiv:1706.08500, equation 6. */
#ifndef GAN_MEASURE_FRECHET_H
#define GAN_MEASURE_FRECHET_H

#include <gan/measure.h>

/* gan__frechet - of all rows of either side. *error: of a jackknife over GAN__GROUPS groups of each side; negative where there
 * are too many dimensions for it. GAN_EUNSUPPORTED: built without LAPACKE. */
gan_status gan__frechet(const gan_features *a, const gan_features *b, gan_team *team, double *value, double *error, gan_error *err);

#endif
