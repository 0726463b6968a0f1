/* meters.h - what is measured from samples, beside the values that the losses report: a row each in meters.c. */
#ifndef GAN_TRAIN_METERS_H
#define GAN_TRAIN_METERS_H

#include "train/sampler.h"

#include <gan/data.h>

enum { GAN__METER_SAMPLES = 1000 };

typedef struct gan__meters {
    gan__sampler *sampler; /* not owned */
    gan_team *team;
    uint64_t seed;
    int numbers;           /* of a sample */
    float *samples;        /* GAN__METER_SAMPLES of them */
    double *mean, *square; /* work space of spread */
    double data_spread;
} gan__meters;

/* gan__meters_create - looks at the first images in the order of epoch 0, to compare with. */
gan_status gan__meters_create(gan__meters *m, gan__sampler *sampler, const gan_dataset *data, uint64_t seed,
                              gan_team *team, gan_error *err);
void gan__meters_release(gan__meters *m);
size_t gan__meters_bytes(const gan__meters *m);

/* gan__meters_draw - the samples that the rows look at. gan__meters_read - one row, which is there.
 * gan__meters_has - is there a row of this key? */
bool gan__meters_has(const char *key);
void gan__meters_draw(gan__meters *m);
float gan__meters_read(gan__meters *m, const char *key);

#endif
