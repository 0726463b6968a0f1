/* op_rows.h - one row for each op: a new op without one fails the tests. */
#ifndef GAN_TESTS_OP_ROWS_H
#define GAN_TESTS_OP_ROWS_H

#include "graph/graph_internal.h"

typedef gan_node build_fn(gan_graph *g, int variant);

typedef struct op_row {
    gan__op op;
    build_fn *build;
    int variants, inputs; /* inputs: 1 "a", 2 "a" and "b"; an input "index" holds row numbers */
    double low, high;     /* where the op is smooth */
} op_row;

extern const op_row op_rows[];
extern const int op_row_count;

#endif
