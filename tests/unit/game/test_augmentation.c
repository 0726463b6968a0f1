/* test_augmentation.c - augmentation against its formulas in double, on numbers that are given; its gradient; and how its strength goes. */
#include "game/augmentation.h"

#include <gan/plan.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { B = 6, H = 10, W = 17, NUMBERS = GAN__AUGMENT_NUMBERS, ITEM_MAX = H * W * 4 };

/* A scene in which nothing but augmentation is played. */
typedef struct stage {
    gan_recipe *recipe;
    gan__match match;
    gan__iteration *it;
    gan__iteration_params params;
    gan__scene scene;
    gan_params *kept;
} stage;

static void set(gan_recipe *r, const char *key, const char *value)
{
    gan_error err = {0};
    if (gan_recipe_set(r, key, value, &err) != GAN_OK)
        fail_msg("%s", err.message);
}

static void begin(stage *s, const char *words, const char *strength, const char *target, int channels)
{
    gan_error err = {0};
    *s = (stage){.it = calloc(1, sizeof *s->it), .kept = gan_params_create()};
    assert_int_equal(gan_recipe_load(&s->recipe, "steady", &err), GAN_OK);
    set(s->recipe, "train.augment", words);
    set(s->recipe, "train.augment_strength", strength);
    set(s->recipe, "train.augment_target", target);
    set(s->recipe, "train.augment_images", "600");
    s->match = (gan__match){.recipe = s->recipe, .sample = GAN_SHAPE(H, W, channels)};
    s->it->graph = gan_graph_create();
    s->params = (gan__iteration_params){.match = &s->match, .given_noise = true};
    s->scene = (gan__scene){.graph = s->it->graph, .match = &s->match, .it = s->it, .params = &s->params, .name = "d0", .batch = B};
    assert_int_equal(gan__augment_check(&s->match, &err), GAN_OK);
    if (gan__augment_adapts(s->recipe))
        assert_int_equal(gan__augment_keep(s->kept, &err), GAN_OK);
}

static void end(stage *s)
{
    gan_graph_free(s->it->graph);
    gan_params_free(s->kept);
    gan_recipe_free(s->recipe);
    free(s->it);
}

static gan_plan *plan_of(const stage *s, const gan_node *sinks, int n)
{
    gan_plan *plan;
    gan_error err = {0};
    const gan_plan_params p = gan_plan_defaults(s->it->graph, sinks, n);
    if (gan_plan_create(&plan, &p, &err) != GAN_OK)
        fail_msg("%s", err.message);
    return plan;
}

/* ---- the formulas ---------------------------------------------------------------------------------- */

static double *at(double *x, int c, int i, int j, int k)
{
    return &x[(i * W + j) * c + k];
}

static int whole(double u, int n)
{
    const int k = (int)ceil(u * n) - 1;
    return k < 0 ? 0 : k;
}

/* One sample, in place. */
static void formula(double *x, int c, const char *words, double p, const double *u)
{
    const int colours = c % 2 ? c : c - 1;
    double was[ITEM_MAX];
    if (strstr(words, "color")) {
        const double light = u[0] < p ? (u[1] - 0.5) / 2 : 0, saturation = u[2] < p ? 2 * u[3] : 1, contrast = u[4] < p ? u[5] + 0.5 : 1;
        double mean = 0;
        for (int i = 0; i < H * W; i++) {
            double grey = 0;
            for (int k = 0; k < colours; k++)
                grey += (x[i * c + k] += light) / colours;
            for (int k = 0; k < colours; k++) {
                if (colours > 1)
                    x[i * c + k] = grey + saturation * (x[i * c + k] - grey);
                mean += x[i * c + k] / (H * W * colours);
            }
        }
        for (int i = 0; i < H * W; i++)
            for (int k = 0; k < colours; k++)
                x[i * c + k] = mean + contrast * (x[i * c + k] - mean);
    }
    if (strstr(words, "translation") && u[6] < p) {
        const int down = whole(u[7], 3) - 1, across = whole(u[8], 5) - 2; /* an eighth of 10 and 17, rounded: 1 and 2 */
        memcpy(was, x, sizeof was);
        for (int i = 0; i < H; i++)
            for (int j = 0; j < W; j++)
                for (int k = 0; k < c; k++) {
                    const int y = i - down, z = j - across;
                    *at(x, c, i, j, k) = y >= 0 && y < H && z >= 0 && z < W ? *at(was, c, y, z, k) : 0;
                }
    }
    if (strstr(words, "cutout") && u[9] < p)
        for (int i = 0; i < H; i++)
            for (int j = 0; j < W; j++)
                for (int k = 0; k < c; k++)
                    if (fabs(i + 0.5 - u[10] * H) < H / 4.0 && fabs(j + 0.5 - u[11] * W) < W / 4.0)
                        *at(x, c, i, j, k) = 0;
}

static double chance(int i, int k, int seed)
{
    return (double)((i * 7919 + k * 104729 + seed * 1299709 + 12345) % 1009 + 1) / 1009.5;
}

static void as_the_formulas_say(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        double p;
    } row[] = {{"color", 1}, {"translation", 1}, {"cutout", 1}, {"color translation cutout", 1}, {"color translation cutout", 0.5},
               {"color translation cutout", 0}};
    for (size_t r = 0; r < sizeof row / sizeof *row; r++)
        for (int c = 1; c <= 4; c++) {
            stage s;
            char strength[16];
            int changed = 0;
            snprintf(strength, sizeof strength, "%g", row[r].p);
            begin(&s, row[r].words, strength, "0", c);
            const gan_node x = gan_input(s.it->graph, "x", GAN_SHAPE(B, H, W, c)), y = gan__augment(&s.scene, s.kept, x, "aug");
            gan_plan *plan = plan_of(&s, &y, 1);
            float *given = gan_plan_input(plan, "x"), *noise = gan_plan_input(plan, "aug.d0");
            for (int i = 0; i < B * H * W * c; i++)
                given[i] = (float)((i * 37 + i / 11) % 101) / 100;
            for (int i = 0; i < B * NUMBERS; i++)
                noise[i] = (float)chance(i / NUMBERS, i % NUMBERS, (int)r * 5 + c);
            gan_plan_run(plan, (gan_step){0});
            for (int n = 0; n < B; n++) {
                double item[ITEM_MAX], u[NUMBERS];
                for (int i = 0; i < H * W * c; i++)
                    item[i] = (double)given[n * H * W * c + i];
                for (int k = 0; k < NUMBERS; k++)
                    u[k] = (double)noise[n * NUMBERS + k];
                formula(item, c, row[r].words, row[r].p, u);
                for (int i = 0; i < H * W * c; i++) {
                    const double got = (double)gan_plan_value(plan, y)[n * H * W * c + i];
                    changed += fabs(got - (double)given[n * H * W * c + i]) > 1e-5;
                    if (fabs(got - item[i]) > 2e-6)
                        fail_msg("%s, p %g, %d channels, sample %d, number %d: %g, not %g", row[r].words, row[r].p, c, n, i, got, item[i]);
                }
            }
            assert_true(row[r].p > 0 ? changed > 0 : changed == 0);
            gan_plan_free(plan);
            end(&s);
        }
}

/* T is linear in x but for a constant, so <w, T(x) - T(0)> is <gradient of <w, T(x)>, x>. */
static void the_gradient_goes_through(void **state)
{
    (void)state;
    enum { C = 4, ALL = B * H * W * C };
    stage s;
    begin(&s, "color translation cutout", "1", "0", C);
    gan_graph *g = s.it->graph;
    const gan_node x = gan_input(g, "x", GAN_SHAPE(B, H, W, C)), w = gan_input(g, "w", GAN_SHAPE(B, H, W, C)),
                   y = gan__augment(&s.scene, s.kept, x, "aug"), sum = gan_sum(g, gan_mul(g, y, w), 15);
    gan_node sinks[2] = {gan_reshape(g, sum, GAN_SCALAR)};
    gan_grad(g, sinks[0], 1, &x, &sinks[1]);
    gan_plan *plan = plan_of(&s, sinks, 2);
    double value[2], product = 0;
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < ALL; i++) {
            gan_plan_input(plan, "x")[i] = turn ? (float)((i * 37 + i / 11) % 101) / 100 : 0;
            gan_plan_input(plan, "w")[i] = (float)((i * 53) % 89 - 44) / 44;
        }
        for (int i = 0; i < B * NUMBERS; i++)
            gan_plan_input(plan, "aug.d0")[i] = (float)chance(i / NUMBERS, i % NUMBERS, 3);
        gan_plan_run(plan, (gan_step){0});
        value[turn] = (double)*gan_plan_value(plan, sinks[0]);
    }
    for (int i = 0; i < ALL; i++)
        product += (double)gan_plan_value(plan, sinks[1])[i] * (double)gan_plan_input(plan, "x")[i];
    if (fabs(value[1] - value[0] - product) > 1e-3 * (1 + fabs(product)) || fabs(product) < 1)
        fail_msg("%g - %g is not %g", value[1], value[0], product);
    gan_plan_free(plan);
    end(&s);
}

/* ---- strength -------------------------------------------------------------------------------------- */

/* Up by batch / augment_images where D is right too often, down where it is not; within 0 and 1. */
static void strength_follows_d(void **state)
{
    (void)state;
    for (int paired = 0; paired < 2; paired++) {
        stage s;
        begin(&s, "cutout", "1", "0.6", 1);
        gan_graph *g = s.it->graph;
        const gan_node real = gan_input(g, "real", GAN_SHAPE(B, 1)), fake = gan_input(g, "fake", GAN_SHAPE(B, 1));
        gan__augment_adapt(&s.scene, s.kept, real, paired ? fake : (gan_node){-1});
        assert_int_equal(s.it->writes, 1);
        assert_int_equal(s.it->values, 2);
        const gan_node sinks[3] = {s.it->write[0], s.it->value[0].node, s.it->value[1].node};
        gan_plan *plan = plan_of(&s, sinks, 3);
        double p = 0;
        for (int i = 0; i < 260; i++) {
            const int right = i < 110 ? B : i < 130 ? B - 1 : 1; /* of six: signs 1, 0.67, -0.67 */
            for (int k = 0; k < B; k++) {
                gan_plan_input(plan, "real")[k] = (paired ? 3.0f : 0.0f) + (k < right ? 0.5f : -0.5f);
                if (gan_plan_input(plan, "fake"))
                    gan_plan_input(plan, "fake")[k] = 3;
            }
            gan_plan_run(plan, (gan_step){0});
            if (fabs((double)*gan_plan_value(plan, sinks[1]) - p) > 1e-5)
                fail_msg("step %d: strength %g, not %g", i, (double)*gan_plan_value(plan, sinks[1]), p);
            const double sign = 2.0 * right / B - 1;
            if (fabs((double)*gan_plan_value(plan, sinks[2]) - sign) > 1e-6)
                fail_msg("step %d: sign %g, not %g", i, (double)*gan_plan_value(plan, sinks[2]), sign);
            p = fmin(1, fmax(0, p + (sign > 0.6 ? 1 : -1) * B / 600.0));
        }
        gan_plan_free(plan);
        end(&s);
    }
}

static void refused(void **state)
{
    (void)state;
    gan_error err = {0};
    gan_recipe *r;
    assert_int_equal(gan_recipe_load(&r, "steady", &err), GAN_OK);
    gan__match m = {.recipe = r, .sample = GAN_SHAPE(1, 2, 1)};
    assert_int_equal(gan__augment_check(&m, &err), GAN_OK); /* none is asked for */
    set(r, "train.augment", " cutout  color ");
    assert_string_equal(gan_recipe_text(r, "train.augment"), "color cutout");
    assert_int_equal(gan__augment_check(&m, &err), GAN_EKEY);
    m.sample = GAN_SHAPE(512, 512, 3);
    set(r, "train.batch", "65");
    assert_int_equal(gan__augment_check(&m, &err), GAN_EKEY);
    assert_non_null(strstr(err.message, "a smaller train.batch will do"));
    static const char *const wrong[] = {"color, cutout", "none color", "colour", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(gan_recipe_set(r, "train.augment", wrong[i], &err), GAN_EKEY);
    gan_recipe_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_formulas_say), cmocka_unit_test(the_gradient_goes_through),
                                       cmocka_unit_test(strength_follows_d), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
