/* vae.c - the variational autoencoder: an encoder gives a normal distribution q(z|x) for each sample, a decoder a
 * distribution p(x|z); both climb the evidence lower bound (Kingma & Welling 2014, arXiv:1312.6114, equation 3)
 *
 *     ELBO = E_q [log p(x|z)] - KL(q(z|x) || N(0, 1))        z = mean + exp(log-variance / 2) e,  e ~ N(0, 1)
 *     KL = 1/2 sum (exp(log-variance) + mean^2 - 1 - log-variance)                        (appendix B)
 *
 * summed over a sample's numbers, averaged over the batch, in nats. Bernoulli: log p = sum x log y + (1-x) log(1-y) =
 * sum x l - softplus(l) for y = sigmoid(l), so the decoder is taken before its last activation. Gaussian: y is the mean.
 */
#include "base/error.h"
#include "game/game.h"
#include "game/scene.h"

#include <string.h>

enum { ENCODER, DECODER, ROLES };
enum { FIRST_AXIS = 1, SECOND_AXIS = 2 }; /* as bits */

static bool is_bernoulli(const gan__match *m)
{
    return !strcmp(gan_recipe_text(m->recipe, "train.likelihood"), "bernoulli");
}

static gan_status check_encoder(const gan__match *m, gan_error *err)
{
    const gan_net *e = m->role[ENCODER].net;
    const int latent = gan__match_latent(m);
    if (gan__match_numbers(gan_net_output(e)) == 2L * latent && !*gan_net_last_activation(e))
        return GAN_OK;
    return gan__fail(err, GAN_EKEY,
                     "encoder: the last line gives %ld numbers%s%s; it ends in mean and log-variance of %d, write `dense "
                     "%d`",
                     gan__match_numbers(gan_net_output(e)), *gan_net_last_activation(e) ? " through " : "",
                     gan_net_last_activation(e), latent, 2 * latent);
}

static gan_status nets(gan__match *m, gan_error *err)
{
    gan_status s = gan__match_net(m, DECODER, GAN_SHAPE(gan__match_latent(m)), err);
    if (s == GAN_OK)
        s = gan__match_makes(m, DECODER, err);
    if (s == GAN_OK)
        s = gan__match_net(m, ENCODER, m->sample, err);
    if (s == GAN_OK && m->labelled)
        s = gan__fail(err, GAN_EKEY, "encoder, decoder: a vae reads no labels");
    if (s == GAN_OK)
        s = check_encoder(m, err);
    const char *last = s == GAN_OK ? gan_net_last_activation(m->role[DECODER].net) : "";
    if (s == GAN_OK && is_bernoulli(m) && strcmp(last, "sigmoid") != 0)
        s = gan__fail(err, GAN_EKEY,
                      "decoder: the last line ends in '%s'; a bernoulli likelihood wants sigmoid (or set train.likelihood = "
                      "gaussian)",
                      last);
    return s;
}

static gan_node draw(const gan__match *m, gan_graph *g, gan_node z, const gan_node *label)
{
    return gan__match_apply(m, DECODER, g, z, label);
}

/* Mean and log-variance: the first and the second half of the encoder's numbers. */
static gan_node half_of_code(gan_graph *g, gan_node code, int which)
{
    const gan_shape s = gan_graph_shape(g, code);
    const int begin[2] = {0, which * s.dim[1] / 2}, size[2] = {s.dim[0], s.dim[1] / 2};
    return gan_slice(g, code, begin, size);
}

/* A row of 2 * latent numbers, whatever shape the encoder ends in. */
static gan_node flat_code(const gan__match *m, gan_graph *g, gan_node code)
{
    return gan_reshape(g, code, GAN_SHAPE(gan_graph_shape(g, code).dim[0], 2 * gan__match_latent(m)));
}

/* Through the mean: what the code of a sample stands for. */
static gan_node reconstruct(const gan__match *m, gan_graph *g, gan_node x)
{
    const gan_node code = gan__match_apply(m, ENCODER, g, x, NULL);
    return draw(m, g, half_of_code(g, flat_code(m, g, code), 0), NULL);
}

/* Over a sample's numbers, then the mean over the batch; x [B, n]. */
static gan_node total(gan_graph *g, gan_node x)
{
    return gan_reshape(g, gan_mean(g, gan_sum(g, x, SECOND_AXIS), FIRST_AXIS), GAN_SHAPE(1, 1));
}

/* -log p(x|z) of each number of each sample. */
static gan_node surprise(gan__scene *s, gan_node x, gan_node z)
{
    gan_graph *g = s->graph;
    const gan__match *m = s->match;
    const int numbers = (int)gan__match_numbers(m->sample);
    const gan_shape flat = GAN_SHAPE(s->batch, numbers);
    const gan_node seen = gan_reshape(g, x, flat);
    if (is_bernoulli(m)) {
        const gan_node l = gan_reshape(g, gan__scene_net_raw(s, DECODER, z), flat);
        return gan_sub(g, gan_softplus(g, l), gan_mul(g, seen, l));
    }
    const float half_log_2_pi = 0.91893853320467274f;
    const double deviation = gan_recipe_number(m->recipe, "train.deviation");
    const gan_node far = gan_sub(g, seen, gan_reshape(g, gan__scene_net(s, DECODER, z), flat)),
                   log_deviation = gan_log(g, gan_const(g, GAN_SHAPE(1, 1), (float)deviation)),
                   at_mean = gan_affine(g, log_deviation, 1, half_log_2_pi);
    return gan_add(g, gan_affine(g, gan_mul(g, far, far), (float)(0.5 / (deviation * deviation)), 0), at_mean);
}

static gan_node loss(gan__scene *s)
{
    gan_graph *g = s->graph;
    const gan__match *m = s->match;
    gan__scene_draw(s);
    const gan_node x = gan__scene_image(s), code = flat_code(m, g, gan__scene_net(s, ENCODER, x)),
                   mean = half_of_code(g, code, 0),
                   log_variance = half_of_code(g, code, 1), e = gan__scene_noise(s, "z", gan__match_latent(m)),
                   deviation = gan_exp(g, gan_affine(g, log_variance, 0.5f, 0)),
                   z = gan_add(g, mean, gan_mul(g, deviation, e));
    const gan_node surprised = total(g, surprise(s, x, z)),
                   excess = gan_sub(g, gan_exp(g, log_variance), log_variance),
                   kl = gan_affine(g, total(g, gan_affine(g, gan_add(g, excess, gan_mul(g, mean, mean)), 1, -1)),
                                   0.5f, 0);
    gan__scene_report(s, "elbo", gan_affine(g, gan_add(g, surprised, kl), -1, 0));
    gan__scene_report(s, "likelihood", gan_affine(g, surprised, -1, 0));
    gan__scene_report(s, "kl", kl);
    return gan_add(g, surprised, gan_affine(g, kl, (float)gan_recipe_number(m->recipe, "train.kl"), 0));
}

static const gan__role_kind roles[ROLES] = {{"encoder", true, true}, {"decoder", true, true}};
static const gan__phase phases[] = {{"v", NULL, 1u << ENCODER | 1u << DECODER, loss}};
static const gan__metric metrics[] = {
    {.key = "elbo", .label = "ELBO", .source = GAN__REPORTED,
     .help = "evidence lower bound, nats a sample"},
    {.key = "likelihood", .label = "log p(x|z)", .source = GAN__REPORTED,
     .help = "E_q log p(x|z), nats a sample"},
    {.key = "kl", .label = "KL", .source = GAN__REPORTED,
     .help = "KL(q(z|x) || N(0, 1)), nats a sample"},
    {.key = "grad_norm_v", .source = GAN__REPORTED,
     .help = "norm of the gradient of the loss, before clipping"},
    {.key = "spread", .label = "spread", .share = true, .source = GAN__MEASURED, .every = "train.spread_every",
     .help = "sqrt(sum of pixel variances) of 1,000 samples over that of 1,000 training images"},
    {.key = "rate_v", .source = GAN__RATE, .role = DECODER,
     .help = "learning rate of encoder and decoder"},
};

const gan__game gan__game_vae = {
    .name = "vae",
    .roles = ROLES,
    .role = roles,
    .phases = sizeof phases / sizeof *phases,
    .phase = phases,
    .metrics = sizeof metrics / sizeof *metrics,
    .metric = metrics,
    .latent = "decoder.latent",
    .nets = nets,
    .draw = draw,
    .reconstruct = reconstruct,
};
