/* optimiser.c - the table of optimisers, each as PyTorch computes it. Adam is one fused kernel (UPDATE); the others
 * are pointwise expressions: what they cost more is a few passes over the weights. */
#include "game/optimiser.h"

#include "base/error.h"
#include "game/schedule.h"

#include <math.h>
#include <string.h>

static const double epsilon = 1e-8;

static gan_node weights(const gan__tensor_step *d)
{
    return gan_params_read(d->params, d->graph, d->tensor);
}

static void write(gan__tensor_step *d, gan_node x)
{
    int n = 0;
    while (d->write[n].id >= 0)
        n++;
    d->write[n] = x;
    d->write[n + 1] = (gan_node){-1};
}

static void assign(gan__tensor_step *d, gan_slot slot, gan_node x)
{
    write(d, gan_assign(d->graph, gan_params_slot_state(d->params, d->graph, d->tensor, slot), x));
}

/* Kingma & Ba 2015, arXiv:1412.6980, algorithm 1. Numbers: rate, beta1, beta2. */
static void adam_at(const gan__optimiser *o, double rate, int64_t step, double scalar[])
{
    scalar[0] = rate / (1 - gan__power(o->words.number[1], step));
    scalar[1] = 1 / sqrt(1 - gan__power(o->words.number[2], step));
}

static void adam(gan__tensor_step *d)
{
    const double *n = d->optimiser->words.number;
    write(d, gan_update(d->graph, gan_params_state(d->params, d->graph, d->tensor), d->grad, d->scalar[0],
                        d->scalar[1], gan_adam_of(n[1], n[2], epsilon)));
}

/* Loshchilov & Hutter 2019, arXiv:1711.05101: w loses rate * decay of itself, then Adam's step. Numbers: rate, beta1,
 * beta2, decay. The third scalar is what is left of w; it rides on the rate's schedule. */
static void adamw_at(const gan__optimiser *o, double rate, int64_t step, double scalar[])
{
    adam_at(o, rate, step, scalar);
    scalar[2] = 1 - rate * o->words.number[3];
}

static void adamw(gan__tensor_step *d)
{
    assign(d, GAN_VALUE, gan_mul(d->graph, weights(d), d->scalar[2]));
    adam(d);
}

/* Tieleman & Hinton 2012, lecture 6.5: s' = alpha s + (1 - alpha) g^2, w' = w - rate g / (sqrt(s') + epsilon). */
static void plain_at(const gan__optimiser *o, double rate, int64_t step, double scalar[])
{
    (void)o, (void)step;
    scalar[0] = rate;
}

static void rmsprop(gan__tensor_step *d)
{
    gan_graph *g = d->graph;
    const double alpha = d->optimiser->words.number[1];
    const gan_node before = gan_param(g, gan_params_slot_state(d->params, g, d->tensor, GAN_MOMENT1)),
                   square = gan_add(g, gan_affine(g, before, (float)alpha, 0),
                                    gan_affine(g, gan_mul(g, d->grad, d->grad), (float)(1 - alpha), 0)),
                   root = gan_affine(g, gan_sqrt(g, square), 1, (float)epsilon),
                   step = gan_mul(g, gan_div(g, d->grad, root), d->scalar[0]),
                   after = gan_sub(g, weights(d), step);
    assign(d, GAN_MOMENT1, square);
    assign(d, GAN_VALUE, after);
}

/* Sutskever et al. 2013, as PyTorch has it: v' = momentum v + g, w' = w - rate v'. */
static void sgd(gan__tensor_step *d)
{
    gan_graph *g = d->graph;
    const double momentum = d->optimiser->words.number[1];
    gan_node velocity = d->grad;
    if (momentum > 0)
        velocity = gan_add(
            g, gan_affine(g, gan_param(g, gan_params_slot_state(d->params, g, d->tensor, GAN_MOMENT1)), (float)momentum, 0),
            d->grad);
    const gan_node after = gan_sub(g, weights(d), gan_mul(g, velocity, d->scalar[0]));
    if (momentum > 0)
        assign(d, GAN_MOMENT1, velocity);
    assign(d, GAN_VALUE, after);
}

static const gan__optimiser_kind kinds[] = {
    {"adam", {"moment1", "moment2"}, {"rate", "correction"}, adam_at, adam},
    {"adamw", {"moment1", "moment2"}, {"rate", "correction", "remains"}, adamw_at, adamw},
    {"rmsprop", {"square"}, {"rate"}, plain_at, rmsprop},
    {"sgd", {"velocity"}, {"rate"}, plain_at, sgd},
};

gan_status gan__optimiser_read(gan__optimiser *o, const char *text, gan_error *err)
{
    *o = (gan__optimiser){0};
    const gan_status s = gan__optimiser_words_read(&o->words, text, err);
    for (size_t i = 0; s == GAN_OK && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].word, o->words.word))
            o->kind = &kinds[i];
    return s != GAN_OK || o->kind ? s : gan__fail(err, GAN_EKEY, "optimiser %s is not built in", o->words.word);
}

gan_slot gan__optimiser_slot(int i)
{
    return (gan_slot)(GAN_MOMENT1 + i);
}
