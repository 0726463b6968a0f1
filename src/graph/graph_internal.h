/* graph_internal.h - the types that a graph is made of; the plan and the tests' interpreter walk them. */
#ifndef GAN_GRAPH_INTERNAL_H
#define GAN_GRAPH_INTERNAL_H

#include "base/arena.h"
#include "graph/ops.h"

#include <gan/graph.h>

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
