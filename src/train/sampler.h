/* sampler.h - pictures from the nets of a match: plans for 1 and for 64 samples over one set of weights. */
#ifndef GAN_TRAIN_SAMPLER_H
#define GAN_TRAIN_SAMPLER_H

#include "game/match.h"

#include <gan/plan.h>

typedef struct gan__sampler gan__sampler;

/* The match and the team are not owned. average: draw with the moving average of the weights. */
gan_status gan__sampler_create(gan__sampler **out, const gan__match *match, bool average, gan_team *team,
                               gan_error *err);
void gan__sampler_free(gan__sampler *s);

/* gan__sampler_check - GAN_EUNSUPPORTED where the game draws none (s: NULL), or bytes are asked for and samples are points;
 * GAN_EINVAL where there are no such samples. */
gan_status gan__sampler_check(const gan__sampler *s, const char *game, bool bytes, uint32_t first, int n, gan_error *err);

/* gan__sampler_classes - that samples can be asked for: the match's, if the net that draws reads labels; else 0.
 * gan__sampler_class - from now on samples are of that class; -1 (at first): sample i of class i mod classes. */
int gan__sampler_classes(const gan__sampler *s);
void gan__sampler_class(gan__sampler *s, int label);

/* Samples first .. first + n - 1 of a seed: floats as the generator makes them, or bytes,
 * round-half-even(255 clamp(x, 0, 1)), NaN as 0. Allocates nothing. */
void gan__sampler_floats(gan__sampler *s, uint64_t seed, uint32_t first, int n, float *out);
void gan__sampler_bytes(gan__sampler *s, uint64_t seed, uint32_t first, int n, uint8_t *out);
gan_plan_memory gan__sampler_memory(const gan__sampler *s);

/* gan__sampler_byte - a number in 0..1 as a byte, as above. */
uint8_t gan__sampler_byte(float x);

#endif
