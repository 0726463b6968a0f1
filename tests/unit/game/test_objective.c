/* test_objective.c - losses, penalties and steps of optimisers against their formulas in double, on what is given; and
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

/* What objectives.def says of each, for a whole batch of logits. */
typedef struct formula {
    const char *name;
    double (*d)(const double *r, const double *f);
    double (*g)(const double *r, const double *f);
} formula;

#define MEAN(name, expression)                             \
    static double name(const double *real, const double *fake) \
    {                                                      \
        double sum = 0;                                    \
        for (int i = 0; i < ROWS; i++) {                   \
            const double r = real[i], f = fake[i];         \
            (void)r, (void)f;                              \
            sum += (expression);                           \
        }                                                  \
        return sum / ROWS;                                 \
    }
MEAN(cross_entropy, softplus(-r) + softplus(f))
MEAN(minimax_g, -softplus(f))
MEAN(nonsaturating_g, softplus(-f))
MEAN(relativistic_d, softplus(f - r))
MEAN(relativistic_g, softplus(r - f))
MEAN(hinge_d, relu(1 - r) + relu(1 + f))
MEAN(minus_fake, -f)
MEAN(least_squares_d, 0.5 * (r - 1) * (r - 1) + 0.5 * f * f)
MEAN(least_squares_g, 0.5 * (f - 1) * (f - 1))
MEAN(wasserstein_d, f - r)

static const formula *formula_of(const char *name)
{
    static const formula formulas[] = {
        {"minimax", cross_entropy, minimax_g},
        {"nonsaturating", cross_entropy, nonsaturating_g},
        {"relativistic", relativistic_d, relativistic_g},
        {"hinge", hinge_d, minus_fake},
        {"least-squares", least_squares_d, least_squares_g},
        {"wasserstein", wasserstein_d, minus_fake},
    };
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++)
        if (!strcmp(formulas[i].name, name))
            return &formulas[i];
    fail_msg("%s: no formula here", name);
    return NULL;
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
                   sinks[] = {o->d(g, real, fake), o->g(g, o->g_sees_real ? real : (gan_node){-1}, fake),
                              gan__objective_value(g, real, fake)};
    const gan_plan_params p = gan_plan_defaults(g, sinks, 3);
    if (gan_plan_create(&plan, &p, &err) != GAN_OK)
        fail_msg("%s: %s", name, err.message);
    double r[ROWS], f[ROWS];
    for (int i = 0; i < ROWS; i++) {
        r[i] = (double)(gan_plan_input(plan, "real")[i] = scale * (float)((i * 7) % 11 - 5) / 5);
        f[i] = (double)(gan_plan_input(plan, "fake")[i] = scale * (float)((i * 5) % 13 - 6) / 6);
    }
    gan_plan_run(plan, (gan_step){0});
    near(name, (double)*gan_plan_value(plan, sinks[0]), formula_of(name)->d(r, f));
    near(name, (double)*gan_plan_value(plan, sinks[1]), formula_of(name)->g(r, f));
    near("V", (double)*gan_plan_value(plan, sinks[2]), -cross_entropy(r, f));
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
            assert_true(words < 16);
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
    assert_true(n > 0);
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

/* One number's step by the optimiser's formula: numbers as said, t from 1, what it keeps in slot. */
typedef double rule(const double *n, int t, double grad, double w, double slot[GAN__OPTIMISER_SLOTS]);

static double adam(const double *n, int t, double grad, double w, double slot[GAN__OPTIMISER_SLOTS])
{
    slot[0] = n[1] * slot[0] + (1 - n[1]) * grad;
    slot[1] = n[2] * slot[1] + (1 - n[2]) * grad * grad;
    const double m = slot[0] / (1 - pow(n[1], t)), v = slot[1] / (1 - pow(n[2], t));
    return w - n[0] * m / (sqrt(v) + 1e-8);
}

static double adamw(const double *n, int t, double grad, double w, double slot[GAN__OPTIMISER_SLOTS])
{
    return adam(n, t, grad, w - n[0] * n[3] * w, slot);
}

static double rmsprop(const double *n, int t, double grad, double w, double slot[GAN__OPTIMISER_SLOTS])
{
    (void)t;
    slot[0] = n[1] * slot[0] + (1 - n[1]) * grad * grad;
    return w - n[0] * grad / (sqrt(slot[0]) + 1e-8);
}

static double sgd(const double *n, int t, double grad, double w, double slot[GAN__OPTIMISER_SLOTS])
{
    (void)t;
    slot[0] = n[1] * slot[0] + grad;
    return w - n[0] * slot[0];
}

/* Every word of optimisers.def, in one form that it reads back as. */
static const struct {
    const char *said;
    rule *step;
} known[] = {
    {"adam 0.02 0.5 0.999", adam},
    {"adamw 0.01 0.9 0.999 0.5", adamw},
    {"rmsprop 0.01 0.99", rmsprop},
    {"sgd 0.02 0.9", sgd},
    {"sgd 0.02 0", sgd},
};
enum { KNOWN = sizeof known / sizeof *known };

/* Weights after each of some steps of the row's graph against the formula; a gradient changes its sign, one is 0. */
static void check_steps(const char *said, rule *step)
{
    enum { STEPS = 6 };
    gan__optimiser o;
    gan_error err = {0};
    gan_params *p = gan_params_create();
    gan_graph *g = gan_graph_create();
    gan_plan *plan;
    int tensor, writes = 0;
    double w[ROWS], slot[ROWS][GAN__OPTIMISER_SLOTS] = {{0}}, scalar[GAN__OPTIMISER_SCALARS];
    float v[ROWS];
    assert_int_equal(gan__optimiser_read(&o, said, &err), GAN_OK);
    assert_int_equal(gan_params_add(p, "w", GAN_SHAPE(ROWS), false, &tensor, &err), GAN_OK);
    for (int i = 0; i < ROWS; i++)
        w[i] = (double)(v[i] = (float)(i - 2));
    assert_int_equal(gan_params_set(p, tensor, GAN_VALUE, v), GAN_OK);
    gan__tensor_step d = {.graph = g, .params = p, .tensor = tensor, .optimiser = &o, .write = {{-1}}};
    d.grad = gan_input(g, "grad", GAN_SHAPE(ROWS));
    for (int k = 0; k < GAN__OPTIMISER_SCALARS && o.kind->scalar[k]; k++)
        d.scalar[k] = gan_input(g, o.kind->scalar[k], GAN_SCALAR);
    o.kind->descend(&d);
    while (d.write[writes].id >= 0)
        writes++;
    const gan_plan_params pp = gan_plan_defaults(g, d.write, writes);
    if (gan_plan_create(&plan, &pp, &err) != GAN_OK)
        fail_msg("%s: %s", said, err.message);
    for (int t = 1; t <= STEPS; t++) {
        o.kind->at(&o, o.words.number[0], t, scalar);
        for (int k = 0; k < GAN__OPTIMISER_SCALARS && o.kind->scalar[k]; k++)
            *gan_plan_input(plan, o.kind->scalar[k]) = (float)scalar[k];
        for (int i = 0; i < ROWS; i++) {
            const double grad = (t == 3 ? -20 : 1) * (i - 1) * 0.25;
            gan_plan_input(plan, "grad")[i] = (float)grad;
            w[i] = step(o.words.number, t, grad, w[i], slot[i]);
        }
        gan_plan_run(plan, (gan_step){0});
        assert_int_equal(gan_params_get(p, tensor, GAN_VALUE, v), GAN_OK);
        for (int i = 0; i < ROWS; i++)
            near(said, (double)v[i], w[i]);
    }
    gan_plan_free(plan);
    gan_graph_free(g);
    gan_params_free(p);
}

static void optimiser_steps(void **state)
{
    (void)state;
    for (int i = 0; i < KNOWN; i++)
        check_steps(known[i].said, known[i].step);
}

/* Every word of optimisers.def has a row in optimiser.c and one above, and reads back as it was said. */
static void optimisers(void **state)
{
    static const char *const words[] = {
#define OPTIMISER(word, numbers, kinds) #word,
#include "recipe/optimisers.def"
#undef OPTIMISER
    };
    static const char *const wrong[][2] = {{"adma 1 0 0", "no optimiser 'adma'; do you mean 'adam"},
                                           {"lyon 1 0 0", "(adam RATE BETA1 BETA2 | adamw RATE"},
                                           {"sgd 0.1", "must be sgd RATE MOMENTUM"},
                                           {"rmsprop 0 0.9", "must be rmsprop RATE ALPHA"},
                                           {"", "no optimiser ''"}};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        int k = 0;
        while (k < KNOWN && (strncmp(known[k].said, words[i], strlen(words[i])) || known[k].said[strlen(words[i])] != ' '))
            k++;
        if (k == KNOWN)
            fail_msg("%s: its step has no formula here", words[i]);
    }
    for (int i = 0; i < KNOWN; i++) {
        gan__optimiser o;
        gan_error err = {0};
        char text[128];
        if (gan__optimiser_read(&o, known[i].said, &err) != GAN_OK)
            fail_msg("%s", err.message);
        gan__optimiser_words_write(&o.words, text, sizeof text);
        assert_string_equal(text, known[i].said);
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
                                       cmocka_unit_test(optimisers), cmocka_unit_test(optimiser_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
