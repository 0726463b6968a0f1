/* recipe_internal.h - what the trainer asks of a recipe beyond recipe.h. */
#ifndef GAN_TRAIN_RECIPE_INTERNAL_H
#define GAN_TRAIN_RECIPE_INTERNAL_H

#include <gan/nn.h>
#include <gan/recipe.h>

typedef struct gan__optimizer {
    double rate, beta1, beta2;
} gan__optimizer;

gan__optimizer gan__recipe_optimizer(const gan_recipe *r);

/* gan__recipe_generator / _discriminator - the networks, their parameters added to `params`. D takes
 * samples of `inputs` numbers, and must end in one unit without an activation. */
gan_status gan__recipe_generator(const gan_recipe *r, gan_net **net, gan_params *params,
                                 gan_error *err);
gan_status gan__recipe_discriminator(const gan_recipe *r, int inputs, gan_net **net,
                                     gan_params *params, gan_error *err);

#endif
