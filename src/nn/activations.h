/* activations.h - the table of activations. */
#ifndef GAN_NN_ACTIVATIONS_H
#define GAN_NN_ACTIVATIONS_H

#include "nn/layer.h"

const gan__activation *gan__activation_find(const char *name); /* NULL: none */
const char *gan__activation_nearest(const char *name);

#endif
