/* pointwise.c - constructors of what works element by element. */
#include "graph/dims.h"
#include "graph/graph_store.h"
#include "graph/ops.h"
#include "graph/shape.h"

static gan_node binary(gan_graph *g, gan__op op, gan_node a, gan_node b)
{
    if (!gan__usable(g, a, gan__ops[op].name) || !gan__usable(g, b, gan__ops[op].name))
        return (gan_node){-1};
    const gan_shape given_a = g->node[a.id].shape, given_b = g->node[b.id].shape;
    const int rank = given_a.rank > given_b.rank ? given_a.rank : given_b.rank;
    a = gan__raise_rank(g, a, rank);
    b = gan__raise_rank(g, b, rank);
    if (a.id < 0 || b.id < 0)
        return (gan_node){-1};
    gan__node n = gan__start(g, op, a.id, b.id);
    const gan_shape sa = g->node[a.id].shape, sb = g->node[b.id].shape;
    for (int i = 0; i < rank; i++) {
        if (sa.dim[i] != sb.dim[i] && sa.dim[i] != 1 && sb.dim[i] != 1) {
            char ta[GAN__SHAPE_TEXT], tb[GAN__SHAPE_TEXT];
            return gan__refuse(g, GAN_ESHAPE, "%s: %s and %s do not broadcast", gan__ops[op].name,
                               gan__shape_text(given_a, ta), gan__shape_text(given_b, tb));
        }
        n.shape.dim[i] = sa.dim[i] > sb.dim[i] ? sa.dim[i] : sb.dim[i];
    }
    return gan__emit(g, n);
}

static gan_node unary(gan_graph *g, gan__op op, gan_node x, float a, float b)
{
    if (!gan__usable(g, x, gan__ops[op].name))
        return (gan_node){-1};
    gan__node n = gan__start(g, op, x.id, -1);
    n.a = a;
    n.b = b;
    return gan__emit(g, n);
}

/* A table, a line each. */
/* clang-format off */
gan_node gan_add(gan_graph *g, gan_node a, gan_node b) { return binary(g, GAN__OP_ADD, a, b); }
gan_node gan_sub(gan_graph *g, gan_node a, gan_node b) { return binary(g, GAN__OP_SUB, a, b); }
gan_node gan_mul(gan_graph *g, gan_node a, gan_node b) { return binary(g, GAN__OP_MUL, a, b); }
gan_node gan_div(gan_graph *g, gan_node a, gan_node b) { return binary(g, GAN__OP_DIV, a, b); }

/* fma(1, x, 0) is not x: it turns -0 into +0. So nothing is folded here. */
gan_node gan_affine(gan_graph *g, gan_node x, float a, float b) { return unary(g, GAN__OP_AFFINE, x, a, b); }
gan_node gan_exp(gan_graph *g, gan_node x) { return unary(g, GAN__OP_EXP, x, 0, 0); }
gan_node gan_log(gan_graph *g, gan_node x) { return unary(g, GAN__OP_LOG, x, 0, 0); }
gan_node gan_sqrt(gan_graph *g, gan_node x) { return unary(g, GAN__OP_SQRT, x, 0, 0); }
gan_node gan_tanh(gan_graph *g, gan_node x) { return unary(g, GAN__OP_TANH, x, 0, 0); }
gan_node gan_sigmoid(gan_graph *g, gan_node x) { return unary(g, GAN__OP_SIGMOID, x, 0, 0); }
gan_node gan_softplus(gan_graph *g, gan_node x) { return unary(g, GAN__OP_SOFTPLUS, x, 0, 0); }
gan_node gan_lrelu(gan_graph *g, gan_node x, float slope) { return unary(g, GAN__OP_LRELU, x, slope, 0); }
gan_node gan_slope(gan_graph *g, gan_node x, float slope) { return unary(g, GAN__OP_SLOPE, x, slope, 0); }
gan_node gan_stop(gan_graph *g, gan_node x) { return unary(g, GAN__OP_STOP, x, 0, 0); }
/* clang-format on */
