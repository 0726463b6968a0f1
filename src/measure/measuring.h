/* measuring.h - what the rows of the table of measures are, and what they share. */
#ifndef GAN_MEASURE_MEASURING_H
#define GAN_MEASURE_MEASURING_H

#include <gan/measure.h>

enum { GAN__GROUPS = 20 }; /* of a jackknife */

/* What neighbours say, once for the rows that ask (manifold.c). */
typedef struct gan__manifold {
    bool known;
    int n; /* of either side */
    double precision, recall, density, density_square, coverage; /* density_square: mean of the squares */
} gan__manifold;

/* How far samples and held-out pictures are from the nearest training picture (copying.c): the sides' own word, or found. */
typedef struct gan__far {
    const double *samples, *held; /* NULL: not known yet */
    double *found;                /* owned */
} gan__far;

typedef struct gan__measuring {
    const gan_sides *sides;
    gan_team *team;
    gan__manifold manifold;
    gan__far far;
} gan__measuring;

typedef struct gan__measure {
    gan_measure_info info;
    /* value, error, why. What is missing is gan__lacks, and GAN_OK. */
    gan_status (*measure)(gan__measuring *m, gan_measured *out, gan_error *err);
} gan__measure;

extern const gan__measure gan__measure_fid, gan__measure_fid_infinity, gan__measure_intra_fid, gan__measure_kid,
    gan__measure_score, gan__measure_label_accuracy, gan__measure_rarest, gan__measure_missing, gan__measure_class_kl,
    gan__measure_precision, gan__measure_recall, gan__measure_density, gan__measure_coverage, gan__measure_spread,
    gan__measure_equal, gan__measure_modes, gan__measure_quality, gan__measure_mode_kl, gan__measure_path_length,
    gan__measure_copying, gan__measure_near_copies;

/* gan__lacks - out is not known, because. Returns GAN_OK. gan__found - it is; error negative: none. */
gan_status gan__lacks(gan_measured *out, const char *format, ...) GAN_PRINTF(2, 3);
gan_status gan__found(gan_measured *out, double value, double error);
void gan__mind(gan_measured *out, const char *format, ...) GAN_PRINTF(2, 3); /* a line beside a known figure */

/* gan__read_class - the likeliest of so many classes; among equals the first. */
int gan__read_class(const double *odds, int classes);

/* gan__as_many - how many rows both sides have. */
int gan__as_many(const gan_sides *s);

/* gan__share_error - of a share of n that was counted: sqrt(p (1 - p) / n), with p = (count + 1) / (n + 2), which is never 0
 * or 1: none of n leaves an error too. Laplace 1774. */
double gan__share_error(double share, double n);

/* gan__group_of - rows first .. end - 1 of n are group g of GAN__GROUPS. */
void gan__group_of(int n, int g, int *first, int *end);

/* gan__jackknife_error - from the GAN__GROUPS values that leave one group out each: sqrt((G - 1) / G sum (v - mean)^2). Efron
 * & Stein 1981. */
double gan__jackknife_error(const double left_out[GAN__GROUPS]);

#endif
