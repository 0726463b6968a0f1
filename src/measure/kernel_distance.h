/* kernel_distance.h - squared maximum mean discrepancy with the kernel (x y / dims + 1)^3, without bias: Gretton et al. 2012,
 * equation 3; as a measure of samples (KID): Binkowski et al. 2018, arXiv:1801.01401, section 4. */
#ifndef GAN_MEASURE_KERNEL_DISTANCE_H
#define GAN_MEASURE_KERNEL_DISTANCE_H

#include <gan/measure.h>

/* gan__kernel_distance - n rows of either side in n / block blocks: mean over blocks, and its standard error (one block:
 * negative). block >= 2. */
gan_status gan__kernel_distance(const gan_features *a, const gan_features *b, int n, int block, gan_team *team, double *value,
                                double *error, gan_error *err);

#endif
