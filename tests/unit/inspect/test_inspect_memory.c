/* test_inspect_memory.c - every allocation of a look into the nets fails once. */
#include "scarce.h"
#include "unit/run/small.h"

#include <gan/inspect.h>

enum { LAYERS = 4, LATENT = 5, SAMPLES = 3 };

/* What fails first says so. */
static gan_status look(gan_trainer *t, gan_ways ways, gan_error *err)
{
    gan_inspector *x = NULL;
    gan_layer_look layer[LAYERS];
    float samples[SAMPLES * SMALL_PIXELS], logits[SAMPLES], slopes[SAMPLES * SMALL_PIXELS], way[LATENT * LATENT];
    double strength[LATENT];
    int count;
    gan_status s = gan_inspector_create(&x, t, err);
    if (s == GAN_OK)
        s = gan_inspector_layers(x, layer, err);
    if (s == GAN_OK)
        s = gan_inspector_real(x, 0, SAMPLES, samples, NULL, err);
    if (s == GAN_OK)
        s = gan_inspector_judge(x, SAMPLES, samples, NULL, logits, slopes, err);
    if (s == GAN_OK && GAN_HAVE_LAPACKE)
        s = gan_inspector_ways(x, ways, LATENT, way, strength, &count, err);
    gan_inspector_free(x);
    return s;
}

static void each_allocation_fails(void **state)
{
    gan_trainer *t = NULL;
    gan_recipe *recipe = small_recipe();
    gan_dataset *data = small_data(0);
    (void)state;
    must(gan_trainer_create(&t, recipe, data, NULL, err));
    for (int ways = GAN_WAYS_WEIGHTS; ways <= GAN_WAYS_RESULTS; ways++) {
        bool done = false;
        for (long n = 0; !done; n++) {
            gan_error why = {0};
            scarce_failed = 0;
            scarce_left = n;
            const gan_status s = look(t, (gan_ways)ways, &why);
            done = !scarce_failed;
            scarce_left = -1;
            if (done)
                assert_int_equal(s, GAN_OK);
            else if (s == GAN_OK || !*why.message)
                fail_msg("allocation %ld failed, and the answer was %s '%s'", n, gan_status_name(s), why.message);
        }
    }
    gan_trainer_free(t);
    gan_dataset_free(data);
    gan_recipe_free(recipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
