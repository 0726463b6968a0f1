/* order.c - what must be computed, and what may run when.
 *
 * Nodes run in the order of their ids, except that a group pulls in what can follow it at once. Edges say
 * what may not be overtaken: operands, and for state
 *
 *     every reader of version k  ->  the write of version k + 1  ->  every reader of version k + 1
 *
 * A reader of PARAM is also who reads it through RESHAPE, PERMUTE, BROADCAST, SLICE or STOP, since these
 * are views of the same memory.
 */
#include "plan/lower_internal.h"

#include "base/error.h"

#include <stdlib.h>

int gan__lower_operand(const gan__lower *l, int node, int k)
{
    const int in = l->node[node].in[k];
    return in < 0 ? -1 : l->same[in];
}

static void add_edge(gan__lower *l, int from, int to)
{
    if (l->edges == l->edges_capacity) {
        const int capacity = l->edges_capacity ? 2 * l->edges_capacity : 1024;
        int *next = realloc(l->next, (size_t)capacity * sizeof *next);
        if (next)
            l->next = next;
        int *target = next ? realloc(l->to, (size_t)capacity * sizeof *target) : NULL;
        if (!target) {
            gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
            return;
        }
        l->to = target;
        l->edges_capacity = capacity;
    }
    l->to[l->edges] = to;
    l->next[l->edges] = l->head[from];
    l->head[from] = l->edges++;
    l->waits[to]++;
}

static void find_live(gan__lower *l, const gan_plan_params *params)
{
    for (int i = 0; i < l->count; i++)
        l->same[i] = l->node[i].op == GAN__OP_STOP ? l->same[l->node[i].in[0]] : i;
    for (int i = 0; i < params->sink_count; i++) {
        const int id = params->sinks[i].id;
        if (id < 0 || id >= l->count) {
            gan__lower_fail(l, GAN_EINVAL, "a plan's sink is not a node of its graph");
            return;
        }
        l->live[l->same[id]] = l->sink[l->same[id]] = true;
    }
    for (int i = l->count - 1; i >= 0; i--)
        for (int k = 0; l->live[i] && k < GAN__INPUTS_MAX; k++)
            if (gan__lower_operand(l, i, k) >= 0)
                l->live[gan__lower_operand(l, i, k)] = true;
}

static bool is_view(gan__op op)
{
    return gan__ops[op].kind == GAN__KIND_VIEW;
}

static bool is_write(const gan__node *n)
{
    return n->op == GAN__OP_UPDATE || n->op == GAN__OP_ASSIGN;
}

/* The PARAM node whose memory a value may lie in, or -1. */
static int param_under(const gan__lower *l, int node)
{
    while (node >= 0 && is_view(l->node[node].op))
        node = gan__lower_operand(l, node, 0);
    return node >= 0 && l->node[node].op == GAN__OP_PARAM ? node : -1;
}

static void add_edges(gan__lower *l)
{
    for (int i = 0; i < l->count; i++)
        for (int k = 0; l->live[i] && k < GAN__INPUTS_MAX; k++)
            if (gan__lower_operand(l, i, k) >= 0)
                add_edge(l, gan__lower_operand(l, i, k), i);
    for (int w = 0; w < l->count; w++) {
        if (!l->live[w] || !is_write(&l->node[w]))
            continue;
        for (int r = 0; r < l->count; r++) {
            if (!l->live[r] || r == w)
                continue;
            for (int k = 0; k < GAN__INPUTS_MAX; k++) {
                const int p = param_under(l, gan__lower_operand(l, r, k));
                if (p >= 0 && l->node[p].state == l->node[w].state &&
                    l->node[p].version == l->node[w].version - 1) {
                    add_edge(l, r, w);
                    break;
                }
            }
        }
    }
}

/* A matrix stays packed where only pointwise work and the update of a packed tensor read it: the weight
 * gradient on its way to Adam. Sums read logical order, so they are never given a packed value. */
static bool packed_state(const gan__lower *l, int state)
{
    const gan__state *s = &l->graph->state[state];
    const gan_params *set = s->owner;
    return set->tensor[s->tensor].packed && s->shape.rank == 2;
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

bool gan__lower_takes(const gan__lower *l, int reader, int node)
{
    for (int k = 0; k < GAN__INPUTS_MAX; k++)
        if (gan__lower_operand(l, reader, k) == node)
            return true;
    return false;
}

static bool reads_packed(const gan__lower *l, int reader, int i)
{
    const gan__node *n = &l->node[reader];
    if (n->op == GAN__OP_UPDATE)
        return gan__lower_operand(l, reader, 0) == i && packed_state(l, n->state);
    return l->panels[reader] && gan__shape_equal(n->shape, l->node[i].shape);
}

static void choose_packed(gan__lower *l)
{
    for (int i = 0; i < l->count; i++)
        l->panels[i] = may_be_packed(l, i);
    for (bool again = true; again;) {
        again = false;
        for (int i = l->count - 1; i >= 0; i--) {
            bool keep = l->panels[i] && may_be_packed(l, i);
            bool read = false;
            for (int e = l->head[i]; keep && e >= 0; e = l->next[e]) {
                if (!gan__lower_takes(l, l->to[e], i))
                    continue;
                keep = reads_packed(l, l->to[e], i);
                read = true;
            }
            if (l->panels[i] && !(keep && read)) {
                l->panels[i] = false;
                again = true;
            }
        }
    }
}

bool gan__lower_prepare(gan__lower *l, const gan_plan_params *params)
{
    find_live(l, params);
    if (l->status == GAN_OK)
        add_edges(l);
    if (l->status == GAN_OK)
        choose_packed(l);
    return l->status == GAN_OK;
}

bool gan__lower_ready(const gan__lower *l, int node)
{
    return l->live[node] && !l->done[node] && !l->waits[node];
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
