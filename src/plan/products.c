/* products.c - matrix products and convolutions as steps.
 *
 * Transposing is a matter of strides: the first operand may have any, the second is read in place where
 * its columns lie together (row-major, or packed in panels), and turned block by block where its terms do.
 * Anything else is copied first.
 */
#include "plan/products.h"

#include "graph/dims.h"

#include "plan/descent.h"
#include "plan/lower_state.h"
#include "plan/order.h"
#include "plan/step_kinds.h"
#include "plan/steps.h"
#include "plan/views.h"

#include <string.h>

enum { SEGMENTS_MAX = 64, SOLO_FLOPS = 50000 };

typedef struct operand {
    int buffer;
    size_t offset;
    size_t row, col; /* of the last two axes, after transposing */
    bool panels;
    int panel_rows;  /* rows of the packed matrix as it lies in memory */
    const size_t *batch;
} operand;

static operand operand_of(const gan__view *v, bool transposed)
{
    const int r = v->shape.rank;
    operand o = {.buffer = v->buffer,
                 .offset = v->offset,
                 .row = v->stride[transposed ? r - 1 : r - 2],
                 .col = v->stride[transposed ? r - 2 : r - 1],
                 .panels = v->panels,
                 .panel_rows = v->shape.dim[r - 2],
                 .batch = v->stride};
    return o;
}

/* The second operand needs its columns or its terms together; a stride over one element counts as both. */
static gan__view second_operand(gan__lower *l, int node)
{
    gan__view v = l->view[node];
    if (v.panels && v.shape.rank == 2)
        return v;
    v = gan__lower_rows(l, node);
    const int r = v.shape.rank;
    for (int i = r - 2; i < r; i++)
        if (v.shape.dim[i] == 1)
            v.stride[i] = 1;
    if (v.stride[r - 1] == 1 || v.stride[r - 2] == 1)
        return v;
    return gan__lower_contiguous(l, node);
}

static void set_second(gan__product *p, const operand *b, bool transposed)
{
    if (b->panels) {
        p->turned = transposed;
        p->b_term = GAN__LANES;
        p->b_panel = (size_t)b->panel_rows * GAN__LANES;
        p->b_whole = true;
        return;
    }
    p->turned = b->col != 1;
    p->b_term = p->turned ? b->col : b->row;
    p->b_panel = GAN__LANES;
    p->b_whole = p->n % GAN__LANES == 0;
}

/* A result of one column, from a transposed operand, is a row of the same sums: 16 of them fill a vector. */
static bool turn_column(gan__product *p)
{
    if (p->n != 1 || p->a_row != 1 || p->turned || p->b_panel != GAN__LANES || p->c_row != 1)
        return false;
    const gan__product c = *p;
    *p = (gan__product){.m = 1,
                        .n = c.m,
                        .terms = c.terms,
                        .a_row = 1,
                        .a_term = c.b_term,
                        .b_term = c.a_term,
                        .b_panel = GAN__LANES,
                        .b_whole = c.m % GAN__LANES == 0,
                        .c_row = (size_t)c.m,
                        .c_panel = GAN__LANES};
    return true;
}

static void fill_segment(gan__lower *l, int id, gan__segment *s)
{
    const gan__node *n = &l->node[id];
    const int r = n->shape.rank, a_node = gan__lower_operand(l, id, 0),
              b_node = gan__lower_operand(l, id, 1);
    const gan__view av = gan__lower_rows(l, a_node);
    const gan__view bv = second_operand(l, b_node);
    const operand a = operand_of(&av, n->p[0]), b = operand_of(&bv, n->p[1]);
    gan__lower_result(l, id);
    gan__product *p = &s->product;
    p->m = n->shape.dim[r - 2];
    p->n = n->shape.dim[r - 1];
    p->terms = av.shape.dim[n->p[0] ? r - 2 : r - 1];
    p->a_row = a.row;
    p->a_term = a.col;
    set_second(p, &b, n->p[1]);
    p->c_row = l->panels[id] ? GAN__LANES : (size_t)p->n;
    p->c_panel = l->panels[id] ? (size_t)p->m * GAN__LANES : GAN__LANES;
    const bool column = r == 2 && !l->panels[id] && turn_column(p);
    s->buffer_a = column ? b.buffer : a.buffer;
    s->offset_a = column ? b.offset : a.offset;
    s->buffer_b = column ? a.buffer : b.buffer;
    s->offset_b = column ? a.offset : b.offset;
    s->buffer_c = l->view[id].buffer;
    s->offset_c = l->view[id].offset;
    s->batches = 1;
    s->batch_axes = r - 2;
    s->batch_c = (size_t)p->m * (size_t)p->n;
    for (int i = 0; i < r - 2; i++) {
        s->batch_dim[i] = (size_t)n->shape.dim[i];
        s->batch_a[i] = av.shape.dim[i] == 1 ? 0 : a.batch[i];
        s->batch_b[i] = bv.shape.dim[i] == 1 ? 0 : b.batch[i];
        s->batches *= s->batch_dim[i];
    }
}

/* All ready products by the same matrix, this one first. */
static int same_matrix(const gan__lower *l, int id, int *nodes)
{
    int count = 0;
    nodes[count++] = id;
    if (l->plain || l->node[id].shape.rank != 2 || l->panels[id])
        return count;
    for (int i = gan__order_twin(l, id); i >= 0 && count < SEGMENTS_MAX; i = gan__order_twin(l, i))
        nodes[count++] = i;
    return count;
}

/* ---- weight gradients ------------------------------------------------------------------------ */

/* As gan__kernels.descend wants it. */
static bool can_descend(const gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    const gan__view *a = &l->view[gan__lower_operand(l, id, 0)],
                    *b = &l->view[gan__lower_operand(l, id, 1)];
    return n->p[0] && !n->p[1] && !a->panels && a->stride[1] == 1 && a->shape.dim[0] <= GAN__SUM_BLOCK &&
           (b->panels || (b->stride[1] == 1 && b->shape.dim[1] % GAN__LANES == 0));
}

static void mark_sum_done(gan__lower *l, int id, int update)
{
    gan__lower_done(l, id);
    for (int r = gan__only_reader(l, id); r != update && gan__lower_ready(l, r); r = gan__only_reader(l, r))
        gan__lower_done(l, r);
}

/* A weight gradient that is a sum of products and goes into Adam: one step, nothing of it in memory. */
static bool lower_descend(gan__lower *l, int id)
{
    int product[GAN__DESCEND_MAX], count, average;
    const int update = gan__descent_of(l, id, product, &count);
    if (update < 0 || l->waits[update] != 1)
        return false;
    for (int i = 0; i < count; i++)
        if (!gan__lower_ready(l, product[i]) || !can_descend(l, product[i]))
            return false;
    gan__segment *seg = gan__arena_alloc(&l->plan->arena, (size_t)count * sizeof *seg);
    gan__update *u = seg ? gan__lower_describe(l, update, &average) : NULL;
    for (int i = 0; u && i < count; i++) {
        fill_segment(l, product[i], &seg[i]);
        l->plan->buffer[seg[i].buffer_c].memory = GAN__MEMORY_LOCAL;
    }
    gan__step *s = u ? gan__lower_step(l, GAN__STEP_DESCEND, id) : NULL;
    if (!s) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return true;
    }
    s->segment = seg;
    s->segments = count;
    s->update = u;
    for (int i = 0; i < count; i++)
        mark_sum_done(l, product[i], update);
    gan__lower_updated(l, update, average);
    return true;
}

/* The result of other pointwise work on a product goes into Adam tile by tile, if nothing else reads it: it is
 * local then. */
static void fuse_update(gan__lower *l, int id, const gan__group *group, gan__segment *s)
{
    const int last = group->count ? group->node[group->count - 1] : id;
    const int update = gan__only_reader(l, last);
    if (l->plain || update < 0 || l->node[update].op != GAN__OP_UPDATE || !gan__lower_ready(l, update) ||
        s->batches != 1)
        return;
    for (int i = -1; i + 1 < group->count; i++) {
        const int node = i < 0 ? id : group->node[i];
        for (int e = l->head[node]; e >= 0; e = l->next[e])
            if (gan__lower_takes(l, l->to[e], node) && gan__group_place(group, l->to[e]) < 0)
                return;
    }
    int average;
    s->update = gan__lower_describe(l, update, &average);
    if (!s->update)
        return;
    l->plan->buffer[l->view[id].buffer].memory = GAN__MEMORY_LOCAL;
    l->plan->buffer[l->view[last].buffer].memory = GAN__MEMORY_LOCAL;
    gan__lower_updated(l, update, average);
}

/* What only its own epilogue reads need not be in memory. */
static void keep_local(gan__lower *l, int id, const gan__group *group, gan__segment *s)
{
    if (!s->epilogue || l->sink[id] || l->panels[id] || s->product.turned || s->batches != 1)
        return;
    for (int e = l->head[id]; e >= 0; e = l->next[e])
        if (gan__lower_takes(l, l->to[e], id) && gan__group_place(group, l->to[e]) < 0)
            return;
    s->local = true;
    l->plan->buffer[s->buffer_c].memory = GAN__MEMORY_LOCAL;
    for (int a = 0; a < s->epilogue->accesses; a++)
        if (s->epilogue->access[a].buffer == s->buffer_c) {
            s->epilogue->access[a].offset = 0;
            s->epilogue->access[a].stride[0] = GAN__TILE_COLUMNS;
        }
}

void gan__lower_matmul(gan__lower *l, int id)
{
    int nodes[SEGMENTS_MAX];
    if (lower_descend(l, id))
        return;
    const int count = same_matrix(l, id, nodes);
    gan__segment *seg = gan__arena_alloc(&l->plan->arena, (size_t)count * sizeof *seg);
    gan__group group[SEGMENTS_MAX];
    if (!seg) {
        gan__lower_fail(l, GAN_ENOMEM, "out of memory for a plan");
        return;
    }
    for (int i = 0; i < count; i++)
        fill_segment(l, nodes[i], &seg[i]);
    for (int i = 0; i < count; i++) {
        group[i].count = 0;
        if (l->node[nodes[i]].shape.rank == 2 && seg[i].product.m == l->node[nodes[i]].shape.dim[0])
            gan__lower_collect(l, nodes[i], &group[i]);
        else
            gan__lower_done(l, nodes[i]);
    }
    for (int i = 0; i < count; i++)
        seg[i].epilogue = group[i].count ? gan__lower_program(l, &group[i], GAN__RANGES_COLUMNS) : NULL;
    for (int i = 0; i < count; i++)
        keep_local(l, nodes[i], &group[i], &seg[i]);
    if (count == 1)
        fuse_update(l, id, &group[0], &seg[0]);
    gan__step *s = gan__lower_step(l, GAN__STEP_PRODUCT, id);
    if (!s)
        return;
    s->segment = seg;
    s->segments = count;
    s->solo = gan__step_rows[s->kind].flops(s) < SOLO_FLOPS;
}

/* ---- convolutions ---------------------------------------------------------------------------- */

static gan__conv conv_geometry(gan_shape x, gan_shape w, gan_shape y, const int *p)
{
    const int spatial = x.rank - 2;
    gan__conv c = {.n = x.dim[0],
                   .c = x.dim[x.rank - 1],
                   .o = y.dim[y.rank - 1],
                   .groups = p[12],
                   .x = {1, 1, 1},
                   .y = {1, 1, 1},
                   .k = {1, 1, 1},
                   .stride = {1, 1, 1},
                   .dilation = {1, 1, 1}};
    for (int i = 0; i < spatial; i++) {
        const int d = 3 - spatial + i; /* kernels go fastest along the last axis */
        c.x[d] = x.dim[1 + i];
        c.y[d] = y.dim[1 + i];
        c.k[d] = w.dim[i];
        c.stride[d] = p[i];
        c.dilation[d] = p[3 + i];
        c.low[d] = p[6 + i];
    }
    return c;
}

/* The weights as the kernels read them: packed once for all convolutions, or adjoints, in as many groups. */
static gan__view packed_weights(gan__lower *l, int node, const gan__conv *c, bool dx)
{
    const gan__view w = gan__lower_contiguous(l, node);
    int *step = &l->conv_packed[dx][node];
    if (!gan__conv_is_packed(c))
        return w;
    if (*step < 0 || l->plan->step[*step].conv.groups != c->groups) {
        const size_t room = l->plan->kernels->conv_room(c, dx);
        const int to = gan__lower_buffer(l, GAN__MEMORY_TEMP, room);
        gan__step *s = gan__lower_step(l, GAN__STEP_CONV_PACK, node);
        if (!s)
            return w;
        gan__step_use(s, 0, to, 0);
        gan__step_use(s, 1, w.buffer, w.offset);
        s->conv = *c;
        s->k = dx;
        s->n = room;
        *step = l->plan->steps - 1;
    }
    return gan__view_contiguous(l->plan->step[*step].buffer[0], 0, w.shape);
}

/* Pointwise work on a convolution's result, done while that is in cache: NULL where there is none. The adjoint's results come
 * image by image, so there must be some for each thread. */
static gan__program *conv_epilogue(gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    gan__group group = {.count = 0};
    if (n->op == GAN__OP_CONV_DW || (n->op == GAN__OP_CONV_DX && n->shape.dim[0] < 2 * l->plan->threads)) {
        gan__lower_done(l, id);
        return NULL;
    }
    gan__lower_collect(l, id, &group);
    return group.count ? gan__lower_program(l, &group, GAN__RANGES_PLACES) : NULL;
}

void gan__lower_conv(gan__lower *l, int id)
{
    const gan__node *n = &l->node[id];
    const bool dx = n->op == GAN__OP_CONV_DX, dw = n->op == GAN__OP_CONV_DW;
    const int a_node = gan__lower_operand(l, id, 0), b_node = gan__lower_operand(l, id, 1);
    const gan_shape as = l->node[a_node].shape, bs = l->node[b_node].shape;
    const gan__conv c = dx   ? conv_geometry(n->shape, bs, as, n->p)
                        : dw ? conv_geometry(as, n->shape, bs, n->p)
                             : conv_geometry(as, bs, n->shape, n->p);
    const gan__view a = gan__lower_contiguous(l, a_node),
                    b = dw ? gan__lower_contiguous(l, b_node) : packed_weights(l, b_node, &c, dx);
    gan__lower_result(l, id);
    gan__program *epilogue = conv_epilogue(l, id);
    gan__step *s = gan__lower_step(l, dx ? GAN__STEP_CONV_DX : dw ? GAN__STEP_CONV_DW : GAN__STEP_CONV,
                                   id);
    if (!s)
        return;
    gan__step_use(s, 0, l->view[id].buffer, l->view[id].offset);
    gan__step_use(s, 1, a.buffer, a.offset);
    gan__step_use(s, 2, b.buffer, b.offset);
    s->program = epilogue;
    s->conv = c;
    const int *places = dx ? c.x : dw ? c.k : c.y;
    s->inner = (size_t)places[0] * (size_t)places[1] * (size_t)places[2];
    s->n = s->inner * (size_t)(dw ? c.c / c.groups : c.n);
}
