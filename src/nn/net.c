/* net.c - a net from its lines: each gives its result to the next, and by name to others further down. */
#include "base/error.h"
#include "base/nearest.h"
#include "nn/activations.h"
#include "nn/grammar.h"
#include "nn/init.h"
#include "nn/layers.h"

#include <stdlib.h>
#include <string.h>

struct gan_net {
    char *name;
    gan_shape input;
    int count;
    gan__layer *layer;
    gan__arena arena; /* what the layers own */
};

/* ---- parsing ----------------------------------------------------------------------------------- */

static bool is_name(const char *word)
{
    return (*word >= 'a' && *word <= 'z') || (*word >= 'A' && *word <= 'Z');
}

/* The activation stands last, with its number behind it if it takes one. */
static gan_status take_activation(gan__layer *l, int *words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    int at = -1;
    for (int i = *words - 1; i > 0 && i >= *words - 2 && at < 0; i--)
        if (is_name(word[i]))
            at = i;
    if (at < 0)
        return GAN_OK;
    l->activation = gan__activation_find(word[at]);
    if (!l->activation)
        return gan__fail(err, GAN_EKEY, "%s, line %d: no activation '%s'; do you mean '%s'?", l->net,
                         l->line, word[at], gan__activation_nearest(word[at]));
    l->number_of_activation = l->activation->fallback;
    if (at + 1 < *words) {
        char *end;
        if (!l->activation->takes_number)
            return gan__fail(err, GAN_EKEY, "%s, line %d: %s takes no number", l->net, l->line,
                             word[at]);
        l->number_of_activation = strtof(word[at + 1], &end);
        if (*end || !(l->number_of_activation >= -10 && l->number_of_activation <= 10))
            return gan__fail(err, GAN_EKEY, "%s, line %d: '%s' is no slope from -10 to 10", l->net,
                             l->line, word[at + 1]);
    }
    *words = at;
    return GAN_OK;
}

static gan_shape shape_at(const gan_net *net, int layer)
{
    return layer < 0 ? net->input : net->layer[layer].output;
}

/* The layer that "@name" is the result of. */
static gan_status find_joined(gan_net *net, gan__layer *l, const gan__line *lines, int count, int at, gan_error *err)
{
    const gan__line *line = &lines[at];
    if (line->words < 2 || line->word[1][0] != '@')
        return gan__layer_usage(l, err);
    const char *name = line->word[1] + 1;
    l->joined = -2;
    if (!strcmp(name, "in"))
        l->joined = line->start - 1;
    for (int i = 0; i < at && l->joined == -2; i++)
        if (!strcmp(lines[i].name, name))
            l->joined = i;
    if (l->joined != -2) {
        l->joined_shape = shape_at(net, l->joined);
        return GAN_OK;
    }
    const char *best = "in";
    for (int i = 0; i < count; i++) {
        if (i >= at && !strcmp(lines[i].name, name))
            return gan__fail(err, GAN_EKEY, "%s, line %d: @%s is made in line %d, further down", l->net, l->line, name,
                             lines[i].number);
        if (i < at && *lines[i].name && gan__distance(lines[i].name, name) < gan__distance(best, name))
            best = lines[i].name;
    }
    return gan__fail(err, GAN_EKEY, "%s, line %d: no line is named @%s; do you mean @%s?", l->net, l->line, name, best);
}

static gan_status add_layer(gan_net *net, gan__line *lines, int count, int at, gan_params *params, gan_error *err)
{
    gan__line *line = &lines[at];
    gan__layer *l = &net->layer[at];
    *l = (gan__layer){.net = net->name, .number = at, .line = line->number, .params = params, .arena = &net->arena,
                      .joined = -1, .input = shape_at(net, at - 1)};
    strcpy(l->name, line->name);
    l->kind = gan__layer_find(line->word[0]);
    if (!l->kind)
        return gan__fail(err, GAN_EKEY, "%s, line %d: no layer '%s'; do you mean '%s'?", net->name, l->line,
                         line->word[0], gan__layer_nearest(line->word[0]));
    gan_status s = l->kind->joins ? find_joined(net, l, lines, count, at, err) : GAN_OK;
    int words = line->words;
    if (s == GAN_OK)
        s = take_activation(l, &words, line->word, err);
    if (s == GAN_OK)
        s = l->kind->parse(l, words - 1, line->word + 1, err);
    if (s == GAN_OK)
        net->count++;
    return s;
}

gan_status gan_net_create(gan_net **out, const char *name, const char *layers, gan_shape input,
                          gan_params *params, gan_error *err)
{
    gan__line *lines = NULL;
    int count = 0;
    *out = NULL;
    gan_status s = gan__lines_read(&lines, &count, name, layers, err);
    if (s == GAN_OK && count == 0)
        s = gan__fail(err, GAN_EKEY, "%s: has no layers", name);
    gan_net *net = s == GAN_OK ? calloc(1, sizeof *net) : NULL;
    if (net) {
        net->name = strdup(name);
        net->layer = calloc((size_t)count, sizeof *net->layer);
        net->input = input;
    }
    if (s == GAN_OK && (!net || !net->name || !net->layer))
        s = gan__fail_memory(err, "a network");
    for (int i = 0; i < count && s == GAN_OK; i++)
        s = add_layer(net, lines, count, i, params, err);
    free(lines);
    if (s == GAN_OK)
        *out = net;
    else
        gan_net_free(net);
    return s;
}

void gan_net_free(gan_net *net)
{
    if (!net)
        return;
    gan__arena_release(&net->arena);
    free(net->layer);
    free(net->name);
    free(net);
}

gan_status gan_net_init(const gan_net *net, gan_params *params, const char *init, uint64_t seed,
                        gan_error *err)
{
    const gan__init_rule *rule = gan__init_find(init);
    gan_status s = GAN_OK;
    (void)params;
    if (!rule)
        return gan__fail(err, GAN_EKEY, "init = %s: glorot, he, lecun and normal are known", init);
    for (int i = 0; i < net->count && s == GAN_OK; i++)
        if (net->layer[i].kind->initialise)
            s = net->layer[i].kind->initialise(&net->layer[i], rule, seed, err);
    return s;
}

/* ---- applying ---------------------------------------------------------------------------------- */

/* The result of line `last` before its activation. Named results are kept on the way. */
static gan_node apply_lines(const gan_net *net, gan_pass *pass, gan_node x)
{
    const gan_node input = x;
    gan_node *result = calloc((size_t)net->count, sizeof *result);
    if (!result)
        return (gan_node){-1}; /* an invalid node: the graph's next op says so */
    for (int i = 0; i < net->count; i++) {
        const gan__layer *l = &net->layer[i];
        const gan_node joined = !l->kind->joins ? (gan_node){-1} : l->joined < 0 ? input : result[l->joined];
        x = l->kind->apply(l, pass, x, joined);
        if (l->activation && i + 1 < net->count)
            x = l->activation->build(pass->graph, x, l->number_of_activation);
        result[i] = x;
    }
    free(result);
    return x;
}

gan_node gan_net_run_raw(const gan_net *net, gan_pass *pass, gan_node x)
{
    return apply_lines(net, pass, x);
}

gan_node gan_net_run(const gan_net *net, gan_pass *pass, gan_node x)
{
    const gan__layer *last = &net->layer[net->count - 1];
    x = apply_lines(net, pass, x);
    return last->activation ? last->activation->build(pass->graph, x, last->number_of_activation) : x;
}

gan_node gan_net_apply(const gan_net *net, gan_graph *g, gan_node x)
{
    gan_pass pass = {.graph = g};
    return gan_net_run(net, &pass, x);
}

/* ---- what it is -------------------------------------------------------------------------------- */

gan_shape gan_net_output(const gan_net *net)
{
    return net->layer[net->count - 1].output;
}

int gan_net_layers(const gan_net *net)
{
    return net->count;
}

double gan_net_flops(const gan_net *net)
{
    double flops = 0;
    for (int i = 0; i < net->count; i++)
        flops += net->layer[i].kind->flops ? net->layer[i].kind->flops(&net->layer[i]) : 0;
    return flops;
}

const char *gan_net_last_activation(const gan_net *net)
{
    const gan__activation *a = net->layer[net->count - 1].activation;
    return a ? a->name : "";
}

bool gan_net_mixes_rows(const gan_net *net)
{
    for (int i = 0; i < net->count; i++)
        if (net->layer[i].kind->mixes_rows)
            return true;
    return false;
}
