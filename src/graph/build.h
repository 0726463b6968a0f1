/* build.h - what the graph's constructors share. */
#ifndef GAN_GRAPH_BUILD_H
#define GAN_GRAPH_BUILD_H

#include "graph/graph_internal.h"

/* gan__refuse - set the sticky error (the first stays) and return the invalid node. */
gan_node gan__refuse(gan_graph *g, gan_status status, const char *format, ...) GAN_PRINTF(3, 4);

/* gan__is_write - UPDATE, AVERAGE, ASSIGN: sinks, never operands, never shared. */
bool gan__is_write(gan__op op);

/* gan__usable - can x be an operand: a node of g that has a value, in a g without error? Otherwise
 * the error is set. */
bool gan__usable(gan_graph *g, gan_node x, const char *op);

/* gan__start - an empty node of an op with one or two inputs (-1: none), in the first's shape. */
gan__node gan__start(const gan_graph *g, gan__op op, int a, int b);

/* gan__emit - the node, or the equal one that is already there. */
gan_node gan__emit(gan_graph *g, gan__node n);

/* gan__raise_rank - x with leading axes of 1: the operands of one operation agree in rank. */
gan_node gan__raise_rank(gan_graph *g, gan_node x, int rank);

/* gan__shape_text - "[16,784]" in a buffer of the caller's. */
enum { GAN__SHAPE_TEXT = 80 };
const char *gan__shape_text(gan_shape s, char text[GAN__SHAPE_TEXT]);
bool gan__shape_valid(gan_shape s);

#endif
