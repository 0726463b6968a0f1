/* order.c - which node is next.
 *
 * The lowest id, but leaves and views before all else: they cost nothing, and what waits for them alone
 * (a bias, the noise of a later forward) can then join the step of its neighbour. A group pulls in what can
 * follow it at once.
 *
 *     at_once   ready leaves and views          every ready node is in one of the three; each is a set
 *     ready     other ready nodes               that knows its lowest, so that a plan's making is
 *     aside     better left until others are done    linear in its nodes
 *
 * What is set aside names one node that it waits for, and is looked at again when that one's turn comes nearer.
 */
#include "plan/order.h"

#include "graph/dims.h"
#include "graph/ops.h"
#include "plan/descent.h"
#include "plan/idset.h"

static bool costs_nothing(gan__op op)
{
    return gan__ops[op].kind == GAN__KIND_LEAF || gan__ops[op].kind == GAN__KIND_VIEW ||
           op == GAN__OP_PARAM;
}

/* ---- products by the same matrix ---------------------------------------------------------------- */

/* Of the matrix, and of which way up it is; -1 for what shares no step. */
static int matrix_key(const gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    if (n->op != GAN__OP_MATMUL || !l->live[id] || n->shape.rank != 2 || l->panels[id])
        return -1;
    return 2 * gan__lower_operand(l, id, 1) + (n->p[1] != 0);
}

/* They get neighbouring places, in order of their ids. `start`: 2 count + 1 zeros. */
static void place_products(gan__lower *l, int *start)
{
    for (int i = 0; i < l->count; i++)
        if (matrix_key(l, i) >= 0)
            start[matrix_key(l, i) + 1]++;
    for (int k = 0; k < 2 * l->count; k++)
        start[k + 1] += start[k];
    for (int i = 0; i < l->count; i++) {
        const int key = matrix_key(l, i);
        l->place[i] = key < 0 ? -1 : start[key]++;
        if (key >= 0)
            l->placed[l->place[i]] = i;
    }
}

int gan__order_twin(const gan__lower *l, int product)
{
    const int place = gan__idset_next(&l->products, l->place[product] + 1);
    const int twin = place < 0 ? -1 : l->placed[place];
    return twin >= 0 && matrix_key(l, twin) == matrix_key(l, product) ? twin : -1;
}

/* ---- ready nodes -------------------------------------------------------------------------------- */

static void make_ready(gan__lower *l, int node)
{
    gan__idset_add(costs_nothing(l->node[node].op) ? &l->at_once : &l->ready, node);
    if (l->place[node] >= 0)
        gan__idset_add(&l->products, l->place[node]);
}

void gan__order_start(gan__lower *l)
{
    const size_t n = (size_t)l->count + 1;
    int *start = gan__arena_alloc(l->arena, 2 * n * sizeof *start);
    l->place = gan__arena_alloc(l->arena, n * sizeof *l->place);
    l->placed = gan__arena_alloc(l->arena, n * sizeof *l->placed);
    l->watch = gan__arena_alloc(l->arena, n * sizeof *l->watch);
    l->watch_next = gan__arena_alloc(l->arena, n * sizeof *l->watch_next);
    if (!start || !l->place || !l->placed || !l->watch || !l->watch_next ||
        !gan__idset_init(&l->at_once, l->arena, l->count) ||
        !gan__idset_init(&l->ready, l->arena, l->count) ||
        !gan__idset_init(&l->aside, l->arena, l->count) ||
        !gan__idset_init(&l->products, l->arena, l->count)) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return;
    }
    place_products(l, start);
    for (int i = 0; i < l->count; i++) {
        l->watch[i] = -1;
        l->left += l->live[i];
        if (gan__lower_ready(l, i))
            make_ready(l, i);
    }
}

static void set_aside(gan__lower *l, int node, int behind)
{
    gan__idset_remove(&l->ready, node);
    gan__idset_add(&l->aside, node);
    l->watch_next[node] = l->watch[behind];
    l->watch[behind] = node;
}

static void look_again(gan__lower *l, int behind)
{
    for (int i = l->watch[behind]; i >= 0; i = l->watch_next[i])
        if (!l->done[i]) {
            gan__idset_remove(&l->aside, i);
            gan__idset_add(&l->ready, i);
        }
    l->watch[behind] = -1;
}

int gan__order_next(gan__lower *l)
{
    int first = gan__idset_next(&l->at_once, 0);
    if (first >= 0)
        return first;
    while ((first = gan__idset_next(&l->ready, 0)) >= 0) {
        const int behind = gan__descent_waits(l, first);
        if (behind < 0)
            return first;
        set_aside(l, first, behind);
    }
    return gan__idset_next(&l->aside, 0);
}

void gan__lower_done(gan__lower *l, int node)
{
    l->done[node] = true;
    l->left--;
    gan__idset_remove(&l->at_once, node);
    gan__idset_remove(&l->ready, node);
    gan__idset_remove(&l->aside, node);
    if (l->place[node] >= 0)
        gan__idset_remove(&l->products, l->place[node]);
    for (int e = l->head[node]; e >= 0; e = l->next[e]) {
        const int to = l->to[e];
        l->waits[to]--;
        look_again(l, to);
        if (gan__lower_ready(l, to))
            make_ready(l, to);
    }
}

/* ---- groups ------------------------------------------------------------------------------------- */

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
