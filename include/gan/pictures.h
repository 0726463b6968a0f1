/* pictures.h - a recipe for any pictures: nets, rates and lengths by rule from their shape, their number and the time there is.
 *
 * What `gander train DIR` trains. Every rule stands in src/recipe/pictures.c.
 */
#ifndef GAN_PICTURES_H
#define GAN_PICTURES_H

#include <gan/recipe.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { GAN_PICTURES_LEAST = 8, GAN_PICTURES_MOST = 256, GAN_PICTURES_MINUTES = 15 };

typedef struct gan_pictures_params {
    int height, width, channels; /* 8 to 256 pixels a side, 1 to 4 channels */
    int count;                   /* of the pictures */
    double minutes;              /* of training that are meant; 0: GAN_PICTURES_MINUTES */
} gan_pictures_params;

/* gan_recipe_for_pictures - a whole recipe, which is a function of these numbers alone: not of the machine. *text, where not NULL, gets it as
 * commented INI; malloc'd. The built-in recipe `pictures` is that of 5,000 pictures of 32 x 32 x 3 and 15 minutes.
 * Errors  GAN_EINVAL: pictures of another size: the line says what will do. */
GAN_API gan_status gan_recipe_for_pictures(gan_recipe **out, char **text, const gan_pictures_params *p, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
