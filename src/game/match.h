/* match.h - a game with its nets: what a recipe makes of it for samples of one shape. */
#ifndef GAN_GAME_MATCH_H
#define GAN_GAME_MATCH_H

#include "game/game.h"
#include "game/optimiser.h"

enum { GAN__LAZY_MAX = 8 };

typedef struct gan__role {
    const gan__role_kind *kind;
    gan_net *net;
    gan_params *params;
    gan__optimiser optimiser;
    bool averaged; /* its average is kept: the kind's word and the recipe's */
} gan__role;

struct gan__match {
    const gan__game *game;
    const gan_recipe *recipe; /* not owned */
    gan_shape sample;         /* of one sample: {H, W, C} */
    bool real;                /* samples are points: floats as they are. Else bytes, seen as 0..1. Set behind _create */
    const char *data;         /* what holds them, for messages; NULL: not known yet */
    int classes;              /* that samples have; 0: no labels */
    bool labelled;            /* something in the game reads them */
    gan__role role[GAN__ROLES_MAX];
    int every[GAN__LAZY_MAX]; /* iterations from one use of penalty k to the next; 0: off */
};

/* gan__match_create - nets with zero weights. data: a set's name for messages, or NULL where `sample` is not known:
 * then it is whatever the net that draws makes (rank 0 asks for that). classes: of the data; 0: it has no labels. Where
 * the data is not known they are data.classes, or some.
 * gan__match_init - draw the first weights; averages begin as them.
 * Errors  GAN_EKEY: what the recipe says cannot be, with the net and its line; GAN_ESHAPE: the nets do not make or
 *         take what the data set holds; GAN_ENOMEM. */
gan_status gan__match_create(gan__match *m, const gan_recipe *recipe, gan_shape sample, int classes,
                             const char *data, gan_error *err);
gan_status gan__match_init(gan__match *m, gan_error *err);
void gan__match_release(gan__match *m);

/* gan__match_net - a role's net from the recipe's section of that name; for a game's `nets`. */
gan_status gan__match_net(gan__match *m, int role, gan_shape input, gan_error *err);
/* gan__match_makes - does a role's net make samples of the match's shape? Settles that shape where it is open. */
gan_status gan__match_makes(gan__match *m, int role, gan_error *err);

/* gan__match_apply - a role's net as a sample is drawn. label [N]: NULL where the match is not labelled. */
gan_node gan__match_apply(const gan__match *m, int role, gan_graph *g, gan_node x, const gan_node *label);

int gan__match_latent(const gan__match *m); /* 0: nothing is drawn */
long gan__match_numbers(gan_shape s); /* of one sample */

/* gan__match_text, _number, _int - a setting of one role: SECTION.name. */
const char *gan__match_text(const gan__match *m, int role, const char *name);

#endif
