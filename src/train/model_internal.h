/* model_internal.h - a model's parts. */
#ifndef GAN_TRAIN_MODEL_INTERNAL_H
#define GAN_TRAIN_MODEL_INTERNAL_H

#include "train/sampler.h"

#include <gan/model.h>

struct gan_model {
    gan_recipe *recipe;
    gan__match match;
    gan_team *team;
    gan__sampler *sampler;
    gan_plan *encoder; /* reconstructs a batch; NULL: not asked for yet */
    gan_node reconstruction;
    gan_plan *teller, *teller_of_floats; /* look at a batch of bytes, of floats; NULL: not asked for yet */
    gan_node features, logits, features_of_floats, logits_of_floats;
    gan_plan *drawer, *noise; /* draw a batch from given latents, and the latents themselves; NULL: not asked for yet */
    gan_node drawn, latents;
    int height, width, channels, classes; /* classes: of the labels that its nets read; 0: none */
    int64_t iteration;
};

#endif
