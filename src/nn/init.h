/* init.h - first weights; a row for each rule. */
#ifndef GAN_NN_INIT_H
#define GAN_NN_INIT_H

#include "nn/layer.h"

typedef struct gan__init_rule gan__init_rule;

struct gan__init {
    const gan__init_rule *rule;
    double number; /* its own, where it takes one */
};

/* gan__init_read - `glorot`, or `normal 0.02`: a rule's name and, where it takes one, a number (what follows may be NULL).
 * Errors  GAN_EKEY: `where` says whose it is. */
gan_status gan__init_read(gan__init *out, const char *where, const char *name, const char *number, gan_error *err);

/* gan__init_draw - a weight with so many inputs and outputs for each number of it, by the rule: element e is a function
 * of (seed, "init/" and the tensor's name, e). gan__init_normal - standard normals of the same stream, times deviation.
 * gan__init_fill - all of a tensor to one value. */
gan_status gan__init_draw(const gan__init *init, gan_params *params, int tensor, int in, int out,
                          uint64_t seed, gan_error *err);
gan_status gan__init_normal(gan_params *params, int tensor, float deviation, uint64_t seed, gan_error *err);
gan_status gan__init_fill(gan_params *params, int tensor, float value, gan_error *err);

#endif
