/* shapes.c - `reshape`, `crop`, `pool`, `act`, `basis` and `bias`: the same numbers in another shape or fewer of them, and numbers
 * of a net's own.
 */
#include "base/error.h"
#include "nn/init.h"
#include "nn/layer.h"

typedef struct own {
    int tensor;
    bool sums; /* of `pool` */
} own;

/* H W C, or fewer: the words as a shape. */
static gan_status read_shape(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    gan_status s = words >= 1 && words <= GAN_SPATIAL_MAX + 1 ? GAN_OK : gan__layer_usage(l, err);
    l->output = (gan_shape){.rank = words};
    for (int i = 0; i < words && s == GAN_OK; i++)
        s = gan__layer_count(l, word[i], i + 1 < words ? "places" : "channels", &l->output.dim[i], err);
    return s;
}

/* As many as words can say, which may be more than an int holds. */
static double numbers_of(gan_shape s)
{
    double n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= s.dim[i];
    return n;
}

static gan_status parse_reshape(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    char to[GAN__LAYER_SHAPE_TEXT];
    const gan_status s = read_shape(l, words, word, err);
    if (s != GAN_OK || numbers_of(l->input) == numbers_of(l->output))
        return s;
    return gan__layer_misfit(l, err, "%s holds %.0f numbers, not %.0f", gan__layer_shape_text(l->output, to),
                             numbers_of(l->output), numbers_of(l->input));
}

static gan_node apply_reshape(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    (void)joined;
    return gan_reshape(pass->graph, x, gan__layer_batch(gan__layer_rows(pass, x), l->output));
}

/* The middle: what is odd is lost behind it. */
static gan_status parse_crop(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    int axes = 0;
    gan_status s = gan__layer_spatial(l, &axes, err);
    if (s == GAN_OK && words != axes)
        s = gan__layer_usage(l, err);
    l->output = l->input;
    for (int i = 0; i < axes && s == GAN_OK; i++) {
        s = gan__layer_count(l, word[i], "places", &l->output.dim[i], err);
        if (s == GAN_OK && l->output.dim[i] > l->input.dim[i])
            s = gan__layer_misfit(l, err, "%d places are more than %d", l->output.dim[i], l->input.dim[i]);
    }
    return s;
}

static gan_node apply_crop(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const gan_shape y = gan__layer_batch(gan__layer_rows(pass, x), l->output);
    int begin[GAN_RANK_MAX] = {0};
    (void)joined;
    for (int i = 1; i < y.rank; i++)
        begin[i] = (l->input.dim[i - 1] - y.dim[i]) / 2;
    return gan_slice(pass->graph, x, begin, y.dim);
}

static gan_status parse_pool(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    int axes = 0;
    (void)word;
    if (words != 0 || l->options > 1)
        return gan__layer_usage(l, err);
    const gan_status s = gan__layer_spatial(l, &axes, err);
    own *o = l->own = gan__arena_alloc(l->arena, sizeof *o);
    if (!o)
        return gan__fail_memory(err, "a network");
    o->sums = gan__layer_option(l, "sum") != NULL;
    l->output = s == GAN_OK ? GAN_SHAPE(l->input.dim[axes]) : l->input;
    return s;
}

static gan_node apply_pool(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const own *o = l->own;
    gan_graph *g = pass->graph;
    const unsigned places = (1u << l->input.rank) - 2; /* every axis but the first and the last */
    (void)joined;
    const gan_node y = o->sums ? gan_sum(g, x, places) : gan_mean(g, x, places);
    return gan_reshape(g, y, gan__layer_batch(gan__layer_rows(pass, x), l->output));
}

static gan_status parse_act(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    (void)word;
    l->output = l->input;
    return words == 0 && l->activation ? GAN_OK : gan__layer_usage(l, err);
}

static gan_node apply_act(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    (void)l, (void)pass, (void)joined;
    return x;
}

static gan_status add_own(gan__layer *l, const char *name, gan_shape shape, gan_error *err)
{
    own *o = l->own = gan__arena_alloc(l->arena, sizeof *o);
    return o ? gan__layer_tensor(l, name, shape, false, GAN_TRAINED, &o->tensor, err) : gan__fail_memory(err, "a network");
}

static gan_status parse_basis(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    const gan_status s = read_shape(l, words, word, err);
    return s == GAN_OK ? add_own(l, "basis", l->output, err) : s;
}

static gan_node apply_basis(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const own *o = l->own;
    (void)joined;
    return gan_broadcast(pass->graph, gan__layer_read(l, pass, o->tensor),
                         gan__layer_batch(gan__layer_rows(pass, x), l->output));
}

static gan_status initialise_basis(const gan__layer *l, const gan__init *init, uint64_t seed, gan_error *err)
{
    const own *o = l->own;
    (void)init;
    return gan__init_normal(l->params, o->tensor, 1, seed, err);
}

static gan_status parse_bias(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    (void)word;
    if (words != 0 || l->input.rank < 1)
        return gan__layer_usage(l, err);
    l->output = l->input;
    return add_own(l, "bias", GAN_SHAPE(l->input.dim[l->input.rank - 1]), err);
}

static gan_node apply_bias(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const own *o = l->own;
    (void)joined;
    return gan_add(pass->graph, x, gan__layer_read(l, pass, o->tensor));
}

static const gan__option_kind options_of_pool[] = {{"mean", 0, 0}, {"sum", 0, 0}, {NULL, 0, 0}};

const gan__layer_kind gan__reshape = {.name = "reshape",
                                      .usage = "reshape [[D] H] [W] C",
                                      .help = "the same numbers in another shape",
                                      .way = GAN__WAY_ON,
                                      .parse = parse_reshape,
                                      .apply = apply_reshape};

const gan__layer_kind gan__crop = {
    .name = "crop",
    .usage = "crop [[D] H] W",
    .help = "so many places along each axis, from the middle",
    .parse = parse_crop,
    .apply = apply_crop,
};
const gan__layer_kind gan__pool = {.name = "pool",
                                   .usage = "pool [mean|sum]",
                                   .help = "each channel's mean (or sum) over all places",
                                   .options = options_of_pool,
                                   .parse = parse_pool,
                                   .apply = apply_pool,
                                   .reach = gan__layer_sees_all};
const gan__layer_kind gan__act = {.name = "act",
                                  .usage = "act ACTIVATION",
                                  .help = "an activation alone",
                                  .parse = parse_act,
                                  .apply = apply_act};
const gan__layer_kind gan__basis = {.name = "basis",
                                    .usage = "basis [[D] H] [W] C",
                                    .help = "learned numbers of that shape, the same for every sample; Karras et al. 2019",
                                    .parse = parse_basis,
                                    .apply = apply_basis,
                                    .initialise = initialise_basis,
                                    .reach = gan__layer_sees_all};
const gan__layer_kind gan__bias = {.name = "bias",
                                   .usage = "bias",
                                   .help = "a learned number for each channel is added",
                                   .parse = parse_bias,
                                   .apply = apply_bias};
