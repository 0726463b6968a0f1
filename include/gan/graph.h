/* graph.h - mathematics without memory: a graph of tensor operations, closed under differentiation.
 *
 * A graph is an append-only array of nodes. A node's inputs were made before it, so creation order is
 * evaluation order. Nothing is computed here: gan_plan (plan.h) turns a graph into a machine. Nodes
 * that say the same are the same node. Every tensor is float32, NHWC, rank 0 to 6.
 *
 * Errors are sticky: a shape that does not fit makes the graph keep its first message, and every
 * later call that touches the invalid node hands out the invalid node ({-1}). Ask once, at the end:
 * gan_graph_status(). gan_plan_create() asks too.
 *
 * State (weights, moments, statistics) has versions: gan_param() reads the current version,
 * gan_update() and gan_assign() make the next one. They return sinks: ask for them when making a plan;
 * gan_param() reads what they made, and they are no operands themselves. Whatever was built from version k sees the values
 * before the write of k+1, whenever it runs.
 */
#ifndef GAN_GRAPH_H
#define GAN_GRAPH_H

#include <gan/status.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { GAN_RANK_MAX = 6, GAN_SPATIAL_MAX = 3 };

typedef struct gan_graph gan_graph; /* owns its nodes and names */

/* A node is a number in its graph; {-1} is the invalid node. */
typedef struct gan_node {
    int id;
} gan_node;

typedef struct gan_shape {
    int rank;              /* 0: a scalar */
    int dim[GAN_RANK_MAX]; /* each >= 1; unused ones are 0 */
} gan_shape;

/* GAN_SHAPE(16, 784) - a shape from its dimensions. */
#define GAN_SHAPE(...)                                                                            \
    ((gan_shape){(int)(sizeof((int[]){__VA_ARGS__}) / sizeof(int)), {__VA_ARGS__}})
#define GAN_SCALAR ((gan_shape){0, {0}})

GAN_API gan_graph *gan_graph_create(void); /* NULL when out of memory */
GAN_API void gan_graph_free(gan_graph *g);
GAN_API gan_status gan_graph_status(const gan_graph *g, gan_error *err);
GAN_API gan_shape gan_graph_shape(const gan_graph *g, gan_node x); /* rank 0 for the invalid node */

/* ---- leaves ---------------------------------------------------------------------------------- */

/* gan_input - values that the caller provides before each run, by name (gan_plan_input).
 * gan_input_u8 - bytes that the caller provides; the node's value is fma(scale, byte, shift).
 * gan_noise - standard normals that the plan draws by itself: element e of row n (first axis) is a
 *     function of (run's seed, stream name, run's step, run's first sample + n, e).
 * Two inputs of one name are one input; the same name with another shape, kind or scale is an error. */
GAN_API gan_node gan_input(gan_graph *g, const char *name, gan_shape shape);
GAN_API gan_node gan_input_u8(gan_graph *g, const char *name, gan_shape shape, float scale,
                              float shift);
GAN_API gan_node gan_noise(gan_graph *g, const char *stream, gan_shape shape);

/* gan_const - every element is value. */
GAN_API gan_node gan_const(gan_graph *g, gan_shape shape, float value);

/* ---- state ----------------------------------------------------------------------------------- */

/* gan_state - name a piece of state by its owner (opaque here; a gan_params for the plan) and number
 * in it. Asking again with the same owner and number gives the same state; another shape is an error.
 * -1 on error (sticky). */
GAN_API int gan_state(gan_graph *g, const void *owner, int tensor, gan_shape shape);

/* gan_param - the current version of a state's value. */
GAN_API gan_node gan_param(gan_graph *g, int state);

/* gan_update - Adam as PyTorch computes it (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1):
 *
 *     m' = fma(beta1, m, (1-beta1) g)     v' = fma(beta2, v, (1-beta2) (g g))
 *     w' = fma(-rate, m' / fma(sqrt(v'), correction, epsilon), w)
 *
 * g           gradient, the state's shape
 * rate        scalar node: learning rate / (1 - beta1^t)
 * correction  scalar node: 1 / sqrt(1 - beta2^t)
 * return      a sink; gan_param() now reads the state's next version
 * Each operation above is rounded once. No gradient flows through. */
typedef struct gan_adam {
    float beta1, beta2, epsilon;
    float one_minus_beta1, one_minus_beta2;
} gan_adam;

/* gan_adam_of - 1 - beta is taken in double, then rounded: 1 - 0.999f is 1.3e-5 off from 0.001. */
GAN_API gan_adam gan_adam_of(double beta1, double beta2, double epsilon);
GAN_API gan_node gan_update(gan_graph *g, int state, gan_node grad, gan_node rate,
                            gan_node correction, gan_adam adam);

/* gan_average - a' = fma(decay, a, (1-decay) w): the state's moving average (a second array beside the
 * value) takes a step towards x, a version of it that gan_param() gave. decay is a scalar node; 1-decay is one rounded
 * subtraction. Returns a sink. */
GAN_API gan_node gan_average(gan_graph *g, int state, gan_node x, gan_node decay);

/* gan_assign - the state's next version is x (same shape). Returns a sink. No gradient flows through. */
GAN_API gan_node gan_assign(gan_graph *g, int state, gan_node x);

/* ---- pointwise ------------------------------------------------------------------------------- */

/* Broadcasting as NumPy: shapes are aligned at the right, a dimension of 1 is repeated. */
GAN_API gan_node gan_add(gan_graph *g, gan_node a, gan_node b);
GAN_API gan_node gan_sub(gan_graph *g, gan_node a, gan_node b);
GAN_API gan_node gan_mul(gan_graph *g, gan_node a, gan_node b);
GAN_API gan_node gan_div(gan_graph *g, gan_node a, gan_node b);

GAN_API gan_node gan_affine(gan_graph *g, gan_node x, float a, float b); /* fma(a, x, b) */
GAN_API gan_node gan_exp(gan_graph *g, gan_node x);
GAN_API gan_node gan_log(gan_graph *g, gan_node x); /* -inf at 0, NaN below */
GAN_API gan_node gan_sqrt(gan_graph *g, gan_node x);
GAN_API gan_node gan_tanh(gan_graph *g, gan_node x);
GAN_API gan_node gan_sigmoid(gan_graph *g, gan_node x);
GAN_API gan_node gan_softplus(gan_graph *g, gan_node x);           /* log(1 + e^x), stable */
GAN_API gan_node gan_lrelu(gan_graph *g, gan_node x, float slope); /* x > 0 ? x : slope x */
GAN_API gan_node gan_slope(gan_graph *g, gan_node x, float slope); /* x > 0 ? 1 : slope */
GAN_API gan_node gan_stop(gan_graph *g, gan_node x);               /* x, and no gradient */

/* ---- shape ----------------------------------------------------------------------------------- */

GAN_API gan_node gan_reshape(gan_graph *g, gan_node x, gan_shape shape);
GAN_API gan_node gan_permute(gan_graph *g, gan_node x, const int axes[]); /* y.dim[i] = x.dim[axes[i]] */
GAN_API gan_node gan_broadcast(gan_graph *g, gan_node x, gan_shape shape);
/* gan_sum, gan_max - over the axes whose bits are set in `axes` (bit 0: first axis); they stay as 1. */
GAN_API gan_node gan_sum(gan_graph *g, gan_node x, unsigned axes);
GAN_API gan_node gan_mean(gan_graph *g, gan_node x, unsigned axes); /* sum, then times 1/count */
GAN_API gan_node gan_max(gan_graph *g, gan_node x, unsigned axes);
GAN_API gan_node gan_pad(gan_graph *g, gan_node x, const int before[], const int after[]); /* zeros */
GAN_API gan_node gan_slice(gan_graph *g, gan_node x, const int begin[], const int size[]);
GAN_API gan_node gan_concat(gan_graph *g, gan_node a, gan_node b, int axis);
/* gan_gather - y[i,...] = x[index[i],...]; index is [I], floats that hold integers 0 <= i < x.dim[0].
 * gan_scatter_add - y[r,...] = sum of x[i,...] over the i with index[i] = r; y.dim[0] = rows. */
GAN_API gan_node gan_gather(gan_graph *g, gan_node x, gan_node index);
GAN_API gan_node gan_scatter_add(gan_graph *g, gan_node x, gan_node index, int rows);

/* ---- products -------------------------------------------------------------------------------- */

/* gan_matmul - over the last two axes; the axes before them are broadcast.
 *
 *     y[..., m, n] = sum_k a'[..., m, k] b'[..., k, n]      a' = a, or its transpose where ta is set
 *
 * One accumulator per result, fused multiply-add, k ascending, in blocks of 1,024 terms. */
GAN_API gan_node gan_matmul(gan_graph *g, gan_node a, gan_node b, bool ta, bool tb);

/* Convolutions over 1, 2 or 3 spatial axes: x [N,spatial...,C], w [kernel...,C/groups,O],
 * y [N,spatial'...,O]; cross-correlation, the kernel is not flipped.
 *
 *     y[n,i,o] = sum_{u,c} x[n, i stride + u dilation - low, c] w[u,c,o]
 *
 * gan_conv_dx and gan_conv_dw are the adjoints of gan_conv in x and w (conv_dx is the transposed
 * convolution); their target shape is given. Orders of the sums: conv (u..., c), conv_dx (u..., o),
 * conv_dw (n, i...). Source: Dumoulin & Visin 2016, arXiv:1603.07285, relation 6. */
typedef struct gan_conv_geometry {
    int stride[GAN_SPATIAL_MAX];   /* >= 1 */
    int dilation[GAN_SPATIAL_MAX]; /* >= 1 */
    int low[GAN_SPATIAL_MAX];      /* zero padding before and after, >= 0 */
    int high[GAN_SPATIAL_MAX];
    int groups; /* >= 1; divides C and O */
} gan_conv_geometry;

GAN_API gan_conv_geometry gan_conv_defaults(void); /* stride 1, dilation 1, no padding, 1 group */
GAN_API gan_node gan_conv(gan_graph *g, gan_node x, gan_node w, gan_conv_geometry geometry);
GAN_API gan_node gan_conv_dx(gan_graph *g, gan_node y, gan_node w, gan_shape x,
                             gan_conv_geometry geometry);
GAN_API gan_node gan_conv_dw(gan_graph *g, gan_node x, gan_node y, gan_shape w,
                             gan_conv_geometry geometry);

/* ---- differentiation ------------------------------------------------------------------------- */

/* gan_grad - out[i] = d y / d wrt[i] as nodes of the same set, so they can be differentiated again.
 *
 * y    a scalar (one element); a y with more elements stands for their sum
 * wrt  nodes that y may depend on; where it does not, out[i] is a constant zero
 * Contributions are added in descending order of the nodes that use wrt[i].
 * Source  reverse accumulation; Griewank & Walther 2008, chapter 3. */
GAN_API void gan_grad(gan_graph *g, gan_node y, int n, const gan_node wrt[], gan_node out[]);

#ifdef __cplusplus
}
#endif

#endif
