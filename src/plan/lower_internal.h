/* lower_internal.h - a lowering under way: shared by lower*.c only. */
#ifndef GAN_PLAN_LOWER_INTERNAL_H
#define GAN_PLAN_LOWER_INTERNAL_H

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
    int *waits;         /* predecessors that are not done */
    int *next, *to, *head; /* edges as linked lists: head[node], next[edge], to[edge] */
    int edges, edges_capacity;
} gan__lower;

/* A group of pointwise nodes that become one program. */
enum { GAN__GROUP_MAX = 20 };
typedef struct gan__group {
    int node[GAN__GROUP_MAX];
    int count;
} gan__group;

bool gan__lower_in(const gan__group *group, int node);

/* order.c: liveness, edges, order */
bool gan__lower_prepare(gan__lower *l, const gan_plan_params *params);
int gan__lower_operand(const gan__lower *l, int node, int k);
/* Is the edge from node to reader a value's, not one that only orders writes behind readers? */
bool gan__lower_takes(const gan__lower *l, int reader, int node);
void gan__lower_done(gan__lower *l, int node);
bool gan__lower_ready(const gan__lower *l, int node);
/* Extend a group that starts with `first` (pointwise, or a product whose epilogue this is; it is not part
 * of the group then) by the nodes of its shape that can run right behind it. Marks them done. */
void gan__lower_collect(gan__lower *l, int first, gan__group *group);

/* steps.c: buffers and steps */
int gan__lower_buffer(gan__lower *l, gan__memory memory, size_t floats);
gan__step *gan__lower_step(gan__lower *l, gan__step_kind kind, int node); /* NULL after an error */
void gan__step_use(gan__step *s, int k, int buffer, size_t offset);
/* Give a node a buffer of its own, row-major (or packed where l->panels says so). */
void gan__lower_result(gan__lower *l, int node);
/* Give it its place in the result of a CONCAT that reads it, so that nothing need be copied; false: none. */
bool gan__lower_into_concat(gan__lower *l, int node);
/* The node's value as strides (unpacking it first if need be), and as contiguous row-major memory
 * (copying first if need be). */
gan__view gan__lower_rows(gan__lower *l, int node);
gan__view gan__lower_contiguous(gan__lower *l, int node);
/* A step that copies v, which broadcasts to `to`'s shape, into `to`. */
void gan__lower_copy(gan__lower *l, const gan__view *v, const gan__view *to, int node);
/* The program of a group; `epilogue`: over the two axes of a product. */
gan__program *gan__lower_program(gan__lower *l, const gan__group *group, bool epilogue);

/* lower_state.c */
void gan__lower_param(gan__lower *l, int node);
void gan__lower_update(gan__lower *l, int node); /* marks it done */
/* What an UPDATE node does, and the AVERAGE node that can be done with it (-1: none). NULL: no memory. */
gan__update *gan__lower_describe(gan__lower *l, int node, int *average);
void gan__lower_updated(gan__lower *l, int node, int average);     /* mark both done */
void gan__lower_average(gan__lower *l, int node);
void gan__lower_assign(gan__lower *l, int node);

/* products.c */
/* Best left until the rest is done: a weight gradient whose UPDATE waits for more than it. */
bool gan__lower_wait_for_update(const gan__lower *l, int node);
void gan__lower_matmul(gan__lower *l, int node);
void gan__lower_conv(gan__lower *l, int node);

/* The parameter set that a state belongs to. */
gan_params *gan__lower_owner(const gan__state *s);

void gan__lower_fail(gan__lower *l, gan_status status, const char *message);

#endif
