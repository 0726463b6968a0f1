/* norms.c - norms of one sample: `groupnorm G`, `layernorm`, `instancenorm`, `pixelnorm`.
 *
 *     y = gamma (x - mean) / sqrt(variance + 1e-5) + beta
 *
 * mean and variance of each sample over all places and the channels of one of G groups (Wu & He 2018, arXiv:1803.08494);
 * layernorm: one group (Ba et al. 2016, arXiv:1607.06450); instancenorm: each channel (Ulyanov et al. 2016,
 * arXiv:1607.08022). gamma, beta [C].
 *
 *     pixelnorm   y = x / sqrt(mean over channels of x^2 + 1e-8)      Karras et al. 2018, arXiv:1710.10196, section 4.2
 */
#include "base/error.h"
#include "nn/init.h"
#include "nn/layer.h"

typedef struct norm {
    int gamma, beta; /* tensors */
    int groups;
} norm;

static gan_status parse_groups(gan__layer *l, int groups, gan_error *err)
{
    norm *n = l->own = gan__arena_alloc(l->arena, sizeof *n);
    if (!n)
        return gan__fail_memory(err, "a network");
    n->groups = groups;
    l->output = l->input;
    const gan_shape row = GAN_SHAPE(gan__layer_channels(l));
    const gan_status s = gan__layer_tensor(l, "gamma", row, false, GAN_TRAINED, &n->gamma, err);
    return s == GAN_OK ? gan__layer_tensor(l, "beta", row, false, GAN_TRAINED, &n->beta, err) : s;
}

static gan_status parse_group(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    int groups;
    gan_status s = words == 1 && l->input.rank ? GAN_OK : gan__layer_usage(l, err);
    if (s == GAN_OK)
        s = gan__layer_count(l, word[0], "groups", &groups, err);
    if (s == GAN_OK && gan__layer_channels(l) % groups)
        s = gan__layer_misfit(l, err, "%d groups do not divide %d channels", groups, gan__layer_channels(l));
    return s == GAN_OK ? parse_groups(l, groups, err) : s;
}

static gan_status parse_layer(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    (void)word;
    return words == 0 && l->input.rank ? parse_groups(l, 1, err) : gan__layer_usage(l, err);
}

static gan_status parse_instance(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    int axes = 0;
    (void)word;
    if (words != 0)
        return gan__layer_usage(l, err);
    const gan_status s = gan__layer_spatial(l, &axes, err); /* over no places, nothing would be left */
    return s == GAN_OK ? parse_groups(l, gan__layer_channels(l), err) : s;
}

static gan_node apply_groups(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    enum { PLACES = 1 << 1, IN_GROUP = 1 << 3 };
    const norm *n = l->own;
    gan_graph *g = pass->graph;
    const int rows = gan__layer_rows(pass, x), channels = gan__layer_channels(l),
              places = gan__layer_numbers(l->input) / channels;
    (void)joined;
    const gan_node parted = gan_reshape(g, x, GAN_SHAPE(rows, places, n->groups, channels / n->groups)),
                   centred = gan_sub(g, parted, gan_mean(g, parted, PLACES | IN_GROUP)),
                   variance = gan_mean(g, gan_mul(g, centred, centred), PLACES | IN_GROUP),
                   normal = gan_div(g, centred, gan_sqrt(g, gan_affine(g, variance, 1, 1e-5f))),
                   whole = gan_reshape(g, normal, gan__layer_batch(rows, l->input)),
                   scaled = gan_mul(g, whole, gan__layer_read(l, pass, n->gamma));
    return gan_add(g, scaled, gan__layer_read(l, pass, n->beta));
}

static gan_status initialise(const gan__layer *l, const gan__init *init, uint64_t seed, gan_error *err)
{
    const norm *n = l->own;
    (void)init, (void)seed;
    return gan__init_fill(l->params, n->gamma, 1, err);
}

static gan_status parse_pixel(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    (void)word;
    l->output = l->input;
    return words == 0 && l->input.rank ? GAN_OK : gan__layer_usage(l, err);
}

static gan_node apply_pixel(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    gan_graph *g = pass->graph;
    const gan_node square = gan_mean(g, gan_mul(g, x, x), 1u << l->input.rank);
    (void)joined;
    return gan_div(g, x, gan_sqrt(g, gan_affine(g, square, 1, 1e-8f)));
}

const gan__layer_kind gan__groupnorm = {.name = "groupnorm",
                                        .usage = "groupnorm GROUPS",
                                        .help = "each group of channels of a sample to mean 0, variance 1; Wu & He 2018",
                                        .parse = parse_group,
                                        .apply = apply_groups,
                                        .initialise = initialise,
                                        .reach = gan__layer_sees_all};
const gan__layer_kind gan__layernorm = {.name = "layernorm",
                                        .usage = "layernorm",
                                        .help = "each sample to mean 0, variance 1; Ba et al. 2016",
                                        .parse = parse_layer,
                                        .apply = apply_groups,
                                        .initialise = initialise,
                                        .reach = gan__layer_sees_all};
const gan__layer_kind gan__instancenorm = {.name = "instancenorm",
                                           .usage = "instancenorm",
                                           .help = "each channel of a sample to mean 0, variance 1; Ulyanov et al. 2016",
                                           .parse = parse_instance,
                                           .apply = apply_groups,
                                           .initialise = initialise,
                                           .reach = gan__layer_sees_all};
const gan__layer_kind gan__pixelnorm = {.name = "pixelnorm",
                                        .usage = "pixelnorm",
                                        .help = "the channels at each place to mean square 1; Karras et al. 2018",
                                        .way = GAN__WAY_ON,
                                        .parse = parse_pixel,
                                        .apply = apply_pixel};
