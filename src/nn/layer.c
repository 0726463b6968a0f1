/* layer.c - what kinds of layers share. */
#include "nn/layer.h"

#include "base/error.h"

#include <gan/text.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gan_status gan__layer_tensor(gan__layer *l, const char *what, gan_shape shape, bool packed, gan_tensor_role role,
                             int *tensor, gan_error *err)
{
    char name[96];
    snprintf(name, sizeof name, "%s.%d.%s", l->net, l->number, what);
    const size_t before = gan_params_elements(l->params);
    const gan_status s = gan_params_add(l->params, name, shape, packed, tensor, err);
    if (s == GAN_OK) {
        gan_params_set_role(l->params, *tensor, role);
        l->parameters += gan_params_elements(l->params) - before;
    }
    return s;
}

gan_status gan__layer_count(const gan__layer *l, const char *word, const char *what, int *out,
                            gan_error *err)
{
    char *end;
    const long n = strtol(word, &end, 10);
    if (*end || end == word || n < 1 || n > 1000000)
        return gan__fail(err, GAN_EKEY, "%s, line %d: '%s' is not a number of %s (1 to 1000000)", l->net,
                         l->line, word, what);
    *out = (int)n;
    return GAN_OK;
}

gan_status gan__layer_number(const gan__layer *l, const char *word, const char *what, double low, double high,
                             double *out, gan_error *err)
{
    if (gan_text_number(word, out) && *out >= low && *out <= high)
        return GAN_OK;
    return gan__fail(err, GAN_EKEY, "%s, line %d: '%s' is no %s (%g to %g)", l->net, l->line, word, what, low, high);
}

const gan__option *gan__layer_option(const gan__layer *l, const char *name)
{
    for (int i = 0; i < l->options; i++)
        if (!strcmp(l->option[i].kind->name, name))
            return &l->option[i];
    return NULL;
}

gan_status gan__layer_usage(const gan__layer *l, gan_error *err)
{
    return gan__fail(err, GAN_EKEY, "%s, line %d: write `%s`", l->net, l->line, l->kind->usage);
}

gan_status gan__layer_misfit(const gan__layer *l, gan_error *err, const char *why, ...)
{
    char text[160], shape[GAN__LAYER_SHAPE_TEXT];
    va_list args;
    va_start(args, why);
    vsnprintf(text, sizeof text, why, args);
    va_end(args);
    if (!l->above)
        return gan__fail(err, GAN_EKEY, "%s, line %d: %s: %s; the net's input is %s", l->net, l->line, l->kind->name,
                         text, gan__layer_shape_text(l->input, shape));
    return gan__fail(err, GAN_EKEY, "%s, line %d: %s: %s; line %d gives %s", l->net, l->line, l->kind->name, text,
                     l->above, gan__layer_shape_text(l->input, shape));
}

gan_status gan__layer_spatial(const gan__layer *l, int *axes, gan_error *err)
{
    *axes = l->input.rank - 1;
    if (*axes >= 1 && *axes <= GAN_SPATIAL_MAX)
        return GAN_OK;
    return gan__layer_misfit(l, err, "needs [..., channels] with 1 to %d axes before the channels", GAN_SPATIAL_MAX);
}

gan_status gan__layer_unlabelled(const gan__layer *l, gan_error *err)
{
    return gan__fail(err, GAN_EKEY, "%s, line %d: %s reads labels, and the data has none", l->net, l->line,
                     l->kind->name);
}

int gan__layer_numbers(gan_shape s)
{
    int n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= s.dim[i];
    return n;
}

int gan__layer_channels(const gan__layer *l)
{
    return l->input.dim[l->input.rank - 1];
}

gan__reach gan__layer_sees_all(const gan__layer *l)
{
    (void)l;
    return (gan__reach){0, 1, 1};
}

char *gan__layer_shape_text(gan_shape s, char text[GAN__LAYER_SHAPE_TEXT])
{
    size_t n = 0;
    for (int i = 0; i < s.rank; i++)
        n += (size_t)snprintf(text + n, GAN__LAYER_SHAPE_TEXT - n, i ? ", %d" : "[%d", s.dim[i]);
    snprintf(text + n, GAN__LAYER_SHAPE_TEXT - n, s.rank ? "]" : "[]");
    return text;
}

gan_node gan__layer_read(const gan__layer *l, const gan_pass *pass, int tensor)
{
    return gan_params_read(l->params, pass->graph, tensor);
}

void gan__layer_statistic(const gan__layer *l, gan_pass *pass, int tensor, gan_node x)
{
    if (!pass->write)
        return;
    if (pass->writes < pass->writes_max)
        pass->write[pass->writes] =
            gan_assign(pass->graph, gan_params_state(l->params, pass->graph, tensor), gan_stop(pass->graph, x));
    pass->writes++; /* beyond the most: the caller sees that its table is full */
}

gan_node gan__layer_label(const gan_pass *pass)
{
    return pass->label ? *pass->label : (gan_node){-1};
}

gan_node gan__layer_of_class(const gan__layer *l, const gan_pass *pass, gan_node x, int tensor)
{
    gan_graph *g = pass->graph;
    const gan_node table = gan__layer_read(l, pass, tensor);
    if (!l->labelled)
        return table;
    const gan_shape s = gan_graph_shape(g, x);
    gan_shape rows = {.rank = s.rank, .dim = {s.dim[0]}};
    for (int i = 1; i < s.rank; i++)
        rows.dim[i] = i + 1 < s.rank ? 1 : s.dim[i];
    return gan_reshape(g, gan_gather(g, table, gan__layer_label(pass)), rows);
}

gan_node gan__layer_noise(const gan__layer *l, const gan_pass *pass, gan_shape shape)
{
    char stream[160];
    snprintf(stream, sizeof stream, "%s.%d%s%s", l->net, l->number, pass->stream ? "." : "",
             pass->stream ? pass->stream : "");
    return pass->given_noise ? gan_input(pass->graph, stream, shape) : gan_noise(pass->graph, stream, shape);
}

int gan__layer_rows(const gan_pass *pass, gan_node x)
{
    const gan_shape s = gan_graph_shape(pass->graph, x);
    return s.rank ? s.dim[0] : 1; /* the invalid node: what is made of it is invalid too */
}

gan_shape gan__layer_batch(int rows, gan_shape sample)
{
    gan_shape s = {.rank = 1 + sample.rank, .dim = {rows}};
    for (int i = 0; i < sample.rank && i + 1 < GAN_RANK_MAX; i++)
        s.dim[i + 1] = sample.dim[i];
    return s;
}
