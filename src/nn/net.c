/* net.c - a net from its lines: each gives its result to the next, and by name to others further down. */
#include "base/error.h"
#include "base/nearest.h"
#include "nn/activations.h"
#include "nn/grammar.h"
#include "nn/init.h"
#include "nn/layers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_MAX = 1 << 28 };

struct gan_net {
    char *name;
    gan_shape input;
    int classes, count;
    gan__layer *layer;
    gan__arena arena; /* what the layers own */
};

/* ---- parsing ----------------------------------------------------------------------------------- */

static bool is_name(const char *word)
{
    return (*word >= 'a' && *word <= 'z') || (*word >= 'A' && *word <= 'Z');
}

/* The nearest word that could stand here: an option of the layer's or an activation. */
static const char *nearest(const gan__layer *l, const char *word)
{
    const char *best = gan__activation_nearest(word);
    for (const gan__option_kind *o = l->kind->options; o && o->name; o++)
        if (gan__distance(o->name, word) < gan__distance(best, word))
            best = o->name;
    return best;
}

/* An activation stands last, with its number behind it if it takes one. */
static gan_status take_activation(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    char *end;
    l->activation = gan__activation_find(word[0]);
    if (!l->activation)
        return gan__fail(err, GAN_EKEY, "%s, line %d: no activation '%s'; do you mean '%s'?", l->net,
                         l->line, word[0], nearest(l, word[0]));
    l->number_of_activation = l->activation->fallback;
    if (words == 1)
        return GAN_OK;
    if (words > 2 || is_name(word[1]))
        return gan__fail(err, GAN_EKEY, "%s, line %d: the activation stands last, but '%s' follows", l->net, l->line,
                         is_name(word[1]) ? word[1] : word[2]);
    if (!l->activation->takes_number)
        return gan__fail(err, GAN_EKEY, "%s, line %d: %s takes no number", l->net, l->line, word[0]);
    l->number_of_activation = strtof(word[1], &end);
    if (*end || !(l->number_of_activation >= -10 && l->number_of_activation <= 10))
        return gan__fail(err, GAN_EKEY, "%s, line %d: '%s' is no slope from -10 to 10", l->net, l->line, word[1]);
    return GAN_OK;
}

static const gan__option_kind *option_of(const gan__layer_kind *kind, const char *word)
{
    for (const gan__option_kind *o = kind->options; o && o->name; o++)
        if (!strcmp(o->name, word))
            return o;
    return NULL;
}

/* One option and the words behind it; how many words it took, or 0. */
static int take_option(const gan__layer *l, gan__option *out, const gan__option_kind *kind, int words,
                       char (*word)[GAN__WORD_MAX], gan_error *err)
{
    int n = 0;
    *out = (gan__option){.kind = kind};
    while (n < kind->most && n + 1 < words && (n < kind->least || !is_name(word[n + 1]))) {
        strcpy(out->word[n], word[n + 1]);
        n++;
    }
    out->words = n;
    if (n < kind->least)
        gan__fail(err, GAN_EKEY, "%s, line %d: %s: something must follow '%s'; write `%s`", l->net, l->line,
                  l->kind->name, kind->name, l->kind->usage);
    else if (gan__layer_option(l, kind->name))
        gan__fail(err, GAN_EKEY, "%s, line %d: %s: '%s' stands there twice", l->net, l->line, l->kind->name, kind->name);
    else
        return 1 + n;
    return 0;
}

/* A line's words behind the layer's name: numbers and @NAME, options, an activation. */
static gan_status take_words(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    gan__option option[GAN__OPTIONS_MAX];
    int own = 0;
    while (own < words && !is_name(word[own]))
        own++;
    l->option = option;
    l->options = 0;
    for (int at = own; at < words;) {
        const gan__option_kind *kind = option_of(l->kind, word[at]);
        const int n = kind ? take_option(l, &option[l->options], kind, words - at, word + at, err) : words - at;
        gan_status s = n ? GAN_OK : GAN_EKEY;
        if (!kind)
            s = take_activation(l, n, word + at, err);
        if (s != GAN_OK)
            return s;
        l->options += kind != NULL;
        at += n;
    }
    const gan_status s = l->kind->parse(l, own, word, err);
    l->option = NULL;
    l->options = 0;
    return s;
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
        l->joined_line = l->joined < 0 ? 0 : net->layer[l->joined].line;
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

static char *text_of(gan__arena *arena, const gan__line *line)
{
    char *text = gan__arena_alloc(arena, (size_t)(line->words + 1) * (GAN__WORD_MAX + 1)), *p = text;
    for (int i = 0; p && i < line->words; i++)
        p += sprintf(p, i ? " %s" : "%s", line->word[i]);
    if (p && *line->name)
        sprintf(p, " @%s", line->name);
    return text;
}

/* What a shape may hold, so that no product of its extents leaves an int. */
static gan_status check_size(const gan__layer *l, gan_error *err)
{
    double numbers = 1;
    for (int i = 0; i < l->output.rank; i++)
        numbers *= l->output.dim[i];
    if (numbers <= NUMBERS_MAX && l->output.rank < GAN_RANK_MAX)
        return GAN_OK;
    return gan__layer_misfit(l, err, "would give %.0f numbers a sample; %d are allowed", numbers, (int)NUMBERS_MAX);
}

static gan_status add_layer(gan_net *net, gan__line *lines, int count, int at, gan_params *params, gan_error *err)
{
    gan__line *line = &lines[at];
    gan__layer *l = &net->layer[at];
    *l = (gan__layer){.net = net->name, .number = at, .line = line->number, .params = params, .arena = &net->arena,
                      .joined = -1, .input = shape_at(net, at - 1), .above = at ? net->layer[at - 1].line : 0,
                      .classes = net->classes, .tensor = gan_params_count(params)};
    strcpy(l->name, line->name);
    l->text = text_of(&net->arena, line);
    if (!l->text)
        return gan__fail_memory(err, "a network");
    l->kind = gan__layer_find(line->word[0]);
    if (!l->kind)
        return gan__fail(err, GAN_EKEY, "%s, line %d: no layer '%s'; do you mean '%s'?", net->name, l->line,
                         line->word[0], gan__layer_nearest(line->word[0]));
    gan_status s = l->kind->joins ? find_joined(net, l, lines, count, at, err) : GAN_OK;
    if (s == GAN_OK)
        s = take_words(l, line->words - 1, line->word + 1, err);
    if (s == GAN_OK)
        s = check_size(l, err);
    l->tensors = gan_params_count(params) - l->tensor;
    if (s == GAN_OK)
        net->count++;
    return s;
}

gan_status gan_net_create(gan_net **out, const char *name, const char *layers, gan_shape input, gan_params *params,
                          gan_error *err)
{
    return gan_net_create_labelled(out, name, layers, input, 0, params, err);
}

gan_status gan_net_create_labelled(gan_net **out, const char *name, const char *layers, gan_shape input, int classes,
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
        net->classes = classes;
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

/* "normal 0.02" -> a rule and its number. */
static gan_status read_init(gan__init *out, const char *text, gan_error *err)
{
    char word[2 * GAN__WORD_MAX] = "";
    const size_t n = strcspn(text, " ");
    if (n >= sizeof word)
        return gan__fail(err, GAN_EKEY, "init = %.60s...: is no rule", text);
    memcpy(word, text, n);
    return gan__init_read(out, "init", word, text[n] ? text + n + 1 : NULL, err);
}

gan_status gan_net_init(const gan_net *net, gan_params *params, const char *init, uint64_t seed,
                        gan_error *err)
{
    gan__init rule;
    gan_status s = read_init(&rule, init, err);
    (void)params;
    for (int i = 0; i < net->count && s == GAN_OK; i++)
        if (net->layer[i].kind->initialise)
            s = net->layer[i].kind->initialise(&net->layer[i], &rule, seed, err);
    return s;
}

/* ---- applying ---------------------------------------------------------------------------------- */

static gan_node activated(const gan__layer *l, gan_graph *g, gan_node x)
{
    return l->activation ? l->activation->build(g, x, l->number_of_activation) : x;
}

/* The result of the last line before its activation. Named results are kept on the way. */
static gan_node apply_lines(const gan_net *net, gan_pass *pass, gan_node x)
{
    const gan_node input = x;
    gan_node *own = pass->results ? NULL : calloc((size_t)net->count, sizeof *own), *result = own ? own : pass->results;
    if (!result)
        return (gan_node){-1}; /* an invalid node: the graph's next op says so */
    for (int i = 0; i < net->count; i++) {
        const gan__layer *l = &net->layer[i];
        const gan_node joined = !l->kind->joins ? (gan_node){-1} : l->joined < 0 ? input : result[l->joined];
        x = l->kind->apply(l, pass, x, joined);
        if (i + 1 < net->count)
            x = activated(l, pass->graph, x);
        result[i] = x;
    }
    if (pass->results)
        result[net->count - 1] = activated(&net->layer[net->count - 1], pass->graph, x);
    free(own);
    return x;
}

gan_node gan_net_run_raw(const gan_net *net, gan_pass *pass, gan_node x)
{
    return apply_lines(net, pass, x);
}

gan_node gan_net_run(const gan_net *net, gan_pass *pass, gan_node x)
{
    return activated(&net->layer[net->count - 1], pass->graph, apply_lines(net, pass, x));
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

const gan__layer *gan__net_layer(const gan_net *net, int i)
{
    return &net->layer[i];
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

/* What a line's results look at, along one axis: `size` neighbours of the net's input, `jump` of them apart. */
typedef struct view {
    double size, jump;
} view;

static view view_of(const gan__layer *l, view before, view joined)
{
    const gan__reach r = l->kind->reach ? l->kind->reach(l) : (gan__reach){1, 1, 1};
    if (l->kind->joins && (l->kind->forgets || joined.size > before.size))
        before = joined;
    if (r.kernel == 0)
        return (view){(double)INFINITY, before.jump};
    return (view){before.size + (r.kernel - 1) * before.jump, before.jump * r.down / r.up};
}

int gan_net_lines(const gan_net *net, gan_line_info *info, int most)
{
    view *seen = calloc((size_t)net->count, sizeof *seen);
    for (int i = 0; seen && i < net->count && i < most; i++) {
        const gan__layer *l = &net->layer[i];
        const view start = {1, 1}, before = i ? seen[i - 1] : start;
        seen[i] = view_of(l, before, l->joined < 0 ? start : seen[l->joined]);
        info[i] = (gan_line_info){.text = l->text, .line = l->line, .output = l->output,
                                  .parameters = l->parameters,
                                  .flops = l->kind->flops ? l->kind->flops(l) : 0,
                                  .field = seen[i].size < 1e9 ? (int)ceil(seen[i].size) : 0};
    }
    free(seen);
    return net->count;
}

bool gan_net_reads_labels(const gan_net *net)
{
    for (int i = 0; i < net->count; i++)
        if (net->layer[i].labelled)
            return true;
    return false;
}

bool gan_net_mixes_rows(const gan_net *net)
{
    for (int i = 0; i < net->count; i++)
        if (net->layer[i].kind->mixes_rows)
            return true;
    return false;
}

bool gan_net_mixes_samples(const gan_net *net)
{
    for (int i = 0; i < net->count; i++)
        if (net->layer[i].kind->mixes_samples)
            return true;
    return false;
}
