/* penalty.h - what D pays for a steep slope; a row each. Its setting is train.NAME (the weight; 0: off), and
 * train.NAME_every says how seldom it is paid, the weight as many times as large (Karras et al. 2020, arXiv:1912.04958,
 * section 3.1).
 *
 *     r1  gamma/2 E |grad D(x)|^2          at real samples       Mescheder et al. 2018, arXiv:1801.04406, equation 9
 *     r2  gamma/2 E |grad D(G(z))|^2       at generated ones     the same, equation 10
 *     gp  lambda E (|grad D(u)| - 1)^2     between them,         Gulrajani et al. 2017, arXiv:1704.00028, equation 3
 *         u = e x + (1 - e) G(z), e uniform for each sample
 *
 * grad D(x) at a sample is that of the sum of the batch's logits by that sample. Where no layer of D mixes rows it is the
 * sample's own; with batchnorm it holds what the sample does to the others' logits too (gan.c: look).
 */
#ifndef GAN_GAME_PENALTY_H
#define GAN_GAME_PENALTY_H

#include <gan/graph.h>
#include <gan/recipe.h>

typedef enum gan__penalty_place { GAN__AT_REAL, GAN__AT_FAKE, GAN__BETWEEN, GAN__PLACES } gan__penalty_place;

typedef struct gan__penalty {
    const char *name;
    const char *key, *every; /* settings */
    gan__penalty_place place;
    /* from the squared norm, at each sample, of the gradient of the sum of D's logits [B, 1] */
    gan_node (*of)(gan_graph *g, gan_node squares, float weight);
} gan__penalty;

int gan__penalties(const gan__penalty **rows); /* how many */

#endif
