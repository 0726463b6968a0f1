/* feature_net.h - the recipe of the nets that look at pictures. */
#ifndef GAN_MEASURE_FEATURE_NET_H
#define GAN_MEASURE_FEATURE_NET_H

#include <gan/data.h>
#include <gan/recipe.h>

/* gan__feature_recipe - the built-in recipe `features` for pictures like those of `train`: large ones are halved first; without
 * labels it tells turns; few pictures are not seen too often. */
gan_status gan__feature_recipe(gan_recipe **out, const gan_dataset *train, gan_error *err);

#endif
