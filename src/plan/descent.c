/* descent.c - weight gradients on their way into Adam, as they lie in the graph. */
#include "plan/descent.h"

#include "graph/ops.h"

int gan__only_reader(const gan__lower *l, int node)
{
    int reader = -1;
    for (int e = l->head[node]; e >= 0; e = l->next[e])
        if (gan__lower_takes(l, l->to[e], node)) {
            if (reader >= 0)
                return -1;
            reader = l->to[e];
        }
    return l->panels[node] && !l->sink[node] ? reader : -1;
}

/* The products that `node` is the sum of, in an order in which adding them one by one gives its bytes: one side
 * of each ADD is a product. -1 where it is none, or of more than `most`. */
static int products_of(const gan__lower *l, int node, int *product, int most)
{
    const gan__node *n = &l->node[node];
    if (!most || gan__only_reader(l, node) < 0)
        return -1;
    if (n->op == GAN__OP_MATMUL) {
        product[0] = node;
        return 1;
    }
    const int a = gan__lower_operand(l, node, 0), b = gan__lower_operand(l, node, 1);
    if (n->op != GAN__OP_ADD || a == b)
        return -1;
    const bool b_last = l->node[b].op == GAN__OP_MATMUL;
    const int count = products_of(l, b_last ? a : b, product, most - 1), last = b_last ? b : a;
    if (count < 0 || l->node[last].op != GAN__OP_MATMUL || gan__only_reader(l, last) < 0)
        return -1;
    product[count] = last;
    return count + 1;
}

/* Every ADD on the way up brings a product. */
int gan__descent_of(const gan__lower *l, int node, int product[GAN__DESCEND_MAX], int *count)
{
    int sum = node, reader = gan__only_reader(l, node);
    for (int n = 1; n < GAN__DESCEND_MAX && reader >= 0 && l->node[reader].op == GAN__OP_ADD; n++) {
        sum = reader;
        reader = gan__only_reader(l, sum);
    }
    if (l->plain || reader < 0 || l->node[reader].op != GAN__OP_UPDATE)
        return -1;
    *count = products_of(l, sum, product, GAN__DESCEND_MAX);
    return *count > 0 ? reader : -1;
}

int gan__descent_waits(const gan__lower *l, int node)
{
    int product[GAN__DESCEND_MAX], count;
    if (l->plain || l->node[node].op != GAN__OP_MATMUL)
        return -1;
    const int update = gan__descent_of(l, node, product, &count);
    for (int i = 0; update >= 0 && i < count; i++)
        if (!gan__lower_ready(l, product[i]))
            return product[i];
    if (update >= 0)
        return l->waits[update] > 1 ? update : -1;
    /* What else is done to the gradient should be able to follow at once. */
    const int reader = gan__only_reader(l, node);
    return reader >= 0 && gan__ops[l->node[reader].op].kind == GAN__KIND_POINTWISE &&
                   l->waits[reader] > 1
               ? reader
               : -1;
}
