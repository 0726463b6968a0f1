/* weight.c - see weight.h. */
#include "nn/weight.h"

#include <stdio.h>

static const float tiny = 1e-12f; /* a norm is never divided by less; as PyTorch has it */

static gan_status read_own_init(const gan__layer *l, gan__weight *w, gan_error *err)
{
    const gan__option *o = gan__layer_option(l, "init");
    char where[96];
    snprintf(where, sizeof where, "%s, line %d", l->net, l->line);
    w->init = (gan__init){0};
    return o ? gan__init_read(&w->init, where, o->word[0], o->words > 1 ? o->word[1] : NULL, err) : GAN_OK;
}

/* The weight itself, its vector, its first values' rule. */
static gan_status add(gan__layer *l, gan__weight *w, const char *name, const char *vector, bool packed, gan_error *err)
{
    w->bias = w->vector = -1;
    gan_status s = gan__layer_tensor(l, name, w->shape, packed, GAN_TRAINED, &w->weight, err);
    if (s == GAN_OK && gan__layer_option(l, "spectral"))
        s = gan__layer_tensor(l, vector, GAN_SHAPE(w->shape.dim[w->out_axis]), false, GAN_STATISTIC, &w->vector, err);
    return s == GAN_OK ? read_own_init(l, w, err) : s;
}

gan_status gan__weight_add(gan__layer *l, gan__weight *w, bool packed, int biases, gan_error *err)
{
    const gan_status s = add(l, w, "weight", "vector", packed, err);
    if (s != GAN_OK || gan__layer_option(l, "nobias"))
        return s;
    return gan__layer_tensor(l, "bias", GAN_SHAPE(biases), false, GAN_TRAINED, &w->bias, err);
}

gan_status gan__weight_add_named(gan__layer *l, gan__weight *w, const char *name, gan_shape shape, gan_error *err)
{
    char vector[GAN__WORD_MAX];
    snprintf(vector, sizeof vector, "%s_vector", name);
    *w = (gan__weight){.shape = shape, .out_axis = 1, .in = shape.dim[0], .out = shape.dim[1]};
    return add(l, w, name, vector, false, err);
}

/* The weight as a matrix [in, out]. */
static gan_node as_matrix(gan_graph *g, gan_node x, const gan__weight *w)
{
    const int last = w->shape.rank - 1, columns = w->shape.dim[w->out_axis];
    int axes[GAN_RANK_MAX], rows = 1;
    for (int i = 0; i <= last; i++)
        axes[i] = i;
    axes[w->out_axis] = last;
    axes[last] = w->out_axis;
    for (int i = 0; i <= last; i++)
        rows *= i == w->out_axis ? 1 : w->shape.dim[i];
    return gan_reshape(g, gan_permute(g, x, axes), GAN_SHAPE(rows, columns));
}

/* x / |x|, of a whole tensor. */
static gan_node normalised(gan_graph *g, gan_node x)
{
    const gan_shape s = gan_graph_shape(g, x);
    const gan_node squares = gan_sum(g, gan_mul(g, x, x), (1u << s.rank) - 1);
    return gan_div(g, x, gan_affine(g, gan_sqrt(g, squares), 1, tiny));
}

gan_node gan__weight_read(const gan__layer *l, gan_pass *pass, const gan__weight *w)
{
    gan_graph *g = pass->graph;
    const gan_node read = gan__layer_read(l, pass, w->weight);
    if (w->vector < 0)
        return read;
    const int columns = w->shape.dim[w->out_axis];
    const gan_node matrix = as_matrix(g, read, w), still = gan_stop(g, matrix),
                   u = gan_reshape(g, gan__layer_read(l, pass, w->vector), GAN_SHAPE(columns, 1)),
                   v = gan_stop(g, normalised(g, gan_matmul(g, still, u, false, false))),
                   next = gan_stop(g, normalised(g, gan_matmul(g, still, v, true, false))),
                   s = gan_matmul(g, gan_matmul(g, v, matrix, true, false), next, false, false);
    gan__layer_statistic(l, pass, w->vector, gan_reshape(g, next, GAN_SHAPE(columns)));
    return gan_div(g, read, gan_reshape(g, s, GAN_SCALAR));
}

gan_node gan__weight_biased(const gan__layer *l, const gan_pass *pass, const gan__weight *w, gan_node y)
{
    return w->bias < 0 ? y : gan_add(pass->graph, y, gan__layer_read(l, pass, w->bias));
}

gan_status gan__weight_initialise(const gan__layer *l, const gan__weight *w, const gan__init *init, uint64_t seed,
                                  gan_error *err)
{
    const gan__init *rule = w->init.rule ? &w->init : init;
    const gan_status s = gan__init_draw(rule, l->params, w->weight, w->in, w->out, seed, err);
    return s == GAN_OK && w->vector >= 0 ? gan__init_normal(l->params, w->vector, 1, seed, err) : s;
}
