/* objective.h - what D and G optimise: recipe/objectives.def has the rows and their formulas. */
#ifndef GAN_GAME_OBJECTIVE_H
#define GAN_GAME_OBJECTIVE_H

#include <gan/graph.h>
#include <stdbool.h>

typedef struct gan__objective {
    const char *name;
    bool g_sees_real; /* G's loss looks at D(x) too; else `real` is not a node there */
    gan_node (*d)(gan_graph *g, gan_node real, gan_node fake); /* a scalar, from logits [B, 1] */
    gan_node (*g)(gan_graph *g, gan_node real, gan_node fake);
} gan__objective;

const gan__objective *gan__objective_find(const char *name); /* NULL: none */

/* gan__objective_value - V(D,G) = E log D(x) + E log(1 - D(G(z))), whatever the objective. */
gan_node gan__objective_value(gan_graph *g, gan_node real, gan_node fake);

#endif
