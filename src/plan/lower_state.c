/* lower_state.c - reading and writing weights: versions of one piece of memory.
 *
 * edges.c has put every reader of a version before the write of the next, so here a read is a view of the
 * parameter set's own memory and a write goes straight into it.
 */
#include "plan/lower_state.h"

#include "graph/dims.h"
#include "plan/order.h"
#include "plan/slots.h"
#include "plan/steps.h"
#include "plan/views.h"

void gan__lower_param(gan__lower *l, int id)
{
    const gan__state *s = &l->graph->state[l->node[id].state];
    const gan__param *t = gan__state_tensor(s);
    const gan_slot which = gan__state_slot(s);
    float *slot = gan__params_slot(gan__state_owner(s), l->average && which == GAN_VALUE ? GAN_AVERAGE : which);
    if (!slot) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for parameters");
        return;
    }
    const int b = gan__lower_buffer(l, GAN__MEMORY_PARAM, t->storage);
    l->plan->buffer[b].p = slot + t->offset;
    l->view[id] = gan__view_contiguous(b, 0, l->node[id].shape);
    l->view[id].panels = t->packed;
}

/* A buffer over one slot of a state's tensor. */
static int slot_buffer(gan__lower *l, int state, gan_slot slot, const gan__param **tensor)
{
    const gan__state *s = &l->graph->state[state];
    *tensor = gan__state_tensor(s);
    float *p = gan__params_slot(gan__state_owner(s), slot);
    const int b = gan__lower_buffer(l, GAN__MEMORY_PARAM, (*tensor)->storage);
    if (!p)
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for parameters");
    else if (l->status == GAN_OK)
        l->plan->buffer[b].p = p + (*tensor)->offset;
    return b;
}

/* Bring node x into the storage order of tensor t, at *buffer + *offset. */
static void in_storage_order(gan__lower *l, int x, const gan__param *t, int *buffer, size_t *offset)
{
    const gan__view v = l->view[x];
    if (t->packed && v.panels) {
        *buffer = v.buffer;
        *offset = v.offset;
        return;
    }
    const gan__view rows = gan__lower_contiguous(l, x);
    *buffer = rows.buffer;
    *offset = rows.offset;
    if (!t->packed)
        return;
    const int k = t->shape.dim[t->shape.rank - 2], n = t->shape.dim[t->shape.rank - 1];
    const size_t matrix = (size_t)k * (size_t)n, matrices = gan__shape_count(t->shape) / matrix;
    const int packed = gan__lower_buffer(l, GAN__MEMORY_TEMP, t->storage);
    for (size_t i = 0; i < matrices; i++) {
        gan__step *s = gan__lower_step(l, GAN__STEP_PACK, x);
        if (!s)
            return;
        gan__step_use(s, 0, packed, i * gan__panels_size(k, n));
        gan__step_use(s, 1, rows.buffer, rows.offset + i * matrix);
        s->k = k;
        s->columns = n;
        s->solo = true;
    }
    *buffer = packed;
    *offset = 0;
}

/* The moving average that takes the version which UPDATE node `id` makes, if it can run right behind it. */
static int average_behind(const gan__lower *l, int id)
{
    for (int e = l->head[id]; e >= 0; e = l->next[e]) {
        const int param = l->to[e]; /* the version made */
        if (l->node[param].op != GAN__OP_PARAM)
            continue;
        for (int f = l->head[param]; f >= 0; f = l->next[f]) {
            const int a = l->to[f];
            if (l->node[a].op == GAN__OP_AVERAGE && l->node[a].state == l->node[id].state &&
                gan__lower_operand(l, a, 0) == param && l->done[gan__lower_operand(l, a, 1)])
                return a;
        }
    }
    return -1;
}

gan__update *gan__lower_describe(gan__lower *l, int id, int *average)
{
    const gan__node *n = &l->node[id];
    const gan__param *t;
    gan__update *u = gan__arena_alloc(&l->plan->arena, sizeof *u);
    if (!u) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return NULL;
    }
    const gan__view rate = l->view[gan__lower_operand(l, id, 1)],
                    correction = l->view[gan__lower_operand(l, id, 2)];
    *average = l->plain ? -1 : average_behind(l, id);
    *u = (gan__update){.value = slot_buffer(l, n->state, GAN_VALUE, &t),
                       .moment1 = slot_buffer(l, n->state, GAN_MOMENT1, &t),
                       .moment2 = slot_buffer(l, n->state, GAN_MOMENT2, &t),
                       .rate = rate.buffer,
                       .rate_offset = rate.offset,
                       .correction = correction.buffer,
                       .correction_offset = correction.offset,
                       .average = -1,
                       .decay = -1,
                       .adam = {.beta1 = n->a,
                                .beta2 = n->b,
                                .epsilon = n->c,
                                .one_minus_beta1 = n->d,
                                .one_minus_beta2 = n->e}};
    if (*average >= 0) {
        const gan__view decay = l->view[gan__lower_operand(l, *average, 1)];
        u->average = slot_buffer(l, n->state, GAN_AVERAGE, &t);
        u->decay = decay.buffer;
        u->decay_offset = decay.offset;
    }
    return u;
}

/* The version made is read as any other; an average taken with the update is done once it is there. */
void gan__lower_updated(gan__lower *l, int id, int average)
{
    gan__lower_done(l, id);
    if (average < 0)
        return;
    const int param = gan__lower_operand(l, average, 0);
    if (!l->done[param]) {
        gan__lower_param(l, param);
        gan__lower_done(l, param);
    }
    gan__lower_done(l, average);
}

void gan__lower_update(gan__lower *l, int id)
{
    const gan__param *t = gan__state_tensor(&l->graph->state[l->node[id].state]);
    int grad, average;
    size_t offset;
    in_storage_order(l, gan__lower_operand(l, id, 0), t, &grad, &offset);
    gan__update *u = gan__lower_describe(l, id, &average);
    gan__step *s = u ? gan__lower_step(l, GAN__STEP_UPDATE, id) : NULL;
    if (!s)
        return;
    gan__step_use(s, 0, grad, offset);
    s->update = u;
    /* The row-major storage of a vector ends in padding that no gradient covers. */
    s->n = t->packed ? t->storage : gan__shape_count(t->shape);
    s->solo = s->n < 4096;
    gan__lower_updated(l, id, average);
}

void gan__lower_average(gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    const gan__param *t;
    const int average = slot_buffer(l, n->state, GAN_AVERAGE, &t);
    const int value = slot_buffer(l, n->state, GAN_VALUE, &t);
    const gan__view decay = l->view[gan__lower_operand(l, id, 1)];
    gan__step *s = gan__lower_step(l, GAN__STEP_AVERAGE, id);
    if (!s)
        return;
    gan__step_use(s, 0, average, 0);
    gan__step_use(s, 1, value, 0);
    gan__step_use(s, 2, decay.buffer, decay.offset);
    s->n = t->packed ? t->storage : gan__shape_count(t->shape);
    s->solo = s->n < 4096;
}

void gan__lower_assign(gan__lower *l, int id)
{
    const gan__param *t;
    const int state = l->node[id].state, to = slot_buffer(l, state, gan__state_slot(&l->graph->state[state]), &t);
    int from;
    size_t offset;
    in_storage_order(l, gan__lower_operand(l, id, 0), t, &from, &offset);
    const gan_shape flat = {.rank = 1, .dim = {(int)t->storage}};
    gan_shape count = flat;
    if (!t->packed)
        count.dim[0] = (int)gan__shape_count(t->shape);
    const gan__view y = gan__view_contiguous(to, 0, count),
                    x = gan__view_contiguous(from, offset, count);
    gan__lower_copy(l, &x, &y, id);
}
