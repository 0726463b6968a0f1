/* ops.h - ops.def as an enum and a table. */
#ifndef GAN_GRAPH_OPS_H
#define GAN_GRAPH_OPS_H

#include <stdbool.h>

/* A switch over ops has no default: one that a new op does not reach must not compile. */
#pragma GCC diagnostic error "-Wswitch"

typedef enum gan__op {
#define OP(name, word, arity, kind) GAN__OP_##name,
#include "graph/ops.def"
#undef OP
    GAN__OP_COUNT
} gan__op;

typedef enum gan__op_kind {
    GAN__KIND_LEAF,
    GAN__KIND_STATE,
    GAN__KIND_POINTWISE,
    GAN__KIND_VIEW,
    GAN__KIND_MOVE,
    GAN__KIND_REDUCE,
    GAN__KIND_PRODUCT
} gan__op_kind;

typedef struct gan__op_info {
    const char *name; /* as messages say it: "matmul" */
    int arity;
    gan__op_kind kind;
} gan__op_info;
extern const gan__op_info gan__ops[GAN__OP_COUNT];

/* gan__is_write - UPDATE, AVERAGE, ASSIGN: sinks, never operands, never shared. */
bool gan__is_write(gan__op op);

#endif
