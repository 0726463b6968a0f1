/* steps.c - buffers, steps, and the copies that put a value where a kernel wants it. */
#include "plan/steps.h"

#include "graph/dims.h"
#include "graph/ops.h"
#include "plan/views.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool grow(void **array, int count, int *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    const int more = *capacity ? 2 * *capacity : 64;
    assert(more > count && size);
    void *grown = realloc(*array, (size_t)more * size);
    if (!grown)
        return false;
    *array = grown;
    *capacity = more;
    return true;
}

int gan__lower_buffer(gan__lower *l, gan__memory memory, size_t floats)
{
    gan_plan *p = l->plan;
    void *array = p->buffer;
    if (!grow(&array, p->buffers, &p->buffers_capacity, sizeof *p->buffer)) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return 0;
    }
    p->buffer = array;
    p->buffer[p->buffers] = (gan__buffer){.memory = memory, .floats = (floats + 15) / 16 * 16};
    return p->buffers++;
}

gan__step *gan__lower_step(gan__lower *l, gan__step_kind kind, int node)
{
    gan_plan *p = l->plan;
    void *array = p->step;
    if (l->status != GAN_OK)
        return NULL;
    if (!grow(&array, p->steps, &p->steps_capacity, sizeof *p->step)) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return NULL;
    }
    p->step = array;
    gan__step *s = &p->step[p->steps++];
    *s = (gan__step){.kind = kind, .node = node};
    return s;
}

void gan__step_use(gan__step *s, int k, int buffer, size_t offset)
{
    s->buffer[k] = buffer;
    s->offset[k] = offset;
}

/* A CONCAT along the first axis that reads the node, itself or reshaped, as operand k; or -1. */
static int concat_of(const gan__lower *l, int node, int *k)
{
    for (int e = l->head[node]; e >= 0; e = l->next[e]) {
        const int reader = l->to[e];
        const gan__node *n = &l->node[reader];
        if (n->op == GAN__OP_RESHAPE) {
            const int c = concat_of(l, reader, k);
            if (c >= 0)
                return c;
        } else if (n->op == GAN__OP_CONCAT && n->p[0] == 0) {
            *k = gan__lower_operand(l, reader, 0) == node ? 0 : 1;
            return reader;
        }
    }
    return -1;
}

bool gan__lower_into_concat(gan__lower *l, int node)
{
    int k;
    const int c = l->plain || l->sink[node] || l->panels[node] ? -1 : concat_of(l, node, &k);
    if (c < 0)
        return false;
    if (l->view[c].buffer < 0)
        gan__lower_result(l, c);
    const size_t before = k ? gan__shape_count(l->node[gan__lower_operand(l, c, 0)].shape) : 0;
    l->view[node] = gan__view_contiguous(l->view[c].buffer, l->view[c].offset + before,
                                         l->node[node].shape);
    return true;
}

void gan__lower_result(gan__lower *l, int node)
{
    const gan_shape shape = l->node[node].shape;
    const bool panels = l->panels[node];
    if (gan__lower_into_concat(l, node))
        return;
    const size_t floats =
        panels ? gan__panels_size(shape.dim[0], shape.dim[1]) : gan__shape_count(shape);
    const int b = gan__lower_buffer(l, l->sink[node] ? GAN__MEMORY_KEEP : GAN__MEMORY_TEMP, floats);
    l->view[node] = gan__view_contiguous(b, 0, shape);
    l->view[node].panels = panels;
}

static void copy_step(gan__lower *l, gan__builder *b, int node)
{
    gan__program *p = gan__builder_finish(b, GAN__RANGES_ANY);
    if (!p)
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
    gan__step *s = gan__lower_step(l, GAN__STEP_PROGRAM, node);
    if (!s)
        return;
    s->program = p;
    s->solo = gan__program_rows(p) * gan__program_cols(p) < 16384;
}

void gan__lower_copy(gan__lower *l, const gan__view *v, const gan__view *to, int node)
{
    gan__builder b;
    gan__builder_init(&b, l->plan, to->shape, false);
    const int x = gan__builder_access(&b, v), y = gan__builder_access(&b, to);
    gan__builder_instr(&b, (gan__instr){.op = GAN__UNARY_COPY, .x = x}, y);
    copy_step(l, &b, node);
}

gan__view gan__lower_rows(gan__lower *l, int node)
{
    const gan__view v = l->view[node];
    if (!v.panels)
        return v;
    const gan_shape s = v.shape;
    const int k = s.dim[s.rank - 2], n = s.dim[s.rank - 1];
    const size_t matrix = (size_t)k * (size_t)n, matrices = gan__shape_count(s) / matrix;
    if (l->unpacked[node] < 0) {
        const int b = gan__lower_buffer(l, GAN__MEMORY_TEMP, gan__shape_count(s));
        l->unpacked[node] = b;
        for (size_t i = 0; i < matrices; i++) {
            gan__step *t = gan__lower_step(l, GAN__STEP_UNPACK, node);
            if (!t)
                return v;
            gan__step_use(t, 0, b, i * matrix);
            gan__step_use(t, 1, v.buffer, v.offset + i * gan__panels_size(k, n));
            t->k = k;
            t->columns = n;
            t->solo = true;
        }
    }
    return gan__view_contiguous(l->unpacked[node], 0, s);
}

gan__view gan__lower_contiguous(gan__lower *l, int node)
{
    const gan__view v = gan__lower_rows(l, node);
    if (gan__view_is_contiguous(&v))
        return v;
    const int b = gan__lower_buffer(l, GAN__MEMORY_TEMP, gan__shape_count(v.shape));
    const gan__view to = gan__view_contiguous(b, 0, v.shape);
    gan__lower_copy(l, &v, &to, node);
    return to;
}

/* ---- programs -------------------------------------------------------------------------------- */

static gan__instr instr_of(const gan__node *n)
{
    switch (n->op) {
    case GAN__OP_ADD: return (gan__instr){.binary = true, .op = GAN__BINARY_ADD};
    case GAN__OP_SUB: return (gan__instr){.binary = true, .op = GAN__BINARY_SUB};
    case GAN__OP_MUL: return (gan__instr){.binary = true, .op = GAN__BINARY_MUL};
    case GAN__OP_DIV: return (gan__instr){.binary = true, .op = GAN__BINARY_DIV};
    case GAN__OP_AFFINE: return (gan__instr){.op = GAN__UNARY_AFFINE, .a = n->a, .b = n->b};
    case GAN__OP_EXP: return (gan__instr){.op = GAN__UNARY_EXP};
    case GAN__OP_LOG: return (gan__instr){.op = GAN__UNARY_LOG};
    case GAN__OP_SQRT: return (gan__instr){.op = GAN__UNARY_SQRT};
    case GAN__OP_TANH: return (gan__instr){.op = GAN__UNARY_TANH};
    case GAN__OP_SIGMOID: return (gan__instr){.op = GAN__UNARY_SIGMOID};
    case GAN__OP_SOFTPLUS: return (gan__instr){.op = GAN__UNARY_SOFTPLUS};
    case GAN__OP_LRELU: return (gan__instr){.op = GAN__UNARY_LRELU, .a = n->a};
    case GAN__OP_SLOPE: return (gan__instr){.op = GAN__UNARY_SLOPE, .a = n->a};
    case GAN__OP_INPUT:
    case GAN__OP_CONST:
    case GAN__OP_PARAM:
    case GAN__OP_UPDATE:
    case GAN__OP_AVERAGE:
    case GAN__OP_ASSIGN:
    case GAN__OP_STOP:
    case GAN__OP_RESHAPE:
    case GAN__OP_PERMUTE:
    case GAN__OP_BROADCAST:
    case GAN__OP_SLICE:
    case GAN__OP_PAD:
    case GAN__OP_CONCAT:
    case GAN__OP_GATHER:
    case GAN__OP_SCATTER_ADD:
    case GAN__OP_SUM:
    case GAN__OP_MAX:
    case GAN__OP_MATMUL:
    case GAN__OP_CONV:
    case GAN__OP_CONV_DX:
    case GAN__OP_CONV_DW:
    case GAN__OP_COUNT: break;
    }
    return (gan__instr){.op = GAN__UNARY_COPY};
}

/* Edges also order writes of state behind their readers; those take no value. */
static bool read_outside(const gan__lower *l, const gan__group *g, int node)
{
    if (l->sink[node])
        return true;
    for (int e = l->head[node]; e >= 0; e = l->next[e]) {
        const int reader = l->to[e];
        if (gan__group_place(g, reader) < 0 && gan__lower_takes(l, reader, node))
            return true;
    }
    return false;
}

gan__program *gan__lower_program(gan__lower *l, const gan__group *g, gan__ranges ranges)
{
    const bool flat = l->panels[g->node[0]];
    /* Unpacking is a step of its own and must stand before the one that is being made. */
    for (int i = 0; !flat && i < g->count; i++)
        for (int k = 0; k < gan__ops[l->node[g->node[i]].op].arity; k++) {
            const int o = gan__lower_operand(l, g->node[i], k);
            if (gan__group_place(g, o) < 0)
                gan__lower_rows(l, o);
        }
    gan__builder b;
    gan__builder_init(&b, l->plan, l->node[g->node[0]].shape, flat);
    for (int i = 0; i < g->count; i++) {
        const int id = g->node[i];
        gan__instr t = instr_of(&l->node[id]);
        int *operand[2] = {&t.x, &t.z};
        for (int k = 0; k < 1 + t.binary; k++) {
            const int o = gan__lower_operand(l, id, k), place = gan__group_place(g, o);
            const gan__view v = flat || place >= 0 ? l->view[o] : gan__lower_rows(l, o);
            *operand[k] = place >= 0 ? place : gan__builder_access(&b, &v);
        }
        int out = 0;
        if (read_outside(l, g, id)) {
            gan__lower_result(l, id);
            out = gan__builder_access(&b, &l->view[id]);
        }
        gan__builder_instr(&b, t, out);
    }
    gan__program *p = gan__builder_finish(&b, ranges);
    if (!p)
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
    return p;
}
