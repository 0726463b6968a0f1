/* transform.h - between a gradient and its update: a list, applied in order.
 *
 * Where no row is wanted, a gradient that only its update reads never reaches memory (the plan's fusion); a row
 * that reads it switches that off by reading it. What comes here: clipping; noise for privacy; a sum over ranks.
 */
#ifndef GAN_GAME_TRANSFORM_H
#define GAN_GAME_TRANSFORM_H

#include <gan/graph.h>
#include <gan/recipe.h>
#include <stdbool.h>

/* All gradients of one phase's step, and the norm of them all together (a scalar). */
typedef struct gan__gradients {
    gan_graph *graph;
    const gan_recipe *recipe;
    int count;
    gan_node *grad; /* changed in place */
    gan_node norm;  /* before any transform */
} gan__gradients;

typedef struct gan__transform {
    const char *name;
    bool (*wanted)(const gan_recipe *r);
    void (*apply)(gan__gradients *g);
} gan__transform;

/* gan__transform_all - every row that the recipe wants. */
void gan__transform_all(gan__gradients *g);

#endif
