/* contract.c - constructors of sums of products: matrices and convolutions. */
#include "graph/dims.h"
#include "graph/graph_store.h"
#include "graph/shape.h"

#include <limits.h>

static gan_node mismatch(gan_graph *g, const char *op, gan_shape a, gan_shape b, const char *why)
{
    char ta[GAN__SHAPE_TEXT], tb[GAN__SHAPE_TEXT];
    return gan__refuse(g, GAN_ESHAPE, "%s: %s and %s: %s", op, gan__shape_text(a, ta),
                       gan__shape_text(b, tb), why);
}

gan_node gan_matmul(gan_graph *g, gan_node a, gan_node b, bool ta, bool tb)
{
    if (!gan__usable(g, a, "matmul") || !gan__usable(g, b, "matmul"))
        return (gan_node){-1};
    gan_shape sa = g->node[a.id].shape, sb = g->node[b.id].shape;
    if (sa.rank < 2 || sb.rank < 2)
        return mismatch(g, "matmul", sa, sb, "both must have rows and columns");
    const int inner_a = sa.dim[ta ? sa.rank - 2 : sa.rank - 1],
              inner_b = sb.dim[tb ? sb.rank - 1 : sb.rank - 2];
    if (inner_a != inner_b) {
        char text_a[GAN__SHAPE_TEXT], text_b[GAN__SHAPE_TEXT];
        return gan__refuse(g, GAN_ESHAPE, "matmul: %s%s x %s%s: inner dimensions %d and %d differ",
                           gan__shape_text(sa, text_a), ta ? " transposed" : "",
                           gan__shape_text(sb, text_b), tb ? " transposed" : "", inner_a, inner_b);
    }
    const int rank = sa.rank > sb.rank ? sa.rank : sb.rank;
    a = gan__raise_rank(g, a, rank);
    b = gan__raise_rank(g, b, rank);
    if (a.id < 0 || b.id < 0)
        return (gan_node){-1};
    sa = g->node[a.id].shape;
    sb = g->node[b.id].shape;
    gan__node n = gan__start(g, GAN__OP_MATMUL, a.id, b.id);
    for (int i = 0; i < rank - 2; i++) {
        if (sa.dim[i] != sb.dim[i] && sa.dim[i] != 1 && sb.dim[i] != 1)
            return mismatch(g, "matmul", sa, sb, "the leading dimensions do not broadcast");
        n.shape.dim[i] = sa.dim[i] > sb.dim[i] ? sa.dim[i] : sb.dim[i];
    }
    n.shape.dim[rank - 2] = sa.dim[ta ? rank - 1 : rank - 2];
    n.shape.dim[rank - 1] = sb.dim[tb ? rank - 2 : rank - 1];
    n.p[0] = ta;
    n.p[1] = tb;
    return gan__emit(g, n);
}

gan_conv_geometry gan_conv_defaults(void)
{
    return (gan_conv_geometry){.stride = {1, 1, 1}, .dilation = {1, 1, 1}, .groups = 1};
}

static void store_geometry(gan__node *n, const gan_conv_geometry *c)
{
    for (int i = 0; i < GAN_SPATIAL_MAX; i++) {
        n->p[i] = c->stride[i];
        n->p[3 + i] = c->dilation[i];
        n->p[6 + i] = c->low[i];
        n->p[9 + i] = c->high[i];
    }
    n->p[12] = c->groups;
}

/* The extent of y along one spatial axis; 0 where there is none, with the reason in *why. */
static int conv_extent(int x, int w, const gan_conv_geometry *c, int axis, const char **why)
{
    if (c->stride[axis] < 1 || c->dilation[axis] < 1 || c->low[axis] < 0 || c->high[axis] < 0) {
        *why = "strides and dilations start at 1, padding at 0";
        return 0;
    }
    const long long padded = (long long)x + c->low[axis] + c->high[axis],
                    reach = (long long)(w - 1) * c->dilation[axis] + 1;
    *why = padded > INT_MAX ? "the padded input is too large"
                            : "the kernel is larger than the padded input";
    return padded > INT_MAX || reach > padded ? 0 : (int)((padded - reach) / c->stride[axis] + 1);
}

/* The shape of y for x and w; false with the sticky error where there is none. */
static bool conv_shape(gan_graph *g, const char *op, gan_shape x, gan_shape w,
                       const gan_conv_geometry *c, gan_shape *y)
{
    const int r = x.rank;
    const char *why = NULL;
    if (!gan__shape_valid(x) || !gan__shape_valid(w) || r < 3 || r > 2 + GAN_SPATIAL_MAX ||
        w.rank != r)
        why = "x is [N,spatial...,C], w [kernel...,C/groups,O], 1 to 3 spatial axes";
    else if (c->groups < 1 || x.dim[r - 1] % c->groups || w.dim[r - 1] % c->groups)
        why = "the groups do not divide the channels";
    else if (w.dim[r - 2] != x.dim[r - 1] / c->groups)
        why = "the kernel takes another number of channels";
    if (why) {
        mismatch(g, op, x, w, why);
        return false;
    }
    *y = x;
    y->dim[r - 1] = w.dim[r - 1];
    for (int i = 0; i < r - 2; i++) {
        y->dim[1 + i] = conv_extent(x.dim[1 + i], w.dim[i], c, i, &why);
        if (y->dim[1 + i] < 1) {
            mismatch(g, op, x, w, why);
            return false;
        }
    }
    return true;
}

gan_node gan_conv(gan_graph *g, gan_node x, gan_node w, gan_conv_geometry geometry)
{
    if (!gan__usable(g, x, "conv") || !gan__usable(g, w, "conv"))
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_CONV, x.id, w.id);
    if (!conv_shape(g, "conv", n.shape, g->node[w.id].shape, &geometry, &n.shape))
        return (gan_node){-1};
    store_geometry(&n, &geometry);
    return gan__emit(g, n);
}

gan_node gan_conv_dx(gan_graph *g, gan_node y, gan_node w, gan_shape x, gan_conv_geometry geometry)
{
    gan_shape expected;
    if (!gan__usable(g, y, "conv_dx") || !gan__usable(g, w, "conv_dx") ||
        !conv_shape(g, "conv_dx", x, g->node[w.id].shape, &geometry, &expected))
        return (gan_node){-1};
    if (!gan__shape_equal(expected, g->node[y.id].shape))
        return mismatch(g, "conv_dx", expected, g->node[y.id].shape,
                        "a convolution of that input gives the first, not the second");
    gan__node n = gan__start(g, GAN__OP_CONV_DX, y.id, w.id);
    n.shape = x;
    store_geometry(&n, &geometry);
    return gan__emit(g, n);
}

gan_node gan_conv_dw(gan_graph *g, gan_node x, gan_node y, gan_shape w, gan_conv_geometry geometry)
{
    gan_shape expected;
    if (!gan__usable(g, x, "conv_dw") || !gan__usable(g, y, "conv_dw") ||
        !conv_shape(g, "conv_dw", g->node[x.id].shape, w, &geometry, &expected))
        return (gan_node){-1};
    if (!gan__shape_equal(expected, g->node[y.id].shape))
        return mismatch(g, "conv_dw", expected, g->node[y.id].shape,
                        "a convolution by that kernel gives the first, not the second");
    gan__node n = gan__start(g, GAN__OP_CONV_DW, x.id, y.id);
    n.shape = w;
    store_geometry(&n, &geometry);
    return gan__emit(g, n);
}
