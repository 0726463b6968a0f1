/* batchnorm.c - `batchnorm`: each channel to mean 0 and variance 1 over the batch, then scaled and shifted.
 *
 *     y = gamma (x - mean) / sqrt(variance + 1e-5) + beta          Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1
 *
 * x, y [N, ..., C]; mean and variance over all axes but the last, in two passes. In training they are the batch's, and
 * the running ones take a step of 0.1 towards them (the variance's unbiased, as PyTorch has it); a sample is normalised
 * by the running ones. gamma, beta [C] are trained; mean, variance [C] are statistics. `class`: a gamma and a beta for
 * each class, [classes, C] (conditional batch norm; Dumoulin et al. 2017, arXiv:1610.07629).
 */
#include "base/error.h"
#include "nn/init.h"
#include "nn/layer.h"

typedef struct batchnorm {
    int gamma, beta, mean, variance; /* tensors */
} batchnorm;

static const float epsilon = 1e-5f, step = 0.1f;

static gan_status parse(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    batchnorm *b = l->own = gan__arena_alloc(l->arena, sizeof *b);
    (void)word;
    if (!b)
        return gan__fail_memory(err, "a network");
    if (words != 0 || l->input.rank < 1)
        return gan__layer_usage(l, err);
    l->output = l->input;
    l->labelled = gan__layer_option(l, "class") != NULL;
    if (l->labelled && !l->classes)
        return gan__layer_unlabelled(l, err);
    const gan_shape one = GAN_SHAPE(l->input.dim[l->input.rank - 1]),
                    each = l->labelled ? GAN_SHAPE(l->classes, one.dim[0]) : one;
    gan_status s = gan__layer_tensor(l, "gamma", each, false, GAN_TRAINED, &b->gamma, err);
    if (s == GAN_OK)
        s = gan__layer_tensor(l, "beta", each, false, GAN_TRAINED, &b->beta, err);
    if (s == GAN_OK)
        s = gan__layer_tensor(l, "mean", one, false, GAN_STATISTIC, &b->mean, err);
    return s == GAN_OK ? gan__layer_tensor(l, "variance", one, false, GAN_STATISTIC, &b->variance, err) : s;
}

/* A running statistic's step towards the batch's. */
static void follow(const gan__layer *l, gan_pass *pass, int tensor, gan_node of_batch, float scale)
{
    gan_graph *g = pass->graph;
    const gan_node flat = gan_reshape(g, of_batch, gan_params_shape(l->params, tensor)),
                   before = gan_affine(g, gan__layer_read(l, pass, tensor), 1 - step, 0);
    gan__layer_statistic(l, pass, tensor, gan_add(g, before, gan_affine(g, flat, step * scale, 0)));
}

/* centred = x - mean, deviation = sqrt(variance + 1e-5). */
static void measure(const gan__layer *l, gan_pass *pass, gan_node x, gan_node *centred, gan_node *deviation)
{
    const batchnorm *b = l->own;
    gan_graph *g = pass->graph;
    const gan_shape s = gan_graph_shape(g, x);
    const unsigned others = s.rank ? (1u << (s.rank - 1)) - 1 : 0; /* every axis but the last */
    gan_node variance;
    if (pass->training) {
        int count = 1;
        for (int i = 0; i + 1 < s.rank; i++)
            count *= s.dim[i];
        const gan_node mean = gan_mean(g, x, others);
        *centred = gan_sub(g, x, mean);
        variance = gan_mean(g, gan_mul(g, *centred, *centred), others);
        follow(l, pass, b->mean, mean, 1);
        follow(l, pass, b->variance, variance, count > 1 ? (float)count / (float)(count - 1) : 1);
    } else {
        *centred = gan_sub(g, x, gan__layer_read(l, pass, b->mean));
        variance = gan__layer_read(l, pass, b->variance);
    }
    *deviation = gan_sqrt(g, gan_affine(g, variance, 1, epsilon));
}

static gan_node apply(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const batchnorm *b = l->own;
    gan_graph *g = pass->graph;
    gan_node centred, deviation;
    (void)joined;
    measure(l, pass, x, &centred, &deviation);
    /* One factor a channel: the gradient then needs two sums over the batch, of itself and of itself times `centred`. */
    const gan_node scale = gan_div(g, gan__layer_of_class(l, pass, x, b->gamma), deviation);
    return gan_add(g, gan_mul(g, centred, scale), gan__layer_of_class(l, pass, x, b->beta));
}

static gan_status initialise(const gan__layer *l, const gan__init *init, uint64_t seed, gan_error *err)
{
    const batchnorm *b = l->own;
    (void)init, (void)seed;
    const gan_status s = gan__init_fill(l->params, b->gamma, 1, err);
    return s == GAN_OK ? gan__init_fill(l->params, b->variance, 1, err) : s;
}

static const gan__option_kind options[] = {{"class", 0, 0}, {NULL, 0, 0}};

const gan__layer_kind gan__batchnorm = {
    .name = "batchnorm",
    .usage = "batchnorm [class]",
    .help = "each channel to mean 0, variance 1 over the batch (class: scale and shift by label); Ioffe & Szegedy 2015",
    .mixes_rows = true,
    .options = options,
    .parse = parse,
    .apply = apply,
    .initialise = initialise,
};
