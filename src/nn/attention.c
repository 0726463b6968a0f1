/* attention.c - `attention`: each place adds what it finds at all others. Zhang et al. 2019 (SAGAN), arXiv:1805.08318,
 * equations 1 to 4.
 *
 *     f = x F, g = x G, h = x H        at each of P places; F, G [C, C/8], H [C, C/2], no biases
 *     a = softmax over q of g[p] . f[q]
 *     y = x + gamma (sum_q a[p, q] h[q]) V        V [C/2, C]; gamma is one trained number, from 0
 *
 * `spectral` normalises the four, as in the paper.
 */
#include "base/error.h"
#include "nn/weight.h"

enum { F, G, H, V, WEIGHTS };

typedef struct attention {
    gan__weight w[WEIGHTS];
    int gamma; /* tensor */
    int places, channels;
} attention;

static gan_status parse(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    static const char *const names[WEIGHTS] = {"query", "key", "value", "output"};
    attention *a = l->own = gan__arena_alloc(l->arena, sizeof *a);
    int axes = 0;
    (void)word;
    if (!a)
        return gan__fail_memory(err, "a network");
    gan_status s = words == 0 ? gan__layer_spatial(l, &axes, err) : gan__layer_usage(l, err);
    if (s != GAN_OK)
        return s;
    l->output = l->input;
    a->channels = l->input.dim[axes];
    a->places = gan__layer_numbers(l->input) / a->channels;
    if (a->channels < 8)
        return gan__layer_misfit(l, err, "needs 8 channels at least");
    for (int i = 0; i < WEIGHTS && s == GAN_OK; i++) {
        const int narrow = i == F || i == G ? a->channels / 8 : a->channels / 2, in = i == V ? narrow : a->channels,
                  out = i == V ? a->channels : narrow;
        s = gan__weight_add_named(l, &a->w[i], names[i], GAN_SHAPE(in, out), err);
    }
    return s == GAN_OK ? gan__layer_tensor(l, "gamma", GAN_SHAPE(1), false, GAN_TRAINED, &a->gamma, err) : s;
}

static gan_node apply(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    enum { OVER_KEYS = 1 << 2 };
    const attention *a = l->own;
    gan_graph *g = pass->graph;
    const int rows = gan__layer_rows(pass, x);
    gan_node w[WEIGHTS], part[V];
    (void)joined;
    const gan_node flat = gan_reshape(g, x, GAN_SHAPE(rows * a->places, a->channels));
    for (int i = 0; i < WEIGHTS; i++)
        w[i] = gan__weight_read(l, pass, &a->w[i]);
    for (int i = 0; i < V; i++)
        part[i] = gan_reshape(g, gan_matmul(g, flat, w[i], false, false), GAN_SHAPE(rows, a->places, a->w[i].out));
    const gan_node score = gan_matmul(g, part[G], part[F], false, true),
                   level = gan_stop(g, gan_max(g, score, OVER_KEYS)), e = gan_exp(g, gan_sub(g, score, level)),
                   share = gan_div(g, e, gan_sum(g, e, OVER_KEYS)),
                   found = gan_matmul(g, share, part[H], false, false),
                   row = gan_reshape(g, found, GAN_SHAPE(rows * a->places, a->w[H].out)),
                   out = gan_matmul(g, row, w[V], false, false),
                   scaled = gan_mul(g, out, gan__layer_read(l, pass, a->gamma));
    return gan_add(g, x, gan_reshape(g, scaled, gan__layer_batch(rows, l->input)));
}

static gan_status initialise(const gan__layer *l, const gan__init *init, uint64_t seed, gan_error *err)
{
    const attention *a = l->own;
    gan_status s = GAN_OK;
    for (int i = 0; i < WEIGHTS && s == GAN_OK; i++)
        s = gan__weight_initialise(l, &a->w[i], init, seed, err);
    return s;
}

static double flops(const gan__layer *l)
{
    const attention *a = l->own;
    double n = 0;
    for (int i = 0; i < WEIGHTS; i++)
        n += 2.0 * a->places * a->w[i].in * a->w[i].out;
    return n + 2.0 * a->places * a->places * (a->w[F].out + a->w[H].out);
}

static const gan__option_kind options[] = {GAN__WEIGHT_OPTIONS_NAMED, {NULL, 0, 0}};

const gan__layer_kind gan__attention = {.name = "attention",
                                        .usage = "attention [spectral] [init RULE]",
                                        .help = "each place adds what it finds at all others; Zhang et al. 2019",
                                        .options = options,
                                        .parse = parse,
                                        .apply = apply,
                                        .initialise = initialise,
                                        .flops = flops,
                                        .reach = gan__layer_sees_all};
