/* inspect_layers.c - each layer of each net in the step that trains it: a plan for each phase, whose sinks are the gradients and what the
 * layers gave. They are many floats, so a plan lives as long as its phase is looked at.
 */
#include "base/error.h"
#include "inspect/histogram.h"
#include "inspect/inspector.h"
#include "nn/layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double flat = 0.01; /* of the steepest slope */

static const gan__role *role_of(const gan_inspector *x, int role)
{
    return &x->trainer->match.role[role];
}

int gan_inspector_layer_count(const gan_inspector *x)
{
    int n = 0;
    for (int r = 0; r < x->trainer->match.game->roles; r++)
        n += gan_net_layers(role_of(x, r)->net);
    return n;
}

/* ---- a phase's plan ------------------------------------------------------------------------------ */

/* One phase's step, run. */
typedef struct shown {
    const gan_inspector *x;
    int step;
    gan_plan *plan;
    gan__feed feed;
    gan__numbers *part; /* room for a layer's tensors, or the passes */
    float *weights;     /* room for a layer's */
} shown;

/* Into `sinks`, where it is given; how many there are. */
static int sinks_of(const gan_inspector *x, int step, gan_node *sinks)
{
    const gan__iteration *it = &x->still;
    const gan__phase_step *p = &it->step[step];
    int n = 0;
    for (int i = 0; i < it->seens; i++) {
        if (it->seen[i].step != step)
            continue;
        const int layers = gan_net_layers(role_of(x, it->seen[i].role)->net);
        if (sinks)
            memcpy(sinks + n, it->seen[i].result, (size_t)layers * sizeof *sinks);
        n += layers;
    }
    if (sinks)
        memcpy(sinks + n, p->grad, (size_t)p->grads * sizeof *sinks);
    return n + p->grads;
}

static gan_status make_plan(shown *s, gan_error *err)
{
    const gan_inspector *x = s->x;
    const int n = sinks_of(x, s->step, NULL);
    gan_node *sinks = malloc(((size_t)n + 1) * sizeof *sinks);
    if (!sinks)
        return gan__fail_memory(err, "a look at layers");
    sinks_of(x, s->step, sinks);
    gan_status status = gan__inspector_plan(&s->plan, x, x->still.graph, sinks, n, err);
    free(sinks);
    return status == GAN_OK ? gan__feed_connect(&s->feed, &x->still, s->plan, x->trainer->data, err) : status;
}

/* The most tensors, or passes, and numbers that a layer has. */
static gan_status make_room(shown *s, gan_error *err)
{
    size_t parts = GAN__SEEN_MAX, numbers = 1;
    for (int r = 0; r < s->x->trainer->match.game->roles; r++)
        for (int i = 0; i < gan_net_layers(role_of(s->x, r)->net); i++) {
            const gan__layer *l = gan__net_layer(role_of(s->x, r)->net, i);
            parts = (size_t)l->tensors > parts ? (size_t)l->tensors : parts;
            numbers = l->parameters > numbers ? l->parameters : numbers;
        }
    s->part = malloc(parts * sizeof *s->part);
    s->weights = malloc(numbers * sizeof *s->weights);
    return s->part && s->weights ? GAN_OK : gan__fail_memory(err, "a look at layers");
}

/* The batch is the first of the seed's stream, the noise that of iteration 0: whenever one looks, it is at the same samples. */
static gan_status show(shown *s, gan_error *err)
{
    gan_status status = make_room(s, err);
    if (status == GAN_OK)
        status = make_plan(s, err);
    if (status != GAN_OK)
        return status;
    gan__feed_source source = s->x->trainer->source;
    source.batch = s->x->batch;
    gan__feed_fill(&s->feed, &source, 0);
    gan_plan_run(s->plan, (gan_step){.seed = source.seed});
    return GAN_OK;
}

static void release(shown *s)
{
    gan__feed_release(&s->feed);
    gan_plan_free(s->plan);
    free(s->part);
    free(s->weights);
}

/* ---- a layer ------------------------------------------------------------------------------------- */

static size_t count_of(gan_shape s)
{
    size_t n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= (size_t)s.dim[i];
    return n;
}

static bool is_trained(const gan__role *r, int tensor)
{
    return gan_params_role(r->params, tensor) == GAN_TRAINED;
}

static gan_status look_at_weights(const shown *s, const gan__role *r, const gan__layer *l, gan_histogram *out, gan_error *err)
{
    gan__numbers all = {s->weights, 0};
    for (int t = l->tensor; t < l->tensor + l->tensors; t++) {
        if (!is_trained(r, t))
            continue;
        if (gan_params_get(r->params, t, GAN_VALUE, s->weights + all.count) != GAN_OK)
            return gan__fail_memory(err, "a look at layers");
        all.count += count_of(gan_params_shape(r->params, t));
    }
    gan__histogram(out, &all, 1);
    return GAN_OK;
}

/* grad: the role's first. */
static void look_at_gradients(const shown *s, const gan__role *r, const gan__layer *l, const gan_node *grad, gan_histogram *out)
{
    int parts = 0;
    for (int t = 0; t < l->tensor + l->tensors; t++) {
        if (!is_trained(r, t))
            continue;
        if (t >= l->tensor)
            s->part[parts++] = (gan__numbers){gan_plan_value(s->plan, *grad), count_of(gan_params_shape(r->params, t))};
        grad++;
    }
    gan__histogram(out, s->part, parts);
}

static bool is_silent(const gan__numbers *part, int parts, size_t channel, size_t channels)
{
    for (int i = 0; i < parts; i++)
        for (size_t k = channel; k < part[i].count; k += channels)
            if (part[i].x[k] != 0)
                return false;
    return true;
}

static double share_dead(const gan__numbers *part, int parts, size_t channels)
{
    size_t n = 0;
    for (size_t c = 0; c < channels; c++)
        n += is_silent(part, parts, c, channels);
    return (double)n / (double)channels;
}

static double share_saturated(const gan__numbers *part, int parts, double (*steepness)(double y))
{
    size_t n = 0, all = 0;
    for (int i = 0; i < parts; i++) {
        for (size_t k = 0; k < part[i].count; k++)
            n += steepness((double)part[i].x[k]) < flat;
        all += part[i].count;
    }
    return (double)n / (double)all;
}

static void look_at_results(const shown *s, int role, const gan__layer *l, gan_layer_look *out)
{
    const gan__iteration *it = &s->x->still;
    int parts = 0;
    for (int i = 0; i < it->seens; i++) {
        if (it->seen[i].step != s->step || it->seen[i].role != role)
            continue;
        const gan_node node = it->seen[i].result[l->number];
        s->part[parts++] = (gan__numbers){gan_plan_value(s->plan, node), count_of(gan_graph_shape(it->graph, node))};
    }
    gan__histogram(&out->results, s->part, parts);
    if (l->activation && l->activation->silent)
        out->dead = share_dead(s->part, parts, (size_t)l->output.dim[l->output.rank - 1]);
    if (l->activation && l->activation->steepness)
        out->saturated = share_saturated(s->part, parts, l->activation->steepness);
}

static gan_status look_at_layer(const shown *s, int role, int number, const gan_node *grad, gan_layer_look *out, gan_error *err)
{
    const gan__role *r = role_of(s->x, role);
    const gan__layer *l = gan__net_layer(r->net, number);
    *out = (gan_layer_look){.net = r->kind->name, .number = number, .line = l->line, .text = l->text,
                            .dead = (double)NAN, .saturated = (double)NAN};
    look_at_results(s, role, l, out);
    look_at_gradients(s, r, l, grad, &out->gradients);
    return look_at_weights(s, r, l, &out->weights, err);
}

/* `layer` begins with the first net's. */
static gan_status look_at_step(const shown *s, gan_layer_look *layer, gan_error *err)
{
    const gan__phase_step *step = &s->x->still.step[s->step];
    const gan_node *grad = step->grad;
    gan_status status = GAN_OK;
    for (int r = 0; r < s->x->trainer->match.game->roles; r++) {
        const gan__role *role = role_of(s->x, r);
        const int layers = gan_net_layers(role->net);
        const bool changes = step->phase->roles >> r & 1;
        for (int i = 0; changes && i < layers && status == GAN_OK; i++)
            status = look_at_layer(s, r, i, grad, &layer[i], err);
        for (int t = 0; changes && t < gan_params_count(role->params); t++)
            grad += is_trained(role, t);
        layer += layers;
    }
    return status;
}

gan_status gan_inspector_layers(gan_inspector *x, gan_layer_look *layer, gan_error *err)
{
    gan_status status = GAN_OK;
    for (int i = 0; i < x->still.steps && status == GAN_OK; i++) {
        shown s = {.x = x, .step = i};
        status = show(&s, err);
        if (status == GAN_OK)
            status = look_at_step(&s, layer, err);
        release(&s);
    }
    return status;
}
