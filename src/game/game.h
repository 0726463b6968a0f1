/* game.h - what is played, as data: roles, phases, inputs, metrics. One file says the GAN (gan.c), one the VAE
 * (vae.c), one a net that tells pictures apart (classifier.c); the trainer, its feed, its checkpoints and its profile know neither.
 *
 *     game (a row: what there is)  --match.h: recipe + shape of a sample-->  match (nets, weights, optimisers)
 *                                  --iteration.h------------------------->  graph of one whole iteration
 */
#ifndef GAN_GAME_GAME_H
#define GAN_GAME_GAME_H

#include <gan/nn.h>
#include <gan/recipe.h>
#include <stdbool.h>

enum { GAN__ROLES_MAX = 4, GAN__PHASES_MAX = 4 };

typedef struct gan__match gan__match;
typedef struct gan__scene gan__scene;

/* One net of the game. */
typedef struct gan__role_kind {
    const char *name; /* "generator": its section in a recipe, and where the names of its tensors begin */
    bool averaged;    /* a moving average of its weights is kept (train.average), and draws the samples */
    bool shipped;     /* sampling needs it: part of a model file */
} gan__role_kind;

/* Some nets take a step down a loss, once or several times an iteration, phase after phase. */
typedef struct gan__phase {
    const char *name;    /* "d": its steps are d0, d1, ... where they may be several, else "d" */
    const char *repeats; /* the setting that says how many; NULL: one */
    unsigned roles;      /* a bit a role: whose weights change */
    gan_node (*loss)(gan__scene *s);
} gan__phase;

/* One number of a metrics line, in the order of the lines. */
typedef enum gan__metric_source {
    GAN__REPORTED, /* by a loss: gan__scene_report; a phase's "loss_NAME" and "grad_norm_NAME" by themselves. 0 where a
                    * recipe's match does not report it (a penalty that is off); some match must (test_metrics.c) */
    GAN__RATE,     /* learning rate of a role */
    GAN__MEASURED  /* from samples: the row of train/meters.c with this key; without one no trainer is made */
} gan__metric_source;

typedef struct gan__metric {
    const char *key;
    const char *label; /* on the line that a person reads; NULL: not there */
    bool share;        /* on that line with two digits behind the point; else with four that count */
    gan__metric_source source;
    int role;          /* GAN__RATE */
    const char *every; /* the setting that says iterations from one measurement to the next, 0: each line; NULL: each
                        * line. A line on which it is not due has no such key */
    const char *help;  /* in a line: gander recipes --metrics */
} gan__metric;

typedef struct gan__game {
    const char *name; /* of train.game */
    int roles, phases, metrics;
    const gan__role_kind *role;
    const gan__phase *phase;
    const gan__metric *metric;
    const char *latent; /* the setting that says how many numbers of noise a sample is drawn from; NULL: none is */

    /* nets - make the net of each role (gan__match_net); what does not fit together is said here. */
    gan_status (*nets)(gan__match *m, gan_error *err);
    /* draw - samples [N, sample...] from z [N, latent] and, in a labelled match, label [N]. reconstruct - from samples.
     * tell - logits [N, outcomes], and the features [N, numbers] that they come from. judge - D's logit [N, 1] of samples that are not
     * augmented; {-1}: this match's D judges no sample by itself. NULL: the game cannot. */
    gan_node (*draw)(const gan__match *m, gan_graph *g, gan_node z, const gan_node *label);
    gan_node (*reconstruct)(const gan__match *m, gan_graph *g, gan_node x);
    gan_node (*tell)(const gan__match *m, gan_graph *g, gan_node x, gan_node *features);
    gan_node (*judge)(const gan__match *m, gan_graph *g, gan_node x, const gan_node *label);
} gan__game;

extern const gan__game gan__game_gan, gan__game_vae, gan__game_classifier;

#endif
