/* trainer.c - a match in memory: its nets, the plans of an iteration, a sampler, meters.
 *
 * An iteration is one run of one plan. The plan for logged iterations computes the same updates and hands
 * out losses and norms besides; which of them runs changes no byte of the weights. What is played the trainer
 * does not know: the game's roles, phases and metrics are lists (game/game.h).
 */
#include "train/metrics.h"
#include "train/trainer_internal.h"

#include "base/clock.h"
#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- making it ----------------------------------------------------------------------------------- */

/* Floats beside the weights: what the optimiser keeps, and an average. */
static size_t state_bytes(const gan__match *m)
{
    size_t floats = 0;
    for (int i = 0; i < m->game->roles; i++) {
        const gan__role *r = &m->role[i];
        size_t slots = 1 + r->averaged;
        for (int k = 0; k < GAN__OPTIMISER_SLOTS; k++)
            slots += r->optimiser.kind->slot[k] != NULL;
        floats += slots * gan_params_elements(r->params);
    }
    return floats * sizeof(float);
}

/* Points are for games that draw what they see, without an encoder: there a picture's numbers are shares. */
static gan_status check_points(gan_trainer *t, gan_error *err)
{
    const gan__game *game = t->match.game;
    t->match.real = gan_dataset_real(t->data);
    if (!t->match.real || (game->draw && !game->reconstruct))
        return GAN_OK;
    return gan__fail(err, GAN_EDATA, "%s holds points: they are learned by train.game = gan, not by %s",
                     gan_dataset_name(t->data), game->name);
}

static gan_status make_parts(gan_trainer *t, gan_team *team, gan_error *err)
{
    const gan_shape sample = GAN_SHAPE(t->height, t->width, t->channels);
    gan_status s = gan__match_create(&t->match, t->recipe, sample, gan_dataset_classes(t->data),
                                     gan_dataset_name(t->data), err);
    if (s == GAN_OK)
        s = check_points(t, err);
    if (s == GAN_OK) {
        static const char *const fields[] = {"image", "label"};
        s = gan_dataset_digest(t->data, fields, t->match.labelled ? 2 : 1, t->digest, err);
    }
    if (s == GAN_OK)
        s = gan__metrics_check(t->match.game, t->recipe, err);
    if (s != GAN_OK)
        return s;
    t->source = (gan__feed_source){.match = &t->match, .data = t->data, .team = team};
    gan__feed_read(&t->source, t->recipe);
    for (int i = 0; i < t->match.game->roles; i++)
        t->averaged |= t->match.role[i].averaged;
    s = gan__variants_create(&t->variants, &t->match, t->data, team, state_bytes(&t->match), err);
    if (s == GAN_OK)
        s = gan__match_init(&t->match, err);
    if (s != GAN_OK || !t->match.game->draw)
        return s;
    s = gan__sampler_create(&t->sampler, &t->match, t->averaged, team, err);
    return s == GAN_OK ? gan__meters_create(&t->meters, t->sampler, t->data, t->source.seed, team, err) : s;
}

gan_status gan_trainer_create(gan_trainer **out, const gan_recipe *recipe, const gan_dataset *data,
                              gan_team *team, gan_error *err)
{
    *out = NULL;
    gan_trainer *t = calloc(1, sizeof *t);
    if (!t)
        return gan__fail_memory(err, "a trainer");
    t->data = data;
    gan_dataset_shape(data, &t->height, &t->width, &t->channels);
    gan_status s = gan_recipe_copy(&t->recipe, recipe, err);
    if (s == GAN_OK)
        s = gan_recipe_settle(t->recipe, t->height, t->width, t->channels, err);
    if (s == GAN_OK)
        s = make_parts(t, team, err);
    if (s != GAN_OK) {
        gan_trainer_free(t);
        return s;
    }
    *out = t;
    return GAN_OK;
}

void gan_trainer_free(gan_trainer *t)
{
    if (!t)
        return;
    gan__meters_release(&t->meters);
    gan__sampler_free(t->sampler);
    gan__variants_release(&t->variants);
    gan__match_release(&t->match);
    gan_recipe_free(t->recipe);
    free(t);
}

/* ---- an iteration -------------------------------------------------------------------------------- */

gan_status gan_trainer_step(gan_trainer *t, gan_metrics *metrics, gan_error *err)
{
    if (t->iteration >= UINT32_MAX)
        return gan__fail(err, GAN_EINVAL, "no more iterations: %lld are all that the random numbers last for",
                         (long long)t->iteration);
    const double began = t->profiled ? gan__seconds() : 0;
    const gan__variant *v = gan__variants_at(&t->variants, &t->match, t->iteration, metrics != NULL);
    gan__feed_fill(&v->feed, &t->source, t->iteration);
    gan_plan_run(v->plan, (gan_step){.seed = t->source.seed, .step = (uint32_t)t->iteration});
    if (t->profiled && !metrics)
        t->seconds += gan__seconds() - began;
    if (metrics)
        gan__metrics_read(t, v, metrics);
    t->iteration++;
    const gan__phase_step *last = &v->it.step[v->it.steps - 1];
    if (isfinite(*gan_plan_value(v->plan, last->loss)))
        return GAN_OK;
    return gan__fail(err, GAN_ENUMERIC, "iteration %lld: the loss of step %s is not finite any more",
                     (long long)t->iteration, last->phase->name);
}

int64_t gan_trainer_iteration(const gan_trainer *t)
{
    return t->iteration;
}

bool gan_trainer_draws(const gan_trainer *t)
{
    return t->sampler != NULL;
}

gan_status gan_trainer_sample(gan_trainer *t, uint32_t first, int n, uint8_t *pixels, gan_error *err)
{
    const gan_status s = gan__sampler_check(t->sampler, t->match.game->name, true, first, n, err);
    if (s == GAN_OK)
        gan__sampler_bytes(t->sampler, t->source.seed, first, n, pixels);
    return s;
}

gan_status gan_trainer_sample_floats(gan_trainer *t, uint32_t first, int n, float *values, gan_error *err)
{
    const gan_status s = gan__sampler_check(t->sampler, t->match.game->name, false, first, n, err);
    if (s == GAN_OK)
        gan__sampler_floats(t->sampler, t->source.seed, first, n, values);
    return s;
}

/* ---- what it is ---------------------------------------------------------------------------------- */

/* The plan of most iterations. */
static const gan__variant *usual(const gan_trainer *t)
{
    return gan__variants_at(&t->variants, &t->match, t->variants.count > 2 ? 1 : 0, false);
}

gan_status gan_trainer_profile(gan_trainer *t, gan_error *err)
{
    t->profiled = true;
    t->seconds = 0;
    return gan_plan_profile(usual(t)->plan, err);
}

void gan_trainer_profile_print(const gan_trainer *t, FILE *out)
{
    gan_plan_profile_print(usual(t)->plan, t->seconds, out);
}

double gan_trainer_profile_seconds(const gan_trainer *t)
{
    return t->seconds;
}

int gan_trainer_roles(const gan_trainer *t)
{
    return t->match.game->roles;
}

const char *gan_trainer_role(const gan_trainer *t, int role, size_t *parameters)
{
    *parameters = gan_params_elements(t->match.role[role].params);
    return t->match.role[role].kind->name;
}

void gan_trainer_shape(const gan_trainer *t, int *height, int *width, int *channels)
{
    *height = t->height;
    *width = t->width;
    *channels = t->channels;
}

size_t gan_trainer_parameters(const gan_trainer *t)
{
    size_t n = 0;
    for (int i = 0; i < t->match.game->roles; i++)
        n += gan_params_elements(t->match.role[i].params);
    return n;
}

size_t gan_trainer_bytes(const gan_trainer *t)
{
    gan_plan_memory m = gan__variants_memory(&t->variants);
    if (t->sampler)
        m = gan_plan_memory_of_both(m, gan__sampler_memory(t->sampler));
    return state_bytes(&t->match) + m.own + m.shared + gan__meters_bytes(&t->meters);
}

double gan_trainer_flops(const gan_trainer *t)
{
    return gan_plan_flops(usual(t)->plan);
}
