/* test_plan_large.c - plans of thousands of nodes: fused and plain ones leave the same bytes. Prints how long making
 * them took, which decides nothing. */
#include "graph/dims.h"
#include "plan/plan_internal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 12, WIDTH = 20, LAYERS = 3, TENSORS = 2 * LAYERS, NODES = 5000, SINKS_MAX = NODES };

typedef struct world {
    gan_params *p;
    gan_graph *g;
    gan_node sink[SINKS_MAX];
    int sinks;
    gan_plan *plan;
    double seconds; /* that making the plan took */
} world;

typedef void build_fn(world *w);

static float number(size_t i)
{
    return (float)(i * 2654435761u % 1000) / 2000 - 0.25f;
}

static void ask(world *w, gan_node x)
{
    assert_true(w->sinks < SINKS_MAX);
    w->sink[w->sinks++] = x;
}

static gan_node activate(gan_graph *g, gan_node h, int kind)
{
    return kind == 0 ? gan_tanh(g, h) : kind == 1 ? gan_lrelu(g, h, 0.2f) : gan_mul(g, h, gan_sigmoid(g, h));
}

/* A small net trained again and again in one plan, each round with other work on the way: joined rows, a long
 * chain, a gradient's gradient, weight decay, moving averages. */
static void rounds(world *w)
{
    gan_graph *g = w->g;
    const gan_node rate = gan_input(g, "rate", GAN_SCALAR), one = gan_input(g, "one", GAN_SCALAR),
                   x = gan_input(g, "x", GAN_SHAPE(ROWS, WIDTH));
    for (int r = 0; g->count < NODES; r++) {
        const gan_node z = gan_noise(g, r % 2 ? "z" : "y", GAN_SHAPE(ROWS, WIDTH));
        gan_node wrt[TENSORS], d[TENSORS], slope, h = gan_concat(g, x, gan_add(g, z, x), 0), chain = x;
        for (int i = 0; i < LAYERS; i++) {
            wrt[2 * i] = gan_params_read(w->p, g, 2 * i);
            wrt[2 * i + 1] = gan_params_read(w->p, g, 2 * i + 1);
            h = activate(g, gan_add(g, gan_matmul(g, h, wrt[2 * i], false, false), wrt[2 * i + 1]), (r + i) % 3);
        }
        for (int k = 0; k < 6; k++)
            chain = gan_affine(g, gan_tanh(g, gan_mul(g, chain, z)), 0.5f, (float)(r % 7 + k) / 8);
        const gan_node half = gan_slice(g, h, (int[]){0, 1}, (int[]){ROWS, 3});
        gan_node loss = gan_add(g, gan_mean(g, gan_softplus(g, half), 3), gan_mean(g, chain, 3));
        if (r % 3 == 2) {
            gan_grad(g, loss, 1, &x, &slope);
            loss = gan_add(g, loss, gan_mean(g, gan_mul(g, slope, slope), 3));
        }
        gan_grad(g, loss, TENSORS, wrt, d);
        ask(w, loss);
        for (int i = 0; i < TENSORS; i++) {
            if (r % 4 == 1)
                d[i] = gan_add(g, d[i], gan_affine(g, wrt[i], 0.01f, 0));
            const int state = gan_params_state(w->p, g, i);
            ask(w, gan_update(g, state, d[i], rate, one, gan_adam_of(0.5, 0.9, 1e-8)));
            if (r % 2)
                ask(w, gan_average(g, state, gan_params_read(w->p, g, i), one));
        }
    }
}

/* One matrix read a thousand times in a row, and its gradient: the sum of as many products. */
static void recurrence(world *w)
{
    gan_graph *g = w->g;
    const gan_node rate = gan_input(g, "rate", GAN_SCALAR), one = gan_input(g, "one", GAN_SCALAR);
    gan_node h = gan_input(g, "x", GAN_SHAPE(ROWS, WIDTH)), m = gan_params_read(w->p, g, 0), d;
    while (g->count < NODES / 4)
        h = gan_tanh(g, gan_matmul(g, h, m, false, false));
    ask(w, gan_mean(g, h, 3));
    gan_grad(g, w->sink[0], 1, &m, &d);
    ask(w, gan_update(g, gan_params_state(w->p, g, 0), d, rate, one, gan_adam_of(0.5, 0.9, 1e-8)));
}

/* A thousand things side by side, by one matrix, all of them ready at once. */
static void side_by_side(world *w)
{
    gan_graph *g = w->g;
    const gan_node x = gan_input(g, "x", GAN_SHAPE(ROWS, WIDTH)), m = gan_params_read(w->p, g, 0);
    for (int i = 0; g->count < NODES; i++) {
        const gan_node y = gan_matmul(g, gan_affine(g, x, 1, (float)i / NODES), m, false, false);
        ask(w, gan_sum(g, gan_exp(g, y), i % 2 ? 1 : 3));
        if (i % 5 == 0)
            ask(w, gan_max(g, gan_permute(g, y, (int[]){1, 0}), 2));
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void make(world *w, build_fn *build, gan_team *team)
{
    gan_error err = {0};
    *w = (world){.p = gan_params_create(), .g = gan_graph_create()};
    for (int i = 0, tensor; i < TENSORS; i++) {
        char name[16];
        const gan_shape shape = i % 2 ? GAN_SHAPE(WIDTH) : GAN_SHAPE(WIDTH, WIDTH);
        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(gan_params_add(w->p, name, shape, i % 2 == 0, &tensor, NULL), GAN_OK);
    }
    for (int i = 0; i < TENSORS; i++) {
        float value[WIDTH * WIDTH];
        for (size_t k = 0; k < WIDTH * WIDTH; k++)
            value[k] = number(k + (size_t)i);
        gan_params_set(w->p, i, GAN_VALUE, value);
    }
    assert_int_equal(gan_params_average_from_value(w->p), GAN_OK);
    build(w);
    gan_plan_params p = gan_plan_defaults(w->g, w->sink, w->sinks);
    p.team = team;
    const double began = now();
    if (gan_plan_create(&w->plan, &p, &err) != GAN_OK)
        fail_msg("%s", err.message);
    w->seconds = now() - began;
    float *x = gan_plan_input(w->plan, "x"), *rate = gan_plan_input(w->plan, "rate"),
          *one = gan_plan_input(w->plan, "one");
    for (size_t k = 0; k < ROWS * WIDTH; k++)
        x[k] = number(k);
    if (rate) {
        *rate = 0.001f;
        *one = 0.75f;
    }
    for (uint32_t i = 0; i < 2; i++)
        gan_plan_run(w->plan, (gan_step){.seed = 1, .step = i});
}

static void unmake(world *w)
{
    gan_plan_free(w->plan);
    gan_graph_free(w->g);
    gan_params_free(w->p);
}

static void same_bytes(const world *a, const world *b)
{
    for (int i = 0; i < a->sinks; i++) {
        const float *x = gan_plan_value(a->plan, a->sink[i]), *y = gan_plan_value(b->plan, b->sink[i]);
        assert_int_equal(x == NULL, y == NULL);
        if (x) {
            assert_true(isfinite(*x));
            assert_memory_equal(x, y, gan__shape_count(gan_graph_shape(a->g, a->sink[i])) * sizeof *x);
        }
    }
    for (int s = 0; s < GAN_SLOTS; s++)
        for (int t = 0; t < TENSORS; t++) {
            float x[WIDTH * WIDTH], y[WIDTH * WIDTH];
            gan_params_get(a->p, t, (gan_slot)s, x);
            gan_params_get(b->p, t, (gan_slot)s, y);
            assert_memory_equal(x, y, gan__shape_count(gan_params_shape(a->p, t)) * sizeof *x);
        }
}

static void fused_is_plain(const char *name, build_fn *build)
{
    static world plain, one, two;
    gan_team *team;
    assert_int_equal(gan_team_create(&team, 2, NULL), GAN_OK);
    setenv("GAN_PLAIN", "1", 1);
    make(&plain, build, NULL);
    unsetenv("GAN_PLAIN");
    make(&one, build, NULL);
    make(&two, build, team);
    print_message("%s: %d nodes; %d steps made in %.1f ms, %d plain ones in %.1f ms\n", name, one.g->count,
                  one.plan->steps, 1e3 * one.seconds, plain.plan->steps, 1e3 * plain.seconds);
    assert_true(one.plan->steps < plain.plan->steps);
    same_bytes(&plain, &one);
    same_bytes(&plain, &two);
    unmake(&plain);
    unmake(&one);
    unmake(&two);
    gan_team_free(team);
}

static void many_rounds(void **state)
{
    (void)state;
    fused_is_plain("many rounds", rounds);
}

static void a_long_recurrence(void **state)
{
    (void)state;
    fused_is_plain("a long recurrence", recurrence);
}

static void a_thousand_side_by_side(void **state)
{
    (void)state;
    fused_is_plain("side by side", side_by_side);
}

int main(void)
{
    setenv("GAN_CROWDED", "1", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_rounds),
        cmocka_unit_test(a_long_recurrence),
        cmocka_unit_test(a_thousand_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
