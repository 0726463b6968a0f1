/* iteration.c - the duel as mathematics.
 *
 *     G v0 --> fakes 0 --> D v0 -update-> D v1
 *     G v0 --> fakes 1 -----------------> D v1 -update-> D v2
 *     G v0 --> fakes g -----------------------------------> D v2 --> G's gradient -update-> G v1 -> average
 *
 * All forwards of G read its version 0, so a plan may run them as one product.
 */
#include "train/iteration.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAME_MAX = 32 };

static gan_node noise(gan_graph *g, const gan__duel *duel, const char *name)
{
    const gan_shape s = GAN_SHAPE(duel->batch, duel->latent);
    return duel->given_noise ? gan_input(g, name, s) : gan_noise(g, name, s);
}

static gan_node fakes(gan_graph *g, const gan__duel *duel, const char *stream)
{
    const gan_node y = gan_net_apply(duel->generator, g, noise(g, duel, stream));
    return gan_reshape(g, y, GAN_SHAPE(duel->batch, duel->pixels));
}

/* Update all of a set's tensors from the gradient of `loss`. */
static void descend(gan__iteration *it, const gan__duel *duel, gan_params *p, gan_node loss,
                    const char *who, gan_node *grad, gan_node *norm)
{
    gan_graph *g = it->graph;
    const int n = gan_params_count(p);
    char rate[NAME_MAX], correction[NAME_MAX];
    snprintf(rate, sizeof rate, "rate.%s", who);
    snprintf(correction, sizeof correction, "correction.%s", who);
    for (int i = 0; i < n; i++)
        it->value[i] = gan_params_read(p, g, i);
    gan_grad(g, loss, n, it->value, grad);
    gan_node squares = {-1};
    for (int i = 0; i < n; i++) {
        const gan_shape s = gan_graph_shape(g, grad[i]);
        const gan_node sum = gan_reshape(
            g, gan_sum(g, gan_mul(g, grad[i], grad[i]), (1u << s.rank) - 1), GAN_SCALAR);
        squares = i ? gan_add(g, squares, sum) : sum;
        it->write[it->writes++] =
            gan_update(g, gan_params_state(p, g, i), grad[i], gan_input(g, rate, GAN_SCALAR),
                       gan_input(g, correction, GAN_SCALAR), duel->adam);
    }
    *norm = gan_sqrt(g, squares);
}

static gan_node d_step(gan__iteration *it, const gan__duel *duel, int k)
{
    gan_graph *g = it->graph;
    char real_name[NAME_MAX], stream[NAME_MAX], who[NAME_MAX];
    snprintf(real_name, sizeof real_name, "real.%d", k);
    snprintf(stream, sizeof stream, "z.d%d", k);
    snprintf(who, sizeof who, "d%d", k);
    const gan_node real =
        gan_input_u8(g, real_name, GAN_SHAPE(duel->batch, duel->pixels), 1.0f / 255, 0);
    const gan_node fake = gan_stop(g, fakes(g, duel, stream));
    it->d[k] = gan__objective_d(g, duel->objective, duel->discriminator, real, fake, duel->r1, duel->r2);
    descend(it, duel, duel->d_params, it->d[k].loss, who, k ? it->later : it->grad_d, &it->norm_d);
    return real;
}

static void g_step(gan__iteration *it, const gan__duel *duel, gan_node real)
{
    gan_graph *g = it->graph;
    it->loss_g = gan__objective_g(g, duel->objective, duel->discriminator, real, fakes(g, duel, "z.g"));
    descend(it, duel, duel->g_params, it->loss_g, "g", it->grad_g, &it->norm_g);
    for (int i = 0; duel->average && i < gan_params_count(duel->g_params); i++)
        it->write[it->writes++] =
            gan_average(g, gan_params_state(duel->g_params, g, i),
                        gan_params_read(duel->g_params, g, i), gan_input(g, "decay", GAN_SCALAR));
}

gan_status gan__iteration_build(gan__iteration *out, const gan__duel *duel, gan_error *err)
{
    const size_t nd = (size_t)gan_params_count(duel->d_params),
                 ng = (size_t)gan_params_count(duel->g_params);
    *out = (gan__iteration){.graph = gan_graph_create(),
                            .grad_d = malloc(nd * sizeof(gan_node)),
                            .grad_g = malloc(ng * sizeof(gan_node)),
                            .value = malloc((nd + ng) * sizeof(gan_node)),
                            .later = malloc(nd * sizeof(gan_node))};
    gan_node real = {-1};
    gan_status s = GAN_OK;
    if (!out->graph || !out->grad_d || !out->grad_g || !out->value ||
        !out->later)
        s = gan__fail_memory(err, "an iteration");
    else if (nd * (size_t)duel->d_steps + 2 * ng > GAN__SINKS_MAX)
        s = gan__fail(err, GAN_EINVAL, "more than %d tensors in an iteration", GAN__SINKS_MAX);
    for (int k = 0; k < duel->d_steps && s == GAN_OK; k++)
        real = d_step(out, duel, k);
    if (s == GAN_OK) {
        g_step(out, duel, real);
        s = gan_graph_status(out->graph, err);
    }
    if (s != GAN_OK)
        gan__iteration_free(out);
    return s;
}

void gan__iteration_free(gan__iteration *it)
{
    gan_graph_free(it->graph);
    free(it->grad_d);
    free(it->grad_g);
    free(it->value);
    free(it->later);
    *it = (gan__iteration){0};
}
