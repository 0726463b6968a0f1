/* test_labels.c - matches that read labels: what is fed, drawn, kept in files and refused. */
#include "unit/run/small.h"

#include "game/iteration.h"
#include "train/trainer_file.h"
#include "train/trainer_internal.h"

#include <gan/model.h>

#include <math.h>

enum { CLASSES = 3 };

/* small_data with labels i mod `classes`, label 0's replaced by `first`. */
static gan_dataset *labelled(int classes, int first)
{
    gan_dataset *plain = small_data(0), *d = NULL;
    const int shape[4] = {SMALL_COUNT, SMALL_SIDE, SMALL_SIDE, 1};
    uint8_t pixels[SMALL_COUNT * SMALL_PIXELS], labels[SMALL_COUNT];
    for (int i = 0; i < SMALL_COUNT; i++) {
        gan_dataset_get(plain, i, pixels + i * SMALL_PIXELS);
        labels[i] = (uint8_t)(i ? i % classes : first);
    }
    must(gan_dataset_from_bytes(&d, "small", shape, pixels, labels, err));
    gan_dataset_free(plain);
    return d;
}

/* Every way to read a label: a table and one-hot numbers in G, conditional batch norm; projection in D. */
static gan_recipe *conditional(void)
{
    gan_recipe *r = small_recipe();
    must(gan_recipe_set(r, "generator.layers",
                        "label 4 @y; from @in; concat @y; dense 19; batchnorm class leaky 0.2; label @one; from @one; dense 7 @z;"
                        "from @y; dense 7; add @z; dense 16 sigmoid", err));
    must(gan_recipe_set(r, "discriminator.layers", "dense 17 silu; project", err));
    return r;
}

static gan_trainer *trained(const gan_recipe *r, const gan_dataset *d, int n)
{
    gan_trainer *t = NULL;
    must(gan_trainer_create(&t, r, d, NULL, err));
    for (int i = 0; i < n; i++)
        must(gan_trainer_step(t, NULL, err));
    return t;
}

/* A model file: sample i is of class i mod classes; a class can be asked for, and is the same picture then. */
static void classes_of_samples(void **state)
{
    enum { N = 70 };
    char *dir = small_folder(), *path = small_path(dir, "model.safetensors");
    uint8_t any[N * SMALL_PIXELS], one[SMALL_PIXELS], same[N * SMALL_PIXELS], trainers[N * SMALL_PIXELS];
    gan_recipe *r = conditional();
    gan_dataset *d = labelled(CLASSES, 0);
    gan_trainer *t = trained(r, d, 8);
    gan_model *m = NULL;
    gan_error error = {0};
    (void)state;
    assert_true(t->match.labelled && t->match.classes == CLASSES);
    must(gan_trainer_save_model(t, path, err));
    must(gan_model_open(&m, path, NULL, err));
    assert_int_equal(gan_model_classes(m), CLASSES);
    must(gan_model_sample(m, 1, 0, N, any, err));
    must(gan_trainer_sample(t, 0, N, trainers, err));
    assert_memory_equal(any, trainers, sizeof any);
    for (int i = 0; i < N; i++) {
        must(gan_model_sample_class(m, i % CLASSES, 1, (uint32_t)i, 1, one, err));
        assert_memory_equal(one, any + i * SMALL_PIXELS, SMALL_PIXELS);
    }
    must(gan_model_sample_class(m, 2, 1, 0, N, same, err));
    assert_memory_equal(same + 2 * SMALL_PIXELS, any + 2 * SMALL_PIXELS, SMALL_PIXELS);
    assert_memory_not_equal(same, any, SMALL_PIXELS);
    must(gan_model_sample(m, 1, 0, N, same, err)); /* what was asked for is forgotten */
    assert_memory_equal(same, any, sizeof any);
    assert_int_equal(gan_model_sample_class(m, CLASSES, 1, 0, 1, one, &error), GAN_EINVAL);
    assert_non_null(strstr(error.message, "class 3: the model's are 0 to 2"));
    gan_model_free(m);
    gan_trainer_free(t);
    gan_dataset_free(d);
    gan_recipe_free(r);
    /* a model without */
    r = small_recipe();
    d = small_data(0);
    t = trained(r, d, 1);
    must(gan_trainer_save_model(t, path, err));
    must(gan_model_open(&m, path, NULL, err));
    assert_int_equal(gan_model_classes(m), 0);
    assert_int_equal(gan_model_sample_class(m, 0, 1, 0, 1, one, &error), GAN_EUNSUPPORTED);
    gan_model_free(m);
    gan_trainer_free(t);
    gan_dataset_free(d);
    gan_recipe_free(r);
    /* and one whose D alone reads labels: its pictures are of no class */
    r = small_recipe();
    must(gan_recipe_set(r, "discriminator.layers", "dense 17 silu; project", err));
    d = labelled(CLASSES, 0);
    t = trained(r, d, 3);
    must(gan_trainer_save_model(t, path, err));
    must(gan_model_open(&m, path, NULL, err));
    assert_int_equal(gan_model_classes(m), 0);
    assert_int_equal(gan_model_sample_class(m, 0, 1, 0, 1, one, &error), GAN_EUNSUPPORTED);
    must(gan_model_sample(m, 1, 0, 1, one, err));
    gan_model_free(m);
    gan_trainer_free(t);
    gan_dataset_free(d);
    gan_recipe_free(r);
    free(path);
    small_remove(dir);
}

/* A label that was learned from is part of the data that a state goes on with; one that was not, is not. */
static void states_know_their_labels(void **state)
{
    char *dir = small_folder(), *path = small_path(dir, "state");
    gan_recipe *reads = conditional(), *does_not = small_recipe();
    gan_dataset *d = labelled(CLASSES, 0), *other = labelled(CLASSES, 1);
    gan_error error = {0};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const gan_recipe *r = i ? does_not : reads;
        gan_trainer *t = trained(r, d, 2), *same = trained(r, d, 0), *changed = trained(r, other, 0);
        must(gan_trainer_save(t, path, err));
        must(gan_trainer_load(same, path, err));
        assert_int_equal(gan_trainer_load(changed, path, &error), i ? GAN_OK : GAN_EDATA);
        gan_trainer_free(t);
        gan_trainer_free(same);
        gan_trainer_free(changed);
    }
    gan_recipe_free(reads);
    gan_recipe_free(does_not);
    gan_dataset_free(d);
    gan_dataset_free(other);
    free(path);
    small_remove(dir);
}

static void refused(const gan_recipe *r, const gan_dataset *d, gan_status status, const char *says)
{
    gan_trainer *t;
    gan_error error = {0};
    if (gan_trainer_create(&t, r, d, NULL, &error) != status)
        fail_msg("not refused as it should be: '%s'", error.message);
    if (!strstr(error.message, says))
        fail_msg("'%s' does not say '%s'", error.message, says);
}

static void what_cannot_be(void **state)
{
    gan_dataset *d = labelled(CLASSES, 0), *bare = small_data(0), *far = labelled(CLASSES, 7);
    (void)state;
    gan_recipe *r = conditional();
    refused(r, bare, GAN_EKEY, "generator, line 1: label reads labels, and the data has none");
    must(gan_recipe_set(r, "data.classes", "5", err));
    refused(r, far, GAN_EDATA, "small: has labels up to 7, and data.classes = 5 allows 0 to 4");
    gan_trainer *t = trained(r, d, 1); /* more classes than the data happens to have */
    assert_int_equal(t->match.classes, 5);
    gan_trainer_free(t);
    gan_recipe_free(r);
    r = small_recipe();
    must(gan_recipe_set(r, "train.auxiliary", "1", err));
    refused(r, bare, GAN_EDATA, "train.auxiliary needs labels, and small has none");
    refused(r, d, GAN_EKEY, "one for each of 3 classes, write `dense 4`");
    must(gan_recipe_set(r, "discriminator.layers", "dense 4", err));
    must(gan_recipe_set(r, "generator.layers", "dense 16; reshape 4 4 1; minibatch; dense 16", err));
    refused(r, d, GAN_EKEY, "generator: a sample would depend on those drawn with it");
    gan_recipe_free(r);
    must(gan_recipe_load(&r, "vae", err));
    must(gan_recipe_set(r, "decoder.layers", "label 4 @y; from @in; concat @y; dense 16 sigmoid", err));
    refused(r, d, GAN_EKEY, "a vae reads no labels");
    gan_recipe_free(r);
    gan_dataset_free(d);
    gan_dataset_free(bare);
    gan_dataset_free(far);
}

/* D(x) = x w + b with one column for the logit and one a class: the class loss in double, from the batch that was fed. */
static void the_auxiliary_loss(void **state)
{
    enum { BATCH = 6, NUMBERS = 1 + CLASSES };
    gan_recipe *r = small_recipe();
    gan_dataset *d = labelled(CLASSES, 0);
    float w[SMALL_PIXELS * NUMBERS], b[NUMBERS] = {0.3f, -0.2f, 0.1f, 0.4f};
    int items[BATCH];
    (void)state;
    must(gan_recipe_set(r, "train.auxiliary", "0.5", err));
    must(gan_recipe_set(r, "discriminator.layers", "dense 4", err));
    must(gan_recipe_set(r, "train.d_steps", "1", err));
    gan_trainer *t = trained(r, d, 0);
    gan_params *p = t->match.role[1].params;
    for (int i = 0; i < SMALL_PIXELS * NUMBERS; i++)
        w[i] = (float)(i * 37 % 101) / 101 - 0.5f;
    gan_params_set(p, gan_params_find(p, "discriminator.0.weight"), GAN_VALUE, w);
    gan_params_set(p, gan_params_find(p, "discriminator.0.bias"), GAN_VALUE, b);
    gan_metrics m;
    must(gan_trainer_step(t, &m, err));
    gan_dataset_order(d, 1, 0, BATCH, items);
    double loss = 0;
    for (int k = 0; k < BATCH; k++) {
        uint8_t x[SMALL_PIXELS];
        double logit[CLASSES], sum = 0;
        gan_dataset_get(d, items[k], x);
        for (int c = 0; c < CLASSES; c++) {
            logit[c] = (double)b[1 + c];
            for (int i = 0; i < SMALL_PIXELS; i++)
                logit[c] += x[i] / 255.0 * (double)w[i * NUMBERS + 1 + c];
            sum += exp(logit[c]);
        }
        loss += (log(sum) - logit[gan_dataset_labels(d)[items[k]]]) / BATCH;
    }
    const double got = (double)gan_metrics_value(&m, "class_real");
    if (fabs(got - loss) > 1e-5 * loss)
        fail_msg("%.9g, not %.9g", got, loss);
    assert_true(gan_metrics_value(&m, "class_fake") > 0);
    gan_trainer_free(t);
    gan_dataset_free(d);
    gan_recipe_free(r);
}

/* With g_batch = fresh G is paired with a batch of its own: one more of the stream an iteration. */
static void a_fresh_batch_for_g(void **state)
{
    gan_recipe *r = small_recipe();
    gan_dataset *d = small_data(0);
    (void)state;
    must(gan_recipe_set(r, "train.objective", "relativistic", err));
    must(gan_recipe_set(r, "train.d_steps", "2", err));
    for (int fresh = 0; fresh < 2; fresh++) {
        must(gan_recipe_set(r, "train.g_batch", fresh ? "fresh" : "same", err));
        gan_trainer *t = trained(r, d, 0);
        assert_int_equal(t->variants.row[0]->it.draws, 2 + fresh);
        gan_trainer_free(t);
    }
    gan_recipe_free(r);
    gan_dataset_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(classes_of_samples), cmocka_unit_test(states_know_their_labels),
                                       cmocka_unit_test(what_cannot_be), cmocka_unit_test(the_auxiliary_loss),
                                       cmocka_unit_test(a_fresh_batch_for_g)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
