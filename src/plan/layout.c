/* layout.c - results in one block, by lifetime.
 *
 * A buffer lives from the step that writes it first to the one that reads it last; two whose lives do
 * not overlap may share memory. The largest are placed first, each at the lowest place that is free for
 * its whole life. That block is the room of all plans of a team, which run in turn. What the caller reads or writes
 * between runs (inputs, sinks, constants) is the plan's own.
 *
 * Placing looks at every buffer below the gap that it finds: quadratic, but some 0.4 ns a pair, so 15,000 buffers
 * take 0.08 s. A tree over lifetimes was not worth its lines.
 */
#include "plan/layout.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/step_kinds.h"

#include <limits.h>
#include <stdlib.h>

typedef struct moment {
    gan_plan *plan;
    int step;
} moment;

static void touch(void *ctx, int buffer, bool written)
{
    const moment *m = ctx;
    gan__buffer *b = &m->plan->buffer[buffer];
    (void)written;
    if (b->first > m->step)
        b->first = m->step;
    b->last = m->step;
}

static void find_lives(gan_plan *plan)
{
    for (int i = 0; i < plan->buffers; i++) {
        plan->buffer[i].first = INT_MAX;
        plan->buffer[i].last = -1;
    }
    for (moment m = {.plan = plan}; m.step < plan->steps; m.step++)
        gan__step_touches(plan, &plan->step[m.step], touch, &m);
}

static int by_size(const void *a, const void *b)
{
    const gan__buffer *x = *(gan__buffer *const *)a, *y = *(gan__buffer *const *)b;
    if (x->floats != y->floats)
        return x->floats < y->floats ? 1 : -1;
    return (x > y) - (x < y);
}

/* What has its place, in order of offsets. */
typedef struct placed {
    size_t offset, end;
    int first, last;
} placed;

/* The lowest offset that is free for b's whole life. */
static size_t lowest(const placed *at, int count, const gan__buffer *b)
{
    size_t offset = 0;
    for (int i = 0; i < count && at[i].offset < offset + b->floats; i++)
        if (at[i].first <= b->last && b->first <= at[i].last && at[i].end > offset)
            offset = at[i].end;
    return offset;
}

static void insert(placed *at, int count, const gan__buffer *b)
{
    for (; count && at[count - 1].offset > b->offset; count--)
        at[count] = at[count - 1];
    at[count] = (placed){b->offset, b->offset + b->floats, b->first, b->last};
}

gan_status gan__plan_layout(gan_plan *plan, gan_error *err)
{
    gan__arena arena = {0};
    const size_t most = (size_t)plan->buffers + 1;
    gan__buffer **order = gan__arena_alloc(&arena, most * sizeof *order);
    placed *at = gan__arena_alloc(&arena, most * sizeof *at);
    if (!order || !at) {
        gan__arena_release(&arena);
        return gan__fail_memory(err, "a plan");
    }
    int count = 0;
    find_lives(plan);
    for (int i = 0; i < plan->buffers; i++) {
        gan__buffer *b = &plan->buffer[i];
        if (b->memory == GAN__MEMORY_PARAM || b->memory == GAN__MEMORY_LOCAL)
            continue;
        if (b->memory == GAN__MEMORY_KEEP) {
            b->offset = plan->kept;
            plan->kept += b->floats;
            continue;
        }
        order[count++] = b;
    }
    qsort(order, (size_t)count, sizeof *order, by_size);
    for (int i = 0; i < count; i++) {
        order[i]->offset = lowest(at, i, order[i]);
        insert(at, i, order[i]);
        const size_t end = order[i]->offset + order[i]->floats;
        if (end > plan->floats)
            plan->floats = end;
    }
    gan__arena_release(&arena);
    return GAN_OK;
}

gan_plan_memory gan__plan_memory(const gan_plan *plan)
{
    return (gan_plan_memory){plan->kept * sizeof(float),
                             (plan->floats + (size_t)plan->threads * GAN__THREAD_SCRATCH) * sizeof(float)};
}

static gan_status no_memory(const gan_plan *plan, gan_error *err)
{
    const gan_plan_memory m = gan__plan_memory(plan);
    return gan__fail(err, GAN_ENOMEM, "out of memory: a plan needs %zu MB for its results", (m.own + m.shared) >> 20);
}

static gan_status grow_room(const gan_plan *plan, gan_error *err)
{
    gan__room *r = plan->room;
    if (!r->scratch)
        r->scratch = gan__aligned_alloc((size_t)plan->threads * GAN__THREAD_SCRATCH, sizeof(float));
    if (!r->scratch)
        return no_memory(plan, err);
    if (r->results && plan->floats <= r->floats)
        return GAN_OK;
    float *larger = gan__aligned_alloc(plan->floats + GAN__LANES, sizeof *larger);
    if (!larger)
        return no_memory(plan, err);
    free(r->results);
    r->results = larger;
    r->floats = plan->floats;
    return GAN_OK;
}

void gan__room_release(gan__room *r)
{
    free(r->results);
    free(r->scratch);
    *r = (gan__room){0};
}

void gan__plan_settle(gan_plan *plan)
{
    if (plan->results == plan->room->results)
        return;
    plan->results = plan->room->results;
    for (int i = 0; i < plan->buffers; i++)
        if (plan->buffer[i].memory == GAN__MEMORY_TEMP)
            plan->buffer[i].p = plan->room->results + plan->buffer[i].offset;
}

gan_status gan__plan_take_memory(gan_plan *plan, gan_error *err)
{
    const gan_plan_memory m = gan__plan_memory(plan);
    gan_status s = gan__memory_check(m.own + m.shared, "a plan", err);
    if (s == GAN_OK)
        s = grow_room(plan, err);
    if (s != GAN_OK)
        return s;
    plan->block = gan__aligned_alloc(plan->kept + GAN__LANES, sizeof(float));
    plan->taken = calloc((size_t)plan->steps * (size_t)plan->threads + 1, sizeof *plan->taken);
    if (!plan->block || !plan->taken)
        return no_memory(plan, err);
    for (int i = 0; i < plan->buffers; i++) {
        gan__buffer *b = &plan->buffer[i];
        if (b->memory != GAN__MEMORY_KEEP)
            continue;
        b->p = plan->block + b->offset;
        for (size_t k = 0; b->fill != 0 && k < b->floats; k++)
            b->p[k] = b->fill;
    }
    gan__plan_settle(plan);
    return GAN_OK;
}
