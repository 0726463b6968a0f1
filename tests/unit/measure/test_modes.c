/* test_modes.c - modes counted, a watch, and paths through the latents of generators whose speed is known. */
#include "base/random.h"
#include "unit/measure/planted.h"

#include <gan/train.h>

/* Ten modes with known counts: nine have samples, in one of those none is of high quality; KL by hand. */
static void modes_counted(void **state)
{
    (void)state;
    enum { COUNT = 1000, MODES = 10 };
    gan_features f = planted_features(1, COUNT, 2, 0);
    int mode[COUNT];
    bool close[COUNT];
    double shares[MODES], expected = 0;
    for (int i = 0; i < COUNT; i++) {
        mode[i] = i % 100 < 91 ? i % 100 / 13 : 7 + i % 100 % 2; /* 0 to 6: 130 each; 7, 8: 45 each; 9: none */
        close[i] = mode[i] != 8 && i % 10 != 0;
    }
    for (int m = 0; m < MODES; m++)
        shares[m] = m < 5 ? 0.15 : 0.05;
    for (int m = 0; m < 7; m++)
        expected += 0.13 * log(0.13 / shares[m]);
    int of[MODES] = {0}, good = 0;
    for (int i = 0; i < COUNT; i++) {
        of[mode[i]]++;
        good += close[i];
    }
    expected += of[7] / 1000.0 * log(of[7] / 1000.0 / 0.05) + of[8] / 1000.0 * log(of[8] / 1000.0 / 0.05);
    gan_sides s = {.real = &f, .samples = &f, .modes = MODES, .sample_modes = mode, .sample_near = close, .real_shares = shares};
    near(planted_measure("modes", &s).value, 8, 0);
    near(planted_measure("quality", &s).value, good / 1000.0, 1e-15);
    near(planted_measure("mode_kl", &s).value, expected, 1e-14);
    assert_true(planted_measure("mode_kl", &s).error > 0);
    s.sample_near = NULL; /* classes: each is of one */
    near(planted_measure("modes", &s).value, 9, 0);
    assert_false(planted_measure("quality", &s).known);
    shares[0] = 0; /* a mode that the data has not got */
    assert_false(planted_measure("mode_kl", &s).known);
    s.modes = 0;
    assert_false(planted_measure("modes", &s).known);
    gan_features_release(&f);
}

/* Points through the whole of eval: the test points find every mode, and a generator that makes one point finds one. */
static void modes_of_points(void **state)
{
    (void)state;
    enum { COUNT = 2500 };
    static float points[2 * COUNT];
    gan_dataset *ring = NULL, *test = NULL;
    gan_error err = {0};
    gan_eval e;
    assert_int_equal(gan_dataset_named(&ring, "ring", &err), GAN_OK);
    assert_int_equal(gan_dataset_test(&test, ring, &err), GAN_OK);
    gan_dataset_batch(test, 0, 0, COUNT, (uint8_t *)points);
    gan_eval_params p = {.points = points, .n = COUNT, .train = ring, .held = test};
    for (int collapsed = 0; collapsed < 2; collapsed++) {
        for (int i = 0; i < 2 * COUNT && collapsed; i++)
            points[i] = i % 2 ? 1.0f : 0.0f; /* on the third mode */
        assert_int_equal(gan_eval_make(&e, &p, &err), GAN_OK);
        for (int i = 0; i < gan_measures(); i++) {
            const char *key = gan_measure_at(i).key;
            if (!strcmp(key, "modes")) {
                near(e.samples[i].value, collapsed ? 1 : 8, 0);
                near(e.held[i].value, 8, 0);
            }
            if (!strcmp(key, "quality"))
                near(e.samples[i].value, collapsed ? 1 : 1 - exp(-4.5), collapsed ? 0 : 0.01);
            if (!strcmp(key, "mode_kl"))
                near(e.samples[i].value, collapsed ? log(8) : 0, 0.005);
            if (!strcmp(key, "recall"))
                assert_true(collapsed ? e.samples[i].value < 0.05 : e.samples[i].value > 0.9);
        }
        gan_eval_release(&e);
    }
    p.points = NULL;
    assert_int_equal(gan_eval_make(&e, &p, &err), GAN_ESHAPE);
    gan_dataset_free(ring);
    gan_dataset_free(test);
}

/* A watch's rows are the table's, of the samples and the data's first items in the order of seed 0. */
static void watch(void **state)
{
    (void)state;
    enum { COUNT = 600 };
    static float points[2 * COUNT], real[2 * COUNT];
    gan_dataset *grid = NULL;
    gan_watch *w = NULL;
    gan_error err = {0};
    gan_measured row[GAN_WATCH_ROWS];
    gan_features features[2];
    assert_int_equal(gan_dataset_named(&grid, "grid", &err), GAN_OK);
    gan_dataset_batch(grid, 0, 0, COUNT, (uint8_t *)real);
    gan_dataset_batch(grid, 0, COUNT, COUNT, (uint8_t *)points);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(gan_features_make(&features[k], COUNT, 2, &err), GAN_OK);
        for (int i = 0; i < 2 * COUNT; i++)
            features[k].x[i] = (double)(k ? points[i] : real[i]);
    }
    const gan_sides s = {.real = &features[0], .samples = &features[1]};
    assert_int_equal(gan_watch_create(&w, grid, NULL, COUNT, NULL, &err), GAN_OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(gan_watch_measure(w, NULL, points, row, &err), GAN_OK);
        for (int i = 0; i < 4; i++) {
            const gan_measured of_table = planted_measure(gan_measure_at(gan_watch_row(i)).key, &s);
            assert_int_equal(row[i].known, of_table.known);
            near(row[i].value, of_table.value, 0);
        }
        near(row[4].value, 25, 0);
        near(row[5].value, 0.99, 0.02);
        near(row[6].value, 0, 0.05); /* 600 samples of 25 modes: 0.02 by chance */
    }
    gan_watch_free(w);
    gan_features_release(&features[0]);
    gan_features_release(&features[1]);
    gan_dataset_free(grid);
}

enum { LATENT = 3 };

/* The squared speed, at a place on the great circle from a to b = a + LATENT, of what a linear generator makes: image has its
 * samples of 0 and of the axes. */
static double great_circle_speed(const float *a, const float image[2 * (LATENT + 1)], double at)
{
    const float *b = a + LATENT;
    double dot = 0, of_a = 0, of_b = 0, speed = 0;
    for (int k = 0; k < LATENT; k++) {
        dot += (double)a[k] * (double)b[k];
        of_a += (double)a[k] * (double)a[k];
        of_b += (double)b[k] * (double)b[k];
    }
    const double w = acos(dot / sqrt(of_a * of_b));
    for (int out = 0; out < 2; out++) {
        double d = 0;
        for (int k = 0; k < LATENT; k++)
            d += w * (-cos((1 - at) * w) * (double)a[k] + cos(at * w) * (double)b[k]) / sin(w) *
                 (double)(image[2 * (k + 1) + out] - image[out]);
        speed += d * d;
    }
    return speed;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Layers' own noise is the same at both places of a path: the length of a generator that adds noise is of its latents alone. */
static void path_length_with_noise(void **state)
{
    (void)state;
    enum { COUNT = 400 };
    static const char text[] = "[data]\nset = ring\n[generator]\nlatent = 3\nlayers =\n dense 2\n noise\n[discriminator]\nlayers =\n"
                               " dense 1\n[train]\naverage = 0\n";
    static float z[3 * COUNT], points[2 * COUNT], same[2 * COUNT];
    gan_recipe *r = NULL;
    gan_dataset *ring = NULL;
    gan_trainer *t = NULL;
    gan_model *m = NULL;
    gan_eval e;
    gan_error err = {0};
    assert_int_equal(gan_recipe_parse(&r, "noisy", text, &err), GAN_OK);
    assert_int_equal(gan_dataset_named(&ring, "ring", &err), GAN_OK);
    assert_int_equal(gan_trainer_create(&t, r, ring, NULL, &err), GAN_OK);
    for (int i = 0; i < 20; i++) /* the noise's weight leaves 0 */
        assert_int_equal(gan_trainer_step(t, NULL, &err), GAN_OK);
    assert_int_equal(gan_trainer_model(&m, t, NULL, &err), GAN_OK);
    assert_int_equal(gan_model_sample_floats(m, 1, 7, COUNT, points, &err), GAN_OK);
    assert_int_equal(gan_model_latents(m, 1, 7, COUNT, z, &err), GAN_OK);
    assert_int_equal(gan_model_sample_latents(m, 1, 7, COUNT, z, NULL, same, &err), GAN_OK);
    assert_memory_equal(points, same, sizeof points);
    assert_int_equal(gan_model_sample_latents(m, 1, 8, COUNT, z, NULL, same, &err), GAN_OK);
    assert_memory_not_equal(points, same, sizeof points); /* there is noise */
    const gan_eval_params p = {.points = points, .n = COUNT, .model = m, .seed = 1, .train = ring};
    assert_int_equal(gan_eval_make(&e, &p, &err), GAN_OK);
    for (int i = 0; i < gan_measures(); i++)
        if (!strcmp(gan_measure_at(i).key, "path_length"))
            assert_true(e.samples[i].value > 0 && e.samples[i].value < 1000); /* by noise of two places it would be some 1e5 */
    gan_eval_release(&e);
    gan_model_free(m);
    gan_trainer_free(t);
    gan_dataset_free(ring);
    gan_recipe_free(r);
}

/* A generator of one linear line: its samples are those of their latents, and the mean squared speed along great circles is known from
 * the derivative of slerp, taken here in double. */
static void path_length(void **state)
{
    (void)state;
    enum { COUNT = 800, PATHS = COUNT / 4 };
    static const char text[] = "[data]\nset = ring\n[generator]\nlatent = 3\nlayers =\n dense 2\n[discriminator]\nlayers =\n dense 1\n"
                               "[train]\naverage = 0\n";
    static float z[2 * PATHS * LATENT], points[2 * COUNT], same[2 * COUNT];
    double speed[PATHS], mean = 0;
    gan_recipe *r = NULL;
    gan_dataset *ring = NULL;
    gan_trainer *t = NULL;
    gan_model *m = NULL;
    gan_eval e;
    gan_error err = {0};
    assert_int_equal(gan_recipe_parse(&r, "linear", text, &err), GAN_OK);
    assert_int_equal(gan_dataset_named(&ring, "ring", &err), GAN_OK);
    assert_int_equal(gan_trainer_create(&t, r, ring, NULL, &err), GAN_OK);
    assert_int_equal(gan_trainer_model(&m, t, NULL, &err), GAN_OK);
    assert_true(gan_model_real(m));
    assert_int_equal(gan_model_sample_floats(m, 1, 0, COUNT, points, &err), GAN_OK);
    assert_int_equal(gan_trainer_sample_floats(t, 0, COUNT, same, &err), GAN_OK);
    assert_memory_equal(points, same, sizeof points);
    assert_int_equal(gan_model_latents(m, 1, 0, 2 * PATHS, z, &err), GAN_OK);
    assert_int_equal(gan_model_sample_latents(m, 1, 0, 2 * PATHS, z, NULL, same, &err), GAN_OK);
    assert_memory_equal(points, same, 2 * PATHS * 2 * sizeof *same);
    /* the matrix, from latents along the axes */
    float axes[4 * LATENT] = {0}, image[8];
    for (int i = 0; i < LATENT; i++)
        axes[(i + 1) * LATENT + i] = 1;
    assert_int_equal(gan_model_sample_latents(m, 1, 0, 4, axes, NULL, image, &err), GAN_OK);
    for (int i = 0; i < PATHS; i++)
        speed[i] = great_circle_speed(z + (size_t)(2 * i * LATENT), image, gan__random_double(1, gan__stream("path"), 0, (uint32_t)i, 0));
    qsort(speed, PATHS, sizeof *speed, by_size);
    for (int i = PATHS / 100; /* without the hundredth at either end */ i < PATHS - PATHS / 100; i++)
        mean += speed[i] / (PATHS - 2 * (PATHS / 100));
    const gan_eval_params p = {.points = points, .n = COUNT, .model = m, .seed = 1, .train = ring};
    assert_int_equal(gan_eval_make(&e, &p, &err), GAN_OK);
    for (int i = 0; i < gan_measures(); i++)
        if (!strcmp(gan_measure_at(i).key, "path_length")) {
            near(e.samples[i].value, mean, 0.01 * mean);
            assert_true(e.samples[i].error > 0 && e.samples[i].error < mean);
        }
    gan_eval_release(&e);
    gan_model_free(m);
    gan_trainer_free(t);
    gan_dataset_free(ring);
    gan_recipe_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_counted), cmocka_unit_test(modes_of_points),         cmocka_unit_test(watch),
        cmocka_unit_test(path_length),   cmocka_unit_test(path_length_with_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
