/* test_mixture.c - the sets of points: the same bytes everywhere, Gaussians where they belong, modes that can be told. */
#include "unit/file/scratch.h"

#include "data/mixture.h"

#include <gan/data.h>

#include <math.h>

static const struct {
    const char *name, *test, *sha256, *test_sha256;
    int modes;
    double deviation;
} sets[] = {{"ring", "ring/test", "8cd1681ff95eaf676df30c0dfe55dbef12b1d7794ef337eca0959b8a4cab1b66",
             "c1b995281cc0262b1237a2fc2c57aeb8b024f2ee51de94e9db13e9d7da3ae690", 8, 0.01},
            {"grid", "grid/test", "97bcdb2813c0f65c8e19735f476184709deadf93c11ca56daad2c0b93ca55f20",
             "3ccbe6172d201ec4d7b53914f2d25736fc2a8969fe4687d9df482b92af41c4ed", 25, 0.05}};

static gan_dataset *open(const char *name)
{
    gan_dataset *d = NULL;
    gan_error err = {0};
    if (gan_dataset_named(&d, name, &err) != GAN_OK)
        fail_msg("%s: %s", name, err.message);
    return d;
}

static void points_of_two_floats(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        gan_dataset *d = open(sets[k].name), *test = NULL, *train = NULL, *held = NULL;
        const gan_dataset_field *fields;
        assert_int_equal(gan_dataset_fields(d, &fields), 2);
        assert_true(fields[0].real && fields[0].bytes == 8 && !fields[1].real);
        assert_true(gan_dataset_real(d));
        assert_int_equal(gan_dataset_count(d), 100000);
        assert_int_equal(gan_dataset_classes(d), sets[k].modes);
        assert_int_equal(gan_dataset_modes(d), sets[k].modes);
        assert_string_equal(gan_dataset_sha256(d), sets[k].sha256);
        assert_int_equal(gan_dataset_test(&test, d, NULL), GAN_OK);
        assert_string_equal(gan_dataset_name(test), sets[k].test);
        assert_string_equal(gan_dataset_sha256(test), sets[k].test_sha256);
        assert_int_equal(gan_dataset_split(&train, &held, d, 0.1, NULL), GAN_OK);
        assert_true(gan_dataset_real(held) && gan_dataset_modes(held) == sets[k].modes);
        gan_dataset_free(train);
        gan_dataset_free(held);
        gan_dataset_free(test);
        gan_dataset_free(d);
    }
}

/* Of n normals the mean is off by 1/sqrt(n), the variance by sqrt(2/n): five of those. Within three deviations of a mode lie
 * 1 - exp(-9/2) of a plane's points. */
static void gaussians(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        gan_dataset *d = open(sets[k].name);
        const int n = gan_dataset_count(d);
        double sum[GAN__MODES_MAX][2] = {{0}}, squares[2] = {0}, product = 0;
        const gan__mixture *m = k ? &gan__grid_of_modes : &gan__ring;
        int near = 0, right = 0;
        for (int i = 0; i < n; i++) {
            float point[2];
            bool is_near;
            gan_dataset_get(d, i, (uint8_t *)point);
            const int mode = i % sets[k].modes;
            right += gan_dataset_mode(d, point, &is_near) == mode;
            near += is_near;
            double z[2];
            for (int a = 0; a < 2; a++) {
                z[a] = ((double)point[a] - m->at[mode][a]) / sets[k].deviation;
                sum[mode][a] += z[a];
                squares[a] += z[a] * z[a];
            }
            product += z[0] * z[1];
        }
        assert_int_equal(right, n);
        const double share = (double)near / n, expected = 1 - exp(-4.5);
        assert_true(fabs(share - expected) < 5 * sqrt(expected * (1 - expected) / n));
        for (int a = 0; a < 2; a++) {
            assert_true(fabs(squares[a] / n - 1) < 5 * sqrt(2.0 / n));
            for (int mode = 0; mode < sets[k].modes; mode++)
                assert_true(fabs(sum[mode][a]) < 5 * sqrt((double)n / sets[k].modes));
        }
        assert_true(fabs(product / n) < 5 / sqrt(n));
        gan_dataset_free(d);
    }
}

static void modes_told(void **state)
{
    (void)state;
    bool near;
    const float on[2] = {1, 0.0299f}, off[2] = {1, 0.0301f}, nowhere[2] = {NAN, 0};
    assert_int_equal(gan__mixture_mode(&gan__ring, on, &near), 0);
    assert_true(near);
    assert_int_equal(gan__mixture_mode(&gan__ring, off, &near), 0);
    assert_false(near);
    gan__mixture_mode(&gan__ring, nowhere, &near);
    assert_false(near);
    gan_dataset *pictures = open("strokes/test");
    assert_int_equal(gan_dataset_modes(pictures), 0);
    assert_false(gan_dataset_real(pictures));
    gan_dataset_free(pictures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(points_of_two_floats), cmocka_unit_test(gaussians),
                                       cmocka_unit_test(modes_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
