/* grad.c - the whole of differentiation: one rule per op, and one pass that applies them.
 *
 * A rule builds its contribution out of ops of the same set, so what comes out differentiates
 * again; there is no tape and no `_backward` op (a hand-written one would break second order: R1
 * and R2 need it). Broadcasting is undone in one place, here.
 */
#include "graph/graph_store.h"
#include "graph/ops.h"

#include <stdlib.h>

static const gan_node none = {-1};

static gan_conv_geometry geometry_of(const gan__node *n)
{
    gan_conv_geometry c = {.groups = n->p[12]};
    for (int i = 0; i < GAN_SPATIAL_MAX; i++) {
        c.stride[i] = n->p[i];
        c.dilation[i] = n->p[3 + i];
        c.low[i] = n->p[6 + i];
        c.high[i] = n->p[9 + i];
    }
    return c;
}

static gan_node slice_of(gan_graph *g, gan_node x, const int *begin, gan_shape size)
{
    return gan_slice(g, x, begin, size.dim);
}

/* Axes along which `to` is 1 and x is not. */
static unsigned repeated_axes(gan_shape x, gan_shape to)
{
    unsigned axes = 0;
    for (int i = 0; i < x.rank; i++)
        if (to.dim[i] == 1 && x.dim[i] != 1)
            axes |= 1u << i;
    return axes;
}

/* A maximum's gradient goes to the elements that reach it, in equal parts (as PyTorch's amax). */
static gan_node vjp_max(gan_graph *g, const gan__node *t, gan_node y, gan_node gy, gan_node x)
{
    unsigned axes = 0;
    for (int i = 0; i < t->p[1]; i++)
        axes |= 1u << (t->p[0] + i);
    const gan_node below = gan_slope(g, gan_sub(g, y, x), 0); /* 1 where x < y */
    const gan_node reached = gan_affine(g, below, -1, 1);
    return gan_mul(g, reached, gan_div(g, gy, gan_sum(g, reached, axes)));
}

static gan_node vjp_matmul(gan_graph *g, const gan__node *t, gan_node gy, int k)
{
    const gan_node a = {t->in[0]}, b = {t->in[1]};
    const bool ta = t->p[0], tb = t->p[1];
    if (!k)
        return ta ? gan_matmul(g, b, gy, tb, true) : gan_matmul(g, gy, b, false, !tb);
    return tb ? gan_matmul(g, gy, a, true, ta) : gan_matmul(g, a, gy, !ta, false);
}

/* conv: y = x * w; conv_dx: x = y * w; conv_dw: w = x * y: faces of one trilinear form. */
static gan_node vjp_conv(gan_graph *g, const gan__node *t, gan_node gy, int k, gan_shape to)
{
    const gan_conv_geometry c = geometry_of(t);
    const gan_node a = {t->in[0]}, b = {t->in[1]};
    if (t->op == GAN__OP_CONV)
        return k ? gan_conv_dw(g, a, gy, to, c) : gan_conv_dx(g, gy, b, to, c);
    if (t->op == GAN__OP_CONV_DX)
        return k ? gan_conv_dw(g, gy, a, to, c) : gan_conv(g, gy, b, c);
    return k ? gan_conv(g, a, gy, c) : gan_conv_dx(g, b, gy, to, c);
}

static gan_node vjp_concat(gan_graph *g, const gan__node *t, gan_node gy, int k, gan_shape to)
{
    int begin[GAN_RANK_MAX] = {0};
    if (k)
        begin[t->p[0]] = t->shape.dim[t->p[0]] - to.dim[t->p[0]];
    return slice_of(g, gy, begin, to);
}

static gan_node vjp_slice(gan_graph *g, const gan__node *t, gan_node gy, gan_shape to)
{
    int after[GAN_RANK_MAX] = {0};
    for (int i = 0; i < to.rank; i++)
        after[i] = to.dim[i] - t->p[i] - t->shape.dim[i];
    return gan_pad(g, gy, t->p, after);
}

/* The contribution gy * d y / d in[k] as a node; `none` where none flows. Its shape may still be broadcast
 * against in[k]; gan_grad sums it back. */
static gan_node vjp(gan_graph *g, gan_node y, gan_node gy, int k)
{
    const gan__node t = g->node[y.id]; /* a copy: building moves the array */
    const gan_node a = {t.in[0]}, b = {t.in[1]};
    const gan_shape to = g->node[t.in[k]].shape;
    int inverse[GAN_RANK_MAX];

    switch (t.op) {
    case GAN__OP_ADD: return gy;
    case GAN__OP_SUB: return k ? gan_affine(g, gy, -1, 0) : gy;
    case GAN__OP_MUL: return gan_mul(g, gy, k ? a : b);
    case GAN__OP_DIV:
        if (!k)
            return gan_div(g, gy, b);
        return gan_affine(g, gan_div(g, gan_mul(g, gy, y), b), -1, 0);
    case GAN__OP_AFFINE: return gan_affine(g, gy, t.a, 0);
    case GAN__OP_EXP: return gan_mul(g, gy, y);
    case GAN__OP_LOG: return gan_div(g, gy, a);
    case GAN__OP_SQRT: return gan_affine(g, gan_div(g, gy, y), 0.5f, 0);
    case GAN__OP_TANH: return gan_mul(g, gy, gan_affine(g, gan_mul(g, y, y), -1, 1));
    case GAN__OP_SIGMOID: return gan_mul(g, gy, gan_mul(g, y, gan_affine(g, y, -1, 1)));
    case GAN__OP_SOFTPLUS: return gan_mul(g, gy, gan_sigmoid(g, a));
    case GAN__OP_LRELU: return gan_mul(g, gy, gan_slope(g, a, t.a));
    case GAN__OP_RESHAPE: return gan_reshape(g, gy, to);
    case GAN__OP_PERMUTE:
        for (int i = 0; i < t.shape.rank; i++)
            inverse[t.p[i]] = i;
        return gan_permute(g, gy, inverse);
    case GAN__OP_BROADCAST: return gan_sum(g, gy, repeated_axes(t.shape, to));
    case GAN__OP_SUM: return gan_broadcast(g, gy, to);
    case GAN__OP_MAX: return vjp_max(g, &t, y, gy, a);
    case GAN__OP_PAD: return slice_of(g, gy, t.p, to);
    case GAN__OP_SLICE: return vjp_slice(g, &t, gy, to);
    case GAN__OP_CONCAT: return vjp_concat(g, &t, gy, k, to);
    case GAN__OP_GATHER: return k ? none : gan_scatter_add(g, gy, b, to.dim[0]);
    case GAN__OP_SCATTER_ADD: return k ? none : gan_gather(g, gy, b);
    case GAN__OP_MATMUL: return vjp_matmul(g, &t, gy, k);
    case GAN__OP_CONV:
    case GAN__OP_CONV_DX:
    case GAN__OP_CONV_DW: return vjp_conv(g, &t, gy, k, to);
    case GAN__OP_SLOPE: /* flat but for one point */
    case GAN__OP_STOP:
    case GAN__OP_INPUT:
    case GAN__OP_CONST:
    case GAN__OP_PARAM:
    case GAN__OP_UPDATE:
    case GAN__OP_AVERAGE:
    case GAN__OP_ASSIGN:
    case GAN__OP_COUNT: break;
    }
    return none;
}

/* Does a node's value depend on one of wrt through operands? */
static void mark_needed(const gan_graph *g, int last, int n, const gan_node wrt[], bool *need)
{
    for (int i = 0; i < n; i++)
        if (wrt[i].id <= last)
            need[wrt[i].id] = true;
    for (int i = 0; i <= last; i++)
        for (int k = 0; k < gan__ops[g->node[i].op].arity; k++)
            need[i] = need[i] || need[g->node[i].in[k]];
}

static void back(gan_graph *g, int id, const bool *need, gan_node *adjoint)
{
    const int arity = gan__ops[g->node[id].op].arity;
    for (int k = 0; k < arity; k++) {
        const int to = g->node[id].in[k];
        if (!need[to])
            continue;
        gan_node c = vjp(g, (gan_node){id}, adjoint[id], k);
        if (c.id < 0)
            continue;
        const unsigned axes = repeated_axes(g->node[c.id].shape, g->node[to].shape);
        if (axes)
            c = gan_sum(g, c, axes);
        adjoint[to] = adjoint[to].id < 0 ? c : gan_add(g, adjoint[to], c);
    }
}

void gan_grad(gan_graph *g, gan_node y, int n, const gan_node wrt[], gan_node out[])
{
    for (int i = 0; i < n; i++)
        out[i] = none;
    bool usable = gan__usable(g, y, "grad");
    for (int i = 0; i < n; i++)
        usable = usable && gan__usable(g, wrt[i], "grad");
    if (!usable)
        return;
    const size_t nodes = (size_t)g->count;
    bool *need = calloc(nodes, sizeof *need);
    gan_node *adjoint = calloc(nodes, sizeof *adjoint);
    if (!need || !adjoint) {
        gan__refuse(g, GAN_ENOMEM, "out of memory for a gradient");
    } else {
        mark_needed(g, y.id, n, wrt, need);
        for (size_t i = 0; i < nodes; i++)
            adjoint[i] = none;
        adjoint[y.id] = gan_const(g, g->node[y.id].shape, 1);
        for (int i = y.id; i >= 0; i--)
            if (need[i] && adjoint[i].id >= 0)
                back(g, i, need, adjoint);
        for (int i = 0; i < n; i++)
            out[i] = adjoint[wrt[i].id].id >= 0 ? adjoint[wrt[i].id]
                                                : gan_const(g, g->node[wrt[i].id].shape, 0);
    }
    free(need);
    free(adjoint);
}
