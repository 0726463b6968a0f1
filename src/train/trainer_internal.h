/* trainer_internal.h - a trainer's parts. */
#ifndef GAN_TRAIN_TRAINER_INTERNAL_H
#define GAN_TRAIN_TRAINER_INTERNAL_H

#include "train/meters.h"
#include "train/variants.h"

#include <gan/train.h>

struct gan_trainer {
    gan_recipe *recipe;
    const gan_dataset *data;
    gan__match match;
    gan__feed_source source;
    gan__variants variants;
    gan__sampler *sampler;
    gan__meters meters;
    bool averaged; /* samples come from averages */
    int64_t iteration;
    int height, width, channels;
    char digest[65]; /* of the data's fields that are read */
    bool profiled;
    double seconds; /* of iterations that log nothing, while profiled */
};

#endif
