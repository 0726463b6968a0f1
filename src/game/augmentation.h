/* augmentation.h - what D is shown is altered at random, real and generated samples alike, so that it cannot learn few pictures by heart.
 *
 *     T(x): each step below is done to a sample with probability p (train.augment_strength), its amount drawn anew for each sample and use
 *     color        x + (u - 1/2) / 2;  mean of channels + 2 u (x - mean of channels);  mean of x + (1/2 + u) (x - mean of x)
 *     translation  by whole pixels, at most an eighth of each side, zeros behind
 *     cutout       a box of half of each side, anywhere, becomes zeros
 *
 * u is uniform in (0, 1]; pixels are 0..1, where the paper's are -1..1, so its brightness of +-0.5 is +-0.25 here, and its zeros are a middle grey
 * where these are black (and transparent). Color leaves alpha alone. R1 and R2 are taken by T(x), in the papers by x. The
 * gradient goes through T to G. Zhao et al. 2020, arXiv:2006.10738 (the steps); Karras et al. 2020, arXiv:2006.06676 (p, and its rule).
 */
#ifndef GAN_GAME_AUGMENTATION_H
#define GAN_GAME_AUGMENTATION_H

#include "game/scene.h"

enum { GAN__AUGMENT_NUMBERS = 12 }; /* uniform numbers of a sample */

/* gan__augmented - is anything asked for? gan__augment_adapts - does p follow D? */
bool gan__augmented(const gan_recipe *r);
bool gan__augment_adapts(const gan_recipe *r);

/* gan__augment_check - of the match's samples: pictures, and not too many pixels for a batch. gan__augment_keep - the state that p is, in a role's
 * parameters: where it adapts. Called once, when nets are made. gan__augment_most - samples of a batch. */
gan_status gan__augment_check(const gan__match *m, gan_error *err);
gan_status gan__augment_keep(gan_params *params, gan_error *err);
long gan__augment_most(const gan__match *m);

/* gan__augment - T(x) of x [batch, H, W, C], with noise of stream NAME.STEP; x itself where nothing is asked for. `params` holds p. */
gan_node gan__augment(gan__scene *s, gan_params *params, gan_node x, const char *name);

/* gan__augment_adapt - one step of p: up where D tells real samples too well, r = E[sign(D(T(x)) - D(T(G(z))))] or, where a loss does not pair
 * them, E[sign(D(T(x)))], else down; by the batch's share of train.augment_images. fake: its id -1 where nothing pairs. Reports. */
void gan__augment_adapt(gan__scene *s, gan_params *params, gan_node real, gan_node fake);

#endif
