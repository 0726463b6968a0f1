/* barriers.c - between which steps threads must wait for each other.
 *
 * Two steps without a barrier between them may run at the same time, each thread at its own place. They may
 * if neither writes what the other touches; or if both are so small that thread 0 does them, in order.
 * Memory is compared, not names: two results may share it after the layout.
 *
 *     buffers   |-------a-------|      |----b----|       their ends cut memory into cells; a tree over the
 *                    |----c----|                         cells knows the newest step that touched each part
 *     cells     |    |         |       |         |
 *
 * so what a step has to ask and say costs the logarithm of the number of buffers.
 */
#include "plan/barriers.h"

#include "base/error.h"
#include "plan/step_kinds.h"

#include <stdlib.h>

/* Newest steps, counted from 1: of all, and of those that threads share. */
enum { TOUCHED, WRITTEN, TOUCHED_SHARED, WRITTEN_SHARED, WAYS };

typedef struct part {
    int all[WAYS], some[WAYS]; /* that touched all of it at once; that touched some of it */
} part;

typedef struct memory {
    const gan_plan *plan;
    const float **edge; /* of cells, ascending */
    size_t edges, cells; /* cells: a power of two */
    part *tree;          /* node 1: all cells; node i: nodes 2 i and 2 i + 1 */
    const gan__step *step; /* the one that asks or speaks */
    int now, open;         /* its number; that of the first step behind the last barrier */
    bool barrier;
} memory;

static int by_address(const void *a, const void *b)
{
    const float *x = *(const float *const *)a, *y = *(const float *const *)b;
    return (x > y) - (x < y);
}

/* The leaf whose cell starts at p. */
static size_t leaf_of(const memory *m, const float *p)
{
    const float **at = bsearch(&p, m->edge, m->edges, sizeof *m->edge, by_address);
    return m->cells + (size_t)(at - m->edge);
}

static void set(int newest[WAYS], const bool says[WAYS], int now)
{
    for (int w = 0; w < WAYS; w++)
        if (says[w])
            newest[w] = now;
}

static void say_all(part *p, const bool says[WAYS], int now)
{
    set(p->all, says, now);
    set(p->some, says, now);
}

static void say(void *ctx, int buffer, bool written)
{
    memory *m = ctx;
    const gan__buffer *b = &m->plan->buffer[buffer];
    size_t from = leaf_of(m, b->p), to = leaf_of(m, b->p + b->floats);
    const bool says[WAYS] = {true, written, !m->step->solo, written && !m->step->solo};
    for (size_t i = from; i; i /= 2)
        set(m->tree[i].some, says, m->now);
    for (size_t i = to - 1; i; i /= 2)
        set(m->tree[i].some, says, m->now);
    for (; from < to; from = (from + 1) / 2, to /= 2) { /* the few nodes that make up the range */
        if (from & 1)
            say_all(&m->tree[from], says, m->now);
        if (to & 1)
            say_all(&m->tree[to - 1], says, m->now);
    }
}

static void ask(void *ctx, int buffer, bool written)
{
    memory *m = ctx;
    const gan__buffer *b = &m->plan->buffer[buffer];
    size_t from = leaf_of(m, b->p), to = leaf_of(m, b->p + b->floats);
    const int way = (written ? TOUCHED : WRITTEN) + (m->step->solo ? TOUCHED_SHARED : 0);
    for (size_t i = from; i; i /= 2)
        m->barrier |= m->tree[i].all[way] >= m->open;
    for (size_t i = to - 1; i; i /= 2)
        m->barrier |= m->tree[i].all[way] >= m->open;
    for (; from < to; from = (from + 1) / 2, to /= 2) {
        if (from & 1)
            m->barrier |= m->tree[from].some[way] >= m->open;
        if (to & 1)
            m->barrier |= m->tree[to - 1].some[way] >= m->open;
    }
}

static bool memory_init(memory *m, const gan_plan *plan, gan__arena *arena)
{
    *m = (memory){.plan = plan, .cells = 1, .open = 1};
    m->edge = gan__arena_alloc(arena, (2 * (size_t)plan->buffers + 1) * sizeof *m->edge);
    for (int i = 0; m->edge && i < plan->buffers; i++)
        if (plan->buffer[i].memory != GAN__MEMORY_LOCAL) {
            m->edge[m->edges++] = plan->buffer[i].p;
            m->edge[m->edges++] = plan->buffer[i].p + plan->buffer[i].floats;
        }
    while (m->cells <= m->edges)
        m->cells *= 2;
    m->tree = gan__arena_alloc(arena, 2 * m->cells * sizeof *m->tree);
    if (!m->edge || !m->tree)
        return false;
    size_t edges = 0; /* each once */
    qsort(m->edge, m->edges, sizeof *m->edge, by_address);
    for (size_t i = 0; i < m->edges; i++)
        if (!i || m->edge[i] != m->edge[i - 1])
            m->edge[edges++] = m->edge[i];
    m->edges = edges;
    return true;
}

gan_status gan__plan_barriers(gan_plan *plan, gan_error *err)
{
    gan__arena arena = {0};
    memory m;
    const bool fits = memory_init(&m, plan, &arena);
    for (int i = 0; fits && i < plan->steps; i++) {
        gan__step *s = &plan->step[i];
        m.step = s;
        m.now = i + 1;
        m.barrier = false;
        gan__step_touches(plan, s, ask, &m);
        gan__step_touches(plan, s, say, &m);
        s->barrier = m.barrier;
        if (s->barrier)
            m.open = m.now;
    }
    gan__arena_release(&arena);
    return fits ? GAN_OK : gan__fail_memory(err, "a plan");
}
