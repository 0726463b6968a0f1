/* test_objective.c - losses and penalties against their formulas in double, on logits and slopes that are given; and
 * the tables against the words that a recipe may say. That D's step puts them together right: test_golden.c. */
#include "game/objective.h"
#include "game/optimiser.h"
#include "game/penalty.h"

#include <gan/plan.h>
#include <gan/recipe.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5 };

static double softplus(double a)
{
    return a > 0 ? a + log1p(exp(-a)) : log1p(exp(a));
}

static double relu(double a)
{
    return a > 0 ? a : 0;
}

static void near(const char *what, double got, double want)
{
    if (!(fabs(got - want) <= 2e-6 * fabs(want) + 1e-6))
        fail_msg("%s: %.9g, not %.9g", what, got, want);
}

/* What the header says of each objective, for one pair of logits. */
static double d_of(const char *name, double r, double f)
{
    if (!strcmp(name, "relativistic"))
        return softplus(f - r);
    if (!strcmp(name, "hinge"))
        return relu(1 - r) + relu(1 + f);
    if (!strcmp(name, "least-squares"))
        return 0.5 * (r - 1) * (r - 1) + 0.5 * f * f;
    if (!strcmp(name, "wasserstein"))
        return f - r;
    return softplus(-r) + softplus(f);
}

static double g_of(const char *name, double r, double f)
{
    if (!strcmp(name, "relativistic"))
        return softplus(r - f);
    if (!strcmp(name, "minimax"))
        return -softplus(f);
    if (!strcmp(name, "nonsaturating"))
        return softplus(-f);
    return !strcmp(name, "least-squares") ? 0.5 * (f - 1) * (f - 1) : -f;
}

/* `scale` large: logits where a loss in its textbook form would overflow or lose everything. */
static void check_losses(const char *name, float scale)
{
    const gan__objective *o = gan__objective_find(name);
    gan_error err = {0};
    gan_plan *plan;
    gan_graph *g = gan_graph_create();
    assert_non_null(o);
    const gan_node real = gan_input(g, "real", GAN_SHAPE(ROWS, 1)), fake = gan_input(g, "fake", GAN_SHAPE(ROWS, 1)),
                   sinks[] = {o->d(g, real, fake), o->g(g, o->pairs ? real : (gan_node){-1}, fake),
                              gan__objective_value(g, real, fake)};
    const gan_plan_params p = gan_plan_defaults(g, sinks, 3);
    if (gan_plan_create(&plan, &p, &err) != GAN_OK)
        fail_msg("%s: %s", name, err.message);
    double d = 0, gen = 0, value = 0;
    for (int i = 0; i < ROWS; i++) {
        const float r = scale * (float)((i * 7) % 11 - 5) / 5, f = scale * (float)((i * 5) % 13 - 6) / 6;
        gan_plan_input(plan, "real")[i] = r;
        gan_plan_input(plan, "fake")[i] = f;
        d += d_of(name, (double)r, (double)f) / ROWS;
        gen += g_of(name, (double)r, (double)f) / ROWS;
        value -= (softplus(-(double)r) + softplus((double)f)) / ROWS;
    }
    gan_plan_run(plan, (gan_step){0});
    near(name, (double)*gan_plan_value(plan, sinks[0]), d);
    near(name, (double)*gan_plan_value(plan, sinks[1]), gen);
    near("V", (double)*gan_plan_value(plan, sinks[2]), value);
    gan_plan_free(plan);
    gan_graph_free(g);
}

/* The words of an option's range, one after the other. */
static int choices(const char *key, char word[16][32])
{
    const gan_option_info *rows;
    const int n = gan_options(&rows);
    int words = 0;
    for (int i = 0; i < n; i++) {
        char k[64];
        snprintf(k, sizeof k, "%s.%s", rows[i].section, rows[i].name);
        for (const char *p = rows[i].range; !strcmp(k, key) && *p;) {
            const size_t m = strcspn(p, "|");
            snprintf(word[words++], 32, "%.*s", (int)m, p);
            p += m + (p[m] == '|');
        }
    }
    return words;
}

/* Every objective that a recipe may name has a row: none trains as another. */
static void losses(void **state)
{
    (void)state;
    char word[16][32];
    const int n = choices("train.objective", word);
    assert_int_equal(n, 6);
    for (int i = 0; i < n; i++)
        for (float scale = 1; scale < 1e5f; scale *= 100)
            check_losses(word[i], scale);
    assert_null(gan__objective_find("wgan"));
}

static void penalties(void **state)
{
    (void)state;
    const gan__penalty *rows;
    const int n = gan__penalties(&rows);
    gan_error err = {0};
    gan_recipe *r;
    assert_int_equal(gan_recipe_load(&r, "steady", &err), GAN_OK);
    for (int i = 0; i < n; i++) {
        assert_true(gan_recipe_has(r, rows[i].key) && gan_recipe_has(r, rows[i].every));
        gan_plan *plan;
        gan_graph *g = gan_graph_create();
        const gan_node squares = gan_input(g, "squares", GAN_SHAPE(ROWS, 1)), sink = rows[i].of(g, squares, 3);
        const gan_plan_params p = gan_plan_defaults(g, &sink, 1);
        assert_int_equal(gan_plan_create(&plan, &p, &err), GAN_OK);
        double half = 0, one = 0;
        for (int k = 0; k < ROWS; k++) {
            const double s = 0.25 * k * k;
            gan_plan_input(plan, "squares")[k] = (float)s;
            half += 1.5 * s / ROWS;
            one += 3 * (sqrt(s) - 1) * (sqrt(s) - 1) / ROWS;
        }
        gan_plan_run(plan, (gan_step){0});
        near(rows[i].name, (double)*gan_plan_value(plan, sink), !strcmp(rows[i].name, "gp") ? one : half);
        gan_plan_free(plan);
        gan_graph_free(g);
    }
    gan_recipe_free(r);
}

/* Every word of optimisers.def has a row in optimiser.c, and reads back as it was said. */
static void optimisers(void **state)
{
    static const char *const said[] = {"adam 2e-4 0.5 0.999", "adamw 1e-3 0.9 0.999 0.05", "rmsprop 1e-4 0.99",
                                       "sgd 0.02 0.9"};
    static const char *const wrong[][2] = {{"adma 1 0 0", "no optimiser 'adma'; do you mean 'adam"},
                                           {"sgd 0.1", "must be sgd RATE MOMENTUM"},
                                           {"rmsprop 0 0.9", "must be rmsprop RATE ALPHA"},
                                           {"", "no optimiser ''"}};
    (void)state;
#define OPTIMISER(word, numbers, kinds) +1
    enum { WORDS = 0
#include "recipe/optimisers.def"
    };
#undef OPTIMISER
    assert_int_equal(sizeof said / sizeof *said, WORDS);
    for (int i = 0; i < WORDS; i++) {
        gan__optimiser o;
        gan_error err = {0};
        char text[128];
        if (gan__optimiser_read(&o, said[i], &err) != GAN_OK)
            fail_msg("%s", err.message);
        gan__optimiser_words_write(&o.words, text, sizeof text);
        assert_string_equal(text, said[i]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gan__optimiser o;
        gan_error err = {0};
        assert_int_equal(gan__optimiser_read(&o, wrong[i][0], &err), GAN_EKEY);
        if (!strstr(err.message, wrong[i][1]))
            fail_msg("'%s' does not say '%s'", err.message, wrong[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(losses), cmocka_unit_test(penalties),
                                       cmocka_unit_test(optimisers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
