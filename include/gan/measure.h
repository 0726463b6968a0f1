/* measure.h - how good are samples? Measures on features, each with its error; the net that gives features; and one table of
 * all of them.
 *
 *     pictures --gan_eval's net--> features, class probabilities --gan_measure_all--> a figure and its error for each row
 *
 * Everything is computed in double, in an order that no number of threads and no instruction set changes; eigenvalues are
 * LAPACK's and logarithms the C library's, whose last digits may differ from machine to machine. A figure belongs to the features
 * that it was computed from: one from another net is never comparable.
 */
#ifndef GAN_MEASURE_H
#define GAN_MEASURE_H

#include <gan/data.h>
#include <gan/model.h>
#include <gan/plan.h>
#include <gan/status.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- features ---------------------------------------------------------------------------------- */

/* n rows of dims numbers. Owns x; gan_features_release. */
typedef struct gan_features {
    int n, dims;
    double *x;
} gan_features;

/* gan_features_make - rows of zeros. gan_features_rows - a view of rows first .. first + n - 1: not to be released. */
GAN_API gan_status gan_features_make(gan_features *f, int n, int dims, gan_error *err);
GAN_API void gan_features_release(gan_features *f);
GAN_API gan_features gan_features_rows(const gan_features *f, int first, int n);

/* A .npy file (NumPy's format, versions 1 to 3): float32 or float64, [n, dims], row by row, little-endian.
 * gan_features_read - GAN_EFORMAT says what the file has. gan_features_write - float64, atomically. */
GAN_API gan_status gan_features_read(gan_features *f, const char *path, gan_error *err);
GAN_API gan_status gan_features_write(const gan_features *f, const char *path, gan_error *err);

/* gan_features_check - GAN_EINVAL: there are none, or a number is not finite or beyond 1e75 (which row, which column). whose: for the line. */
GAN_API gan_status gan_features_check(const gan_features *f, const char *whose, gan_error *err);

/* ---- the net that gives features --------------------------------------------------------------- */

/* gan_feature_net - the net to measure pictures like those of `train` with: a small convolutional net (the built-in recipe
 * `features`) that is trained on them, as a classifier where they have labels, else to tell how they were turned. Made on first
 * use, some minutes at most, and kept in the user's cache; the same bytes on every machine. name: the SHA-256 of its file.
 * say   may be NULL: told when it is made, and how that goes
 * Errors  GAN_EIO, GAN_ENOMEM; GAN_EDATA where there is too little to learn from. */
GAN_API gan_status gan_feature_net(gan_model **out, char name[65], const gan_dataset *train, gan_team *team, gan_say_fn *say,
                                   void *ctx, gan_error *err);

/* ---- measures ---------------------------------------------------------------------------------- */

/* What is compared. Not owned. */
typedef struct gan_sides {
    const gan_features *real, *samples; /* of as many dimensions; a measure that needs as many rows takes the first ones */
    const gan_features *train, *held;   /* every picture that was trained on, and others of the same kind; NULL: unknown */
    const double *samples_far, *held_far; /* how far each is from the nearest of train (gan_nearest); NULL: it is looked for */
    int classes;                        /* of the odds below; 0: there are none */
    const double *real_odds, *sample_odds; /* [n, classes]: probabilities that a classifier gives, each row's sum 1 */
    const uint8_t *real_labels;         /* [n] or NULL */
    const uint8_t *sample_labels;       /* [n] which class each sample should be of; NULL: nobody asked */
    const uint8_t *real_pixels, *sample_pixels; /* [n, numbers] or NULL */
    int numbers;
    int modes;                          /* of the data; 0: unknown */
    const int *sample_modes;            /* [n] which one each sample is of: from 0 */
    const bool *sample_near;            /* [n] is it of high quality? NULL: all are */
    const double *real_shares;          /* [modes] of the data: their sum is 1 */
    int paths;
    const double *path;                 /* [paths] squared speeds through the features along paths through the latents; NULL: unknown */
} gan_sides;

typedef struct gan_measured {
    bool known;       /* false: why says what was missing */
    double value;
    double error;     /* one standard deviation; negative: none is known */
    char why[160];    /* "" or a line: what is missing, or what to mind */
} gan_measured;

typedef struct gan_measure_info {
    const char *key;    /* "fid", of eval.json */
    const char *name;   /* "FID" */
    const char *better; /* for people: "lower", "higher", "as real" (as the held-out pictures'), or a number: as near to it
                         * as can be ("0.01 or less": nor above it) */
    const char *error;  /* how its error is found */
    const char *help;   /* one sentence */
    const char *source; /* paper and equation */
} gan_measure_info;
GAN_API int gan_measures(void);
GAN_API gan_measure_info gan_measure_at(int i);

/* gan_measure_all - every row into out[gan_measures()]. gan_measure - one, by its key (GAN_EKEY names the nearest).
 * team: NULL: the caller's thread alone.
 * Errors  GAN_EINVAL, GAN_ESHAPE where the sides cannot be compared at all (a number that is not finite, real pictures that are
 * all the same to the net, features of two nets); GAN_ENOMEM. What one row lacks is said in it. */
GAN_API gan_status gan_measure_all(const gan_sides *s, gan_team *team, gan_measured *out, gan_error *err);
GAN_API gan_status gan_measure(const char *key, const gan_sides *s, gan_team *team, gan_measured *out, gan_error *err);

/* gan_nearest - for each row of `of` the row of `among` that is nearest, and how far it is; either may be NULL. Among equals
 * the first. */
GAN_API gan_status gan_nearest(const gan_features *of, const gan_features *among, gan_team *team, int *which,
                               double *distance, gan_error *err);

/* ---- everything in one table ------------------------------------------------------------------- */

typedef struct gan_eval_params {
    const uint8_t *pixels; /* n samples, of the data's shape */
    const float *points;   /* the same where the data is points, which are features of their own: without a net */
    const uint8_t *labels; /* which class each should be of; NULL: nobody asked */
    int n;
    gan_model *model;         /* that drew them, by this seed: of it the path length is measured; NULL: unknown */
    uint64_t seed;
    const gan_dataset *train; /* the pictures that the samples should be like */
    const gan_dataset *held;  /* pictures of the same kind that nothing was trained on: the floors; NULL: none */
    bool perhaps_trained;     /* nobody knows whether held was trained on: then copying cannot be told */
    gan_model *net;           /* gan_feature_net, or another classifier; NULL for points */
    gan_model *channel_net;   /* a classifier of pictures of one channel: what it reads in each channel together is the mode (the set
                               * stacked-mnist); NULL: there are no such modes */
    gan_team *team;
} gan_eval_params;

/* Beside each figure its floor: the same measure of the held-out pictures, as if they were samples. Both against the first n
 * training pictures in the order of seed 0. Copying: samples against all held-out pictures; its floor: one half of them against the
 * other. */
typedef struct gan_eval {
    int n, n_held;                 /* samples; held-out pictures that the floors are of: 0: none */
    gan_measured *samples, *held;  /* a row for each measure; owned */
    double accuracy;               /* of the net on the held-out pictures' labels; negative: unknown */
    gan_features features, real;   /* of the samples and of the training pictures that they met */
    int *nearest;                  /* [n]: the training picture that is nearest to each sample: its place in the order of
                                    * seed 0 (gan_dataset_order) */
    double *distance;              /* [n] */
} gan_eval;

/* gan_eval_make - Errors  GAN_ESHAPE: a picture's size is not the data's; GAN_EINVAL: no samples; GAN_ENOMEM.
 * gan_eval_features - the same from features alone: what needs pictures or classes is not known. held: NULL: none. Of more real
 * rows than samples, some that a fixed shuffle picks are met; of more samples than real rows, the first ones. */
GAN_API gan_status gan_eval_make(gan_eval *out, const gan_eval_params *p, gan_error *err);
GAN_API gan_status gan_eval_features(gan_eval *out, const gan_features *samples, const gan_features *real,
                                     const gan_features *held, gan_team *team, gan_error *err);
GAN_API void gan_eval_release(gan_eval *e);

/* A small evaluation again and again, while something trains: n samples against as many training items (or all, if they are
 * fewer), the first in the order of seed 0, whose features are kept. net: gan_feature_net, NULL for points. Data, net and team
 * are not owned and must outlive it.
 * gan_watch_row - which row of the table its row i is: FID, KID, precision, recall; of points modes, quality and their imbalance too.
 * gan_watch_measure - of n samples: pixels, or points.
 * Errors  as gan_measure_all. */
enum { GAN_WATCH_ROWS = 7 };
typedef struct gan_watch gan_watch;
GAN_API gan_status gan_watch_create(gan_watch **out, const gan_dataset *data, gan_model *net, int n, gan_team *team, gan_error *err);
GAN_API void gan_watch_free(gan_watch *w);
GAN_API int gan_watch_row(int i);
GAN_API gan_status gan_watch_measure(gan_watch *w, const uint8_t *pixels, const float *points, gan_measured out[GAN_WATCH_ROWS],
                                     gan_error *err);

/* ---- what labelled samples are worth to a classifier -------------------------------------------- */

/* A classifier (the recipe `features`) is trained on labelled samples, and asked about real held-out pictures: the
 * classification accuracy score (Ravuri & Vinyals 2019, arXiv:1905.10887, section 3). And twice on so many real pictures a class:
 * alone, and with the samples, the real ones repeated until they are as many; the gain is the difference. Each for some draws:
 * another choice of pictures and another seed. How long it trains is a rule (augment.c), the same on both sides.
 * without, with: shares of the held-out pictures that are read right; _sd: standard deviation over the draws. */
enum { GAN_AUGMENT_ROWS = 5 };
typedef struct gan_augmented {
    bool known;      /* false: the data has fewer pictures of some class */
    int each;        /* real pictures a class; 0: none; -1: all there are */
    double without, without_sd, with, with_sd, gain, gain_sd; /* of each 0: with alone */
} gan_augmented;
/* p: pixels and their labels; train and held with labels; net and the others are not looked at. say: as gan_feature_net.
 * gan_augment_check - can it be done? Before much is measured.
 * Errors  GAN_EDATA: no labels; GAN_EINVAL: no samples, or draws not from 2 to 100; GAN_ENOMEM. */
GAN_API gan_status gan_augment_check(const gan_eval_params *p, int draws, gan_error *err);
GAN_API gan_status gan_augment(gan_augmented out[GAN_AUGMENT_ROWS], const gan_eval_params *p, int draws, gan_say_fn *say, void *ctx,
                               gan_error *err);

/* What was measured by what, for people and for eval.json. */
typedef struct gan_eval_about {
    const char *samples, *data, *net, *net_sha256; /* net: "features"; "" where features came from elsewhere */
    const char *data_sha256;
    const gan_augmented *augmented; /* [GAN_AUGMENT_ROWS], of so many draws; NULL: not measured */
    int draws;
} gan_eval_about;
GAN_API void gan_eval_print(const gan_eval *e, const gan_eval_about *about, FILE *out);
GAN_API gan_status gan_eval_write(const gan_eval *e, const gan_eval_about *about, const char *path, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
