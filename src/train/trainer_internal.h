/* trainer_internal.h - a trainer's parts, for trainer*.c. */
#ifndef GAN_TRAIN_TRAINER_INTERNAL_H
#define GAN_TRAIN_TRAINER_INTERNAL_H

#include "train/iteration.h"
#include "train/model_file.h"
#include "train/sampler.h"

#include <gan/train.h>

enum { GAN__SPREAD_SAMPLES = 1000 };

/* Where a plan of the iteration takes its inputs. */
typedef struct gan__feed {
    uint8_t *real[GAN__D_STEPS_MAX];
    float *rate[GAN__D_STEPS_MAX + 1], *correction[GAN__D_STEPS_MAX + 1]; /* D's steps, then G's */
    float *decay;
} gan__feed;

struct gan_trainer {
    gan_recipe *recipe;
    const gan_dataset *data;
    gan_team *team; /* not owned; NULL: none */
    gan_params *g_params, *d_params;
    gan_net *generator, *discriminator;
    gan__duel duel;
    gan__iteration it;
    gan_plan *plain, *logging; /* the same iteration; logging has values to read */
    gan__feed feed_plain, feed_logging;
    gan__sampler *sampler;
    int64_t iteration;
    uint64_t seed;
    int height, width, channels;
    double rate, beta1, beta2, average;
    bool average_warmup;
    const char *schedule; /* the recipe's */
    int64_t schedule_iterations, warmup;
    float *samples;       /* GAN__SPREAD_SAMPLES of them */
    double *mean, *square; /* by pixel */
    double data_spread;
    bool profiled;
    double seconds; /* of plain iterations while profiled */
};

/* gan__seconds - a clock that only goes forward. */
double gan__seconds(void);

/* gan__trainer_provenance - what its files say about it. */
gan__provenance gan__trainer_provenance(const gan_trainer *t);

/* gan__spread - square root of the sum over pixels of the unbiased variance over n samples; mean and square
 * are work space of `pixels` numbers. In two passes, in double, samples ascending. */
double gan__spread(gan_team *team, const float *x, int n, int pixels, double *mean, double *square);


/* gan__trainer_load - gan_trainer_load; other_arithmetic: go on although the arithmetic number differs.
 * gan__trainer_arithmetic - of a state file. */
gan_status gan__trainer_load(gan_trainer *t, const char *path, bool other_arithmetic, gan_error *err);
gan_status gan__trainer_arithmetic(const char *path, int64_t *arithmetic, gan_error *err);

#endif
