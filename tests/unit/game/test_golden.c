/* test_golden.c - the same mathematics as PyTorch: tests/golden/README.md says what the files hold.
 *
 * A loss must be within max(1e-5 relative, 4 times the distance between PyTorch in float32 and in
 * float64) of PyTorch in float64; a gradient tensor of the first iteration within 1e-5 of its norm.
 * One seed of a set-up may miss its losses (a ReLU whose input lands on the other side of 0); the
 * gradients may not.
 */
#include "base/random.h"
#include "game/iteration.h"

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

enum { PIXELS = 784, ITERATIONS = 20, VECTORS = 16, KINDS = 2, SINKS = 256 };

/* A set-up: the recipe that says it, and what the rows of its file's losses are. */
static const struct setup {
    const char *name;
    int seeds, losses;
    bool vae;
    const char *act, *settings;
} setups[] = {
    {"minimax", 5, 3, false, "relu", "objective = minimax\noptimizer = adam 2e-4 0.5 0.999\n"},
    {"nonsaturating", 5, 3, false, "relu", "objective = nonsaturating\noptimizer = adam 2e-4 0.5 0.999\n"},
    {"relativistic", 5, 3, false, "silu",
     "objective = relativistic\noptimizer = adam 1.5e-3 0 0.99\nr1 = 0.1\nr2 = 0.1\n"},
    {"hinge", 3, 3, false, "leaky 0.2", "objective = hinge\noptimizer = adam 4e-4 0 0.9\n"},
    {"least-squares", 3, 3, false, "relu", "objective = least-squares\noptimizer = adam 1.5e-4 0.5 0.999\n"},
    {"wasserstein-gp", 3, 3, false, "silu", "objective = wasserstein\noptimizer = adam 1e-4 0 0.9\ngp = 10\n"},
    {"lazy-r1", 3, 3, false, "silu",
     "objective = nonsaturating\noptimizer = adam 2e-4 0 0.99\nr1 = 1\nr1_every = 4\n"},
    {"rmsprop", 3, 3, false, "relu", "objective = nonsaturating\noptimizer = rmsprop 1e-4 0.99\n"},
    {"sgd", 3, 3, false, "relu", "objective = nonsaturating\noptimizer = sgd 0.02 0.9\n"},
    {"adamw", 3, 3, false, "relu", "objective = nonsaturating\noptimizer = adamw 2e-4 0.5 0.999 0.05\n"},
    {"clip", 3, 3, false, "relu", "objective = nonsaturating\noptimizer = sgd 0.05 0.9\nclip = 0.5\n"},
    {"vae", 3, 3, true, NULL, "game = vae\noptimizer = adam 1e-3 0.9 0.999\n"},
};

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

/* A kind of iteration: a lazy penalty is due in it, or not. */
typedef struct kind {
    unsigned due;
    gan__iteration it;
    gan_plan *plan;
} kind;

typedef struct golden_test {
    const struct setup *setup;
    gan_recipe *recipe;
    gan__match match;
    gan_team *team;
    kind kind[KINDS];
    int kinds;
} golden_test;

static gan_recipe *recipe_of(const struct setup *s)
{
    char text[1024];
    gan_recipe *r;
    gan_error err = {0};
    if (s->vae)
        snprintf(text, sizeof text,
                 "[encoder]\nlayers =\n dense 512 relu\n dense 40\n[decoder]\nlatent = 20\nlayers =\n dense 512 relu\n"
                 " dense 784 sigmoid\n[train]\nbatch = 16\naverage = 0\n%s",
                 s->settings);
    else
        snprintf(text, sizeof text,
                 "[generator]\nlayers =\n dense 128 relu\n dense 1024 relu\n dense 784 sigmoid\n%s[discriminator]\n"
                 "layers =\n dense 128 %s\n dense 1\n[train]\nbatch = 16\naverage = 0\n%s%s%s",
                 !strcmp(s->name, "hinge") ? "optimizer = adam 1e-4 0 0.9\n" : "", s->act,
                 strstr(s->settings, "r1 =") ? "" : "r1 = 0\n", strstr(s->settings, "r2 =") ? "" : "r2 = 0\n",
                 s->settings);
    if (gan_recipe_parse(&r, s->name, text, &err) != GAN_OK)
        fail_msg("%s: %s", s->name, err.message);
    return r;
}

static int sinks_of(const gan__iteration *it, gan_node *sinks)
{
    int n = 0;
    for (int i = 0; i < it->writes; i++)
        sinks[n++] = it->write[i];
    for (int i = 0; i < it->values; i++)
        sinks[n++] = it->value[i].node;
    for (int i = 0; i < it->steps; i++) {
        sinks[n++] = it->step[i].loss;
        for (int k = 0; k < it->step[i].grads; k++)
            sinks[n++] = it->step[i].grad[k];
    }
    assert_in_range(n, 1, SINKS);
    return n;
}

static kind *kind_at(golden_test *t, int64_t i)
{
    const unsigned due = gan__iteration_due(&t->match, i);
    gan_error err = {0};
    gan_node sinks[SINKS];
    for (int k = 0; k < t->kinds; k++)
        if (t->kind[k].due == due)
            return &t->kind[k];
    assert_in_range(t->kinds, 0, KINDS - 1);
    kind *made = &t->kind[t->kinds++];
    made->due = due;
    const gan__iteration_params ip = {.match = &t->match, .due = due, .given_noise = true};
    if (gan__iteration_build(&made->it, &ip, &err) != GAN_OK)
        fail_msg("%s: %s", t->setup->name, err.message);
    gan_plan_params p = gan_plan_defaults(made->it.graph, sinks, sinks_of(&made->it, sinks));
    p.team = t->team;
    if (gan_plan_create(&made->plan, &p, &err) != GAN_OK)
        fail_msg("%s: %s", t->setup->name, err.message);
    return made;
}

static void open_test(golden_test *t, const struct setup *setup, uint64_t seed)
{
    gan_error err = {0};
    *t = (golden_test){.setup = setup, .recipe = recipe_of(setup)};
    if (gan__match_create(&t->match, t->recipe, GAN_SHAPE(28, 28, 1), 0, "golden", &err) != GAN_OK)
        fail_msg("%s: %s", setup->name, err.message);
    for (int r = 0; r < t->match.game->roles; r++)
        set_weights(t->match.role[r].params, seed);
    assert_int_equal(gan_team_create(&t->team, 2, &err), GAN_OK);
}

static void close_test(golden_test *t)
{
    for (int k = 0; k < t->kinds; k++) {
        gan_plan_free(t->kind[k].plan);
        gan__iteration_release(&t->kind[k].it);
    }
    gan_team_free(t->team);
    gan__match_release(&t->match);
    gan_recipe_free(t->recipe);
}

/* Rows of `numbers` numbers of golden/STREAM, where the plan has such an input. */
static void set_noise(gan_plan *plan, const char *input, const char *stream, uint64_t seed, int step, int numbers)
{
    float *z = gan_plan_input(plan, input);
    for (int r = 0; z && r < 16; r++)
        for (int e = 0; e < numbers; e++) {
            const uint32_t w = word(seed, stream, (uint32_t)step, (uint32_t)r, (size_t)e);
            *z++ = !strcmp(stream, "golden/e") ? (float)((double)(w >> 8) * 0x1p-24) : symmetric(w, 1.7320508);
        }
}

static void set_input(golden_test *t, const kind *k, const gan__input *in, uint64_t seed, int i)
{
    if (in->source == GAN__FROM_DATA) {
        uint8_t *x = gan_plan_input_u8(k->plan, in->name);
        for (int r = 0; x && r < 16; r++)
            for (int e = 0; e < PIXELS; e++) {
                const uint32_t w =
                    word(seed, "golden/x", (uint32_t)(k->it.draws * i + in->draw), (uint32_t)r, (size_t)e);
                *x++ = w & 3 ? 0 : (uint8_t)(w >> 24);
            }
    } else {
        double scalar[GAN__OPTIMISER_SCALARS];
        const gan__optimiser *o = &t->match.role[in->role].optimiser;
        o->kind->at(o, o->words.number[0], i * in->updates + in->update + 1, scalar);
        if (gan_plan_input(k->plan, in->name))
            *gan_plan_input(k->plan, in->name) = (float)scalar[in->number];
    }
}

static const kind *run_iteration(golden_test *t, uint64_t seed, int i)
{
    const kind *k = kind_at(t, i);
    for (int n = 0; n < k->it.inputs; n++)
        set_input(t, k, &k->it.input[n], seed, i);
    if (t->setup->vae) {
        set_noise(k->plan, "z.v", "golden/z", seed, i, 20);
    } else {
        set_noise(k->plan, "z.d0", "golden/z", seed, 3 * i, 100);
        set_noise(k->plan, "z.d1", "golden/z", seed, 3 * i + 1, 100);
        set_noise(k->plan, "z.g", "golden/z", seed, 3 * i + 2, 100);
        set_noise(k->plan, "e.d0", "golden/e", seed, 2 * i, 1);
        set_noise(k->plan, "e.d1", "golden/e", seed, 2 * i + 1, 1);
    }
    gan_plan_run(k->plan, (gan_step){.seed = seed, .step = (uint32_t)i});
    return k;
}

/* Number n of a row of losses: of each step; of the VAE the loss, its reconstruction term, its KL term. */
static double loss_of(const golden_test *t, const kind *k, int n)
{
    if (!t->setup->vae)
        return (double)*gan_plan_value(k->plan, k->it.step[n].loss);
    const gan_node node = n == 0 ? k->it.step[0].loss : gan__iteration_value(&k->it, n == 1 ? "likelihood" : "kl");
    return (n == 1 ? -1 : 1) * (double)*gan_plan_value(k->plan, node);
}

static double at(const json_t *rows, int i, int k)
{
    return json_number_value(json_array_get(json_array_get(rows, (size_t)i), (size_t)k));
}

/* Losses of one iteration that are out of bounds. */
static int losses_missed(const golden_test *t, const kind *of, const json_t *golden, int i, const char *what)
{
    const json_t *exact = json_object_get(golden, "losses"),
                 *single = json_object_get(golden, "losses_float32");
    int missed = 0;
    for (int k = 0; k < t->setup->losses; k++) {
        const double got = loss_of(t, of, k), want = at(exact, i, k), far = fabs(at(single, i, k) - want);
        if (!(fabs(got - want) <= fmax(1e-5 * fabs(want), 4 * far))) {
            printf("%s, iteration %d, loss %d: %.9g, not %.9g (float32 is %.1e away)\n", what, i, k,
                   got, want, far);
            missed++;
        }
    }
    return missed;
}

/* The gradient of one tensor, through its products with vectors of signs. */
static void check_gradient(const char *name, const json_t *row, const float *v, size_t n, uint64_t seed)
{
    const double norm = json_number_value(json_object_get(row, "norm"));
    double squares = 0;
    for (int k = 0; k < VECTORS; k++) {
        double product = 0;
        for (size_t e = 0; e < n; e++)
            product += word(seed, "golden/sign", 0, (uint32_t)k, e) & 1 ? -(double)v[e] : (double)v[e];
        const double far =
            product - json_number_value(json_array_get(json_object_get(row, "projections"), (size_t)k));
        squares += far * far;
    }
    if (!(sqrt(squares / VECTORS) <= 1e-5 * norm))
        fail_msg("seed %d, %s: gradient is %.1e away, of %.1e", (int)seed, name, sqrt(squares / VECTORS), norm);
}

/* The first step of each net: its tensors, in the order of the step's roles. */
static void check_gradients(const golden_test *t, const kind *k, const json_t *golden, uint64_t seed)
{
    static const char *const keys[2][2] = {{"g", "d"}, {"encoder", "decoder"}};
    const json_t *all = json_object_get(golden, "gradients");
    for (int r = 0; r < t->match.game->roles; r++) {
        const json_t *rows = json_object_get(all, keys[t->setup->vae][r]);
        const gan_params *p = t->match.role[r].params;
        const gan__phase_step *step = k->it.step;
        while (!(step->phase->roles >> r & 1))
            step++;
        int before = 0;
        for (int q = 0; q < r; q++)
            before += step->phase->roles >> q & 1 ? gan_params_count(t->match.role[q].params) : 0;
        assert_int_equal(json_array_size(rows), gan_params_count(p));
        for (int i = 0; i < gan_params_count(p); i++)
            check_gradient(gan_params_name(p, i), json_array_get(rows, (size_t)i),
                           gan_plan_value(k->plan, step->grad[before + i]), count_of(gan_params_shape(p, i)), seed);
    }
}

static int one_seed(const struct setup *setup, int seed)
{
    char path[512];
    json_error_t e;
    golden_test t;
    int missed = 0;
    snprintf(path, sizeof path, "%s/tests/golden/%s-seed%d.json", GAN_SOURCE_DIR, setup->name, seed);
    json_t *golden = json_load_file(path, 0, &e);
    if (!golden)
        fail_msg("%s: %s", path, e.text);
    open_test(&t, setup, (uint64_t)seed);
    for (int i = 0; i < ITERATIONS; i++) {
        const kind *k = run_iteration(&t, (uint64_t)seed, i);
        if (!i)
            check_gradients(&t, k, golden, (uint64_t)seed);
        missed += losses_missed(&t, k, golden, i, path + strlen(GAN_SOURCE_DIR) + 1);
    }
    close_test(&t);
    json_decref(golden);
    return missed > 0;
}

static void every_set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof setups / sizeof *setups; i++) {
        int missed = 0;
        for (int seed = 1; seed <= setups[i].seeds; seed++)
            missed += one_seed(&setups[i], seed);
        printf("%s: %d of %d seeds within bounds\n", setups[i].name, setups[i].seeds - missed, setups[i].seeds);
        assert_in_range(missed, 0, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_set_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
