/* interpret.h - graphs, slowly, in double: the oracle for gradients and for the kernels' values.
 *
 * One plain loop for each op. Leaves are given by a callback; everything else follows from them.
 */
#ifndef GAN_TESTS_INTERPRET_H
#define GAN_TESTS_INTERPRET_H

#include "graph/graph_internal.h"

/* Fill x with the values of an INPUT or version-0 PARAM node. */
typedef void ref_feed(void *ctx, const gan__node *node, int id, double *x);

typedef struct ref_values {
    double **x; /* by node id; NULL behind `last` */
    int count;
    double **moment1, **moment2, **average; /* by state: kept by UPDATE and AVERAGE; 0 at first */
    int states;
} ref_values;

/* ref_eval - values of nodes 0 .. last. Free with ref_free.
 * The value of a write is what it wrote; gan_param must have read an UPDATE's state before it. */
ref_values ref_eval(const gan_graph *g, int last, ref_feed *feed, void *ctx);
void ref_free(ref_values *v);

#endif
