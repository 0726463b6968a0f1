/* seen.h - pictures or points as the measures see them: features, class probabilities, modes. */
#ifndef GAN_MEASURE_SEEN_H
#define GAN_MEASURE_SEEN_H

#include <gan/measure.h>

typedef struct gan__seen {
    gan_features features;
    double *odds;    /* [n, outcomes]; owned; NULL: points */
    uint8_t *pixels; /* owned; NULL: not kept */
    uint8_t *labels; /* owned; NULL: none */
    int *modes;      /* owned; NULL: none */
    bool *near;      /* owned; NULL: all of them are */
} gan__seen;

void gan__seen_forget(gan__seen *s);

/* gan__seen_prepare - room for n pictures; gan__seen_look - pictures first .. first + n - 1 are these.
 * gan__seen_data - the first n pictures in the shuffled order of seed 0, and their labels where there are any; keep: their pixels.
 * Errors  GAN_ENOMEM; gan_model_look's. The caller forgets what there is in any case. */
gan_status gan__seen_prepare(gan__seen *s, int n, const gan_model *net, gan_error *err);
gan_status gan__seen_look(gan__seen *s, gan_model *net, int first, int n, const uint8_t *pixels, gan_error *err);
gan_status gan__seen_data(gan__seen *s, gan_model *net, const gan_dataset *d, int n, bool keep, gan_error *err);

/* gan__seen_points - n points, features of their own, and the mode of `of` that each is nearest to. gan__seen_points_of - the
 * first n of a set in the shuffled order of seed 0. */
gan_status gan__seen_points(gan__seen *s, const gan_dataset *of, const float *points, int n, int numbers, gan_error *err);
gan_status gan__seen_points_of(gan__seen *s, const gan_dataset *d, int n, gan_error *err);

/* gan__seen_shares - of each of so many modes, among what is seen; malloc'd. */
gan_status gan__seen_shares(double **out, const gan__seen *s, int modes, gan_error *err);

/* gan__likeliest - the greatest of n logits; among equals the first. */
int gan__likeliest(const float *logits, int n);

/* gan__seen_channels - the modes of n pictures: what a classifier of one channel reads in each, number by number in the base of its
 * classes. */
gan_status gan__seen_channels(gan__seen *s, gan_model *net, const uint8_t *pixels, int n, int channels, gan_error *err);

#endif
