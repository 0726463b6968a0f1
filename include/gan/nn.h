/* nn.h - networks from layer lines.
 *
 * A network is a list of lines, `dense 128 relu`: a layer, its numbers, an activation. Layers are built
 * from graph operations alone, so all of them differentiate twice. One row per layer in nn/layers.c,
 * one per activation in nn/activations.c, one per initialiser in nn/init.c.
 */
#ifndef GAN_NN_H
#define GAN_NN_H

#include <gan/graph.h>
#include <gan/params.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_net gan_net;

/* gan_net_create - parse `layers` (one a line; blank lines and what follows '#' are skipped) and add the
 * parameters to `params`, named NAME.0.weight, NAME.0.bias, NAME.1.weight, ... by line.
 *
 * input   shape of one sample, without the batch: GAN_SHAPE(100)
 * Errors  GAN_EKEY with the line number, what is wrong and, for an unknown word, the nearest known one;
 *         GAN_ESHAPE; GAN_ENOMEM. The net owns nothing of params and must not outlive it. */
GAN_API gan_status gan_net_create(gan_net **out, const char *name, const char *layers,
                                  gan_shape input, gan_params *params, gan_error *err);
GAN_API void gan_net_free(gan_net *net);

/* gan_net_apply - the network's output for x [N, input...] with the current version of its parameters. */
GAN_API gan_node gan_net_apply(const gan_net *net, gan_graph *g, gan_node x);

/* gan_net_apply_raw - the same without the last line's activation: logits, where that is a sigmoid. */
GAN_API gan_node gan_net_apply_raw(const gan_net *net, gan_graph *g, gan_node x);

GAN_API gan_shape gan_net_output(const gan_net *net); /* of one sample */
GAN_API int gan_net_layers(const gan_net *net);
/* gan_net_last_activation - "sigmoid"; "" where the last line has none. */
GAN_API const char *gan_net_last_activation(const gan_net *net);
/* gan_net_mixes_rows - a sample's output depends on the batch around it (batch norm and the like). */
GAN_API bool gan_net_mixes_rows(const gan_net *net);

/* gan_net_init - draw the weights: element e of tensor T is a function of (seed, "init/"T, e).
 *
 * init   "glorot"  uniform +-sqrt(6 / (in + out))     Glorot & Bengio 2010
 *        "he"      uniform +-sqrt(6 / in)             He et al. 2015
 *        "lecun"   uniform +-sqrt(3 / in)             LeCun et al. 1998
 *        "normal"  normal, standard deviation 0.02    Radford et al. 2016
 * Biases are zero. Errors: GAN_EKEY for another name. */
GAN_API gan_status gan_net_init(const gan_net *net, gan_params *params, const char *init,
                                uint64_t seed, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
