/* test_golden.c - the same mathematics as PyTorch: tests/golden/README.md says what the files hold.
 *
 * A loss must be within max(1e-5 relative, 4 times the distance between PyTorch in float32 and in
 * float64) of PyTorch in float64; a gradient tensor of the first iteration within 1e-5 of its norm.
 * One seed of a set-up may miss its losses (a ReLU whose input lands on the other side of 0); the
 * gradients may not. GANDER_TEST_SEEDS=N in the environment: the first N seeds of each.
 */
#include "unit/game/golden.h"

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
    {"packed", 3, 3, false, "silu",
     "objective = relativistic\noptimizer = adam 1.5e-3 0 0.99\nr1 = 0.1\nr2 = 0.1\ngp = 1\npack = 2\n"},
    {"vae", 3, 3, true, NULL, "game = vae\noptimizer = adam 1e-3 0.9 0.999\n"},
};

static void set_weights(gan_params *p, uint64_t seed)
{
    for (int t = 0; t < gan_params_count(p); t++) {
        const gan_shape s = gan_params_shape(p, t);
        golden_weight(p, t, seed, 0, s.rank == 2 ? sqrt(6.0 / (s.dim[0] + s.dim[1])) : 0.01);
    }
}

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

static void set_noise(const golden_test *t, gan_plan *plan, bool vae, int i)
{
    if (vae) {
        golden_noise(t, plan, "z.v", "golden/z", i, 20);
        return;
    }
    golden_noise(t, plan, "z.d0", "golden/z", 3 * i, 100);
    golden_noise(t, plan, "z.d1", "golden/z", 3 * i + 1, 100);
    golden_noise(t, plan, "z.g", "golden/z", 3 * i + 2, 100);
    golden_noise(t, plan, "e.d0", "golden/e", 2 * i, 1);
    golden_noise(t, plan, "e.d1", "golden/e", 2 * i + 1, 1);
}

/* Number n of a row of losses: of each step; of the VAE the loss, its reconstruction term, its KL term. */
static double loss_of(const golden_kind *k, bool vae, int n)
{
    if (!vae)
        return (double)*gan_plan_value(k->plan, k->it.step[n].loss);
    const gan_node node = n == 0 ? k->it.step[0].loss : gan__iteration_value(&k->it, n == 1 ? "likelihood" : "kl");
    return (n == 1 ? -1 : 1) * (double)*gan_plan_value(k->plan, node);
}

static int one_seed(const struct setup *s, int seed)
{
    static const char *const keys[2][2] = {{"g", "d"}, {"encoder", "decoder"}};
    golden_test t;
    int missed = 0;
    golden_open(&t, s->name, (uint64_t)seed, recipe_of(s), GAN_SHAPE(28, 28, 1), 0);
    for (int r = 0; r < t.match.game->roles; r++)
        set_weights(t.match.role[r].params, t.seed);
    for (int i = 0; i < GOLDEN_ITERATIONS; i++) {
        const golden_kind *k = golden_kind_at(&t, i);
        double loss[3];
        set_noise(&t, k->plan, s->vae, i);
        golden_iteration(&t, k, i);
        if (!i)
            assert_int_equal(golden_gradients(&t, k, keys[s->vae]), 0);
        for (int n = 0; n < s->losses; n++)
            loss[n] = loss_of(k, s->vae, n);
        missed += golden_losses(&t, i, s->losses, loss);
    }
    golden_close(&t);
    return missed > 0;
}

static void every_set_up(void **state)
{
    const char *few = getenv("GANDER_TEST_SEEDS");
    (void)state;
    for (size_t i = 0; i < sizeof setups / sizeof *setups; i++) {
        const int seeds = few && atoi(few) > 0 && atoi(few) < setups[i].seeds ? atoi(few) : setups[i].seeds;
        int missed = 0;
        for (int seed = 1; seed <= seeds; seed++)
            missed += one_seed(&setups[i], seed);
        printf("%s: %d of %d seeds within bounds\n", setups[i].name, seeds - missed, seeds);
        assert_in_range(missed, 0, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_set_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
