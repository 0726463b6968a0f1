/* graph_store.c - the array of nodes, and finding equal ones.
 *
 *     node[0] node[1] ... node[n-1]      inputs always have smaller numbers
 *     hash    open addressing over node numbers; a node is equal to another if all members are
 *
 * Writes of state are never shared: two equal updates are two updates.
 */
#include "graph/graph_store.h"

#include "base/error.h"
#include "base/hash.h"
#include "graph/dims.h"
#include "graph/ops.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gan_graph *gan_graph_create(void)
{
    return calloc(1, sizeof(gan_graph));
}

void gan_graph_free(gan_graph *g)
{
    if (!g)
        return;
    gan__arena_release(&g->arena);
    free(g->node);
    free(g->state);
    free(g->hash);
    free(g);
}

gan_status gan_graph_status(const gan_graph *g, gan_error *err)
{
    if (g->error.status != GAN_OK && err)
        *err = g->error;
    return g->error.status;
}

gan_shape gan_graph_shape(const gan_graph *g, gan_node x)
{
    return x.id >= 0 && x.id < g->count ? g->node[x.id].shape : GAN_SCALAR;
}

gan_node gan__refuse(gan_graph *g, gan_status status, const char *format, ...)
{
    if (g->error.status == GAN_OK) {
        char line[GAN_ERROR_MAX];
        va_list args;
        va_start(args, format);
        vsnprintf(line, sizeof line, format, args);
        va_end(args);
        gan__fail(&g->error, status, "%s", line);
    }
    return (gan_node){-1};
}

bool gan__usable(gan_graph *g, gan_node x, const char *op)
{
    if (g->error.status != GAN_OK)
        return false;
    if (x.id < 0 || x.id >= g->count) {
        gan__refuse(g, GAN_EINVAL, "%s: operand %d is not a node of this graph", op, x.id);
        return false;
    }
    if (gan__is_write(g->node[x.id].op)) {
        gan__refuse(g, GAN_EINVAL, "%s: operand %d is a write of state (%s); read it by gan_param",
                    op, x.id, gan__ops[g->node[x.id].op].name);
        return false;
    }
    return true;
}

gan__node gan__start(const gan_graph *g, gan__op op, int a, int b)
{
    gan__node n;
    memset(&n, 0, sizeof n);
    n.op = op;
    n.in[0] = a;
    n.in[1] = b;
    for (int i = 2; i < GAN__INPUTS_MAX; i++)
        n.in[i] = -1;
    n.state = n.version = -1;
    if (a >= 0)
        n.shape = g->node[a].shape;
    return n;
}

static size_t hash_of(const gan__node *n)
{
    const uint64_t h = gan__hash(n, sizeof *n);
    return (size_t)(h ^ h >> 32);
}

/* Bytes, not values: -0 and 0 are two constants, and a NaN is equal to itself. */
static bool equal(const gan__node *a, const gan__node *b)
{
    return !memcmp(a, b, sizeof *a); // NOLINT(bugprone-suspicious-memory-comparison)
}

static size_t slot_of(const gan_graph *g, const gan__node *n)
{
    const size_t mask = (size_t)g->hash_capacity - 1;
    size_t i = hash_of(n) & mask;
    while (g->hash[i] >= 0 && !equal(&g->node[g->hash[i]], n))
        i = (i + 1) & mask;
    return i;
}

static bool grow(gan_graph *g)
{
    if (g->count < g->capacity)
        return true;
    const int capacity = g->capacity ? 2 * g->capacity : 128;
    gan__node *node = realloc(g->node, (size_t)capacity * sizeof *node);
    if (node)
        g->node = node;
    int *hash = node ? malloc(2 * (size_t)capacity * sizeof *hash) : NULL;
    if (!hash)
        return false;
    free(g->hash);
    g->hash = hash;
    g->capacity = capacity;
    g->hash_capacity = 2 * capacity;
    for (int i = 0; i < g->hash_capacity; i++)
        hash[i] = -1;
    for (int i = 0; i < g->count; i++)
        hash[slot_of(g, &g->node[i])] = i;
    return true;
}

static void clear_unused_dims(gan__node *n)
{
    for (int i = n->shape.rank; i < GAN_RANK_MAX; i++)
        n->shape.dim[i] = 0;
}

gan_node gan__emit(gan_graph *g, gan__node n)
{
    if (g->error.status != GAN_OK)
        return (gan_node){-1};
    if (!gan__shape_valid(n.shape)) {
        char text[GAN__SHAPE_TEXT];
        return gan__refuse(g, GAN_ESHAPE, "%s: a tensor of shape %s cannot be", gan__ops[n.op].name,
                           gan__shape_text(n.shape, text));
    }
    clear_unused_dims(&n);
    if (!grow(g))
        return gan__refuse(g, GAN_ENOMEM, "out of memory for a graph");
    const size_t slot = slot_of(g, &n);
    if (g->hash[slot] >= 0 && !gan__is_write(n.op))
        return (gan_node){g->hash[slot]};
    g->node[g->count] = n;
    g->hash[slot] = g->count;
    return (gan_node){g->count++};
}
