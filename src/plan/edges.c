/* edges.c - what must be computed, and what may not be overtaken: operands, and for state
 *
 *     every reader of version k  ->  the write of version k + 1  ->  every reader of version k + 1
 *
 * A reader of PARAM is also who reads it through RESHAPE, PERMUTE, BROADCAST, SLICE or STOP, since these
 * are views of the same memory.
 */
#include "plan/edges.h"

#include "graph/ops.h"

#include <stdlib.h>

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

void gan__edges_find(gan__lower *l, const gan_plan_params *params)
{
    find_live(l, params);
    if (l->status == GAN_OK)
        add_edges(l);
}
