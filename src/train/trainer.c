/* trainer.c - the duel in memory: two plans over one set of weights, and a sampler.
 *
 * An iteration is one run of one plan. The plan for logged iterations computes the same updates and hands
 * out losses and norms besides; which of the two runs changes no byte of the weights.
 */
#include "train/trainer_internal.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/team.h"
#include "plan/plan_internal.h"
#include "train/recipe_internal.h"
#include "train/schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void read_recipe(gan_trainer *t)
{
    const gan_recipe *r = t->recipe;
    const gan__optimizer o = gan__recipe_optimizer(r);
    t->rate = o.rate;
    t->beta1 = o.beta1;
    t->beta2 = o.beta2;
    t->seed = (uint64_t)gan_recipe_int(r, "train.seed");
    t->average = gan_recipe_number(r, "train.average");
    t->average_warmup = !strcmp(gan_recipe_text(r, "train.average_warmup"), "on");
    t->schedule = gan_recipe_text(r, "train.schedule");
    t->schedule_iterations = gan_recipe_int(r, "train.schedule_iterations");
    if (!t->schedule_iterations)
        t->schedule_iterations = gan_recipe_int(r, "train.iterations");
    t->warmup = gan_recipe_int(r, "train.warmup");
    t->duel = (gan__duel){
        .generator = t->generator,
        .discriminator = t->discriminator,
        .g_params = t->g_params,
        .d_params = t->d_params,
        .latent = (int)gan_recipe_int(r, "generator.latent"),
        .pixels = t->height * t->width * t->channels,
        .batch = (int)gan_recipe_int(r, "train.batch"),
        .d_steps = (int)gan_recipe_int(r, "train.d_steps"),
        .objective = gan__objective_named(gan_recipe_text(r, "train.objective")),
        .r1 = (float)gan_recipe_number(r, "train.r1"),
        .r2 = (float)gan_recipe_number(r, "train.r2"),
        .adam = gan_adam_of(o.beta1, o.beta2, 1e-8),
        .average = t->average > 0,
    };
}

static gan_status make_networks(gan_trainer *t, gan_error *err)
{
    const int pixels = t->height * t->width * t->channels;
    t->g_params = gan_params_create();
    t->d_params = gan_params_create();
    if (!t->g_params || !t->d_params)
        return gan__fail_memory(err, "networks");
    gan_status s = gan__recipe_generator(t->recipe, &t->generator, t->g_params, err);
    if (s == GAN_OK) {
        const gan_shape y = gan_net_output(t->generator);
        long made = 1;
        for (int i = 0; i < y.rank; i++)
            made *= y.dim[i];
        if (made != pixels)
            s = gan__fail(err, GAN_ESHAPE,
                          "generator: its last line makes %ld numbers, but an image of %s has %d "
                          "(%d x %d x %d)",
                          made, gan_dataset_name(t->data), pixels, t->height, t->width, t->channels);
    }
    if (s == GAN_OK)
        s = gan__recipe_discriminator(t->recipe, pixels, &t->discriminator, t->d_params, err);
    if (s == GAN_OK)
        s = gan_net_init(t->generator, t->g_params, gan_recipe_text(t->recipe, "generator.init"),
                         (uint64_t)gan_recipe_int(t->recipe, "train.seed"), err);
    if (s == GAN_OK)
        s = gan_net_init(t->discriminator, t->d_params,
                         gan_recipe_text(t->recipe, "discriminator.init"),
                         (uint64_t)gan_recipe_int(t->recipe, "train.seed"), err);
    return s;
}

static int add(gan_node *sinks, int n, gan_node x)
{
    if (x.id < 0)
        return n;
    sinks[n] = x;
    return n + 1;
}

static gan__feed feed_of(const gan_trainer *t, gan_plan *plan)
{
    gan__feed f = {.decay = gan_plan_input(plan, "decay")};
    const int steps = t->duel.d_steps;
    for (int k = 0; k <= steps; k++) {
        char name[40];
        snprintf(name, sizeof name, "real.%d", k);
        if (k < steps)
            f.real[k] = gan_plan_input_u8(plan, name);
        snprintf(name, sizeof name, k < steps ? "rate.d%d" : "rate.g", k);
        f.rate[k] = gan_plan_input(plan, name);
        snprintf(name, sizeof name, k < steps ? "correction.d%d" : "correction.g", k);
        f.correction[k] = gan_plan_input(plan, name);
    }
    return f;
}

static gan_status make_plans(gan_trainer *t, gan_team *team, gan_error *err)
{
    gan_status s = gan__iteration_build(&t->it, &t->duel, err);
    if (s != GAN_OK)
        return s;
    gan_node *sinks = malloc((GAN__SINKS_MAX + 16) * sizeof *sinks);
    if (!sinks)
        return gan__fail_memory(err, "an iteration");
    memcpy(sinks, t->it.write, (size_t)t->it.writes * sizeof *sinks);
    int n = t->it.writes;
    gan_plan_params p = gan_plan_defaults(t->it.graph, sinks, n);
    p.team = team;
    s = gan_plan_create(&t->plain, &p, err);
    const gan__d_terms *d = &t->it.d[t->duel.d_steps - 1];
    const gan_node values[] = {d->loss,   t->it.loss_g, d->value,     d->d_real,   d->d_fake,
                               d->r1,     d->r2,        t->it.norm_d, t->it.norm_g};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        n = add(sinks, n, values[i]);
    p.sink_count = n;
    if (s == GAN_OK)
        s = gan_plan_create(&t->logging, &p, err);
    free(sinks);
    if (s == GAN_OK) {
        t->feed_plain = feed_of(t, t->plain);
        t->feed_logging = feed_of(t, t->logging);
    }
    return s;
}

/* The data's spread: the first images in the order of epoch 0. */
static gan_status measure_data(gan_trainer *t, gan_error *err)
{
    const int pixels = t->duel.pixels, count = gan_dataset_count(t->data);
    const int n = count < GAN__SPREAD_SAMPLES ? count : GAN__SPREAD_SAMPLES;
    uint8_t *bytes = malloc((size_t)n * (size_t)pixels);
    t->samples = malloc((size_t)GAN__SPREAD_SAMPLES * (size_t)pixels * sizeof *t->samples);
    t->mean = malloc((size_t)pixels * sizeof *t->mean);
    t->square = malloc((size_t)pixels * sizeof *t->square);
    if (!bytes || !t->samples || !t->mean || !t->square) {
        free(bytes);
        return gan__fail_memory(err, "metrics");
    }
    gan_dataset_batch(t->data, t->seed, 0, n, bytes);
    for (size_t i = 0; i < (size_t)n * (size_t)pixels; i++)
        t->samples[i] = (float)bytes[i] / 255;
    t->data_spread = gan__spread(t->team, t->samples, n, pixels, t->mean, t->square);
    free(bytes);
    return GAN_OK;
}

gan_status gan_trainer_create(gan_trainer **out, const gan_recipe *recipe, const gan_dataset *data,
                              gan_team *team, gan_error *err)
{
    *out = NULL;
    gan_trainer *t = calloc(1, sizeof *t);
    if (!t)
        return gan__fail_memory(err, "a trainer");
    t->data = data;
    t->team = team;
    gan_dataset_shape(data, &t->height, &t->width, &t->channels);
    gan_status s = gan_recipe_copy(&t->recipe, recipe, err);
    if (s == GAN_OK)
        s = make_networks(t, err);
    if (s == GAN_OK) {
        read_recipe(t);
        if (t->duel.average && gan_params_average_from_value(t->g_params) != GAN_OK)
            s = gan__fail_memory(err, "a trainer");
    }
    if (s == GAN_OK)
        s = make_plans(t, team, err);
    if (s == GAN_OK)
        s = gan__sampler_create(&t->sampler, t->generator, t->duel.latent, t->duel.average, team, err);
    if (s == GAN_OK)
        s = measure_data(t, err);
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
    gan_plan_free(t->plain);
    gan_plan_free(t->logging);
    gan__sampler_free(t->sampler);
    gan__iteration_free(&t->it);
    gan_net_free(t->generator);
    gan_net_free(t->discriminator);
    gan_params_free(t->g_params);
    gan_params_free(t->d_params);
    gan_recipe_free(t->recipe);
    free(t->samples);
    free(t->mean);
    free(t->square);
    free(t);
}

int64_t gan_trainer_iteration(const gan_trainer *t)
{
    return t->iteration;
}

static double current_rate(const gan_trainer *t)
{
    return t->rate *
           gan__rate_factor(t->schedule, t->iteration, t->schedule_iterations, t->warmup);
}

/* Adam's scalars for its update number `step` (from 1). */
static void set_adam(const gan_trainer *t, const gan__feed *f, int which, double rate, int64_t step)
{
    *f->rate[which] = (float)(rate / (1 - gan__power(t->beta1, step)));
    *f->correction[which] = (float)(1 / sqrt(1 - gan__power(t->beta2, step)));
}

typedef struct fetch {
    const gan_trainer *t;
    const gan__feed *f;
} fetch;

/* This thread's rows of the batches of all D steps. */
static void fetch_rows(void *ctx, int thread, int threads)
{
    const fetch *w = ctx;
    const gan_trainer *t = w->t;
    const int64_t batch = t->duel.batch, first = batch * thread / threads,
                  end = batch * (thread + 1) / threads;
    for (int k = 0; k < t->duel.d_steps; k++)
        gan_dataset_batch(t->data, t->seed,
                          (uint64_t)((t->iteration * t->duel.d_steps + k) * batch + first), (int)(end - first),
                          w->f->real[k] + (size_t)first * (size_t)t->duel.pixels);
}

static void set_inputs(const gan_trainer *t, const gan__feed *f)
{
    const int64_t i = t->iteration;
    const int steps = t->duel.d_steps;
    const double rate = current_rate(t);
    fetch work = {t, f};
    if (t->team)
        gan__team_run(t->team->threads, fetch_rows, &work);
    else
        fetch_rows(&work, 0, 1);
    for (int k = 0; k < steps; k++)
        set_adam(t, f, k, rate, i * steps + k + 1);
    set_adam(t, f, steps, rate, i + 1);
    if (t->duel.average)
        *f->decay = (float)gan__average_decay(t->average, t->average_warmup, i);
}

static float value(const gan_trainer *t, gan_node x)
{
    return x.id < 0 ? 0 : *gan_plan_value(t->logging, x);
}

static void read_metrics(gan_trainer *t, gan_metrics *m)
{
    const gan__d_terms *d = &t->it.d[t->duel.d_steps - 1];
    const double rate = current_rate(t);
    *m = (gan_metrics){.iteration = t->iteration + 1,
                       .loss_d = value(t, d->loss),
                       .loss_g = value(t, t->it.loss_g),
                       .value = value(t, d->value),
                       .d_real = value(t, d->d_real),
                       .d_fake = value(t, d->d_fake),
                       .r1 = value(t, d->r1),
                       .r2 = value(t, d->r2),
                       .grad_norm_d = value(t, t->it.norm_d),
                       .grad_norm_g = value(t, t->it.norm_g),
                       .rate_d = (float)rate,
                       .rate_g = (float)rate};
    gan__sampler_floats(t->sampler, t->seed, 0, GAN__SPREAD_SAMPLES, t->samples);
    const double spread =
        gan__spread(t->team, t->samples, GAN__SPREAD_SAMPLES, t->duel.pixels, t->mean, t->square);
    m->spread = t->data_spread > 0 ? (float)(spread / t->data_spread) : 0;
}

gan_status gan_trainer_step(gan_trainer *t, gan_metrics *metrics, gan_error *err)
{
    gan_plan *plan = metrics ? t->logging : t->plain;
    if (t->iteration >= UINT32_MAX)
        return gan__fail(err, GAN_EINVAL, "no more iterations: %lld are all that the random numbers last for",
                         (long long)t->iteration);
    const double began = t->profiled ? gan__seconds() : 0;
    set_inputs(t, metrics ? &t->feed_logging : &t->feed_plain);
    gan_plan_run(plan, (gan_step){.seed = t->seed, .step = (uint32_t)t->iteration});
    if (t->profiled && !metrics)
        t->seconds += gan__seconds() - began;
    if (metrics)
        read_metrics(t, metrics);
    t->iteration++;
    return GAN_OK;
}

double gan__seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

gan_status gan_trainer_profile(gan_trainer *t, gan_error *err)
{
    t->profiled = true;
    t->seconds = 0;
    return gan_plan_profile(t->plain, err);
}

void gan_trainer_profile_print(const gan_trainer *t, FILE *out)
{
    gan_plan_profile_print(t->plain, t->seconds, out);
}

gan_status gan_trainer_sample(gan_trainer *t, uint32_t first, int n, uint8_t *pixels, gan_error *err)
{
    const gan_status s = gan__sampler_check(first, n, err);
    if (s == GAN_OK)
        gan__sampler_bytes(t->sampler, t->seed, first, n, pixels);
    return s;
}

size_t gan_trainer_parameters(const gan_trainer *t)
{
    return gan_params_elements(t->g_params) + gan_params_elements(t->d_params);
}

size_t gan_trainer_bytes(const gan_trainer *t)
{
    const size_t slots = 3 * gan_trainer_parameters(t) +
                         (t->duel.average ? gan_params_elements(t->g_params) : 0);
    return slots * sizeof(float) + gan_plan_bytes(t->plain) + gan_plan_bytes(t->logging) +
           gan__sampler_memory(t->sampler) +
           (size_t)GAN__SPREAD_SAMPLES * (size_t)t->duel.pixels * sizeof(float);
}

double gan_trainer_flops(const gan_trainer *t)
{
    return gan_plan_flops(t->plain);
}
