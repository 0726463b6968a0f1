/* path_length.h - how far samples move in the features for a small step through the latents. */
#ifndef GAN_MEASURE_PATH_LENGTH_H
#define GAN_MEASURE_PATH_LENGTH_H

#include <gan/measure.h>

/* gan__paths - of n pairs of latents (samples 2i and 2i + 1 of the seed), each at a place t of its own on the great circle between
 * them: |f(G(z(t + e))) - f(G(z(t)))|^2 / e^2, e = 1e-4. Of a model with classes pair i is of class i mod classes. net: gives f;
 * NULL: samples are points, and f is the identity.
 * Errors  gan_model_sample_latents' and gan_model_look_floats'. */
gan_status gan__paths(double *out, int n, gan_model *model, uint64_t seed, gan_model *net, gan_error *err);

#endif
