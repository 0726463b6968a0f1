/* scene.h - what a loss is built from: the step of a phase that is being made. */
#ifndef GAN_GAME_SCENE_H
#define GAN_GAME_SCENE_H

#include "game/iteration_parts.h"

struct gan__scene {
    gan_graph *graph;
    const gan__match *match;
    gan__iteration *it;
    const gan__iteration_params *params;
    const gan__phase *phase;
    char name[GAN__STEP_NAME_MAX]; /* the step's: "d0" */
    int batch;
    int passes[GAN__ROLES_MAX]; /* of each net in this step */
    bool failed; /* a table is full: err says which */
    gan_error error;
};

/* gan__scene_draw - from here on, data comes from the next batch of the stream. gan__scene_field - a field of its items
 * (data.h) as floats, times scale: [batch, shape...]; gan__scene_image - its images, [batch, sample...] in 0..1, or points. */
void gan__scene_draw(gan__scene *s);
gan_node gan__scene_label(gan__scene *s); /* the classes of its items [batch] */
gan_node gan__scene_field(gan__scene *s, const char *field, gan_shape shape, float scale);
gan_node gan__scene_image(gan__scene *s);

/* gan__scene_turned - the same, each turned in one of GAN__TURNS ways (GAN__TURNS). */
gan_node gan__scene_turned(gan__scene *s, int turn);

/* gan__scene_noise - standard normals [batch, numbers] of stream NAME.STEP. gan__scene_uniform - [batch, numbers] in
 * (0, 1]: exp(-(a^2 + b^2) / 2) of two normals each. */
gan_node gan__scene_noise(gan__scene *s, const char *name, int numbers);
gan_node gan__scene_uniform(gan__scene *s, const char *name, int numbers);

/* gan__scene_net - a role's net, in training: its statistics take a step where the phase changes that role. Of a labelled
 * match x is of the batch's classes: one row or, real and fake, two of each. _raw - without its last activation. */
gan_node gan__scene_net(gan__scene *s, int role, gan_node x);
gan_node gan__scene_net_raw(gan__scene *s, int role, gan_node x);
gan_node gan__scene_samples(const gan__scene *s, gan_node x); /* reshaped to [batch, sample...] */

/* gan__scene_write - something that every iteration writes: a state's next version. */
void gan__scene_write(gan__scene *s, gan_node x);

/* gan__scene_report - a scalar for the metrics; what is reported last under a key counts. */
void gan__scene_report(gan__scene *s, const char *key, gan_node x);

#endif
