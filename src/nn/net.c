/* net.c - layer lines: a layer's name, its numbers, an activation. */
#include "nn/net_internal.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* Words of a line, what follows '#' left out; -1: too many or too long. */
static int split(const char *line, size_t length, char word[][GAN__WORD_MAX])
{
    int words = 0;
    for (size_t i = 0; i < length && line[i] != '#';) {
        if (line[i] == ' ' || line[i] == '\t' || line[i] == '\r') {
            i++;
            continue;
        }
        size_t n = 0;
        while (i < length && !strchr(" \t\r#", line[i])) {
            if (words == GAN__WORDS_MAX || n == GAN__WORD_MAX - 1)
                return -1;
            word[words][n++] = line[i++];
        }
        word[words++][n] = 0;
    }
    return words;
}

static bool is_name(const char *word)
{
    return (*word >= 'a' && *word <= 'z') || (*word >= 'A' && *word <= 'Z');
}

/* The activation stands last, with its number behind it if it takes one. */
static gan_status take_activation(gan__layer *l, int *words, char word[][GAN__WORD_MAX],
                                  gan_error *err)
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

static gan_status add_layer(gan_net *net, const char *text, size_t length, int line,
                            gan_params *params, gan_error *err)
{
    char word[GAN__WORDS_MAX][GAN__WORD_MAX];
    int words = split(text, length, word);
    if (words == 0)
        return GAN_OK;
    if (words < 0)
        return gan__fail(err, GAN_EKEY, "%s, line %d: too many words, or one too long", net->name, line);
    if (net->count == GAN__LAYERS_MAX)
        return gan__fail(err, GAN_EKEY, "%s, line %d: more than %d layers", net->name, line,
                         GAN__LAYERS_MAX);
    gan__layer *l = &net->layer[net->count];
    *l = (gan__layer){.net = net->name,
                      .number = net->count,
                      .line = line,
                      .params = params,
                      .weight = -1,
                      .bias = -1};
    l->input = net->count ? net->layer[net->count - 1].output : net->input;
    l->kind = gan__layer_find(word[0]);
    if (!l->kind)
        return gan__fail(err, GAN_EKEY, "%s, line %d: no layer '%s'; do you mean '%s'?", net->name, line,
                         word[0], gan__layer_nearest(word[0]));
    gan_status s = take_activation(l, &words, word, err);
    if (s == GAN_OK)
        s = l->kind->parse(l, params, words - 1, word + 1, err);
    if (s == GAN_OK)
        net->count++;
    return s;
}

gan_status gan_net_create(gan_net **out, const char *name, const char *layers, gan_shape input,
                          gan_params *params, gan_error *err)
{
    *out = NULL;
    gan_net *net = calloc(1, sizeof *net);
    if (!net || !(net->name = strdup(name))) {
        free(net);
        return gan__fail_memory(err, "a network");
    }
    net->input = input;
    gan_status s = GAN_OK;
    for (int line = 1; s == GAN_OK && *layers; line++) {
        const size_t n = strcspn(layers, "\n");
        s = add_layer(net, layers, n, line, params, err);
        layers += n + (layers[n] == '\n');
    }
    if (s == GAN_OK && net->count == 0)
        s = gan__fail(err, GAN_EKEY, "%s: has no layers", name);
    if (s != GAN_OK) {
        gan_net_free(net);
        return s;
    }
    *out = net;
    return GAN_OK;
}

void gan_net_free(gan_net *net)
{
    if (!net)
        return;
    free(net->name);
    free(net);
}

gan_node gan_net_apply_raw(const gan_net *net, gan_graph *g, gan_node x)
{
    for (int i = 0; i < net->count; i++) {
        const gan__layer *l = &net->layer[i];
        x = l->kind->apply(l, g, x);
        if (l->activation && i + 1 < net->count)
            x = l->activation->build(g, x, l->number_of_activation);
    }
    return x;
}

gan_node gan_net_apply(const gan_net *net, gan_graph *g, gan_node x)
{
    const gan__layer *last = &net->layer[net->count - 1];
    x = gan_net_apply_raw(net, g, x);
    return last->activation ? last->activation->build(g, x, last->number_of_activation) : x;
}

gan_shape gan_net_output(const gan_net *net)
{
    return net->layer[net->count - 1].output;
}

int gan_net_layers(const gan_net *net)
{
    return net->count;
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
