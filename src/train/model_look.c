/* model_look.c - what a model makes of what it is given: pictures reconstructed, looked at, drawn from given latents. */
#include "train/model_internal.h"

#include "base/error.h"

#include <string.h>

/* ---- reconstruction ------------------------------------------------------------------------------ */

enum { AT_ONCE = 64 }; /* pictures */

static gan_status make_encoder(gan_model *m, gan_error *err)
{
    gan_graph *g = gan_graph_create();
    if (!g)
        return gan__fail_memory(err, "an encoder");
    const gan_node x = gan_input_u8(g, "x", GAN_SHAPE(AT_ONCE, m->height, m->width, m->channels), 1.0f / 255, 0);
    m->reconstruction = m->match.game->reconstruct(&m->match, g, x);
    gan_plan_params p = gan_plan_defaults(g, &m->reconstruction, 1);
    p.team = m->team;
    const gan_status s = gan_plan_create(&m->encoder, &p, err);
    gan_graph_free(g);
    return s;
}

gan_status gan_model_reconstruct(gan_model *m, int n, const uint8_t *pixels, uint8_t *out, gan_error *err)
{
    const size_t item = (size_t)m->height * (size_t)m->width * (size_t)m->channels;
    if (n < 1)
        return gan__fail(err, GAN_EINVAL, "%d samples to reconstruct: at least one", n);
    if (!m->match.game->reconstruct)
        return gan__fail(err, GAN_EUNSUPPORTED, "a %s has no encoder: it cannot reconstruct", m->match.game->name);
    const gan_status s = m->encoder ? GAN_OK : make_encoder(m, err);
    for (int first = 0; s == GAN_OK && first < n; first += AT_ONCE) {
        const size_t bytes = item * (size_t)(n - first < AT_ONCE ? n - first : AT_ONCE);
        memcpy(gan_plan_input_u8(m->encoder, "x"), pixels + (size_t)first * item, bytes);
        gan_plan_run(m->encoder, (gan_step){0});
        const float *y = gan_plan_value(m->encoder, m->reconstruction);
        for (size_t i = 0; i < bytes; i++)
            out[(size_t)first * item + i] = gan__sampler_byte(y[i]);
    }
    return s;
}

/* ---- features ------------------------------------------------------------------------------------ */

static gan_status make_teller(gan_model *m, bool floats, gan_error *err)
{
    gan_plan **plan = floats ? &m->teller_of_floats : &m->teller;
    gan_node *features = floats ? &m->features_of_floats : &m->features, *logits = floats ? &m->logits_of_floats : &m->logits;
    const gan_shape shape = GAN_SHAPE(AT_ONCE, m->height, m->width, m->channels);
    gan_graph *g = gan_graph_create();
    if (!g)
        return gan__fail_memory(err, "a net");
    const gan_node x = floats ? gan_input(g, "x", shape) : gan_input_u8(g, "x", shape, 1.0f / 255, 0);
    *logits = m->match.game->tell(&m->match, g, x, features);
    const gan_node sinks[] = {*features, *logits};
    gan_plan_params p = gan_plan_defaults(g, sinks, 2);
    p.team = m->team;
    const gan_status s = gan_plan_create(plan, &p, err);
    gan_graph_free(g);
    return s;
}

int gan_model_features(const gan_model *m)
{
    return m->match.game->tell ? gan_net_output(m->match.role[0].net).dim[0] : 0;
}

int gan_model_outcomes(const gan_model *m)
{
    return m->match.game->tell ? gan_net_output(m->match.role[1].net).dim[0] : 0;
}

/* One of pixels and values is NULL. */
static gan_status look(gan_model *m, int n, const uint8_t *pixels, const float *values, float *features, float *logits, gan_error *err)
{
    const size_t item = (size_t)m->height * (size_t)m->width * (size_t)m->channels;
    const size_t width = (size_t)gan_model_features(m), outcomes = (size_t)gan_model_outcomes(m);
    if (!m->match.game->tell)
        return gan__fail(err, GAN_EUNSUPPORTED, "a %s tells no pictures apart", m->match.game->name);
    gan_status s = (values ? m->teller_of_floats : m->teller) ? GAN_OK : make_teller(m, values != NULL, err);
    gan_plan *plan = values ? m->teller_of_floats : m->teller;
    for (int first = 0; s == GAN_OK && first < n; first += AT_ONCE) {
        const size_t some = (size_t)(n - first < AT_ONCE ? n - first : AT_ONCE), at = (size_t)first;
        if (values)
            memcpy(gan_plan_input(plan, "x"), values + at * item, some * item * sizeof *values);
        else
            memcpy(gan_plan_input_u8(plan, "x"), pixels + at * item, some * item);
        gan_plan_run(plan, (gan_step){0});
        memcpy(features + at * width, gan_plan_value(plan, values ? m->features_of_floats : m->features),
               some * width * sizeof *features);
        memcpy(logits + at * outcomes, gan_plan_value(plan, values ? m->logits_of_floats : m->logits),
               some * outcomes * sizeof *logits);
    }
    return s;
}

gan_status gan_model_look(gan_model *m, int n, const uint8_t *pixels, float *features, float *logits, gan_error *err)
{
    return look(m, n, pixels, NULL, features, logits, err);
}

gan_status gan_model_look_floats(gan_model *m, int n, const float *values, float *features, float *logits, gan_error *err)
{
    return look(m, n, NULL, values, features, logits, err);
}

/* ---- latents -------------------------------------------------------------------------------------- */

static gan_status make_noise(gan_model *m, gan_error *err)
{
    gan_graph *g = gan_graph_create();
    if (!g)
        return gan__fail_memory(err, "latents");
    m->latents = gan_noise(g, "sample", GAN_SHAPE(AT_ONCE, gan__match_latent(&m->match)));
    gan_plan_params p = gan_plan_defaults(g, &m->latents, 1);
    p.team = m->team;
    const gan_status s = gan_plan_create(&m->noise, &p, err);
    gan_graph_free(g);
    return s;
}

static gan_status make_drawer(gan_model *m, gan_error *err)
{
    gan_graph *g = gan_graph_create();
    if (!g)
        return gan__fail_memory(err, "a sampler");
    const gan_node z = gan_input(g, "z", GAN_SHAPE(AT_ONCE, gan__match_latent(&m->match))),
                   label = m->match.labelled ? gan_input(g, "label", GAN_SHAPE(AT_ONCE)) : (gan_node){-1};
    m->drawn = m->match.game->draw(&m->match, g, z, m->match.labelled ? &label : NULL);
    gan_plan_params p = gan_plan_defaults(g, &m->drawn, 1);
    p.team = m->team;
    const gan_status s = gan_plan_create(&m->drawer, &p, err);
    gan_graph_free(g);
    return s;
}

gan_status gan_model_latents(gan_model *m, uint64_t seed, uint32_t first, int n, float *z, gan_error *err)
{
    const size_t latent = (size_t)gan__match_latent(&m->match);
    gan_status s = gan__sampler_check(m->sampler, m->match.game->name, false, first, n, err);
    if (s == GAN_OK && !m->noise)
        s = make_noise(m, err);
    for (int at = 0; at < n && s == GAN_OK; at += AT_ONCE) {
        const size_t some = (size_t)(n - at < AT_ONCE ? n - at : AT_ONCE);
        gan_plan_run(m->noise, (gan_step){.seed = seed, .sample = first + (uint32_t)at});
        memcpy(z + (size_t)at * latent, gan_plan_value(m->noise, m->latents), some * latent * sizeof *z);
    }
    return s;
}

gan_status gan_model_sample_latents(gan_model *m, uint64_t seed, uint32_t first, int n, const float *z, const int *labels,
                                    float *values, gan_error *err)
{
    const size_t latent = (size_t)gan__match_latent(&m->match), numbers = (size_t)m->height * (size_t)m->width * (size_t)m->channels;
    const int classes = gan_model_classes(m);
    gan_status s = gan__sampler_check(m->sampler, m->match.game->name, false, first, n, err);
    if (s == GAN_OK && !m->drawer)
        s = make_drawer(m, err);
    for (int i = 0; i < n && labels && classes && s == GAN_OK; i++)
        if (labels[i] < 0 || labels[i] >= classes)
            s = gan__fail(err, GAN_EINVAL, "class %d: the model's are 0 to %d", labels[i], classes - 1);
    float *label = s == GAN_OK && classes ? gan_plan_input(m->drawer, "label") : NULL;
    for (int at = 0; at < n && s == GAN_OK; at += AT_ONCE) {
        const size_t some = (size_t)(n - at < AT_ONCE ? n - at : AT_ONCE);
        memcpy(gan_plan_input(m->drawer, "z"), z + (size_t)at * latent, some * latent * sizeof *z);
        for (int i = 0; i < AT_ONCE && label; i++)
            label[i] = (float)(labels && at + i < n ? labels[at + i] : (int)((first + (uint64_t)(at + i)) % (uint64_t)classes));
        gan_plan_run(m->drawer, (gan_step){.seed = seed, .sample = first + (uint32_t)at});
        memcpy(values + (size_t)at * numbers, gan_plan_value(m->drawer, m->drawn), some * numbers * sizeof *values);
    }
    return s;
}
