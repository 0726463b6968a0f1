/* edges.c - what must be computed, and what may not be overtaken: operands, and for state
 *
 *     every reader of version k  ->  the write of version k + 1  ->  every reader of version k + 1
 *     the write of version k     ->  the write of version k + 1, whether anybody reads what is between or not
 *
 * A reader of PARAM is also who reads it through RESHAPE, PERMUTE, BROADCAST, SLICE or STOP, since these
 * are views of the same memory.
 */
#include "plan/edges.h"

#include "graph/ops.h"

static void add_edge(gan__lower *l, int from, int to)
{
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

/* All who read `value`, which lies in the memory that w writes, before w. seen[r] = w: r has that edge. */
static void write_behind(gan__lower *l, int *seen, int value, int w)
{
    for (int e = l->head[value]; e >= 0; e = l->next[e]) {
        const int r = l->to[e];
        if (r == w || seen[r] == w || !gan__lower_takes(l, r, value))
            continue;
        seen[r] = w;
        add_edge(l, r, w);
        if (is_view(l->node[r].op))
            write_behind(l, seen, r, w);
    }
}

/* A version's PARAM node has a lower id than the write of the next version, and a higher one than its own. seen: by
 * node, zeros; param, wrote: by state, the last of each so far. */
static void add_state_edges(gan__lower *l, int *seen, int *param, int *wrote)
{
    for (int i = 0; i < l->graph->states; i++)
        param[i] = wrote[i] = -1;
    for (int w = 0; w < l->count; w++) {
        const gan__node *n = &l->node[w];
        if (n->op == GAN__OP_PARAM)
            param[n->state] = w;
        if (!l->live[w] || !is_write(n))
            continue;
        const int p = param[n->state];
        if (wrote[n->state] >= 0)
            add_edge(l, wrote[n->state], w);
        wrote[n->state] = w;
        if (p >= 0 && l->node[p].version == n->version - 1)
            write_behind(l, seen, p, w);
    }
}

void gan__edges_find(gan__lower *l, const gan_plan_params *params)
{
    /* A node has at most one edge from each operand, one to the write behind each, and one from write to write. */
    const size_t nodes = (size_t)l->count, edges = (2 * GAN__INPUTS_MAX + 1) * nodes,
                 states = (size_t)l->graph->states;
    int *seen = gan__arena_alloc(l->arena, nodes * sizeof *seen);
    int *param = gan__arena_alloc(l->arena, (2 * states + 1) * sizeof *param);
    l->next = gan__arena_alloc(l->arena, edges * sizeof *l->next);
    l->to = gan__arena_alloc(l->arena, edges * sizeof *l->to);
    if (!seen || !param || !l->next || !l->to) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return;
    }
    find_live(l, params);
    for (int i = 0; i < l->count; i++)
        for (int k = 0; l->live[i] && k < GAN__INPUTS_MAX; k++)
            if (gan__lower_operand(l, i, k) >= 0)
                add_edge(l, gan__lower_operand(l, i, k), i);
    add_state_edges(l, seen, param, param + states);
}
