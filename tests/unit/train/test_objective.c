/* test_objective.c - losses and penalties against their formulas in double, on the logits that the
 * same nets give; and rows joined in one batch against rows by themselves, byte for byte. */
#include "train/objective.h"

#include <gan/plan.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5, COLUMNS = 3, SINKS = 10 };

typedef struct bench {
    gan_params *params;
    gan_net *d;
    gan_graph *g;
    gan_node real, fake, logits_real, logits_fake;
    gan_plan *plan;
} bench;

static void open_bench(bench *b, const char *layers)
{
    gan_error err = {0};
    b->params = gan_params_create();
    b->g = gan_graph_create();
    if (gan_net_create(&b->d, "d", layers, GAN_SHAPE(COLUMNS), b->params, &err) != GAN_OK ||
        gan_net_init(b->d, b->params, "he", 3, &err) != GAN_OK)
        fail_msg("%s", err.message);
    b->real = gan_input(b->g, "real", GAN_SHAPE(ROWS, COLUMNS));
    b->fake = gan_input(b->g, "fake", GAN_SHAPE(ROWS, COLUMNS));
    b->logits_real = gan_net_apply(b->d, b->g, b->real);
    b->logits_fake = gan_net_apply(b->d, b->g, b->fake);
}

/* `scale` large: logits where a loss in its textbook form would overflow or lose everything. */
static void run_bench(bench *b, const gan_node *sinks, int n, float scale)
{
    gan_error err = {0};
    const gan_plan_params p = gan_plan_defaults(b->g, sinks, n);
    if (gan_plan_create(&b->plan, &p, &err) != GAN_OK)
        fail_msg("%s", err.message);
    float *real = gan_plan_input(b->plan, "real"), *fake = gan_plan_input(b->plan, "fake");
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        real[i] = scale * (float)((i * 7) % 11 - 5) / 5;
        fake[i] = scale * (float)((i * 5) % 13 - 6) / 6;
    }
    gan_plan_run(b->plan, (gan_step){0});
}

static void close_bench(bench *b)
{
    gan_plan_free(b->plan);
    gan_graph_free(b->g);
    gan_net_free(b->d);
    gan_params_free(b->params);
}

static double softplus(double a)
{
    return a > 0 ? a + log1p(exp(-a)) : log1p(exp(a));
}

static void near(const char *what, double got, double want)
{
    if (!(fabs(got - want) <= 2e-6 * fabs(want) + 1e-7))
        fail_msg("%s: %.9g, not %.9g", what, got, want);
}

typedef struct means { /* of softplus(s D(x)), softplus(s D(G)), softplus(s (D(G) - D(x))) */
    double real_plus, real_minus, fake_plus, fake_minus, pair_plus, pair_minus, d_real, d_fake;
} means;

static means means_of(const float *real, const float *fake)
{
    means m = {0};
    for (int i = 0; i < ROWS; i++) {
        const double r = (double)real[i], f = (double)fake[i];
        m.real_plus += softplus(r) / ROWS;
        m.real_minus += softplus(-r) / ROWS;
        m.fake_plus += softplus(f) / ROWS;
        m.fake_minus += softplus(-f) / ROWS;
        m.pair_plus += softplus(f - r) / ROWS;
        m.pair_minus += softplus(r - f) / ROWS;
        m.d_real += 1 / (1 + exp(-r)) / ROWS;
        m.d_fake += 1 / (1 + exp(-f)) / ROWS;
    }
    return m;
}

static void check_losses(const char *name, float scale)
{
    bench b = {0};
    const gan__objective o = gan__objective_named(name);
    open_bench(&b, "dense 4 relu\ndense 1");
    const gan__d_terms t = gan__objective_d(b.g, o, b.d, b.real, b.fake, 0, 0);
    const gan_node loss_g = gan__objective_g(b.g, o, b.d, b.real, b.fake);
    const gan_node sinks[] = {t.loss, t.value,       t.d_real,     t.d_fake,
                              loss_g, b.logits_real, b.logits_fake};
    assert_int_equal(t.r1.id, -1);
    assert_int_equal(t.r2.id, -1);
    run_bench(&b, sinks, 7, scale);
#define VALUE(x) ((double)*gan_plan_value(b.plan, x))
    const means m =
        means_of(gan_plan_value(b.plan, b.logits_real), gan_plan_value(b.plan, b.logits_fake));
    const bool paired = o == GAN__RELATIVISTIC;
    near(name, VALUE(t.loss), paired ? m.pair_plus : m.real_minus + m.fake_plus);
    near("V", VALUE(t.value), -(m.real_minus + m.fake_plus));
    near("D(x)", VALUE(t.d_real), m.d_real);
    near("D(G(z))", VALUE(t.d_fake), m.d_fake);
    near("G", VALUE(loss_g),
         paired              ? m.pair_minus
         : o == GAN__MINIMAX ? -m.fake_plus
                             : m.fake_minus);
    close_bench(&b);
}

static void test_losses(void **state)
{
    (void)state;
    const char *const names[] = {"minimax", "nonsaturating", "relativistic"};
    const float scales[] = {1, 100, 10000};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            check_losses(names[i], scales[k]);
}

/* D linear: the gradient at any sample is the weight itself. */
static void test_penalty_of_a_line(void **state)
{
    (void)state;
    bench b = {0};
    float w[COLUMNS];
    open_bench(&b, "dense 1");
    assert_int_equal(gan_params_get(b.params, 0, GAN_VALUE, w), GAN_OK);
    double square = 0;
    for (int i = 0; i < COLUMNS; i++)
        square += (double)w[i] * (double)w[i];
    const gan__d_terms t = gan__objective_d(b.g, GAN__RELATIVISTIC, b.d, b.real, b.fake, 0.5f, 3);
    const gan_node sinks[] = {t.loss, t.r1, t.r2, b.logits_real, b.logits_fake};
    run_bench(&b, sinks, 5, 1);
    const means m =
        means_of(gan_plan_value(b.plan, b.logits_real), gan_plan_value(b.plan, b.logits_fake));
    near("R1", VALUE(t.r1), 0.25 * square);
    near("R2", VALUE(t.r2), 1.5 * square);
    near("loss", VALUE(t.loss), m.pair_plus + 1.75 * square);
    close_bench(&b);
}

/* The squared norm of the gradient at x, by central differences of the logit in double. */
static double slope_squared(const bench *b, const float *x)
{
    float w0[COLUMNS * 4], b0[4], w1[4];
    double sum = 0;
    assert_int_equal(gan_params_get(b->params, 0, GAN_VALUE, w0), GAN_OK);
    assert_int_equal(gan_params_get(b->params, 1, GAN_VALUE, b0), GAN_OK);
    assert_int_equal(gan_params_get(b->params, 2, GAN_VALUE, w1), GAN_OK);
    for (int k = 0; k < COLUMNS; k++) {
        double y[2] = {0};
        for (int side = 0; side < 2; side++)
            for (int j = 0; j < 4; j++) {
                double a = (double)b0[j];
                for (int i = 0; i < COLUMNS; i++)
                    a += ((double)x[i] + (i == k ? (side ? 1e-5 : -1e-5) : 0)) *
                         (double)w0[i * 4 + j];
                y[side] += (double)w1[j] * a / (1 + exp(-a));
            }
        sum += (y[1] - y[0]) / 2e-5 * (y[1] - y[0]) / 2e-5;
    }
    return sum;
}

static void test_penalty_of_a_curve(void **state)
{
    (void)state;
    bench b = {0};
    open_bench(&b, "dense 4 silu\ndense 1");
    const gan__d_terms t = gan__objective_d(b.g, GAN__NONSATURATING, b.d, b.real, b.fake, 2, 4);
    const gan_node sinks[] = {t.r1, t.r2};
    run_bench(&b, sinks, 2, 1);
    double r1 = 0, r2 = 0;
    for (int i = 0; i < ROWS; i++) {
        r1 += slope_squared(&b, gan_plan_input(b.plan, "real") + i * COLUMNS) / ROWS;
        r2 += 2 * slope_squared(&b, gan_plan_input(b.plan, "fake") + i * COLUMNS) / ROWS;
    }
    near("R1", VALUE(t.r1), r1);
    near("R2", VALUE(t.r2), r2);
    close_bench(&b);
}

/* A row's logit, and its penalty, do not know the batch that the row came in. */
static void test_joined_rows(void **state)
{
    (void)state;
    bench b = {0};
    gan_node slope;
    open_bench(&b, "dense 17 silu\ndense 1");
    const gan__d_terms t = gan__objective_d(b.g, GAN__MINIMAX, b.d, b.real, b.fake, 1, 0);
    gan_grad(b.g, b.logits_real, 1, &b.real, &slope);
    const gan_node alone =
        gan_affine(b.g, gan_mean(b.g, gan_sum(b.g, gan_mul(b.g, slope, slope), 2), 1), 0.5f, 0);
    const gan_node d_real = gan_mean(b.g, gan_sigmoid(b.g, b.logits_real), 3);
    const gan_node sinks[] = {t.r1, t.d_real, alone, d_real};
    run_bench(&b, sinks, 4, 1);
    assert_memory_equal(gan_plan_value(b.plan, t.r1), gan_plan_value(b.plan, alone), sizeof(float));
    assert_memory_equal(gan_plan_value(b.plan, t.d_real), gan_plan_value(b.plan, d_real),
                        sizeof(float));
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_penalty_of_a_line),
        cmocka_unit_test(test_penalty_of_a_curve),
        cmocka_unit_test(test_joined_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
