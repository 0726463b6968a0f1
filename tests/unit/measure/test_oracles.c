/* test_oracles.c - the figures of torch-fidelity, prdc and scipy on the same features (tests/golden/measures.json). */
#include "unit/measure/planted.h"

#include "measure/frechet.h"
#include "measure/kernel_distance.h"

#include <jansson.h>

typedef struct oracle {
    gan_features real, samples;
    double *odds;
    int n, classes;
    json_t *want;
} oracle;

static double number(const oracle *o, const char *key)
{
    const json_t *x = json_object_get(o->want, key);
    if (!json_is_number(x))
        fail_msg("measures.json has no %s", key);
    return json_number_value(x);
}

static double *planted_odds(uint64_t seed, int n, int classes)
{
    double *odds = malloc((size_t)n * (size_t)classes * sizeof *odds);
    for (int i = 0; i < n; i++) {
        double sum = 0, *row = odds + (size_t)i * (size_t)classes;
        for (int c = 0; c < classes; c++)
            sum += row[c] = exp(2 * planted_normal(seed, (uint64_t)i * (uint64_t)classes + (uint64_t)c));
        for (int c = 0; c < classes; c++)
            row[c] /= sum;
    }
    return odds;
}

static void compare(const oracle *o)
{
    gan_error err;
    double fid, kid, error;
    assert_int_equal(gan__frechet(&o->real, &o->samples, NULL, &fid, &error, &err), GAN_OK);
    near(fid, number(o, "fid"), 1e-6 * number(o, "trace"));
    assert_int_equal(gan__kernel_distance(&o->real, &o->samples, o->n, o->n, NULL, &kid, &error, &err), GAN_OK);
    near(kid, number(o, "kid"), 1e-6 * number(o, "kernel"));
    const double samples = 2.0 / o->n;
    near(planted_value("precision", &o->real, &o->samples), number(o, "precision"), samples);
    near(planted_value("recall", &o->real, &o->samples), number(o, "recall"), samples);
    near(planted_value("coverage", &o->real, &o->samples), number(o, "coverage"), samples);
    near(planted_value("density", &o->real, &o->samples), number(o, "density"), 1e-6 * number(o, "density"));
    const gan_sides s = {.real = &o->real, .samples = &o->samples, .classes = o->classes, .sample_odds = o->odds,
                         .real_odds = o->odds};
    near(planted_measure("score", &s).value, number(o, "score"), 1e-6 * number(o, "score"));
}

/* Distances to the nearest, and how they rank against others'. */
static void compare_nearest(const oracle *o)
{
    enum { SOME = 100 };
    double *far = malloc((size_t)o->n * sizeof *far), back[SOME], sum = 0, u = 0;
    const gan_features first = gan_features_rows(&o->real, 0, SOME);
    assert_int_equal(gan_nearest(&o->samples, &o->real, NULL, NULL, far, NULL), GAN_OK);
    assert_int_equal(gan_nearest(&first, &o->samples, NULL, NULL, back, NULL), GAN_OK);
    for (int i = 0; i < o->n; i++) {
        sum += far[i];
        for (int k = 0; k < SOME; k++)
            u += (far[i] > back[k]) + 0.5 * (far[i] == back[k]);
    }
    near(sum, number(o, "nearest_sum"), 1e-9 * sum);
    near(u, number(o, "u"), 0.5);
    free(far);
}

static void oracles(void **state)
{
    (void)state;
    json_t *all = json_load_file(GAN_SOURCE_DIR "/tests/golden/measures.json", 0, NULL);
    if (!all)
        fail_msg("tests/golden/measures.json is not there");
    const int n = (int)json_integer_value(json_object_get(all, "n")), dims = (int)json_integer_value(json_object_get(all, "dims")),
              classes = (int)json_integer_value(json_object_get(all, "classes"));
    size_t i;
    json_t *row;
    assert_true(json_array_size(json_object_get(all, "cases")) >= 3);
    json_array_foreach(json_object_get(all, "cases"), i, row) {
        const uint64_t seed = (uint64_t)json_integer_value(json_object_get(row, "seed"));
        oracle o = {.real = planted_features(seed, n, dims, 0), .n = n, .classes = classes, .want = row};
        o.samples = planted_features(seed + 1, n, dims, number(&o, "shift"));
        o.odds = planted_odds(seed + 2, n, classes);
        compare(&o);
        compare_nearest(&o);
        gan_features_release(&o.real);
        gan_features_release(&o.samples);
        free(o.odds);
    }
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(oracles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
