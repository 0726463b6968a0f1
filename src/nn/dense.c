/* dense.c - `dense UNITS`: y = x W + b over all inputs.
 *
 * x [N, anything], flattened to [N, in]; W [in, units], b [units]; y [N, units].
 */
#include "base/error.h"
#include "nn/weight.h"

typedef struct dense {
    gan__weight w;
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
    d->in = gan__layer_numbers(l->input);
    l->output = GAN_SHAPE(d->units);
    const bool packed = d->units >= 16; /* fewer columns would be mostly padding */
    d->w = (gan__weight){.shape = GAN_SHAPE(d->in, d->units), .out_axis = 1, .in = d->in, .out = d->units};
    return gan__weight_add(l, &d->w, packed, d->units, err);
}

static gan_node apply(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const dense *d = l->own;
    gan_graph *g = pass->graph;
    (void)joined;
    const gan_node flat = gan_reshape(g, x, GAN_SHAPE(gan__layer_rows(pass, x), d->in)),
                   product = gan_matmul(g, flat, gan__weight_read(l, pass, &d->w), false, false);
    return gan__weight_biased(l, pass, &d->w, product);
}

static gan_status initialise(const gan__layer *l, const gan__init *init, uint64_t seed, gan_error *err)
{
    const dense *d = l->own;
    return gan__weight_initialise(l, &d->w, init, seed, err);
}

static double flops(const gan__layer *l)
{
    const dense *d = l->own;
    return 2.0 * d->in * d->units;
}

static const gan__option_kind options[] = {GAN__WEIGHT_OPTIONS, {NULL, 0, 0}};

const gan__layer_kind gan__dense = {
    .name = "dense",
    .usage = "dense UNITS [nobias] [spectral] [init RULE]",
    .help = "every output from every input; takes any shape as one row of numbers",
    .way = GAN__WAY_PRODUCT,
    .options = options,
    .parse = parse,
    .apply = apply,
    .initialise = initialise,
    .flops = flops,
    .reach = gan__layer_sees_all,
};
