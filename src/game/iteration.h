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

#include "game/iteration_parts.h"

/* gan__iteration_build - for iterations in which the lazy terms of `due` (a bit a penalty) are paid.
 * logged       for iterations whose values are read: what is not due is computed all the same, not paid
 * given_noise  noise comes from inputs of its stream's name, not from the plan: for tests
 * still        each phase takes one step that changes nothing, statistics neither: there are losses, gradients and what
 *              the passes gave, and no writes
 * batch        its rows; 0: the recipe's
 * Errors  GAN_ENOMEM, GAN_ESHAPE. Free with gan__iteration_release. */
gan_status gan__iteration_build(gan__iteration *out, const gan__iteration_params *params, gan_error *err);
void gan__iteration_release(gan__iteration *it);

/* gan__iteration_due - the bits of iteration i (from 0). */
unsigned gan__iteration_due(const gan__match *m, int64_t i);

/* gan__iteration_value - what was reported last under a key; {-1}: nothing. */
gan_node gan__iteration_value(const gan__iteration *it, const char *key);

#endif
