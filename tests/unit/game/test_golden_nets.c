/* test_golden_nets.c - the recipes of picture nets as PyTorch plays them: tests/golden/README.md, Nets, and make_nets.py.
 *
 * 20 iterations from the recipe's file, with bounds as in golden.h, of three seeds, of which one may leave the bounds (a ReLU
 * whose input lands on the other side of 0). GANDER_TEST_ONLY=RECIPE in the environment: that one alone.
 */
#include "graph/graph_internal.h"
#include "unit/game/golden.h"

#include <time.h>

/* A recipe, the rows of its batches here, and its rates in parts of the recipe's: README.md says
 * why. */
static const struct net {
    const char *name;
    int rows, size, channels;
    double rates;
} nets[] = {
    {"conditional", 4, 28, 1, 0.01}, {"dcgan32", 4, 32, 1, 0.003}, {"resnet32", 2, 32, 3, 0.01},
    {"r3", 2, 32, 3, 0.003},        {"style", 4, 32, 3, 0.003},
};
enum { SEEDS = 3 };

static bool ends_in(const char *text, const char *with)
{
    const size_t n = strlen(text), k = strlen(with);
    return n >= k && !strcmp(text + n - k, with);
}

static void set_weights(gan_params *p, uint64_t seed)
{
    static const char *const around_one[] = {".gamma", ".variance", ".style_bias"},
                            *const small[] = {".bias", ".beta", ".strength"};
    for (int t = 0; t < gan_params_count(p); t++) {
        const char *name = gan_params_name(p, t);
        const gan_shape s = gan_params_shape(p, t);
        double mean = 0, bound = 1;
        for (int i = 0; i < 3; i++) {
            if (ends_in(name, around_one[i]))
                mean = 1, bound = 0.5;
            else if (ends_in(name, small[i]))
                bound = 0.1;
        }
        if (ends_in(name, ".weight") || ends_in(name, ".style"))
            bound = sqrt(3.0 * s.dim[s.rank - 1] / (double)golden_count(s));
        golden_weight(p, t, seed, mean, bound);
    }
}

static gan_recipe *recipe_of(const struct net *n)
{
    char path[512], rows[16];
    gan_recipe *r;
    gan_error err = {0};
    snprintf(path, sizeof path, "%s/recipes/%s.ini", GAN_SOURCE_DIR, n->name);
    snprintf(rows, sizeof rows, "%d", n->rows);
    if (gan_recipe_load(&r, path, &err) != GAN_OK || gan_recipe_set(r, "train.batch", rows, &err) != GAN_OK ||
        gan_recipe_set(r, "train.average", "0", &err) != GAN_OK)
        fail_msg("%s: %s", n->name, err.message);
    return r;
}

/* What layers draw: inputs NET.LINE.STEP of the graph, each of a stream of that name. */
static void set_noise_of_layers(const golden_test *t, const golden_kind *k, int i)
{
    for (int n = 0; n < k->it.graph->count; n++) {
        const gan__node *in = &k->it.graph->node[n];
        char stream[128];
        if (in->op != GAN__OP_INPUT || strncmp(in->name, "generator.", 10) != 0)
            continue;
        snprintf(stream, sizeof stream, "golden/%s", in->name);
        golden_noise(t, k->plan, in->name, stream, i, (int)(golden_count(in->shape) / (size_t)t->rows));
    }
}

static int one_seed(const struct net *n, int seed)
{
    static const char *const keys[] = {"g", "d"};
    golden_test t;
    int missed = 0;
    golden_open(&t, n->name, (uint64_t)seed, recipe_of(n), GAN_SHAPE(n->size, n->size, n->channels), GOLDEN_CLASSES);
    for (int r = 0; r < t.match.game->roles; r++) {
        set_weights(t.match.role[r].params, t.seed);
        t.match.role[r].optimiser.words.number[0] *= n->rates;
    }
    for (int i = 0; i < GOLDEN_ITERATIONS; i++) {
        const golden_kind *k = golden_kind_at(&t, i);
        golden_noise(&t, k->plan, "z.d0", "golden/z", 2 * i, gan__match_latent(&t.match));
        golden_noise(&t, k->plan, "z.g", "golden/z", 2 * i + 1, gan__match_latent(&t.match));
        set_noise_of_layers(&t, k, i);
        golden_iteration(&t, k, i);
        if (!i)
            missed += golden_gradients(&t, k, keys);
        const double loss[2] = {(double)*gan_plan_value(k->plan, k->it.step[0].loss),
                                (double)*gan_plan_value(k->plan, k->it.step[1].loss)};
        missed += golden_losses(&t, i, 2, loss);
    }
    golden_close(&t);
    return missed > 0;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void every_net(void **state)
{
    const char *only = getenv("GANDER_TEST_ONLY");
    (void)state;
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        const double start = seconds();
        int missed = 0;
        if (only && strcmp(only, nets[i].name) != 0)
            continue;
        for (int seed = 1; seed <= SEEDS; seed++)
            missed += one_seed(&nets[i], seed);
        printf("%s: %d of %d seeds within bounds, %.1f s\n", nets[i].name, SEEDS - missed, (int)SEEDS, seconds() - start);
        assert_in_range(missed, 0, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_net)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
