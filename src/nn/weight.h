/* weight.h - what every layer with a weight shares: the bias, spectral normalisation, first values of its own.
 *
 * `spectral`: the weight divided by its greatest singular value s, for W as a matrix [in, out], out its out_axis (Miyato et al. 2018,
 * arXiv:1802.05957, algorithm 1; v is made anew from u, so that u alone is kept):
 *
 *     v = W u / |W u|      u' = W'v / |W'v|      s = v' W u'        u, v constants to the gradient
 *
 * u [out] is a statistic, and takes its power step where a pass takes note of such.
 */
#ifndef GAN_NN_WEIGHT_H
#define GAN_NN_WEIGHT_H

#include "nn/init.h"

typedef struct gan__weight {
    int weight, bias, vector; /* tensors; bias, vector: -1 where there is none */
    gan_shape shape;
    int out_axis; /* of the shape: results, the matrix's columns */
    int in, out;  /* fan in and fan out of one number */
    gan__init init; /* rule NULL: the net's */
} gan__weight;

/* The options, for a kind's list; of one whose weights have names of their own and no biases. */
#define GAN__WEIGHT_OPTIONS_NAMED {"spectral", 0, 0}, {"init", 1, 2}
#define GAN__WEIGHT_OPTIONS {"nobias", 0, 0}, GAN__WEIGHT_OPTIONS_NAMED

/* gan__weight_add - tensors NET.NUMBER.weight [shape], .bias [biases], .vector, as the line's options have it; shape,
 * out_axis, in and out are set by the caller.
 * gan__weight_add_named - a matrix NET.NUMBER.NAME [in, out] without a bias, and .NAME_vector.
 * gan__weight_read - the weight as it is multiplied with. gan__weight_biased - y [..., biases] + bias.
 * gan__weight_initialise - by the line's own rule where it has one, else by `init`. */
gan_status gan__weight_add(gan__layer *l, gan__weight *w, bool packed, int biases, gan_error *err);
gan_status gan__weight_add_named(gan__layer *l, gan__weight *w, const char *name, gan_shape shape, gan_error *err);
gan_node gan__weight_read(const gan__layer *l, gan_pass *pass, const gan__weight *w);
gan_node gan__weight_biased(const gan__layer *l, const gan_pass *pass, const gan__weight *w, gan_node y);
gan_status gan__weight_initialise(const gan__layer *l, const gan__weight *w, const gan__init *init, uint64_t seed,
                                  gan_error *err);

#endif
