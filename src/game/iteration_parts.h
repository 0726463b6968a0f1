/* iteration_parts.h - what an iteration's graph consists of: iteration.h makes it, scene.h adds to it. */
#ifndef GAN_GAME_ITERATION_PARTS_H
#define GAN_GAME_ITERATION_PARTS_H

#include "game/match.h"

enum {
    GAN__STEPS_MAX = 32, /* of all phases together */
    GAN__INPUTS_OF_ITERATION = 4 * GAN__STEPS_MAX * GAN__ROLES_MAX,
    GAN__VALUES_MAX = 64,
    GAN__SINKS_MAX = 8192,
    GAN__SEEN_MAX = 16, /* passes */
    GAN__TURNS = 4, /* a square by quarters of a turn; else as it is, mirrored, by half a turn, upside down */
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
    int turn;          /* DATA: of an image; see GAN__TURNS */
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

/* A net whose weights the step changes, applied: what each of its layers gives. */
typedef struct gan__pass_seen {
    int step, role;
    gan_node *result; /* owned */
} gan__pass_seen;

typedef struct gan__iteration {
    gan_graph *graph;
    int writes, inputs, values, draws, steps;
    gan_node write[GAN__SINKS_MAX]; /* updates and averages: the sinks of every iteration */
    gan__input input[GAN__INPUTS_OF_ITERATION];
    gan__value value[GAN__VALUES_MAX];
    gan__phase_step step[GAN__STEPS_MAX];
    int seens;
    gan__pass_seen seen[GAN__SEEN_MAX]; /* `still` alone */
} gan__iteration;

typedef struct gan__iteration_params {
    const gan__match *match;
    unsigned due;
    bool logged, given_noise;
    bool still;
    int batch;
} gan__iteration_params;

#endif
