/* shape.c - constructors of what moves or repeats numbers. */
#include "graph/shape.h"

#include "graph/dims.h"
#include "graph/graph_store.h"

#include <limits.h>

static gan_node misfit(gan_graph *g, const char *op, gan_node x, gan_shape to)
{
    char a[GAN__SHAPE_TEXT], b[GAN__SHAPE_TEXT];
    return gan__refuse(g, GAN_ESHAPE, "%s: %s does not become %s", op,
                       gan__shape_text(g->node[x.id].shape, a), gan__shape_text(to, b));
}

gan_node gan_reshape(gan_graph *g, gan_node x, gan_shape shape)
{
    if (!gan__usable(g, x, "reshape"))
        return (gan_node){-1};
    if (!gan__shape_valid(shape) ||
        gan__shape_count(shape) != gan__shape_count(g->node[x.id].shape))
        return misfit(g, "reshape", x, shape);
    while (g->node[x.id].op == GAN__OP_RESHAPE)
        x.id = g->node[x.id].in[0];
    if (gan__shape_equal(shape, g->node[x.id].shape))
        return x;
    gan__node n = gan__start(g, GAN__OP_RESHAPE, x.id, -1);
    n.shape = shape;
    return gan__emit(g, n);
}

gan_node gan__raise_rank(gan_graph *g, gan_node x, int rank)
{
    const gan_shape s = g->node[x.id].shape;
    gan_shape t = {.rank = rank};
    for (int i = 0; i < rank; i++)
        t.dim[i] = i < rank - s.rank ? 1 : s.dim[i - (rank - s.rank)];
    return gan_reshape(g, x, t);
}

gan_node gan_permute(gan_graph *g, gan_node x, const int axes[])
{
    if (!gan__usable(g, x, "permute"))
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_PERMUTE, x.id, -1);
    const gan_shape s = n.shape;
    unsigned seen = 0;
    bool same = true;
    for (int i = 0; i < s.rank; i++) {
        if (axes[i] < 0 || axes[i] >= s.rank || (seen >> axes[i] & 1))
            return gan__refuse(g, GAN_ESHAPE, "permute: the axes are not a permutation of 0 to %d",
                               s.rank - 1);
        seen |= 1u << axes[i];
        n.p[i] = axes[i];
        n.shape.dim[i] = s.dim[axes[i]];
        same = same && axes[i] == i;
    }
    return same ? x : gan__emit(g, n);
}

gan_node gan_broadcast(gan_graph *g, gan_node x, gan_shape shape)
{
    if (!gan__usable(g, x, "broadcast"))
        return (gan_node){-1};
    const gan_shape s = g->node[x.id].shape;
    if (s.rank > shape.rank || !gan__shape_valid(shape))
        return misfit(g, "broadcast", x, shape);
    gan_shape raised = {.rank = shape.rank};
    for (int i = 0; i < shape.rank; i++) {
        const int from = i - (shape.rank - s.rank);
        raised.dim[i] = from < 0 ? 1 : s.dim[from];
        if (raised.dim[i] != 1 && raised.dim[i] != shape.dim[i])
            return misfit(g, "broadcast", x, shape);
    }
    if (gan__shape_equal(raised, shape))
        return gan_reshape(g, x, shape);
    x = gan_reshape(g, x, raised);
    if (x.id < 0)
        return x;
    gan__node n = gan__start(g, GAN__OP_BROADCAST, x.id, -1);
    n.shape = shape;
    return gan__emit(g, n);
}

gan_node gan_pad(gan_graph *g, gan_node x, const int before[], const int after[])
{
    if (!gan__usable(g, x, "pad"))
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_PAD, x.id, -1);
    bool none = true;
    for (int i = 0; i < n.shape.rank; i++) {
        if (before[i] < 0 || after[i] < 0 ||
            (long long)n.shape.dim[i] + before[i] + after[i] > INT_MAX)
            return gan__refuse(g, GAN_ESHAPE, "pad: %d before and %d after %d on axis %d",
                               before[i], after[i], n.shape.dim[i], i);
        n.p[i] = before[i];
        n.shape.dim[i] += before[i] + after[i];
        none = none && !before[i] && !after[i];
    }
    return none ? x : gan__emit(g, n);
}

gan_node gan_slice(gan_graph *g, gan_node x, const int begin[], const int size[])
{
    if (!gan__usable(g, x, "slice"))
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_SLICE, x.id, -1);
    bool whole = true;
    for (int i = 0; i < n.shape.rank; i++) {
        if (begin[i] < 0 || size[i] < 1 || begin[i] > n.shape.dim[i] - size[i])
            return gan__refuse(g, GAN_ESHAPE, "slice: %d from %d on, of %d on axis %d", size[i],
                               begin[i], n.shape.dim[i], i);
        whole = whole && size[i] == n.shape.dim[i];
        n.p[i] = begin[i];
        n.shape.dim[i] = size[i];
    }
    return whole ? x : gan__emit(g, n);
}

gan_node gan_concat(gan_graph *g, gan_node a, gan_node b, int axis)
{
    if (!gan__usable(g, a, "concat") || !gan__usable(g, b, "concat"))
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_CONCAT, a.id, b.id);
    const gan_shape sa = n.shape, sb = g->node[b.id].shape;
    bool fits = sa.rank == sb.rank && axis >= 0 && axis < sa.rank;
    for (int i = 0; fits && i < sa.rank; i++)
        fits = i == axis ? sa.dim[i] <= INT_MAX - sb.dim[i] : sa.dim[i] == sb.dim[i];
    if (!fits) {
        char ta[GAN__SHAPE_TEXT], tb[GAN__SHAPE_TEXT];
        return gan__refuse(g, GAN_ESHAPE, "concat: %s and %s do not meet along axis %d",
                           gan__shape_text(sa, ta), gan__shape_text(sb, tb), axis);
    }
    n.p[0] = axis;
    n.shape.dim[axis] += sb.dim[axis];
    return gan__emit(g, n);
}

static bool is_index(gan_graph *g, gan_node x, gan_node index, const char *op)
{
    if (!gan__usable(g, x, op) || !gan__usable(g, index, op))
        return false;
    if (g->node[x.id].shape.rank >= 1 && g->node[index.id].shape.rank == 1)
        return true;
    gan__refuse(g, GAN_ESHAPE, "%s: needs rows, and an index of rank 1", op);
    return false;
}

gan_node gan_gather(gan_graph *g, gan_node x, gan_node index)
{
    if (!is_index(g, x, index, "gather"))
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_GATHER, x.id, index.id);
    n.shape.dim[0] = g->node[index.id].shape.dim[0];
    return gan__emit(g, n);
}

gan_node gan_scatter_add(gan_graph *g, gan_node x, gan_node index, int rows)
{
    if (!is_index(g, x, index, "scatter_add"))
        return (gan_node){-1};
    if (g->node[x.id].shape.dim[0] != g->node[index.id].shape.dim[0])
        return gan__refuse(g, GAN_ESHAPE, "scatter_add: %d rows and %d indices",
                           g->node[x.id].shape.dim[0], g->node[index.id].shape.dim[0]);
    gan__node n = gan__start(g, GAN__OP_SCATTER_ADD, x.id, index.id);
    n.shape.dim[0] = rows;
    return gan__emit(g, n);
}
