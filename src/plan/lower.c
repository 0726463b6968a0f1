/* lower.c - from nodes to steps, in an order that keeps every version of state apart.
 *
 *     ready nodes, lowest id first
 *       leaf, view           -> a view, no step
 *       pointwise            -> a program, with every pointwise node of its shape that can follow it
 *       matmul               -> a product step; all ready products by the same matrix join it (G's forwards
 *                               of one version stream its weights once), each with its epilogue
 *       sum, max, pad, ...   -> steps of their own
 *
 * Nothing here changes a byte: fusing decides where numbers lie between two operations, never which
 * operations are done or in which order a sum is added.
 */
#include "plan/lower.h"

#include "base/random.h"
#include "graph/dims.h"
#include "graph/ops.h"
#include "plan/edges.h"
#include "plan/lower_state.h"
#include "plan/lowering.h"
#include "plan/order.h"
#include "plan/packed.h"
#include "plan/products.h"
#include "plan/program.h"
#include "plan/step_kinds.h"
#include "plan/steps.h"
#include "plan/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer scalar operations than this are not worth a barrier. */
enum { SOLO_WORK = 16384 };

static void lower_input(gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    const size_t count = gan__shape_count(n->shape);
    gan_plan *p = l->plan;
    const bool normal = n->input == GAN__INPUT_NORMAL;
    const bool keeps = n->input == GAN__INPUT_F32 || l->sink[id];
    if (keeps || !gan__lower_into_concat(l, id))
        l->view[id] = gan__view_contiguous(
            gan__lower_buffer(l, keeps ? GAN__MEMORY_KEEP : GAN__MEMORY_TEMP, count), 0, n->shape);
    const int b = l->view[id].buffer;
    const size_t offset = l->view[id].offset;
    if (normal) {
        gan__step *s = gan__lower_step(l, GAN__STEP_NORMAL, id);
        if (!s)
            return;
        gan__step_use(s, 0, b, offset);
        s->stream = gan__stream(n->name);
        s->outer = n->shape.rank ? (size_t)n->shape.dim[0] : 1;
        s->n = count / s->outer;
        s->solo = count < 512;
        return;
    }
    gan__plan_input *in = &p->input[p->inputs++];
    in->name = gan__arena_strdup(&p->arena, n->name);
    in->buffer = b;
    if (!in->name) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return;
    }
    if (n->input == GAN__INPUT_F32)
        return;
    in->bytes = gan__arena_alloc(&p->arena, count);
    gan__step *s = gan__lower_step(l, GAN__STEP_FROM_U8, id);
    if (!in->bytes || !s) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return;
    }
    gan__step_use(s, 0, b, offset);
    s->bytes = in->bytes;
    s->n = count;
    s->a = n->a;
    s->b = n->b;
    s->solo = count < SOLO_WORK;
}

static void lower_const(gan__lower *l, int id)
{
    const int b = gan__lower_buffer(l, GAN__MEMORY_KEEP, 1);
    if (l->status == GAN_OK)
        l->plan->buffer[b].fill = l->node[id].a;
    l->view[id] = (gan__view){.buffer = b, .shape = l->node[id].shape}; /* all strides 0 */
}

static void lower_view(gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    const int x = gan__lower_operand(l, id, 0);
    if (n->op == GAN__OP_RESHAPE) {
        gan__view v = l->view[x];
        if (!gan__view_reshape(&v, n->shape, &l->view[id])) {
            v = gan__lower_contiguous(l, x);
            gan__view_reshape(&v, n->shape, &l->view[id]);
        }
        return;
    }
    const gan__view v = gan__lower_rows(l, x);
    gan__view *y = &l->view[id];
    *y = v;
    y->shape = n->shape;
    for (int i = 0; i < n->shape.rank; i++) {
        if (n->op == GAN__OP_PERMUTE)
            y->stride[i] = v.stride[n->p[i]];
        else if (n->op == GAN__OP_BROADCAST)
            y->stride[i] = v.shape.dim[i] == 1 && n->shape.dim[i] != 1 ? 0 : v.stride[i];
        else
            y->offset += (size_t)n->p[i] * v.stride[i];
    }
}

/* The part of `whole` that starts at begin[] and has v's shape. */
static gan__view part_of(const gan__view *whole, gan_shape shape, const int *begin)
{
    gan__view part = *whole;
    part.shape = shape;
    for (int i = 0; i < shape.rank; i++)
        part.offset += (size_t)begin[i] * whole->stride[i];
    return part;
}

static void lower_pad(gan__lower *l, int id)
{
    const gan__view x = gan__lower_rows(l, gan__lower_operand(l, id, 0));
    gan__lower_result(l, id);
    const gan__view y = l->view[id];
    const gan__view zeros = {.buffer = gan__lower_buffer(l, GAN__MEMORY_KEEP, 1),
                             .shape = y.shape}; /* all strides 0 */
    gan__lower_copy(l, &zeros, &y, id);
    const gan__view inside = part_of(&y, x.shape, l->node[id].p);
    gan__lower_copy(l, &x, &inside, id);
}

/* Views of one shape: do they lie on the very same numbers? */
static bool same_place(const gan__view *a, const gan__view *b)
{
    return a->buffer == b->buffer && a->offset == b->offset &&
           !memcmp(a->stride, b->stride, (size_t)a->shape.rank * sizeof *a->stride);
}

static void lower_concat(gan__lower *l, int id)
{
    const gan__view a = gan__lower_rows(l, gan__lower_operand(l, id, 0));
    const gan__view b = gan__lower_rows(l, gan__lower_operand(l, id, 1));
    const int axis = l->node[id].p[0];
    int begin[GAN_RANK_MAX] = {0};
    if (l->view[id].buffer < 0)
        gan__lower_result(l, id);
    const gan__view y = l->view[id];
    const gan__view first = part_of(&y, a.shape, begin);
    begin[axis] = a.shape.dim[axis];
    const gan__view second = part_of(&y, b.shape, begin);
    if (!same_place(&a, &first))
        gan__lower_copy(l, &a, &first, id);
    if (!same_place(&b, &second))
        gan__lower_copy(l, &b, &second, id);
}

/* Sinks are read after the run: what is a view, or lies in memory that others use, is copied out. */
static void keep_sink(gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    const gan__view v = l->view[id];
    if (gan__is_write(n->op))
        return;
    if (l->plan->buffer[v.buffer].memory == GAN__MEMORY_KEEP && gan__view_is_contiguous(&v))
        return;
    const gan__view from = gan__lower_rows(l, id);
    const int b = gan__lower_buffer(l, GAN__MEMORY_KEEP, gan__shape_count(n->shape));
    const gan__view to = gan__view_contiguous(b, 0, n->shape);
    gan__lower_copy(l, &from, &to, id);
    l->view[id] = to;
}

static void finish_node(gan__lower *l, int id)
{
    if (l->status == GAN_OK && l->sink[id])
        keep_sink(l, id);
    gan__lower_done(l, id);
}

/* p: makes what is summed, blockwise, in `x` of each thread; NULL: it is in memory. */
static void reduce(gan__lower *l, int id, const gan__view *x, gan__program *p)
{
    const gan__node *n = &l->node[id];
    size_t outer = 1, count = 1, inner = 1;
    for (int i = 0; i < x->shape.rank; i++) {
        const size_t d = (size_t)x->shape.dim[i];
        if (i < n->p[0])
            outer *= d;
        else if (i < n->p[0] + n->p[1])
            count *= d;
        else
            inner *= d;
    }
    const bool sum = n->op == GAN__OP_SUM;
    const size_t term = inner == 1 ? GAN__REDUCE_BLOCK : GAN__ROWS_BLOCK;
    const size_t blocks = sum ? (count + term - 1) / term : 1;
    gan__lower_result(l, id);
    const gan__view y = l->view[id];
    const int partial =
        blocks > 1 ? gan__lower_buffer(l, GAN__MEMORY_TEMP, outer * blocks * inner) : y.buffer;
    gan__step *s = gan__lower_step(l, sum ? GAN__STEP_SUM : GAN__STEP_MAX, id);
    if (!s)
        return;
    gan__step_use(s, 0, partial, blocks > 1 ? 0 : y.offset);
    gan__step_use(s, 1, x->buffer, x->offset);
    s->program = p;
    s->outer = outer;
    s->n = count;
    s->inner = inner;
    s->solo = outer * count * inner < SOLO_WORK;
    if (blocks == 1)
        return;
    s = gan__lower_step(l, GAN__STEP_SUM_BLOCKS, id);
    if (!s)
        return;
    gan__step_use(s, 0, y.buffer, y.offset);
    gan__step_use(s, 1, partial, 0);
    s->outer = outer;
    s->n = blocks;
    s->inner = inner;
    s->solo = true;
}

static void lower_reduce(gan__lower *l, int id)
{
    const gan__view x = gan__lower_contiguous(l, gan__lower_operand(l, id, 0));
    reduce(l, id, &x, NULL);
}

/* A value of the group that nothing but a large sum over all axes before the last reads: its node, and the sum's; or -1. */
static int summed_only(const gan__lower *l, const gan__group *g, int *sum)
{
    for (int i = 0; i < g->count && !l->plain; i++) {
        const int id = g->node[i];
        const gan_shape s = l->node[id].shape;
        int readers = 0;
        for (int e = l->head[id]; e >= 0; e = l->next[e])
            if (gan__lower_takes(l, l->to[e], id)) {
                readers++;
                *sum = l->to[e];
            }
        if (readers != 1 || l->sink[id] || l->panels[id] || s.rank < 2 || gan__shape_count(s) < SOLO_WORK)
            continue;
        const gan__node *r = &l->node[*sum];
        if (r->op == GAN__OP_SUM && r->p[0] == 0 && r->p[1] == s.rank - 1 && s.dim[s.rank - 1] > 1 && gan__lower_ready(l, *sum))
            return id;
    }
    return -1;
}

/* The sum takes the group's values as they are made; false where its program has no rows of columns to go by. */
static bool lower_sum_of(gan__lower *l, int id, int sum, gan__program *p)
{
    const gan__view x = l->view[id];
    const int inner = x.shape.dim[x.shape.rank - 1];
    if (p->axes != 2 || p->dim[1] != (size_t)inner || p->dim[0] * p->dim[1] != gan__shape_count(x.shape))
        return false;
    l->plan->buffer[x.buffer].memory = GAN__MEMORY_LOCAL;
    for (int a = 0; a < p->accesses; a++)
        if (p->access[a].buffer == x.buffer)
            p->access[a].stride[0] = GAN__TILE_COLUMNS;
    reduce(l, sum, &x, p);
    finish_node(l, sum);
    return true;
}

static void lower_pointwise(gan__lower *l, int id)
{
    gan__group group = {.node = {id}, .count = 1};
    int sum = -1;
    gan__lower_collect(l, id, &group);
    const int summed = summed_only(l, &group, &sum);
    gan__program *p = gan__lower_program(l, &group, summed >= 0 ? GAN__RANGES_COLUMNS : GAN__RANGES_ANY);
    if (!p || (summed >= 0 && lower_sum_of(l, summed, sum, p)))
        return;
    gan__step *s = gan__lower_step(l, GAN__STEP_PROGRAM, id);
    if (!s)
        return;
    s->program = p;
    s->solo = gan__program_rows(p) * gan__program_cols(p) * (size_t)p->instrs < SOLO_WORK;
}

static void lower_index(gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    const bool gather = n->op == GAN__OP_GATHER;
    const gan__view x = gan__lower_contiguous(l, gan__lower_operand(l, id, 0));
    const gan__view index = gan__lower_contiguous(l, gan__lower_operand(l, id, 1));
    gan__lower_result(l, id);
    gan__step *s = gan__lower_step(l, gather ? GAN__STEP_GATHER : GAN__STEP_SCATTER_ADD, id);
    if (!s)
        return;
    gan__step_use(s, 0, l->view[id].buffer, l->view[id].offset);
    gan__step_use(s, 1, x.buffer, x.offset);
    gan__step_use(s, 2, index.buffer, index.offset);
    s->outer = (size_t)(gather ? x.shape.dim[0] : n->shape.dim[0]); /* rows of the table */
    s->n = gan__shape_count(index.shape);
    s->inner = gan__shape_count(n->shape) / (size_t)n->shape.dim[0];
    s->solo = true;
}

static void lower_node(gan__lower *l, int id)
{
    switch (l->node[id].op) {
    case GAN__OP_INPUT: lower_input(l, id); break;
    case GAN__OP_CONST: lower_const(l, id); break;
    case GAN__OP_PARAM: gan__lower_param(l, id); break;
    case GAN__OP_UPDATE: gan__lower_update(l, id); return; /* likewise */
    case GAN__OP_AVERAGE: gan__lower_average(l, id); break;
    case GAN__OP_ASSIGN: gan__lower_assign(l, id); break;
    case GAN__OP_ADD:
    case GAN__OP_SUB:
    case GAN__OP_MUL:
    case GAN__OP_DIV:
    case GAN__OP_AFFINE:
    case GAN__OP_EXP:
    case GAN__OP_LOG:
    case GAN__OP_SQRT:
    case GAN__OP_TANH:
    case GAN__OP_SIGMOID:
    case GAN__OP_SOFTPLUS:
    case GAN__OP_LRELU:
    case GAN__OP_SLOPE: lower_pointwise(l, id); return; /* has marked its group done */
    case GAN__OP_RESHAPE:
    case GAN__OP_PERMUTE:
    case GAN__OP_BROADCAST:
    case GAN__OP_SLICE: lower_view(l, id); break;
    case GAN__OP_PAD: lower_pad(l, id); break;
    case GAN__OP_CONCAT: lower_concat(l, id); break;
    case GAN__OP_GATHER:
    case GAN__OP_SCATTER_ADD: lower_index(l, id); break;
    case GAN__OP_SUM:
    case GAN__OP_MAX: lower_reduce(l, id); break;
    case GAN__OP_MATMUL: gan__lower_matmul(l, id); return; /* likewise */
    case GAN__OP_CONV:
    case GAN__OP_CONV_DX:
    case GAN__OP_CONV_DW: gan__lower_conv(l, id); return; /* likewise */
    case GAN__OP_STOP: /* stands for its operand: never live */
    case GAN__OP_COUNT: break;
    }
    finish_node(l, id);
}

static void stalled(gan__lower *l)
{
    for (int i = 0; i < l->count; i++)
        if (l->live[i] && !l->done[i]) {
            char line[160];
            snprintf(line, sizeof line,
                     "node %d (%s) reads a version of state that is overwritten before it can run", i,
                     gan__ops[l->node[i].op].name);
            gan__lower_fail(l, GAN_EINVAL, line);
            return;
        }
}

static void lower_all(gan__lower *l)
{
    gan__order_start(l);
    while (l->left > 0 && l->status == GAN_OK) {
        const int first = gan__order_next(l);
        if (first < 0) {
            stalled(l);
            return;
        }
        lower_node(l, first);
    }
}

static void take_sinks(gan__lower *l, const gan_plan_params *params)
{
    for (int i = 0; i < params->sink_count && l->status == GAN_OK; i++) {
        const int id = l->same[params->sinks[i].id];
        const bool write = gan__is_write(l->node[id].op);
        l->plan->sink[l->plan->sinks++] =
            (gan__plan_sink){params->sinks[i].id, write ? -1 : l->view[id].buffer,
                             write ? 0 : l->view[id].offset};
    }
}

static bool check(gan__lower *l, const gan_plan_params *params)
{
    gan_status s = gan_graph_status(params->graph, l->err);
    if (s != GAN_OK)
        l->status = s;
    for (int i = 0; i < l->count && l->status == GAN_OK; i++)
        if (l->average && (l->node[i].op == GAN__OP_UPDATE || l->node[i].op == GAN__OP_ASSIGN))
            gan__lower_fail(l, GAN_EINVAL, "a plan that reads moving averages cannot update");
    return l->status == GAN_OK;
}

gan_status gan__plan_lower(gan_plan *plan, const gan_plan_params *params, gan_error *err)
{
    const gan_graph *g = params->graph;
    const size_t n = g->count > 0 ? (size_t)g->count : 1;
    const char *plain = getenv("GAN_PLAIN");
    gan__arena arena = {0};
    gan__lower l = {.plan = plan,
                    .graph = g,
                    .node = g->node,
                    .count = g->count,
                    .plain = params->plain || (plain && !strcmp(plain, "1")),
                    .average = params->average,
                    .err = err,
                    .arena = &arena};
    l.same = gan__arena_alloc(&arena, n * sizeof *l.same);
    l.live = gan__arena_alloc(&arena, n * sizeof *l.live);
    l.sink = gan__arena_alloc(&arena, n * sizeof *l.sink);
    l.done = gan__arena_alloc(&arena, n * sizeof *l.done);
    l.panels = gan__arena_alloc(&arena, n * sizeof *l.panels);
    l.view = gan__arena_alloc(&arena, n * sizeof *l.view);
    l.unpacked = gan__arena_alloc(&arena, n * sizeof *l.unpacked);
    for (int k = 0; k < 2; k++)
        l.conv_packed[k] = gan__arena_alloc(&arena, n * sizeof *l.conv_packed[k]);
    l.waits = gan__arena_alloc(&arena, n * sizeof *l.waits);
    l.head = gan__arena_alloc(&arena, n * sizeof *l.head);
    plan->input = gan__arena_alloc(&plan->arena, n * sizeof *plan->input);
    plan->sink = gan__arena_alloc(&plan->arena,
                                  ((size_t)params->sink_count + 1) * sizeof *plan->sink);
    if (!l.same || !l.live || !l.sink || !l.done || !l.panels || !l.view || !l.unpacked || !l.conv_packed[0] || !l.conv_packed[1] ||
        !l.waits || !l.head || !plan->input || !plan->sink) {
        gan__lower_fail(&l, GAN_ENOMEM, "out of memory for a plan");
    } else if (check(&l, params)) {
        for (int i = 0; i < l.count; i++) {
            l.view[i].buffer = l.unpacked[i] = l.conv_packed[0][i] = l.conv_packed[1][i] = l.head[i] = -1;
        }
        gan__edges_find(&l, params);
        if (l.status == GAN_OK) {
            gan__packed_choose(&l);
            lower_all(&l);
            take_sinks(&l, params);
            for (int i = 0; i < plan->steps; i++)
                plan->flops += gan__step_rows[plan->step[i].kind].flops(&plan->step[i]);
        }
    }
    gan__arena_release(&arena);
    return l.status;
}
