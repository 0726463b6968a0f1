/* iteration.h - the graph of one whole iteration of a match: every step of every phase, the averages, and what is
 * measured on the way.
 *
 *     G v0 --> fakes 0 --> D v0 -update-> D v1
 *     G v0 --> fakes 1 -----------------> D v1 -update-> D v2
 *     G v0 --> fakes g -----------------------------------> D v2 --> G's gradient -update-> G v1 -> average
 *
 * All forwards of G read its version 0, so a plan may run them as one product.
 */
#ifndef GAN_GAME_ITERATION_H
#define GAN_GAME_ITERATION_H

#include "game/match.h"

enum {
    GAN__STEPS_MAX = 32, /* of all phases together */
    GAN__INPUTS_OF_ITERATION = 4 * GAN__STEPS_MAX * GAN__ROLES_MAX,
    GAN__VALUES_MAX = 64,
    GAN__SINKS_MAX = 8192,
    GAN__NAME_MAX = 96,
    GAN__STEP_NAME_MAX = 24
};

/* Where an input of the graph takes its values from. */
typedef enum gan__input_source {
    GAN__FROM_DATA, /* a field of the draw's items, bytes [batch, ...] */
    GAN__FROM_STEP, /* scalar `number` of role's optimiser, at its update iteration * updates + update + 1 */
    GAN__FROM_DECAY /* decay of the moving averages */
} gan__input_source;

typedef struct gan__input {
    char name[GAN__NAME_MAX];
    gan__input_source source;
    int draw;          /* DATA: which of the iteration's batches */
    const char *field; /* DATA */
    int role, number;  /* STEP */
    int update, updates;
} gan__input;

typedef struct gan__value {
    char key[GAN__NAME_MAX];
    gan_node node;
} gan__value;

typedef struct gan__phase_step {
    const gan__phase *phase;
    gan_node loss;
    gan_node *grad; /* by tensor, role after role, as the loss has them; owned */
    int grads;
} gan__phase_step;

typedef struct gan__iteration {
    gan_graph *graph;
    int writes, inputs, values, draws, steps;
    gan_node write[GAN__SINKS_MAX]; /* updates and averages: the sinks of every iteration */
    gan__input input[GAN__INPUTS_OF_ITERATION];
    gan__value value[GAN__VALUES_MAX];
    gan__phase_step step[GAN__STEPS_MAX];
} gan__iteration;

/* gan__iteration_build - for iterations in which the lazy terms of `due` (a bit a penalty) are paid.
 * measured     what is not due is measured all the same, not paid: for iterations that are logged
 * given_noise  noise comes from inputs of its stream's name, not from the plan: for tests
 * Errors  GAN_ENOMEM, GAN_ESHAPE. Free with gan__iteration_release. */
typedef struct gan__iteration_params {
    const gan__match *match;
    unsigned due;
    bool measured, given_noise;
} gan__iteration_params;
gan_status gan__iteration_build(gan__iteration *out, const gan__iteration_params *params, gan_error *err);
void gan__iteration_release(gan__iteration *it);

/* gan__iteration_due - the bits of iteration i (from 0). */
unsigned gan__iteration_due(const gan__match *m, int64_t i);

/* gan__iteration_value - what was reported last under a key; {-1}: nothing. */
gan_node gan__iteration_value(const gan__iteration *it, const char *key);

#endif
