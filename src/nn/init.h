/* init.h - first weights; a row for each rule. */
#ifndef GAN_NN_INIT_H
#define GAN_NN_INIT_H

#include "nn/layer.h"

struct gan__init_rule {
    const char *name;
    double (*bound)(int in, int out); /* of a uniform distribution; NULL: normal, standard deviation 0.02 */
};

/* gan__init_draw - a weight with so many inputs and outputs for each number of it, by the rule: element e is a function
 * of (seed, "init/" and the tensor's name, e). gan__init_fill - all of a tensor to one value. */
gan_status gan__init_draw(const gan__init_rule *rule, gan_params *params, int tensor, int in, int out,
                          uint64_t seed, gan_error *err);
gan_status gan__init_fill(gan_params *params, int tensor, float value, gan_error *err);

const gan__init_rule *gan__init_find(const char *name); /* NULL: none */

#endif
