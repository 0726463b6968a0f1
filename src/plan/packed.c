/* packed.c - which results are kept in panels. */
#include "plan/packed.h"

#include "graph/dims.h"
#include "graph/ops.h"
#include "plan/slots.h"

/* A matrix stays packed where only pointwise work and a write of a packed tensor read it: the weight
 * gradient on its way to the weights. Sums read logical order, so they are never given a packed value. */
static bool packed_state(const gan__lower *l, int state)
{
    const gan__state *s = &l->graph->state[state];
    return gan__state_tensor(s)->packed && s->shape.rank == 2;
}

static bool may_be_packed(const gan__lower *l, int i)
{
    const gan__node *n = &l->node[i];
    if (!l->live[i] || l->sink[i] || n->shape.rank != 2)
        return false;
    if (n->op == GAN__OP_MATMUL)
        return true;
    if (gan__ops[n->op].kind != GAN__KIND_POINTWISE)
        return false;
    for (int k = 0; k < gan__ops[n->op].arity; k++) {
        const int o = gan__lower_operand(l, i, k);
        const bool scalar = gan__shape_count(l->node[o].shape) == 1;
        const bool param = l->node[o].op == GAN__OP_PARAM && packed_state(l, l->node[o].state);
        if (!scalar && !param && !l->panels[o])
            return false;
    }
    return true;
}

static bool reads_packed(const gan__lower *l, int reader, int i)
{
    const gan__node *n = &l->node[reader];
    if (n->op == GAN__OP_UPDATE || n->op == GAN__OP_ASSIGN)
        return gan__lower_operand(l, reader, 0) == i && packed_state(l, n->state);
    return l->panels[reader] && gan__shape_equal(n->shape, l->node[i].shape);
}

static bool stays_packed(const gan__lower *l, int i)
{
    bool read = false;
    for (int e = l->head[i]; e >= 0; e = l->next[e]) {
        if (!gan__lower_takes(l, l->to[e], i))
            continue;
        if (!reads_packed(l, l->to[e], i))
            return false;
        read = true;
    }
    return read;
}

/* Who gives a packed value up makes its operands give theirs up, and those readers that now have one operand that
 * is not packed. Each node does so once. */
void gan__packed_choose(gan__lower *l)
{
    int *gave_up = gan__arena_alloc(l->arena, ((size_t)l->count + 1) * sizeof *gave_up);
    int count = 0;
    if (!gave_up) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return;
    }
    for (int i = 0; i < l->count; i++)
        l->panels[i] = may_be_packed(l, i);
    for (int i = l->count - 1; i >= 0; i--)
        if (l->panels[i] && !stays_packed(l, i)) {
            l->panels[i] = false;
            gave_up[count++] = i;
        }
    while (count) {
        const int i = gave_up[--count];
        for (int k = 0; k < gan__ops[l->node[i].op].arity; k++) {
            const int o = gan__lower_operand(l, i, k);
            if (l->panels[o]) {
                l->panels[o] = false;
                gave_up[count++] = o;
            }
        }
        for (int e = l->head[i]; e >= 0; e = l->next[e]) {
            const int reader = l->to[e];
            if (l->panels[reader] && !may_be_packed(l, reader)) {
                l->panels[reader] = false;
                gave_up[count++] = reader;
            }
        }
    }
}
