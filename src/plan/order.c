/* order.c - which node is next.
 *
 * The lowest id, but leaves and views before all else: they cost nothing, and what waits for them alone
 * (a bias, the noise of a later forward) can then join the step of its neighbour. A group pulls in what can
 * follow it at once.
 */
#include "plan/order.h"

#include "graph/dims.h"
#include "graph/ops.h"
#include "plan/descent.h"

int gan__order_next(const gan__lower *l)
{
    int first = -1;
    bool later = false; /* first is better left until the others are done */
    for (int i = 0; i < l->count; i++) {
        if (!gan__lower_ready(l, i))
            continue;
        const gan__op op = l->node[i].op;
        if (gan__ops[op].kind == GAN__KIND_LEAF || gan__ops[op].kind == GAN__KIND_VIEW ||
            op == GAN__OP_PARAM)
            return i;
        if (first < 0 || (later && !gan__descent_waits(l, i))) {
            later = gan__descent_waits(l, i);
            first = i;
        }
    }
    return first;
}

void gan__lower_done(gan__lower *l, int node)
{
    l->done[node] = true;
    for (int e = l->head[node]; e >= 0; e = l->next[e])
        l->waits[l->to[e]]--;
}

static bool follows(const gan__lower *l, int node, int first, const gan__group *group)
{
    for (int k = 0; k < gan__ops[l->node[node].op].arity; k++) {
        const int o = gan__lower_operand(l, node, k);
        if (o == first)
            return true;
        for (int i = 0; i < group->count; i++)
            if (group->node[i] == o)
                return true;
    }
    return false;
}

/* Its candidates are the users of its members, so a pass over their edges finds them; the lowest id
 * goes first, which makes the order of a program that of the graph. */
void gan__lower_collect(gan__lower *l, int first, gan__group *group)
{
    const gan__node *f = &l->node[first];
    gan__lower_done(l, first);
    while (group->count < GAN__GROUP_MAX && !l->plain) {
        int best = -1;
        for (int m = -1; m < group->count; m++)
            for (int e = l->head[m < 0 ? first : group->node[m]]; e >= 0; e = l->next[e]) {
                const int u = l->to[e];
                if (gan__ops[l->node[u].op].kind == GAN__KIND_POINTWISE && gan__lower_ready(l, u) &&
                    gan__shape_equal(l->node[u].shape, f->shape) &&
                    l->panels[u] == l->panels[first] && follows(l, u, first, group) &&
                    (best < 0 || u < best))
                    best = u;
            }
        if (best < 0)
            return;
        group->node[group->count++] = best;
        gan__lower_done(l, best);
    }
}
