/* test_classifier.c - the third game: it learns, draws nothing, tells from a file what it told in memory; and turned pictures. */
#include "unit/run/small.h"

#include "train/turn.h"

#include <gan/model.h>

#include <unistd.h>

static const char text[] = "[data]\nset = small\n"
                           "[features]\nlayers =\n  conv 5 3 same nobias\n  batchnorm relu\n  dense 9 relu\n"
                           "[train]\ngame = classifier\nbatch = 10\niterations = 60\noptimizer = adam 1e-2 0.9 0.99\naverage = 0.9\n";

static gan_recipe *recipe(const char *assignment)
{
    gan_recipe *r = NULL;
    must(gan_recipe_parse(&r, "small", text, err));
    if (assignment)
        must(gan_recipe_assign(r, assignment, err));
    return r;
}

/* small_data's two kinds of blots, and which each is. */
static gan_dataset *labelled(void)
{
    gan_dataset *plain = small_data(0), *d = NULL;
    const int shape[4] = {SMALL_COUNT, SMALL_SIDE, SMALL_SIDE, 1};
    uint8_t pixels[SMALL_COUNT * SMALL_PIXELS], labels[SMALL_COUNT];
    for (int i = 0; i < SMALL_COUNT; i++) {
        gan_dataset_get(plain, i, pixels + i * SMALL_PIXELS);
        labels[i] = (uint8_t)(i % 2);
    }
    must(gan_dataset_from_bytes(&d, "small", shape, pixels, labels, err));
    gan_dataset_free(plain);
    return d;
}

static void learns_and_tells(void **state)
{
    (void)state;
    enum { FEATURES = 9, OUTCOMES = 2, N = SMALL_COUNT };
    char path[64];
    gan_dataset *d = labelled();
    gan_recipe *r = recipe(NULL);
    gan_trainer *t;
    gan_model *m;
    gan_metrics line;
    gan_error said;
    uint8_t pixels[N * SMALL_PIXELS];
    float features[N * FEATURES], logits[N * OUTCOMES], one[FEATURES], two[OUTCOMES];
    char *dir = small_folder();
    snprintf(path, sizeof path, "%s/m.safetensors", dir);
    must(gan_trainer_create(&t, r, d, NULL, err));
    for (int i = 0; i < 60; i++)
        must(gan_trainer_step(t, &line, err));
    assert_true(gan_metrics_value(&line, "accuracy") > 0.99f && gan_metrics_value(&line, "loss_c") < 0.2f);
    assert_false(gan_trainer_draws(t));
    assert_int_equal(gan_trainer_sample(t, 0, 1, pixels, &said), GAN_EUNSUPPORTED);
    assert_non_null(strstr(said.message, "a classifier draws no samples"));
    must(gan_trainer_save_model(t, path, err));
    must(gan_model_open(&m, path, NULL, err));
    assert_int_equal(gan_model_features(m), FEATURES);
    assert_int_equal(gan_model_outcomes(m), OUTCOMES);
    assert_int_equal(gan_model_sample(m, 1, 0, 1, pixels, &said), GAN_EUNSUPPORTED);
    for (int i = 0; i < N; i++)
        gan_dataset_get(d, i, pixels + i * SMALL_PIXELS);
    must(gan_model_look(m, N, pixels, features, logits, err));
    for (int i = 0; i < N; i++) {
        assert_int_equal(logits[2 * i + 1] > logits[2 * i], i % 2);
        must(gan_model_look(m, 1, pixels + i * SMALL_PIXELS, one, two, err)); /* alone: the same */
        assert_memory_equal(one, features + i * FEATURES, sizeof one);
        assert_memory_equal(two, logits + i * OUTCOMES, sizeof two);
    }
    gan_model_free(m);
    gan_trainer_free(t);
    gan_recipe_free(r);
    gan_dataset_free(d);
    unlink(path);
    rmdir(dir);
    free(dir);
}

static void refused(const char *assignment, const gan_dataset *d, const char *why)
{
    gan_recipe *r = recipe(assignment);
    gan_trainer *t;
    gan_error err = {0};
    assert_int_not_equal(gan_trainer_create(&t, r, d, NULL, &err), GAN_OK);
    if (!strstr(err.message, why))
        fail_msg("'%s' does not say '%s'", err.message, why);
    gan_recipe_free(r);
}

static void mistakes(void **state)
{
    (void)state;
    gan_dataset *bare = small_data(0), *d = labelled();
    refused("train.task=labels", bare, "train.task = turns needs none");
    refused("features.layers=conv 5 3 same", d, "write `dense 64`");
    refused("features.layers=minibatch; dense 9", d, "depend on those seen with it");
    gan_dataset_free(bare);
    gan_dataset_free(d);
}

/* What each way does to a picture of 2 rows, and to a square of two channels. */
static void turns(void **state)
{
    (void)state;
    static const uint8_t oblong[4][6] = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3}},
                         square[4][8] = {{1, 2, 3, 4, 5, 6, 7, 8}, {3, 4, 7, 8, 1, 2, 5, 6}, {7, 8, 5, 6, 3, 4, 1, 2},
                                         {5, 6, 1, 2, 7, 8, 3, 4}};
    for (int way = 0; way < 4; way++) {
        uint8_t a[6], b[8];
        memcpy(a, oblong[0], sizeof a);
        memcpy(b, square[0], sizeof b);
        gan__turn(a, 2, 3, 1, way);
        gan__turn(b, 2, 2, 2, way);
        assert_memory_equal(a, oblong[way], sizeof a);
        assert_memory_equal(b, square[way], sizeof b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(learns_and_tells), cmocka_unit_test(mistakes), cmocka_unit_test(turns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
