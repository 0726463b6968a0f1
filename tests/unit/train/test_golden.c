/* test_golden.c - the same mathematics as PyTorch: tests/golden/README.md says what the files hold.
 *
 * A loss must be within max(1e-5 relative, 4 times the distance between PyTorch in float32 and in
 * float64) of PyTorch in float64; a gradient tensor of the first iteration within 1e-5 of its norm.
 * One seed of a set-up may miss its losses (a ReLU whose input lands on the other side of 0); the
 * gradients may not.
 */
#include "base/random.h"
#include "train/iteration.h"
#include "train/schedule.h"

#include <gan/plan.h>

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 16, LATENT = 100, PIXELS = 784, ITERATIONS = 20, D_STEPS = 2, VECTORS = 16 };

static uint32_t word(uint64_t seed, const char *stream, uint32_t step, uint32_t sample, size_t e)
{
    return gan__random_u32(seed, gan__stream(stream), step, sample, (uint32_t)e);
}

static float symmetric(uint32_t w, double bound)
{
    return (float)((2 * ((double)(w >> 8) * 0x1p-24) - 1) * bound);
}

static size_t count_of(gan_shape s)
{
    size_t n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= (size_t)s.dim[i];
    return n;
}

static void set_weights(gan_params *p, uint64_t seed)
{
    for (int t = 0; t < gan_params_count(p); t++) {
        const gan_shape s = gan_params_shape(p, t);
        const size_t n = count_of(s);
        const double bound = s.rank == 2 ? sqrt(6.0 / (s.dim[0] + s.dim[1])) : 0.01;
        char stream[96];
        float *v = malloc(n * sizeof *v);
        snprintf(stream, sizeof stream, "golden/%s", gan_params_name(p, t));
        for (size_t i = 0; i < n; i++)
            v[i] = symmetric(word(seed, stream, 0, 0, i), bound);
        assert_int_equal(gan_params_set(p, t, GAN_VALUE, v), GAN_OK);
        free(v);
    }
}

typedef struct duel_test {
    gan__duel duel;
    gan__iteration it;
    gan_team *team;
    gan_plan *plan;
    double rate, beta1, beta2;
} duel_test;

static void open_duel(duel_test *t, const char *setup, uint64_t seed)
{
    const bool pairs = !strcmp(setup, "relativistic");
    gan_error err = {0};
    t->rate = pairs ? 1.5e-3 : 2e-4;
    t->beta1 = pairs ? 0 : 0.5;
    t->beta2 = pairs ? 0.99 : 0.999;
    t->duel = (gan__duel){.g_params = gan_params_create(),
                          .d_params = gan_params_create(),
                          .latent = LATENT,
                          .pixels = PIXELS,
                          .batch = BATCH,
                          .d_steps = D_STEPS,
                          .objective = gan__objective_named(setup),
                          .r1 = pairs ? 0.1f : 0,
                          .r2 = pairs ? 0.1f : 0,
                          .adam = gan_adam_of(t->beta1, t->beta2, 1e-8),
                          .given_noise = true};
    assert_int_equal(gan_net_create(&t->duel.generator, "generator",
                                    "dense 128 relu\ndense 1024 relu\ndense 784 sigmoid",
                                    GAN_SHAPE(LATENT), t->duel.g_params, &err),
                     GAN_OK);
    assert_int_equal(gan_net_create(&t->duel.discriminator, "discriminator",
                                    pairs ? "dense 128 silu\ndense 1" : "dense 128 relu\ndense 1",
                                    GAN_SHAPE(PIXELS), t->duel.d_params, &err),
                     GAN_OK);
    set_weights(t->duel.g_params, seed);
    set_weights(t->duel.d_params, seed);
    assert_int_equal(gan__iteration_build(&t->it, &t->duel, &err), GAN_OK);
    gan_node sinks[128];
    int n = 0;
    for (int i = 0; i < t->it.writes; i++)
        sinks[n++] = t->it.write[i];
    for (int k = 0; k < D_STEPS; k++)
        sinks[n++] = t->it.d[k].loss;
    sinks[n++] = t->it.loss_g;
    for (int i = 0; i < gan_params_count(t->duel.d_params); i++)
        sinks[n++] = t->it.grad_d[i];
    for (int i = 0; i < gan_params_count(t->duel.g_params); i++)
        sinks[n++] = t->it.grad_g[i];
    assert_int_equal(gan_team_create(&t->team, 2, &err), GAN_OK);
    gan_plan_params p = gan_plan_defaults(t->it.graph, sinks, n);
    p.team = t->team;
    if (gan_plan_create(&t->plan, &p, &err) != GAN_OK)
        fail_msg("%s", err.message);
}

static void close_duel(duel_test *t)
{
    gan_plan_free(t->plan);
    gan_team_free(t->team);
    gan__iteration_free(&t->it);
    gan_net_free(t->duel.generator);
    gan_net_free(t->duel.discriminator);
    gan_params_free(t->duel.g_params);
    gan_params_free(t->duel.d_params);
}

static void set_noise(duel_test *t, const char *input, uint64_t seed, int step)
{
    float *z = gan_plan_input(t->plan, input);
    for (int r = 0; r < BATCH; r++)
        for (int e = 0; e < LATENT; e++)
            *z++ = symmetric(word(seed, "golden/z", (uint32_t)step, (uint32_t)r, (size_t)e),
                             1.7320508);
}

static void set_adam(duel_test *t, const char *who, int step)
{
    char name[32];
    snprintf(name, sizeof name, "rate.%s", who);
    *gan_plan_input(t->plan, name) = (float)(t->rate / (1 - gan__power(t->beta1, step)));
    snprintf(name, sizeof name, "correction.%s", who);
    *gan_plan_input(t->plan, name) = (float)(1 / sqrt(1 - gan__power(t->beta2, step)));
}

static void run_iteration(duel_test *t, uint64_t seed, int i)
{
    for (int k = 0; k < D_STEPS; k++) {
        char name[32];
        snprintf(name, sizeof name, "real.%d", k);
        uint8_t *x = gan_plan_input_u8(t->plan, name);
        for (int r = 0; r < BATCH; r++)
            for (int e = 0; e < PIXELS; e++) {
                const uint32_t w =
                    word(seed, "golden/x", (uint32_t)(2 * i + k), (uint32_t)r, (size_t)e);
                *x++ = w & 3 ? 0 : (uint8_t)(w >> 24);
            }
        snprintf(name, sizeof name, "z.d%d", k);
        set_noise(t, name, seed, 3 * i + k);
        snprintf(name, sizeof name, "d%d", k);
        set_adam(t, name, 2 * i + k + 1);
    }
    set_noise(t, "z.g", seed, 3 * i + 2);
    set_adam(t, "g", i + 1);
    gan_plan_run(t->plan, (gan_step){.seed = seed, .step = (uint32_t)i});
}

static double at(const json_t *rows, int i, int k)
{
    return json_number_value(json_array_get(json_array_get(rows, (size_t)i), (size_t)k));
}

/* Losses of one iteration that are out of bounds. */
static int losses_missed(const duel_test *t, const json_t *golden, int i, const char *what)
{
    const json_t *exact = json_object_get(golden, "losses"),
                 *single = json_object_get(golden, "losses_float32");
    int missed = 0;
    for (int k = 0; k < D_STEPS + 1; k++) {
        const gan_node loss = k < D_STEPS ? t->it.d[k].loss : t->it.loss_g;
        const double got = (double)*gan_plan_value(t->plan, loss), want = at(exact, i, k),
                     far = fabs(at(single, i, k) - want);
        if (!(fabs(got - want) <= fmax(1e-5 * fabs(want), 4 * far))) {
            printf("%s, iteration %d, loss %d: %.9g, not %.9g (float32 is %.1e away)\n", what, i, k,
                   got, want, far);
            missed++;
        }
    }
    return missed;
}

static void check_gradients(const duel_test *t, const json_t *golden, const char *who,
                            uint64_t seed)
{
    const bool d = *who == 'd';
    const gan_params *p = d ? t->duel.d_params : t->duel.g_params;
    const gan_node *grad = d ? t->it.grad_d : t->it.grad_g;
    const json_t *rows = json_object_get(json_object_get(golden, "gradients"), who);
    assert_int_equal(json_array_size(rows), gan_params_count(p));
    for (int i = 0; i < gan_params_count(p); i++) {
        const json_t *row = json_array_get(rows, (size_t)i);
        const double norm = json_number_value(json_object_get(row, "norm"));
        const float *v = gan_plan_value(t->plan, grad[i]);
        const size_t n = count_of(gan_params_shape(p, i));
        double squares = 0;
        for (int k = 0; k < VECTORS; k++) {
            double product = 0;
            for (size_t e = 0; e < n; e++)
                product +=
                    word(seed, "golden/sign", 0, (uint32_t)k, e) & 1 ? -(double)v[e] : (double)v[e];
            const double far =
                product -
                json_number_value(json_array_get(json_object_get(row, "projections"), (size_t)k));
            squares += far * far;
        }
        if (!(sqrt(squares / VECTORS) <= 1e-5 * norm))
            fail_msg("seed %d, %s: gradient is %.1e of its norm away", (int)seed,
                     gan_params_name(p, i), sqrt(squares / VECTORS) / norm);
    }
}

static int one_seed(const char *setup, int seed)
{
    char path[512];
    json_error_t e;
    duel_test t;
    int missed = 0;
    snprintf(path, sizeof path, "%s/tests/golden/%s-seed%d.json", GAN_SOURCE_DIR, setup, seed);
    json_t *golden = json_load_file(path, 0, &e);
    if (!golden)
        fail_msg("%s: %s", path, e.text);
    open_duel(&t, setup, (uint64_t)seed);
    for (int i = 0; i < ITERATIONS; i++) {
        run_iteration(&t, (uint64_t)seed, i);
        if (!i) {
            check_gradients(&t, golden, "d", (uint64_t)seed);
            check_gradients(&t, golden, "g", (uint64_t)seed);
        }
        missed += losses_missed(&t, golden, i, path + strlen(GAN_SOURCE_DIR) + 1);
    }
    close_duel(&t);
    json_decref(golden);
    return missed > 0;
}

static void five_seeds(const char *setup)
{
    int missed = 0;
    for (int seed = 1; seed <= 5; seed++)
        missed += one_seed(setup, seed);
    printf("%s: %d of 5 seeds within bounds\n", setup, 5 - missed);
    assert_in_range(missed, 0, 1);
}

static void minimax(void **state)
{
    (void)state;
    five_seeds("minimax");
}
static void nonsaturating(void **state)
{
    (void)state;
    five_seeds("nonsaturating");
}
static void relativistic(void **state)
{
    (void)state;
    five_seeds("relativistic");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(minimax), cmocka_unit_test(nonsaturating),
                                       cmocka_unit_test(relativistic)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
