/* dense_nets.h - nets of dense lines alone, by plain loops in double: what looks into nets is held against them. */
#ifndef GAN_TESTS_INSPECT_DENSE_NETS_H
#define GAN_TESTS_INSPECT_DENSE_NETS_H

#include "unit/run/small.h"

#include "nn/layer.h"
#include "train/trainer_internal.h"

#include <gan/inspect.h>

#include <math.h>

enum { LAYERS_MAX = 4, WIDTH_MAX = 64 };

typedef struct dense_layer {
    int in, out;
    double *w, *b; /* w [in, out] */
    double (*act)(double x);
} dense_layer;

typedef struct dense_net {
    int layers;
    dense_layer layer[LAYERS_MAX];
} dense_net;

static inline double act_none(double x) { return x; }
static inline double act_relu(double x) { return x > 0 ? x : 0; }
static inline double act_leaky(double x) { return x > 0 ? x : (double)0.2f * x; }
static inline double act_sigmoid(double x) { return 1 / (1 + exp(-x)); }
static inline double act_tanh(double x) { return tanh(x); }
static inline double act_silu(double x) { return x / (1 + exp(-x)); }

static inline double softplus(double x)
{
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

static inline const gan__role *role_named(const gan_trainer *t, const char *name)
{
    int r = 0;
    while (strcmp(t->match.role[r].kind->name, name) != 0)
        r++;
    return &t->match.role[r];
}

static inline double *tensor_of(const gan__role *r, const char *what, int *tensor)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", r->kind->name, what);
    const int i = gan_params_find(r->params, name);
    if (i < 0)
        fail_msg("no tensor %s", name);
    const gan_shape s = gan_params_shape(r->params, i);
    size_t n = 1;
    for (int k = 0; k < s.rank; k++)
        n *= (size_t)s.dim[k];
    float *x = malloc(n * sizeof *x);
    double *out = malloc(n * sizeof *out);
    assert_int_equal(gan_params_get(r->params, i, GAN_VALUE, x), GAN_OK);
    for (size_t k = 0; k < n; k++)
        out[k] = (double)x[k];
    free(x);
    if (tensor)
        *tensor = i;
    return out;
}

/* The net's weights as they are; its activations are what the layers' words say. */
static inline dense_net dense_net_of(const gan_trainer *t, const char *name)
{
    static const struct {
        const char *word;
        double (*act)(double x);
    } acts[] = {{"relu", act_relu}, {"leaky", act_leaky}, {"sigmoid", act_sigmoid}, {"tanh", act_tanh}, {"silu", act_silu}};
    const gan__role *r = role_named(t, name);
    dense_net net = {.layers = gan_net_layers(r->net)};
    gan_line_info info[LAYERS_MAX];
    gan_net_lines(r->net, info, LAYERS_MAX);
    for (int i = 0; i < net.layers; i++) {
        dense_layer *l = &net.layer[i];
        char what[32];
        int tensor;
        snprintf(what, sizeof what, "%d.weight", i);
        l->w = tensor_of(r, what, &tensor);
        l->in = gan_params_shape(r->params, tensor).dim[0];
        l->out = gan_params_shape(r->params, tensor).dim[1];
        snprintf(what, sizeof what, "%d.bias", i);
        l->b = tensor_of(r, what, NULL);
        l->act = act_none;
        for (size_t k = 0; k < sizeof acts / sizeof *acts; k++)
            if (strstr(info[i].text, acts[k].word))
                l->act = acts[k].act;
    }
    return net;
}

static inline void dense_net_free(dense_net *net)
{
    for (int i = 0; i < net->layers; i++) {
        free(net->layer[i].w);
        free(net->layer[i].b);
    }
}

/* results, where it is given: of each layer, behind its activation. raw: the last one's is left out. */
static inline void dense_run(const dense_net *net, const double *x, double *y, bool raw, double (*results)[WIDTH_MAX])
{
    double at[WIDTH_MAX];
    memcpy(at, x, (size_t)net->layer[0].in * sizeof *at);
    for (int i = 0; i < net->layers; i++) {
        const dense_layer *l = &net->layer[i];
        double next[WIDTH_MAX];
        for (int o = 0; o < l->out; o++) {
            next[o] = l->b[o];
            for (int k = 0; k < l->in; k++)
                next[o] += at[k] * l->w[k * l->out + o];
            if (!raw || i + 1 < net->layers)
                next[o] = l->act(next[o]);
        }
        memcpy(at, next, (size_t)l->out * sizeof *at);
        if (results)
            memcpy(results[i], next, (size_t)l->out * sizeof *next);
    }
    memcpy(y, at, (size_t)net->layer[net->layers - 1].out * sizeof *y);
}

/* Noise of a stream, as a plan of the trainer's would draw it. */
static inline void noise_of(const gan_trainer *t, const char *stream, int rows, int numbers, double *out)
{
    gan_graph *g = gan_graph_create();
    gan_plan *plan = NULL;
    const gan_node z = gan_noise(g, stream, GAN_SHAPE(rows, numbers));
    const gan_plan_params p = gan_plan_defaults(g, &z, 1);
    must(gan_plan_create(&plan, &p, err));
    gan_plan_run(plan, (gan_step){.seed = t->source.seed});
    for (int i = 0; i < rows * numbers; i++)
        out[i] = (double)gan_plan_value(plan, z)[i];
    gan_plan_free(plan);
    gan_graph_free(g);
}

#endif
