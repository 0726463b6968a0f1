/* dense.c - `dense UNITS`: y = x W + b over all inputs.
 *
 * x [N, anything], flattened to [N, in]; W [in, units], b [units]; y [N, units].
 */
#include "nn/net_internal.h"

#include "base/error.h"

static gan_status parse(gan__layer *l, gan_params *params, int words, char (*word)[GAN__WORD_MAX],
                        gan_error *err)
{
    (void)params;
    int units;
    if (words != 1)
        return gan__fail(err, GAN_EKEY, "%s, line %d: write `%s`", l->net, l->line, l->kind->usage);
    gan_status s = gan__layer_count(l, word[0], "units", &units, err);
    if (s != GAN_OK)
        return s;
    long in = 1;
    for (int i = 0; i < l->input.rank; i++)
        in *= l->input.dim[i];
    l->output = GAN_SHAPE(units);
    l->fan_in = (int)in;
    l->fan_out = units;
    const bool packed = units >= 16; /* fewer columns would be mostly padding */
    s = gan__layer_tensor(l, "weight", GAN_SHAPE((int)in, units), packed, &l->weight, err);
    if (s == GAN_OK)
        s = gan__layer_tensor(l, "bias", GAN_SHAPE(units), false, &l->bias, err);
    return s;
}

static gan_node apply(const gan__layer *l, gan_graph *g, gan_node x)
{
    const gan_shape s = gan_graph_shape(g, x);
    const gan_node flat = gan_reshape(g, x, GAN_SHAPE(s.rank ? s.dim[0] : 1, l->fan_in));
    const gan_node product =
        gan_matmul(g, flat, gan_params_read(l->params, g, l->weight), false, false);
    return gan_add(g, product, gan_params_read(l->params, g, l->bias));
}

const gan__layer_kind gan__dense = {
    .name = "dense", .usage = "dense UNITS [activation]", .parse = parse, .apply = apply};
