/* scene.c - see scene.h. */
#include "game/scene.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The image stays a byte until the plan's first step makes it a float in 0..1. */
static const float byte = 1.0f / 255;

static gan__input *new_input(gan__scene *s)
{
    static gan__input none;
    if (s->it->inputs < GAN__INPUTS_OF_ITERATION)
        return &s->it->input[s->it->inputs++];
    s->failed = true;
    gan__fail(&s->error, GAN_EINVAL, "more than %d inputs in an iteration", GAN__INPUTS_OF_ITERATION);
    return &none;
}

void gan__scene_draw(gan__scene *s)
{
    s->it->draws++;
}

static gan_shape in_batches(const gan__scene *s, gan_shape item)
{
    gan_shape shape = {.rank = 1 + item.rank, .dim = {s->batch}};
    for (int i = 0; i < item.rank; i++)
        shape.dim[i + 1] = item.dim[i];
    return shape;
}

static gan_node data(gan__scene *s, const char *field, int turn, gan_shape shape, float scale)
{
    char name[GAN__NAME_MAX];
    const int draw = s->it->draws - 1;
    bool known = false;
    snprintf(name, sizeof name, turn ? "%.60s.%d.turn%d" : "%.60s.%d", field, draw, turn);
    for (int i = 0; i < s->it->inputs; i++)
        known |= !strcmp(s->it->input[i].name, name);
    if (!known) {
        gan__input *in = new_input(s);
        *in = (gan__input){.source = GAN__FROM_DATA, .draw = draw, .field = field, .turn = turn};
        strcpy(in->name, name);
    }
    if (s->match->real && !strcmp(field, "image"))
        return gan_input(s->graph, name, in_batches(s, shape));
    return gan_input_u8(s->graph, name, in_batches(s, shape), scale, 0);
}

gan_node gan__scene_field(gan__scene *s, const char *field, gan_shape shape, float scale)
{
    return data(s, field, 0, shape, scale);
}

gan_node gan__scene_turned(gan__scene *s, int turn)
{
    return data(s, "image", turn, s->match->sample, byte);
}

gan_node gan__scene_image(gan__scene *s)
{
    return gan__scene_turned(s, 0);
}

gan_node gan__scene_label(gan__scene *s)
{
    return gan__scene_field(s, "label", GAN_SCALAR, 1);
}

gan_node gan__scene_noise(gan__scene *s, const char *name, int numbers)
{
    char stream[2 * GAN__NAME_MAX];
    const gan_shape shape = GAN_SHAPE(s->batch, numbers);
    snprintf(stream, sizeof stream, "%s.%s", name, s->name);
    return s->params->given_noise ? gan_input(s->graph, stream, shape) : gan_noise(s->graph, stream, shape);
}

gan_node gan__scene_uniform(gan__scene *s, const char *name, int numbers)
{
    if (s->params->given_noise)
        return gan__scene_noise(s, name, numbers);
    gan_graph *g = s->graph;
    const gan_node pairs = gan__scene_noise(s, name, 2 * numbers), squares = gan_mul(g, pairs, pairs);
    const int size[2] = {s->batch, numbers}, first[2] = {0, 0}, second[2] = {0, numbers};
    const gan_node a = gan_slice(g, squares, first, size), b = gan_slice(g, squares, second, size);
    return gan_exp(g, gan_affine(g, gan_add(g, a, b), -0.5f, 0));
}

/* Room for what a pass gives. */
static gan_node *see(gan__scene *s, int role)
{
    gan__iteration *it = s->it;
    gan_node *result = NULL;
    if (it->seens < GAN__SEEN_MAX)
        result = calloc((size_t)gan_net_layers(s->match->role[role].net), sizeof *result);
    if (result) {
        it->seen[it->seens++] = (gan__pass_seen){it->steps - 1, role, result};
        return result;
    }
    s->failed = true;
    gan__fail_memory(&s->error, "what layers give");
    return NULL;
}

/* Statistics that a pass writes join the iteration's sinks. */
static gan_node run(gan__scene *s, int role, gan_node x, bool raw)
{
    gan__iteration *it = s->it;
    const bool changes = s->phase->roles >> role & 1, still = s->params->still;
    char stream[2 * GAN__STEP_NAME_MAX];
    gan_node label = {-1};
    snprintf(stream, sizeof stream, s->passes[role] ? "%s.%d" : "%s", s->name, s->passes[role]);
    s->passes[role]++;
    if (s->match->labelled) {
        label = gan__scene_label(s);
        if (gan_graph_shape(s->graph, x).dim[0] == 2 * s->batch)
            label = gan_concat(s->graph, label, label, 0);
    }
    gan_pass pass = {.graph = s->graph,
                     .training = true,
                     .write = changes && !still ? it->write + it->writes : NULL,
                     .writes_max = GAN__SINKS_MAX - it->writes,
                     .label = s->match->labelled ? &label : NULL,
                     .stream = stream,
                     .given_noise = s->params->given_noise,
                     .results = changes && still ? see(s, role) : NULL};
    const gan_net *net = s->match->role[role].net;
    const gan_node y = raw ? gan_net_run_raw(net, &pass, x) : gan_net_run(net, &pass, x);
    if (pass.writes > pass.writes_max) {
        s->failed = true;
        gan__fail(&s->error, GAN_EINVAL, "more than %d tensors in an iteration", GAN__SINKS_MAX);
        return y;
    }
    it->writes += pass.writes;
    return y;
}

gan_node gan__scene_net(gan__scene *s, int role, gan_node x)
{
    return run(s, role, x, false);
}

gan_node gan__scene_net_raw(gan__scene *s, int role, gan_node x)
{
    return run(s, role, x, true);
}

gan_node gan__scene_samples(const gan__scene *s, gan_node x)
{
    return gan_reshape(s->graph, x, in_batches(s, s->match->sample));
}

void gan__scene_write(gan__scene *s, gan_node x)
{
    if (s->it->writes < GAN__SINKS_MAX) {
        s->it->write[s->it->writes++] = x;
        return;
    }
    s->failed = true;
    gan__fail(&s->error, GAN_EINVAL, "more than %d tensors in an iteration", GAN__SINKS_MAX);
}

void gan__scene_report(gan__scene *s, const char *key, gan_node x)
{
    gan__iteration *it = s->it;
    int i = 0;
    while (i < it->values && strcmp(it->value[i].key, key) != 0)
        i++;
    if (i == GAN__VALUES_MAX) {
        s->failed = true;
        gan__fail(&s->error, GAN_EINVAL, "more than %d values in an iteration", GAN__VALUES_MAX);
        return;
    }
    snprintf(it->value[i].key, sizeof it->value[i].key, "%s", key);
    it->value[i].node = x;
    it->values += i == it->values;
}
