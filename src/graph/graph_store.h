/* graph_store.h - what every constructor needs of the graph that it adds to. */
#ifndef GAN_GRAPH_STORE_H
#define GAN_GRAPH_STORE_H

#include "graph/graph_internal.h"

/* gan__refuse - set the sticky error (the first stays) and return the invalid node. */
gan_node gan__refuse(gan_graph *g, gan_status status, const char *format, ...) GAN_PRINTF(3, 4);

/* gan__usable - can x be an operand: a node of g that has a value, in a g without error? Otherwise
 * the error is set. */
bool gan__usable(gan_graph *g, gan_node x, const char *op);

/* gan__start - an empty node of an op with one or two inputs (-1: none), in the first's shape. */
gan__node gan__start(const gan_graph *g, gan__op op, int a, int b);

/* gan__emit - the node, or the equal one that is already there. */
gan_node gan__emit(gan_graph *g, gan__node n);

#endif
