/* test_strokes.c - the drawn digits: the same bytes everywhere, ten classes, ink where it belongs.
 */
#include "unit/file/scratch.h"

#include "data/strokes.h"

#include <gan/data.h>

enum { ITEM = GAN__STROKES_SIDE * GAN__STROKES_SIDE };

static gan_dataset *all;

static int begin(void **state)
{
    (void)state;
    return gan_dataset_named(&all, "strokes", NULL) != GAN_OK;
}

static int end(void **state)
{
    (void)state;
    gan_dataset_free(all);
    return 0;
}

static void same_bytes_everywhere(void **state)
{
    (void)state;
    assert_string_equal(gan_dataset_name(all), "strokes");
    assert_string_equal(gan_dataset_sha256(all),
                        "d7ca025f1c69221b2d97d41b87bc6549e40e676bc73e1d39b47e573d32a5ab20");
}

static void ten_classes(void **state)
{
    (void)state;
    int h, w, c;
    gan_dataset_shape(all, &h, &w, &c);
    assert_true(h == 28 && w == 28 && c == 1);
    assert_int_equal(gan_dataset_count(all), 60000);
    assert_int_equal(gan_dataset_classes(all), 10);
    for (int i = 0; i < 100; i++)
        assert_int_equal(gan_dataset_labels(all)[i], i % 10);
}

/* An image is a function of its number: alone or in the set, in any order. */
static void one_by_one(void **state)
{
    (void)state;
    uint8_t a[ITEM], b[ITEM];
    static const int some[] = {59999, 0, 1234, 10, 10};
    for (int k = 0; k < 5; k++) {
        gan__strokes_draw((uint32_t)some[k], a);
        gan_dataset_get(all, some[k], b);
        assert_memory_equal(a, b, ITEM);
    }
}

/* Each has dark ink, some grey, much ground, and next to nothing in the corners; no two are alike.
 */
static void looks_like_writing(void **state)
{
    (void)state;
    uint8_t a[ITEM], before[ITEM] = {0};
    for (int i = 0; i < 60000; i++) {
        int dark = 0, grey = 0, ground = 0;
        gan_dataset_get(all, i, a);
        for (int k = 0; k < ITEM; k++) {
            dark += a[k] > 200;
            ground += a[k] == 0;
            grey += a[k] > 0 && a[k] < 255;
        }
        assert_in_range(grey, 20, 300);
        assert_in_range(dark, 8, 250);
        assert_in_range(ground, 400, 760);
        assert_true(a[0] == 0 && a[ITEM - 1] == 0);
        assert_memory_not_equal(a, before, ITEM);
        memcpy(before, a, ITEM);
    }
}

/* Nearest class mean knows most digits: the classes differ, and the labels belong to them. */
static void classes_can_be_told_apart(void **state)
{
    (void)state;
    static double mean[10][ITEM];
    uint8_t a[ITEM];
    for (int i = 0; i < 10000; i++) {
        gan_dataset_get(all, i, a);
        for (int k = 0; k < ITEM; k++)
            mean[i % 10][k] += a[k] / 1000.0;
    }
    int right = 0;
    for (int i = 10000; i < 12000; i++) {
        gan_dataset_get(all, i, a);
        int best = 0;
        double least = 1e300;
        for (int c = 0; c < 10; c++) {
            double d = 0;
            for (int k = 0; k < ITEM; k++)
                d += (a[k] - mean[c][k]) * (a[k] - mean[c][k]);
            if (d < least) {
                least = d;
                best = c;
            }
        }
        right += best == i % 10;
    }
    assert_in_range(right, 1500, 1999); /* MNIST: 82 %; varied, too: not all */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_everywhere),
        cmocka_unit_test(ten_classes),
        cmocka_unit_test(one_by_one),
        cmocka_unit_test(looks_like_writing),
        cmocka_unit_test(classes_can_be_told_apart),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
