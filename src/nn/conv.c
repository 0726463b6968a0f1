/* conv.c - `conv`, `tconv` and `mod`: convolutions over every axis but the channels, 1, 2 or 3 of them.
 *
 *     conv   y[i, o] = b[o] + sum_{u,c} x[i stride + u - low, c] W[u, c, o]
 *     tconv  its adjoint: what a convolution of y would give x, with W[u, o, c]; Dumoulin & Visin 2016, arXiv:1603.07285
 *     mod    the same as conv, of x scaled by a style and rescaled; Karras et al. 2020, arXiv:1912.04958, equations 1
 *            and 3, on activations in place of weights:
 *                s = A w + a       y = b + conv(x s) / sqrt(sum_{u,c} (W[u, c, o] s[c])^2 + 1e-8)
 *
 * x [N, spatial..., C]; conv's W [K..., C / groups, O]; tconv's [K..., O / groups, C]; w [N, D], A [D, C], a [C].
 * `same`: as many places as there are inputs over the stride, rounded up; of tconv, as many as inputs times the stride.
 */
#include "base/error.h"
#include "nn/weight.h"

#include <limits.h>

enum { KERNEL_MAX = 255 };

typedef struct conv {
    gan__weight w, style; /* style: of `mod` alone */
    gan_conv_geometry geometry;
    int axes, kernel, stride, groups, outputs, style_bias;
} conv;

static int power(int base, int exponent)
{
    int p = 1;
    while (exponent-- > 0)
        p *= base;
    return p;
}

/* A whole number behind an option, or what it is without. */
static gan_status read_count(const gan__layer *l, const char *name, int least, int without, int *out, gan_error *err)
{
    double x = without;
    const gan__option *o = gan__layer_option(l, name);
    const gan_status s = o ? gan__layer_number(l, o->word[0], name, least, 4096, &x, err) : GAN_OK;
    *out = (int)x;
    if (s == GAN_OK && x != *out)
        return gan__fail(err, GAN_EKEY, "%s, line %d: %s %s is not a whole number", l->net, l->line, name, o->word[0]);
    return s;
}

static gan_status read_numbers(gan__layer *l, conv *c, const char *outputs, const char *kernel, gan_error *err)
{
    gan_status s = gan__layer_spatial(l, &c->axes, err);
    if (s == GAN_OK)
        s = gan__layer_count(l, outputs, "channels", &c->outputs, err);
    if (s == GAN_OK)
        s = gan__layer_count(l, kernel, "taps", &c->kernel, err);
    if (s == GAN_OK && (c->kernel > KERNEL_MAX || (double)power(c->kernel, c->axes) * gan__layer_channels(l) * c->outputs > INT_MAX))
        s = gan__layer_misfit(l, err, "a kernel of %d for %d channels is too large", c->kernel, c->outputs);
    if (s == GAN_OK)
        s = read_count(l, "stride", 1, 1, &c->stride, err);
    if (s == GAN_OK)
        s = read_count(l, "groups", 1, 1, &c->groups, err);
    if (s == GAN_OK && (gan__layer_channels(l) % c->groups || c->outputs % c->groups))
        s = gan__layer_misfit(l, err, "%d groups do not divide %d and %d channels", c->groups, gan__layer_channels(l),
                              c->outputs);
    if (s == GAN_OK && gan__layer_option(l, "same") && gan__layer_option(l, "pad"))
        s = gan__fail(err, GAN_EKEY, "%s, line %d: %s: pad or same, not both", l->net, l->line, l->kind->name);
    c->geometry = gan_conv_defaults();
    c->geometry.groups = c->groups;
    return s;
}

/* Padding and extent of axis i, of a convolution. */
static gan_status place_conv(gan__layer *l, conv *c, int i, gan_error *err)
{
    const int in = l->input.dim[i];
    int pad;
    const gan_status s = read_count(l, "pad", 0, 0, &pad, err);
    if (s != GAN_OK)
        return s;
    c->geometry.stride[i] = c->stride;
    c->geometry.low[i] = c->geometry.high[i] = pad;
    if (gan__layer_option(l, "same")) {
        const int out = (in + c->stride - 1) / c->stride, need = (out - 1) * c->stride + c->kernel - in;
        c->geometry.low[i] = need > 0 ? need / 2 : 0;
        c->geometry.high[i] = need > 0 ? need - need / 2 : 0;
    }
    const int padded = in + c->geometry.low[i] + c->geometry.high[i];
    if (padded < c->kernel)
        return gan__layer_misfit(l, err, "a kernel of %d is larger than the %d places there are with padding", c->kernel,
                                 padded);
    l->output.dim[i] = (padded - c->kernel) / c->stride + 1;
    return GAN_OK;
}

/* The same of its adjoint: the places that a convolution would make the input from. */
static gan_status place_tconv(gan__layer *l, conv *c, int i, gan_error *err)
{
    const int full = (l->input.dim[i] - 1) * c->stride + c->kernel;
    int pad;
    const gan_status s = read_count(l, "pad", 0, 0, &pad, err);
    if (s != GAN_OK)
        return s;
    c->geometry.stride[i] = c->stride;
    c->geometry.low[i] = c->geometry.high[i] = pad;
    if (gan__layer_option(l, "same")) {
        if (c->kernel < c->stride)
            return gan__layer_misfit(l, err, "same: a kernel of %d leaves holes at stride %d", c->kernel, c->stride);
        c->geometry.low[i] = (c->kernel - c->stride) / 2;
        c->geometry.high[i] = c->kernel - c->stride - c->geometry.low[i];
    }
    l->output.dim[i] = full - c->geometry.low[i] - c->geometry.high[i];
    if (l->output.dim[i] < 1)
        return gan__layer_misfit(l, err, "a padding of %d leaves nothing of the %d places that it makes", pad, full);
    return GAN_OK;
}

static gan_status place(gan__layer *l, conv *c, bool transposed, gan_error *err)
{
    gan_status s = GAN_OK;
    l->output = l->input;
    l->output.dim[c->axes] = c->outputs;
    for (int i = 0; i < c->axes && s == GAN_OK; i++)
        s = transposed ? place_tconv(l, c, i, err) : place_conv(l, c, i, err);
    return s;
}

static gan_shape kernel_shape(const conv *c, int rows, int columns)
{
    gan_shape s = {.rank = c->axes + 2};
    for (int i = 0; i < c->axes; i++)
        s.dim[i] = c->kernel;
    s.dim[c->axes] = rows;
    s.dim[c->axes + 1] = columns;
    return s;
}

static gan_status add_weight(gan__layer *l, conv *c, bool transposed, gan_error *err)
{
    const int in = gan__layer_channels(l), taps = power(c->kernel, c->axes);
    c->w = (gan__weight){.shape = transposed ? kernel_shape(c, c->outputs / c->groups, in)
                                             : kernel_shape(c, in / c->groups, c->outputs),
                         .out_axis = transposed ? c->axes : c->axes + 1,
                         .in = taps * in / c->groups,
                         .out = taps * c->outputs / c->groups};
    return gan__weight_add(l, &c->w, false, c->outputs, err);
}

static gan_status parse_any(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], int first, bool transposed,
                            gan_error *err)
{
    conv *c = l->own = gan__arena_alloc(l->arena, sizeof *c);
    if (!c)
        return gan__fail_memory(err, "a network");
    *c = (conv){0};
    if (words != first + 2)
        return gan__layer_usage(l, err);
    gan_status s = read_numbers(l, c, word[first], word[first + 1], err);
    if (s == GAN_OK)
        s = place(l, c, transposed, err);
    return s == GAN_OK ? add_weight(l, c, transposed, err) : s;
}

static gan_status parse_conv(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    return parse_any(l, words, word, 0, false, err);
}

static gan_status parse_tconv(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    return parse_any(l, words, word, 0, true, err);
}

static gan_status parse_mod(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    char there[GAN__LAYER_SHAPE_TEXT];
    if (l->joined_shape.rank != 1)
        return gan__layer_misfit(l, err, "a style is one row of numbers, not %s",
                                 gan__layer_shape_text(l->joined_shape, there));
    const gan_status s = parse_any(l, words, word, 1, false, err);
    if (s != GAN_OK)
        return s;
    conv *c = l->own;
    const int in = l->joined_shape.dim[0], out = gan__layer_channels(l);
    c->style = (gan__weight){.shape = GAN_SHAPE(in, out), .out_axis = 1, .in = in, .out = out, .bias = -1, .vector = -1};
    const gan_status t = gan__layer_tensor(l, "style", c->style.shape, out >= 16, GAN_TRAINED, &c->style.weight, err);
    return t == GAN_OK ? gan__layer_tensor(l, "style_bias", GAN_SHAPE(out), false, GAN_TRAINED, &c->style_bias, err) : t;
}

static gan_node apply_conv(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const conv *c = l->own;
    (void)joined;
    const gan_node y = gan_conv(pass->graph, x, gan__weight_read(l, pass, &c->w), c->geometry);
    return gan__weight_biased(l, pass, &c->w, y);
}

static gan_node apply_tconv(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const conv *c = l->own;
    (void)joined;
    const gan_node y = gan_conv_dx(pass->graph, x, gan__weight_read(l, pass, &c->w),
                                   gan__layer_batch(gan__layer_rows(pass, x), l->output), c->geometry);
    return gan__weight_biased(l, pass, &c->w, y);
}

/* [N, C] as [N, 1..., C]. */
static gan_node at_each_place(const gan__layer *l, gan_graph *g, gan_node x, int rows, int channels)
{
    gan_shape s = {.rank = l->input.rank + 1, .dim = {rows}};
    for (int i = 1; i < s.rank; i++)
        s.dim[i] = 1;
    s.dim[s.rank - 1] = channels;
    return gan_reshape(g, x, s);
}

static gan_node apply_mod(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const conv *c = l->own;
    gan_graph *g = pass->graph;
    const int rows = gan__layer_rows(pass, x), in = gan__layer_channels(l);
    const gan_node w = gan__weight_read(l, pass, &c->w),
                   a = gan__layer_read(l, pass, c->style.weight),
                   s = gan_add(g, gan_matmul(g, joined, a, false, false), gan__layer_read(l, pass, c->style_bias)),
                   scaled = gan_mul(g, x, at_each_place(l, g, s, rows, in)),
                   y = gan_conv(g, scaled, w, c->geometry),
                   squares = gan_reshape(g, gan_sum(g, gan_mul(g, w, w), (1u << c->axes) - 1),
                                         GAN_SHAPE(in / c->groups, c->outputs)),
                   sums = gan_matmul(g, gan_mul(g, s, s), squares, false, false),
                   size = gan_sqrt(g, gan_affine(g, sums, 1, 1e-8f));
    return gan__weight_biased(l, pass, &c->w, gan_div(g, y, at_each_place(l, g, size, rows, c->outputs)));
}

static gan_status initialise(const gan__layer *l, const gan__init *init, uint64_t seed, gan_error *err)
{
    const conv *c = l->own;
    gan_status s = gan__weight_initialise(l, &c->w, init, seed, err);
    if (s == GAN_OK && c->style.shape.rank)
        s = gan__weight_initialise(l, &c->style, init, seed, err);
    return s == GAN_OK && c->style.shape.rank ? gan__init_fill(l->params, c->style_bias, 1, err) : s;
}

static double places_of(gan_shape s)
{
    return (double)gan__layer_numbers(s) / s.dim[s.rank - 1];
}

/* Each place of the smaller side meets each tap. */
static double flops(const gan__layer *l)
{
    const conv *c = l->own;
    const bool transposed = c->w.out_axis == c->axes;
    return 2 * places_of(transposed ? l->input : l->output) * power(c->kernel, c->axes) * gan__layer_channels(l) / c->groups *
               c->outputs +
           2.0 * c->style.in * c->style.out;
}

static gan__reach reach_conv(const gan__layer *l)
{
    const conv *c = l->own;
    return (gan__reach){c->kernel, 1, c->stride};
}

static gan__reach reach_tconv(const gan__layer *l)
{
    const conv *c = l->own;
    return (gan__reach){(c->kernel + c->stride - 1) / c->stride, c->stride, 1};
}

static const gan__option_kind options[] = {{"stride", 1, 1}, {"pad", 1, 1}, {"same", 0, 0}, {"groups", 1, 1},
                                           GAN__WEIGHT_OPTIONS, {NULL, 0, 0}};
/* A style scales channels, so they are not parted into groups. */
static const gan__option_kind options_of_mod[] = {{"stride", 1, 1}, {"pad", 1, 1}, {"same", 0, 0}, GAN__WEIGHT_OPTIONS,
                                                  {NULL, 0, 0}};

const gan__layer_kind gan__conv = {
    .name = "conv",
    .usage = "conv CHANNELS KERNEL [stride S] [pad P|same] [groups G] [nobias] [spectral] [init RULE]",
    .help = "convolution over 1, 2 or 3 axes",
    .options = options,
    .way = GAN__WAY_PRODUCT,
    .parse = parse_conv,
    .apply = apply_conv,
    .initialise = initialise,
    .flops = flops,
    .reach = reach_conv,
};
const gan__layer_kind gan__tconv = {
    .name = "tconv",
    .usage = "tconv CHANNELS KERNEL [stride S] [pad P|same] [groups G] [nobias] [spectral] [init RULE]",
    .help = "transposed convolution: stride S makes S times as many places",
    .options = options,
    .way = GAN__WAY_PRODUCT,
    .parse = parse_tconv,
    .apply = apply_tconv,
    .initialise = initialise,
    .flops = flops,
    .reach = reach_tconv,
};
const gan__layer_kind gan__mod = {
    .name = "mod",
    .usage = "mod @STYLE CHANNELS KERNEL [stride S] [pad P|same] [nobias] [spectral] [init RULE]",
    .help = "convolution modulated and demodulated by a style; Karras et al. 2020",
    .joins = true,
    .options = options_of_mod,
    .parse = parse_mod,
    .apply = apply_mod,
    .initialise = initialise,
    .flops = flops,
    .reach = reach_conv,
};
