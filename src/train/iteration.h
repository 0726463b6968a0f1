/* iteration.h - the graph of one whole iteration: d_steps updates of D, one of G, the average. */
#ifndef GAN_TRAIN_ITERATION_H
#define GAN_TRAIN_ITERATION_H

#include "train/objective.h"

enum { GAN__D_STEPS_MAX = 16, GAN__SINKS_MAX = 4096 };

typedef struct gan__duel {
    gan_net *generator, *discriminator;
    gan_params *g_params, *d_params;
    int latent, pixels, batch, d_steps;
    gan__objective objective;
    float r1, r2;
    gan_adam adam;
    bool average;     /* keep the moving average of G's weights */
    bool given_noise; /* noise comes from inputs "z.d0", ... of the caller's, not from the plan: tests */
} gan__duel;

/* Inputs of the graph, by name:
 *   "real.K"  [batch, pixels] bytes, times 1/255: the batch of D step K
 *   "rate.dK", "correction.dK", "rate.g", "correction.g", "decay"  scalars (gan_update, gan_average)
 * and noise streams "z.dK", "z.g" [batch, latent]. */
typedef struct gan__iteration {
    gan_graph *graph;
    gan_node write[GAN__SINKS_MAX]; /* updates and averages: the sinks of every iteration */
    int writes;
    gan__d_terms d[GAN__D_STEPS_MAX];
    gan_node loss_g;
    gan_node norm_d, norm_g; /* gradient norms: D's of its last step */
    gan_node *grad_d, *grad_g; /* by tensor: of the first D step, and of G; owned */
    gan_node *value, *later;   /* work space of building */
} gan__iteration;

/* gan__iteration_build - GAN_ENOMEM, GAN_ESHAPE. Free with gan__iteration_free. */
gan_status gan__iteration_build(gan__iteration *out, const gan__duel *duel, gan_error *err);
void gan__iteration_free(gan__iteration *it);

#endif
