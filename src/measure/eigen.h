/* eigen.h - eigenvalues and eigenvectors of symmetric matrices, by LAPACK. */
#ifndef GAN_MEASURE_EIGEN_H
#define GAN_MEASURE_EIGEN_H

#include <gan/status.h>
#include <stdbool.h>

/* gan__eigen - of x [n, n]: values [n], ascending. vectors: x's columns become them; else x is used up.
 * Errors  GAN_EUNSUPPORTED: built without LAPACKE; GAN_ENUMERIC: LAPACK gave up. */
gan_status gan__eigen(double *x, int n, bool vectors, double *values, gan_error *err);

/* gan__eigen_largest - the `most` (<= n) largest: values [n], of which the first `most` are them, ascending; vectors [most, n], a row each; x is used up.
 * Errors as above. */
gan_status gan__eigen_largest(double *x, int n, int most, double *values, double *vectors, gan_error *err);

#endif
