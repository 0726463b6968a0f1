/* optimiser.h - from a gradient to the next weights; a row each.
 *
 * An optimiser keeps up to two arrays beside the weights (the slots GAN_MOMENT1, GAN_MOMENT2 of the parameter
 * set), takes a few scalars that change from step to step as inputs of the graph, and says its step as nodes.
 */
#ifndef GAN_GAME_OPTIMISER_H
#define GAN_GAME_OPTIMISER_H

#include "recipe/optimiser_words.h"

#include <gan/params.h>

enum { GAN__OPTIMISER_SLOTS = 2, GAN__OPTIMISER_SCALARS = 3 };

typedef struct gan__optimiser gan__optimiser;

/* One tensor's step. */
typedef struct gan__tensor_step {
    gan_graph *graph;
    gan_params *params;
    int tensor;
    gan_node grad;
    gan_node scalar[GAN__OPTIMISER_SCALARS];
    const gan__optimiser *optimiser;
    gan_node write[1 + GAN__OPTIMISER_SLOTS + 1]; /* sinks; {-1} ends them */
} gan__tensor_step;

typedef struct gan__optimiser_kind {
    const char *word;                           /* optimisers.def */
    const char *slot[GAN__OPTIMISER_SLOTS];     /* what a checkpoint calls GAN_MOMENT1, GAN_MOMENT2; NULL: not used */
    const char *scalar[GAN__OPTIMISER_SCALARS]; /* inputs; NULL: no more */
    /* Their values at update `step` (from 1) with the learning rate of now. */
    void (*at)(const gan__optimiser *o, double rate, int64_t step, double scalar[GAN__OPTIMISER_SCALARS]);
    void (*descend)(gan__tensor_step *d);
} gan__optimiser_kind;

struct gan__optimiser {
    const gan__optimiser_kind *kind;
    gan__optimiser_words words; /* number[0]: the learning rate */
};

/* gan__optimiser_read - GAN_EKEY: gan__optimiser_words_read's, or a word without a row. */
gan_status gan__optimiser_read(gan__optimiser *o, const char *text, gan_error *err);

/* The slot of a set that a kind's slot i is: GAN_MOMENT1 + i. */
gan_slot gan__optimiser_slot(int i);

#endif
