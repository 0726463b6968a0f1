/* graph_internal.h - what the plan and the tests' reference interpreter see of a graph. */
#ifndef GAN_GRAPH_INTERNAL_H
#define GAN_GRAPH_INTERNAL_H

#include "base/arena.h"
#include <gan/graph.h>
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

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

typedef enum gan__input_kind { GAN__INPUT_F32, GAN__INPUT_U8, GAN__INPUT_NORMAL } gan__input_kind;

enum { GAN__INPUTS_MAX = 3, GAN__INTS_MAX = 15 /* leaves no padding in a node */ };

/* One node. Plain value without padding: compared and hashed as bytes. */
typedef struct gan__node {
    gan__op op;
    int in[GAN__INPUTS_MAX]; /* ids, all < own id; -1 where there is none. PARAM of a version >= 1:
                                in[0] is the write that made it, for order, not as an operand */
    gan_shape shape;
    float a, b, c, d, e;   /* CONST value; AFFINE, LRELU, SLOPE; INPUT_U8 scale, shift; UPDATE:
                              gan_adam's members in order */
    int p[GAN__INTS_MAX];  /* ops.def says which; convolutions: stride[3], dilation[3], low[3],
                              high[3], groups */
    int state, version;    /* PARAM: what is read; UPDATE, ASSIGN: state and the version made;
                              AVERAGE: state; else -1 */
    gan__input_kind input; /* INPUT only */
    const char *name;      /* INPUT only; owned by the graph, one pointer per distinct name */
} gan__node;
static_assert(offsetof(gan__node, name) == sizeof(gan__op) + sizeof(gan_shape) + 5 * sizeof(float) +
                                               (GAN__INPUTS_MAX + GAN__INTS_MAX + 2) * sizeof(int) +
                                               sizeof(gan__input_kind) &&
                  sizeof(gan__node) == offsetof(gan__node, name) + sizeof(char *),
              "nodes are compared as bytes, so padding would make equal ones differ");

typedef struct gan__state {
    const void *owner;
    int tensor;
    gan_shape shape;
    int version; /* current */
    int write;   /* the node that made it; -1: version 0 */
} gan__state;

struct gan_graph {
    gan__node *node;
    int count, capacity;
    gan__state *state;
    int states, states_capacity;
    int *hash; /* open addressing, node ids, -1 empty; power of two */
    int hash_capacity;
    gan__arena arena; /* names */
    gan_error error;  /* sticky; GAN_OK while all is well */
};

size_t gan__shape_count(gan_shape s); /* elements; 1 for a scalar */
bool gan__shape_equal(gan_shape a, gan_shape b);

/* gan__vjp - gradient contribution gy * d y / d in[k] as a node; {-1} where none flows. Its shape
 * may still be broadcast against in[k]; gan_grad sums it back. */
gan_node gan__vjp(gan_graph *g, gan_node y, gan_node gy, int k);

#endif
