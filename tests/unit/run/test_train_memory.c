/* test_train_memory.c - a run allocates nothing between its iterations, and says so where it cannot
 * allocate what it needs at its start. */
#include "scarce.h"
#include "unit/run/small.h"

#include <sys/resource.h>

enum { FIRST_COUNTED = 10, LAST_COUNTED = 1000 };

static long calls_at_first, calls_at_last;

static gan_status count(void *ctx, const gan_event *e, gan_error *err)
{
    (void)ctx, (void)err;
    if (e->kind == GAN_EVENT_METRICS && e->iteration == FIRST_COUNTED)
        calls_at_first = scarce_calls;
    if (e->kind == GAN_EVENT_METRICS && e->iteration == LAST_COUNTED)
        calls_at_last = scarce_calls;
    return GAN_OK;
}

static void test_loop_allocates_nothing(void **state)
{
    (void)state;
    gan_recipe *recipe = small_recipe();
    char *folder = small_folder(), *dir = small_path(folder, "run"),
         *data = small_path(folder, "data.idx");
    static uint8_t pixels[SMALL_COUNT * SMALL_PIXELS];
    const int shape[4] = {SMALL_COUNT, SMALL_SIDE, SMALL_SIDE, 1};
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37);
    must(gan_idx_write(data, shape, pixels, err));
    must(gan_recipe_assign(recipe, "train.log_every=10", err));
    must(gan_recipe_assign(recipe, "train.grid_every=100", err));
    must(gan_recipe_assign(recipe, "train.checkpoint_every=2000", err));
    gan_run_params p = gan_run_defaults(dir);
    p.recipe = recipe;
    p.data = data;
    p.threads = 2;
    p.iterations = LAST_COUNTED;
    p.observer = count;
    must(gan_run_start(&p, err));
    assert_true(calls_at_first > 0);
    assert_int_equal(calls_at_last - calls_at_first, 0);
    gan_recipe_free(recipe);
    free(dir);
    free(data);
    small_remove(folder);
}

/* Every allocation of a trainer's making, saving and loading fails once. */
static void test_each_allocation_fails(void **state)
{
    (void)state;
    gan_recipe *recipe = small_recipe();
    gan_dataset *data = small_data(0);
    char *folder = small_folder(), *path = small_path(folder, "state");
    bool done = false;
    for (long n = 0; !done; n++) {
        gan_error why = {0};
        gan_trainer *t = NULL;
        scarce_failed = 0;
        scarce_left = n;
        gan_status s = gan_trainer_create(&t, recipe, data, NULL, &why);
        if (s == GAN_OK)
            s = gan_trainer_save(t, path, &why);
        if (s == GAN_OK)
            s = gan_trainer_load(t, path, &why);
        done = !scarce_failed;
        scarce_left = -1;
        if (done)
            assert_int_equal(s, GAN_OK);
        else if (s == GAN_OK || !*why.message)
            fail_msg("allocation %ld failed, and the answer was %s '%s'", n, gan_status_name(s),
                     why.message);
        gan_trainer_free(t);
    }
    gan_dataset_free(data);
    gan_recipe_free(recipe);
    free(path);
    small_remove(folder);
}

/* The article's run fits in 150 MB, data and all. */
static void test_peak_memory(void **state)
{
    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* their shadow is counted too */
#else
    enum { MOST_KB = 150 * 1024 };
    const char *extra = getenv("GANDER_TEST_DATA");
    gan_recipe *recipe = NULL;
    char *folder = small_folder(), *dir = small_path(folder, "run"),
         *mnist = small_path(extra ? extra : "", "mnist");
    struct rusage used;
    if (!extra)
        print_message("SKIP: MNIST (GANDER_TEST_DATA is not set); strokes instead\n");
    must(gan_recipe_load(&recipe, "article", err));
    must(gan_recipe_assign(recipe, "train.log_every=2", err));
    gan_run_params p = gan_run_defaults(dir);
    p.recipe = recipe;
    p.data = extra ? mnist : "strokes";
    p.threads = 2;
    p.iterations = 4;
    must(gan_run_start(&p, err));
    assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
    assert_in_range(used.ru_maxrss, 1, MOST_KB);
    gan_recipe_free(recipe);
    free(dir);
    free(mnist);
    small_remove(folder);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loop_allocates_nothing),
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_peak_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
