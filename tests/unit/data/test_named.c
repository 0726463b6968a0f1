/* test_named.c - sets and their splits by name, and which words are a name, which a path. */
#include "base/fileio.h"
#include "base/paths.h"
#include "unit/file/scratch.h"

#include "data/strokes.h"

#include <gan/data.h>

#include <sys/stat.h>

/* The folder of ours is where the program stands, and its cache is there. */
static int begin(void **state)
{
    if (scratch_begin(state) != 0 || chdir(scratch_folder) != 0)
        return -1;
    setenv("XDG_CACHE_HOME", scratch("cache"), 1);
    return 0;
}

static int end(void **state)
{
    return chdir("/") != 0 || scratch_end(state);
}

/* A folder with four images that are no known set's. */
static void put(const char *folder)
{
    static const uint8_t eight[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    char path[512];
    assert_int_equal(gan__make_dir(folder, NULL), GAN_OK);
    snprintf(path, sizeof path, "%s/images-idx3-ubyte", folder);
    assert_int_equal(gan_idx_write(path, (const int[]){4, 2, 1, 1}, eight, NULL), GAN_OK);
}

static void is(const char *where, const char *name, int count)
{
    gan_dataset *d = NULL;
    gan_error err = {0};
    if (gan_dataset_find(&d, where, NULL, &err) != GAN_OK)
        fail_msg("%s: %s", where, err.message);
    assert_string_equal(gan_dataset_name(d), name);
    assert_int_equal(gan_dataset_count(d), count);
    gan_dataset_free(d);
}

typedef gan_status opener(gan_dataset **out, const char *where, gan_error *err);

static gan_status find(gan_dataset **out, const char *where, gan_error *err)
{
    return gan_dataset_find(out, where, NULL, err);
}

static void refuse(opener *open, const char *where, gan_status status, const char *message)
{
    gan_dataset *d = NULL;
    gan_error err = {0};
    const gan_status s = open(&d, where, &err);
    if (s != status || strcmp(err.message, message) != 0)
        fail_msg("%s: %s \"%s\"", where, gan_status_name(s), err.message);
    assert_null(d);
}

static void drawn_to_test_with(void **state)
{
    (void)state;
    enum { ITEM = GAN__STROKES_SIDE * GAN__STROKES_SIDE };
    gan_dataset *d = NULL;
    assert_int_equal(gan_dataset_named(&d, "strokes/test", NULL), GAN_OK);
    assert_string_equal(gan_dataset_name(d), "strokes/test");
    assert_string_equal(gan_dataset_sha256(d),
                        "a57bd1ce692687af5cae81519c55368eee38bbef597210d528ee5ffc3e51324b");
    assert_int_equal(gan_dataset_count(d), 10000);
    assert_int_equal(gan_dataset_classes(d), 10);
    uint8_t item[ITEM], drawn[ITEM];
    for (int i = 0; i < 10000; i += 1111) {
        gan_dataset_get(d, i, item);
        gan__strokes_draw((uint32_t)(60000 + i), drawn);
        assert_memory_equal(item, drawn, ITEM);
        assert_int_equal(gan_dataset_labels(d)[i], i % 10);
    }
    gan_dataset_free(d);
}

static void what_is_no_name(void **state)
{
    (void)state;
    refuse(gan_dataset_named, "mnits", GAN_ENOTFOUND,
           "mnits: no data set has this name; there are mnist, fashion-mnist, strokes, ring, grid and stacked-mnist; do you "
           "mean 'mnist'?");
    refuse(gan_dataset_named, "strokes-test", GAN_ENOTFOUND,
           "strokes-test: no data set has this name; there are mnist, fashion-mnist, strokes, ring, grid and stacked-mnist; "
           "do you mean "
           "'strokes/test'?");
    refuse(gan_dataset_named, "pictures", GAN_ENOTFOUND,
           "pictures: no data set has this name; there are mnist, fashion-mnist, strokes, ring, grid and stacked-mnist");
    refuse(gan_dataset_named, "mnistery", GAN_ENOTFOUND,
           "mnistery: no data set has this name; there are mnist, fashion-mnist, strokes, ring, grid and stacked-mnist; do "
           "you mean 'mnist'?");
    refuse(gan_dataset_named, "mnist/tset", GAN_ENOTFOUND,
           "mnist/tset: mnist has no such split; there are mnist and mnist/test");
    refuse(gan_dataset_named, "strokes/", GAN_ENOTFOUND,
           "strokes/: strokes has no such split; there are strokes and strokes/test");
    char folder[64];
    gan_error err = {0};
    assert_int_equal(gan_dataset_fetch("mnist/all", folder, sizeof folder, NULL, NULL, &err),
                     GAN_ENOTFOUND);
    assert_string_equal(err.message,
                        "mnist/all: mnist has no such split; there are mnist and mnist/test");
}

static void path_or_name(void **state)
{
    (void)state;
    is("strokes/test", "strokes/test", 10000);
    put("mine");
    put("here/mine");
    is("mine", "mine", 4);
    is("here/mine", "mine", 4);
    is("./mine/images-idx3-ubyte", "images-idx3-ubyte", 4);
    is(scratch("mine"), "mine", 4);
    put("strokes/test"); /* what is there is a path */
    is("strokes/test", "strokes/test", 4);
    char message[512];
    snprintf(message, sizeof message,
             "%s: no pictures here, nor in the folders in it (.png, .jpg, .webp), and no train-images-idx3-ubyte, "
             "train-images.idx3-ubyte or images-idx3-ubyte, plain or .gz",
             scratch("strokes"));
    refuse(find, "strokes", GAN_ENOTFOUND, message);
    is("./strokes/test/", "strokes/test", 4);
    assert_int_equal(rename("strokes", "other"), 0);
    is("strokes", "strokes", 60000);
}

/* `gander train ring -o ring`, and then once more: what lies there is a run, not the set. */
static void run_of_that_name(void **state)
{
    (void)state;
    assert_int_equal(gan__make_dir("ring", NULL), GAN_OK);
    assert_int_equal(gan__write_file("ring/recipe.ini", "", 0, NULL), GAN_OK);
    char message[512];
    snprintf(message, sizeof message,
             "%s: no pictures here, nor in the folders in it (.png, .jpg, .webp), and no train-images-idx3-ubyte, "
             "train-images.idx3-ubyte or images-idx3-ubyte, plain or .gz",
             scratch("ring"));
    refuse(find, "ring", GAN_ENOTFOUND, message); /* not yet */
    assert_int_equal(gan__write_file("ring/metrics.jsonl", "", 0, NULL), GAN_OK);
    gan_dataset *d = NULL;
    assert_int_equal(gan_dataset_find(&d, "ring", NULL, NULL), GAN_OK);
    assert_true(gan_dataset_real(d));
    gan_dataset_free(d);
    snprintf(message, sizeof message, "%s: is a run, whose grids are no data; `gander sample RUN -n N -o FOLDER/` draws pictures", scratch("ring"));
    refuse(find, "./ring", GAN_EINVAL, message);
    put("ring/strokes"); /* neither do pictures below it make it data */
    refuse(find, "./ring", GAN_EINVAL, message);
}

static void neither_path_nor_name(void **state)
{
    (void)state;
    refuse(find, "mnits", GAN_ENOTFOUND,
           "mnits: no file or folder, and no data set has this name; there are mnist, fashion-mnist, strokes, ring, grid and "
           "stacked-mnist; do you mean 'mnist'?");
    refuse(find, "mnist/tests", GAN_ENOTFOUND,
           "mnist/tests: mnist has no such split; there are mnist and mnist/test");
    refuse(find, "./nowhere", GAN_ENOTFOUND,
           "./nowhere: cannot be opened as a data set: No such file or directory");
    refuse(find, "no/where", GAN_ENOTFOUND,
           "no/where: cannot be opened as a data set: No such file or directory");
    refuse(find, "mnist/test", GAN_ENOTFOUND,
           "mnist/test: is not on this machine; get it with: gander data fetch mnist");
}

/* ---- real data ----------------------------------------------------------------------------------
 */

static const struct {
    const char *set, *sha256;
    int labels[10];
} tests_of[] = {
    {"mnist",
     "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
     {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}},
    {"fashion-mnist",
     "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
     {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}},
};

/* A cache that holds a set of the test data. */
static void put_set(const char *root, const char *set)
{
    static const char *const files[] = {"train-images-idx3", "train-labels-idx1",
                                        "t10k-images-idx3", "t10k-labels-idx1"};
    char from[512], to[512];
    snprintf(to, sizeof to, "cache/gander/%s", set);
    assert_int_equal(gan__make_dir(to, NULL), GAN_OK);
    for (int i = 0; i < 4; i++) {
        snprintf(from, sizeof from, "%s/%s/%s-ubyte.gz", root, set, files[i]);
        snprintf(to, sizeof to, "cache/gander/%s/%s-ubyte.gz", set, files[i]);
        uint8_t *file = NULL;
        size_t bytes = 0;
        assert_int_equal(gan__read_file(from, 1 << 25, &file, &bytes, NULL), GAN_OK);
        assert_int_equal(gan__write_file(to, file, bytes, NULL), GAN_OK);
        free(file);
    }
}

static void kept_for_testing(void **state)
{
    (void)state;
    const char *root = getenv("GANDER_TEST_DATA");
    if (!root) {
        print_message("SKIP: GANDER_TEST_DATA is not set\n");
        skip();
    }
    for (int k = 0; k < 2; k++) {
        char name[64], path[512];
        put_set(root, tests_of[k].set);
        snprintf(name, sizeof name, "%s/test", tests_of[k].set);
        snprintf(path, sizeof path, "%s/%s/t10k-images-idx3-ubyte.gz", root, tests_of[k].set);
        is(path, name, 10000); /* known by its pixels wherever it lies */
        gan_dataset *d = NULL;
        gan_error err = {0};
        if (gan_dataset_named(&d, name, &err) != GAN_OK)
            fail_msg("%s", err.message);
        assert_string_equal(gan_dataset_name(d), name);
        assert_string_equal(gan_dataset_sha256(d), tests_of[k].sha256);
        int labels[10] = {0};
        for (int i = 0; i < 10000; i++)
            labels[gan_dataset_labels(d)[i]]++;
        assert_memory_equal(labels, tests_of[k].labels, sizeof labels);
        gan_dataset_free(d);
        is(tests_of[k].set, tests_of[k].set, 60000);
    }
}

/* Other pixels, other labels: neither is taken for the set. Runs behind kept_for_testing. */
static void only_the_real_ones(void **state)
{
    (void)state;
    if (!getenv("GANDER_TEST_DATA"))
        skip();
    static uint8_t labels[8 + 10000] = {0, 0, 8, 1, 0, 0, 0x27, 0x10};
    scratch_file("cache/gander/mnist/t10k-labels-idx1-ubyte", labels, sizeof labels);
    char message[1024];
    snprintf(
        message, sizeof message,
        "%s/t10k-images-idx3-ubyte.gz: is not mnist/test (its labels have another SHA-256); run: "
        "gander data fetch mnist",
        scratch("cache/gander/mnist"));
    refuse(gan_dataset_named, "mnist/test", GAN_EFORMAT, message);
    assert_int_equal(unlink("cache/gander/mnist/t10k-labels-idx1-ubyte"), 0);
    assert_int_equal(unlink("cache/gander/mnist/t10k-images-idx3-ubyte.gz"), 0);
    refuse(gan_dataset_named, "mnist/test", GAN_ENOTFOUND,
           "mnist/test: is not on this machine; get it with: gander data fetch mnist");
    assert_int_equal(rename("cache/gander/fashion-mnist/t10k-images-idx3-ubyte.gz",
                            "cache/gander/mnist/t10k-images-idx3-ubyte.gz"),
                     0);
    snprintf(
        message, sizeof message,
        "%s/t10k-images-idx3-ubyte.gz: is not mnist/test (its pixels have another SHA-256); run: "
        "gander data fetch mnist",
        scratch("cache/gander/mnist"));
    refuse(gan_dataset_named, "mnist/test", GAN_EFORMAT, message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_to_test_with), cmocka_unit_test(what_is_no_name),       cmocka_unit_test(path_or_name),
        cmocka_unit_test(run_of_that_name),   cmocka_unit_test(neither_path_nor_name), cmocka_unit_test(kept_for_testing),
        cmocka_unit_test(only_the_real_ones),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
