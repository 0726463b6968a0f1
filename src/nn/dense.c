/* dense.c - `dense UNITS`: y = x W + b over all inputs.
 *
 * x [N, anything], flattened to [N, in]; W [in, units], b [units]; y [N, units].
 */
#include "base/error.h"
#include "nn/init.h"
#include "nn/layer.h"

typedef struct dense {
    int weight, bias; /* tensors */
    int in, units;
} dense;

static gan_status parse(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    dense *d = l->own = gan__arena_alloc(l->arena, sizeof *d);
    if (!d)
        return gan__fail_memory(err, "a network");
    if (words != 1)
        return gan__layer_usage(l, err);
    gan_status s = gan__layer_count(l, word[0], "units", &d->units, err);
    if (s != GAN_OK)
        return s;
    d->in = 1;
    for (int i = 0; i < l->input.rank; i++)
        d->in *= l->input.dim[i];
    l->output = GAN_SHAPE(d->units);
    const bool packed = d->units >= 16; /* fewer columns would be mostly padding */
    s = gan__layer_tensor(l, "weight", GAN_SHAPE(d->in, d->units), packed, &d->weight, err);
    if (s == GAN_OK)
        s = gan__layer_tensor(l, "bias", GAN_SHAPE(d->units), false, &d->bias, err);
    return s;
}

static gan_node apply(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const dense *d = l->own;
    gan_graph *g = pass->graph;
    const gan_shape s = gan_graph_shape(g, x);
    const gan_node flat = gan_reshape(g, x, GAN_SHAPE(s.rank ? s.dim[0] : 1, d->in));
    const gan_node product = gan_matmul(g, flat, gan__layer_read(l, pass, d->weight), false, false);
    (void)joined;
    return gan_add(g, product, gan__layer_read(l, pass, d->bias));
}

static gan_status initialise(const gan__layer *l, const gan__init_rule *rule, uint64_t seed, gan_error *err)
{
    const dense *d = l->own;
    return gan__init_draw(rule, l->params, d->weight, d->in, d->units, seed, err);
}

static double flops(const gan__layer *l)
{
    const dense *d = l->own;
    return 2.0 * d->in * d->units;
}

const gan__layer_kind gan__dense = {
    .name = "dense",
    .usage = "dense UNITS [activation]",
    .help = "every output from every input, a bias each; takes any shape as one row of numbers",
    .parse = parse,
    .apply = apply,
    .initialise = initialise,
    .flops = flops,
};
