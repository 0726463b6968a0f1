/* lowering.h - a lowering under way, and what all who do a part of it ask of it. */
#ifndef GAN_PLAN_LOWERING_H
#define GAN_PLAN_LOWERING_H

#include "plan/idset.h"
#include "plan/plan_internal.h"

typedef struct gan__lower {
    gan_plan *plan;
    const gan_graph *graph;
    const gan__node *node;
    int count;
    bool plain, average;
    gan_error *err;
    gan_status status;  /* sticky */
    int *same;          /* node that holds the same value: STOP's operand; else itself */
    bool *live, *sink, *done;
    bool *panels;       /* the result is kept packed */
    gan__view *view;    /* where a result is; buffer -1 while there is none */
    int *unpacked;      /* buffer with the row-major copy of a packed result, or -1 */
    int *conv_packed[2]; /* the step that packed the weights of convolutions, and of adjoints; or -1 */
    int *waits;         /* predecessors that are not done */
    int *next, *to, *head; /* edges as linked lists: head[node], next[edge], to[edge] */
    int edges;
    gan__arena *arena; /* what lives as long as the lowering */
    /* order.c */
    int left; /* live nodes that are not done */
    gan__idset at_once, ready, aside;
    int *watch, *watch_next; /* by node: who was set aside for it, as linked lists */
    gan__idset products;     /* places of the ready ones */
    int *place, *placed;     /* of a product, among those by the same matrix; the product there */
} gan__lower;

/* A group of pointwise nodes that become one program. */
enum { GAN__GROUP_MAX = 20 };
typedef struct gan__group {
    int node[GAN__GROUP_MAX];
    int count;
} gan__group;

void gan__lower_fail(gan__lower *l, gan_status status, const char *message);
int gan__lower_operand(const gan__lower *l, int node, int k);
/* Is the edge from node to reader a value's, not one that only orders writes behind readers? */
bool gan__lower_takes(const gan__lower *l, int reader, int node);
bool gan__lower_ready(const gan__lower *l, int node);
/* The node's place in the group, or -1. */
int gan__group_place(const gan__group *group, int node);

#endif
