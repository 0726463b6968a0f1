/* reduce.c - constructors of sums, means and maxima along axes. */
#include "graph/dims.h"
#include "graph/graph_store.h"
#include "graph/ops.h"

/* One node for each run of adjacent axes, the last run first. */
static gan_node reduce(gan_graph *g, gan__op op, gan_node x, unsigned axes)
{
    if (!gan__usable(g, x, gan__ops[op].name))
        return (gan_node){-1};
    const int rank = g->node[x.id].shape.rank;
    if (axes >> rank)
        return gan__refuse(g, GAN_ESHAPE, "%s: an axis beyond the %d there are", gan__ops[op].name,
                           rank);
    for (int end = rank; end > 0 && x.id >= 0;) {
        if (!(axes >> (end - 1) & 1)) {
            end--;
            continue;
        }
        int first = end;
        size_t count = 1;
        gan__node n = gan__start(g, op, x.id, -1);
        while (first > 0 && (axes >> (first - 1) & 1)) {
            count *= (size_t)n.shape.dim[--first];
            n.shape.dim[first] = 1;
        }
        n.p[0] = first;
        n.p[1] = end - first;
        if (count > 1) /* over one element a sum and a maximum are that element */
            x = gan__emit(g, n);
        end = first;
    }
    return x;
}

/* A table, a line each. */
/* clang-format off */
gan_node gan_sum(gan_graph *g, gan_node x, unsigned axes) { return reduce(g, GAN__OP_SUM, x, axes); }
gan_node gan_max(gan_graph *g, gan_node x, unsigned axes) { return reduce(g, GAN__OP_MAX, x, axes); }
/* clang-format on */

gan_node gan_mean(gan_graph *g, gan_node x, unsigned axes)
{
    const gan_node y = gan_sum(g, x, axes);
    if (y.id < 0)
        return y;
    const double count = (double)gan__shape_count(g->node[x.id].shape) /
                         (double)gan__shape_count(g->node[y.id].shape);
    return gan_affine(g, y, (float)(1 / count), 0);
}
