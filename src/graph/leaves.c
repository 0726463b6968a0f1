/* leaves.c - inputs, constants and state. */
#include "graph/dims.h"
#include "graph/graph_store.h"
#include "graph/ops.h"

#include <stdlib.h>
#include <string.h>

/* Equal as nodes are: bytes, not values. */
static bool same_bits(float a, float b)
{
    uint32_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x == y;
}

static gan_node named_input(gan_graph *g, const char *name, gan_shape shape, gan__input_kind kind,
                            float a, float b)
{
    if (g->error.status != GAN_OK)
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_INPUT, -1, -1);
    n.shape = shape;
    n.input = kind;
    n.a = a;
    n.b = b;
    for (int i = 0; i < g->count && !n.name; i++) {
        const gan__node *o = &g->node[i];
        if (o->op != GAN__OP_INPUT || strcmp(o->name, name) != 0)
            continue;
        if (o->input != kind || !gan__shape_equal(o->shape, shape) || !same_bits(o->a, a) ||
            !same_bits(o->b, b))
            return gan__refuse(g, GAN_EINVAL,
                               "input %s: asked for again with another shape, kind, scale or shift",
                               name);
        n.name = o->name;
    }
    if (!n.name && !(n.name = gan__arena_strdup(&g->arena, name)))
        return gan__refuse(g, GAN_ENOMEM, "out of memory for a graph");
    return gan__emit(g, n);
}

gan_node gan_input(gan_graph *g, const char *name, gan_shape shape)
{
    return named_input(g, name, shape, GAN__INPUT_F32, 0, 0);
}

gan_node gan_input_u8(gan_graph *g, const char *name, gan_shape shape, float scale, float shift)
{
    return named_input(g, name, shape, GAN__INPUT_U8, scale, shift);
}

gan_node gan_noise(gan_graph *g, const char *stream, gan_shape shape)
{
    return named_input(g, stream, shape, GAN__INPUT_NORMAL, 0, 0);
}

gan_node gan_const(gan_graph *g, gan_shape shape, float value)
{
    gan__node n = gan__start(g, GAN__OP_CONST, -1, -1);
    n.shape = shape;
    n.a = value;
    return gan__emit(g, n);
}

int gan_state(gan_graph *g, const void *owner, int tensor, gan_shape shape)
{
    if (g->error.status != GAN_OK)
        return -1;
    char text[GAN__SHAPE_TEXT], had[GAN__SHAPE_TEXT];
    if (!gan__shape_valid(shape)) {
        gan__refuse(g, GAN_ESHAPE, "state: a tensor of shape %s cannot be",
                    gan__shape_text(shape, text));
        return -1;
    }
    for (int i = 0; i < g->states; i++) {
        if (g->state[i].owner != owner || g->state[i].tensor != tensor)
            continue;
        if (gan__shape_equal(g->state[i].shape, shape))
            return i;
        gan__refuse(g, GAN_ESHAPE, "state: tensor %d is of shape %s, asked for as %s", tensor,
                    gan__shape_text(g->state[i].shape, had), gan__shape_text(shape, text));
        return -1;
    }
    if (g->states == g->states_capacity) {
        const int capacity = g->states_capacity ? 2 * g->states_capacity : 16;
        gan__state *grown = realloc(g->state, (size_t)capacity * sizeof *grown);
        if (!grown) {
            gan__refuse(g, GAN_ENOMEM, "out of memory for a graph");
            return -1;
        }
        g->state = grown;
        g->states_capacity = capacity;
    }
    g->state[g->states] =
        (gan__state){.owner = owner, .tensor = tensor, .shape = shape, .write = -1};
    return g->states++;
}

static bool is_state(gan_graph *g, int state, const char *op)
{
    if (g->error.status != GAN_OK)
        return false;
    if (state >= 0 && state < g->states)
        return true;
    gan__refuse(g, GAN_EINVAL, "%s: %d is not a state of this graph", op, state);
    return false;
}

/* A version behind the first depends on the write that made it; that is an input for order only. */
gan_node gan_param(gan_graph *g, int state)
{
    if (!is_state(g, state, "param"))
        return (gan_node){-1};
    const gan__state *s = &g->state[state];
    gan__node n = gan__start(g, GAN__OP_PARAM, s->write, -1);
    n.shape = s->shape;
    n.state = state;
    n.version = s->version;
    return gan__emit(g, n);
}

static gan_node write_state(gan_graph *g, gan__node n)
{
    gan__state *s = &g->state[n.state];
    if (!gan__shape_equal(g->node[n.in[0]].shape, s->shape)) {
        char have[GAN__SHAPE_TEXT], want[GAN__SHAPE_TEXT];
        return gan__refuse(g, GAN_ESHAPE, "%s: state of shape %s, value of shape %s",
                           gan__ops[n.op].name, gan__shape_text(s->shape, want),
                           gan__shape_text(g->node[n.in[0]].shape, have));
    }
    n.version = s->version + 1;
    const gan_node made = gan__emit(g, n);
    if (made.id >= 0) {
        s->version++;
        s->write = made.id;
    }
    return made;
}

static bool is_scalar(gan_graph *g, gan_node x, const char *op)
{
    if (!gan__usable(g, x, op))
        return false;
    if (gan__shape_count(g->node[x.id].shape) == 1)
        return true;
    gan__refuse(g, GAN_ESHAPE, "%s: a rate, correction or decay is one number", op);
    return false;
}

gan_adam gan_adam_of(double beta1, double beta2, double epsilon)
{
    return (gan_adam){(float)beta1, (float)beta2, (float)epsilon, (float)(1 - beta1),
                      (float)(1 - beta2)};
}

gan_node gan_update(gan_graph *g, int state, gan_node grad, gan_node rate, gan_node correction,
                    gan_adam adam)
{
    if (!is_state(g, state, "update") || !gan__usable(g, grad, "update") ||
        !is_scalar(g, rate, "update") || !is_scalar(g, correction, "update"))
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_UPDATE, grad.id, rate.id);
    n.in[2] = correction.id;
    n.state = state;
    n.a = adam.beta1;
    n.b = adam.beta2;
    n.c = adam.epsilon;
    n.d = adam.one_minus_beta1;
    n.e = adam.one_minus_beta2;
    return write_state(g, n);
}

gan_node gan_assign(gan_graph *g, int state, gan_node x)
{
    if (!is_state(g, state, "assign") || !gan__usable(g, x, "assign"))
        return (gan_node){-1};
    gan__node n = gan__start(g, GAN__OP_ASSIGN, x.id, -1);
    n.state = state;
    return write_state(g, n);
}

gan_node gan_average(gan_graph *g, int state, gan_node x, gan_node decay)
{
    if (!is_state(g, state, "average") || !gan__usable(g, x, "average") ||
        !is_scalar(g, decay, "average"))
        return (gan_node){-1};
    if (g->node[x.id].op != GAN__OP_PARAM || g->node[x.id].state != state)
        return gan__refuse(g, GAN_EINVAL, "average: takes what gan_param gave for the same state");
    gan__node n = gan__start(g, GAN__OP_AVERAGE, x.id, decay.id);
    n.state = state;
    return gan__emit(g, n);
}
