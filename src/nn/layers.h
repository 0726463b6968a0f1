/* layers.h - the table of layers. */
#ifndef GAN_NN_LAYERS_H
#define GAN_NN_LAYERS_H

#include "nn/layer.h"

const gan__layer_kind *gan__layer_find(const char *name); /* NULL: none */
const char *gan__layer_nearest(const char *name);          /* the known name that is least far from a wrong one */

#endif
