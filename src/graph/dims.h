/* dims.h - shapes as values. */
#ifndef GAN_GRAPH_DIMS_H
#define GAN_GRAPH_DIMS_H

#include <gan/graph.h>

#include <stdbool.h>
#include <stddef.h>

size_t gan__shape_count(gan_shape s); /* elements; 1 for a scalar */
bool gan__shape_equal(gan_shape a, gan_shape b);
bool gan__shape_valid(gan_shape s);

/* gan__shape_text - "[16,784]" in a buffer of the caller's. */
enum { GAN__SHAPE_TEXT = 80 };
const char *gan__shape_text(gan_shape s, char text[GAN__SHAPE_TEXT]);

#endif
