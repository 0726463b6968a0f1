/* shape.h - bringing operands to one rank. */
#ifndef GAN_GRAPH_SHAPE_H
#define GAN_GRAPH_SHAPE_H

#include <gan/graph.h>

/* gan__raise_rank - x with leading axes of 1: the operands of one operation agree in rank. */
gan_node gan__raise_rank(gan_graph *g, gan_node x, int rank);

#endif
