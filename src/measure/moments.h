/* moments.h - means and covariances of features, by groups of rows, so that leaving one out costs no pass over the rows. */
#ifndef GAN_MEASURE_MOMENTS_H
#define GAN_MEASURE_MOMENTS_H

#include "measure/measuring.h"

/* Which group a row is in is a function of its number and of n alone (a keyed permutation), so that no order of rows, by class
 * say, shows. */
typedef struct gan__moments {
    int groups, dims;
    int *count;          /* of each group's rows */
    double *sum;         /* [groups, dims], about the centre */
    double *square;      /* [groups, dims, dims]: sums of products of two columns, about the centre */
} gan__moments;

/* gan__moments_make - of rows[0 .. n-1] of f (NULL: all, n of them) about a centre [dims]. groups: 1 or GAN__GROUPS. */
gan_status gan__moments_make(gan__moments *m, const gan_features *f, const int *rows, int n, const double *centre, int groups,
                             gan_team *team, gan_error *err);
void gan__moments_release(gan__moments *m);

/* gan__moments_of - the first `groups` groups but for one (-1: all of them): mean [dims] about the centre, covariance [dims,
 * dims] with n - 1. Returns n. */
double gan__moments_of(const gan__moments *m, int groups, int without, double *mean, double *covariance);

/* gan__group_rows - the rows of n that are in group g of `groups`, into rows; returns how many. */
int gan__group_rows(int n, int groups, int g, int *rows);

#endif
