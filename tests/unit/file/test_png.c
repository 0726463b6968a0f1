/* test_png.c - pictures out and in; the same pixels give the same bytes. */
#include "base/paths.h"
#include "unit/file/scratch.h"

#include "file/png.h"

static void round_trip(void **state)
{
    (void)state;
    uint8_t pixels[5 * 3 * 4];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37 + 5);
    for (int channels = 1; channels <= 4; channels++) {
        const gan_image image = {3, 5, channels, pixels};
        gan_image back;
        gan_error err = {0};
        if (gan__png_write(&image, scratch("p.png"), &err) != GAN_OK ||
            gan__png_read(&back, scratch("p.png"), &err) != GAN_OK)
            fail_msg("%s", err.message);
        assert_int_equal(back.height, 3);
        assert_int_equal(back.width, 5);
        assert_int_equal(back.channels, channels);
        assert_memory_equal(back.pixels, pixels, (size_t)(15 * channels));
        free(back.pixels);
    }
}

static void same_bytes(void **state)
{
    (void)state;
    uint8_t pixels[6] = {1, 2, 3, 4, 5, 6}, *a = NULL, *b = NULL;
    const gan_image image = {2, 1, 3, pixels};
    size_t n = 0, m = 0;
    assert_int_equal(gan__png_encode(&image, &a, &n, NULL), GAN_OK);
    sleep(1); /* a stored time would differ now */
    assert_int_equal(gan__png_encode(&image, &b, &m, NULL), GAN_OK);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    assert_null(memmem(a, n, "tIME", 4));
    free(a);
    free(b);
}

static void bad_ones(void **state)
{
    (void)state;
    uint8_t pixels[64] = {1, 2, 3}, *file = NULL;
    size_t n = 0;
    gan_image image = {8, 8, 1, pixels}, back;
    gan_error err = {0};
    assert_int_equal(gan__png_encode(&image, &file, &n, NULL), GAN_OK);
    for (size_t cut = 0; cut < n - 12; cut++) { /* 12: the chunk that only says "end" */
        assert_int_equal(gan__png_decode(&back, "f.png", file, cut, &err), GAN_EFORMAT);
        assert_int_equal(strncmp(err.message, "f.png: ", 7), 0);
        assert_null(back.pixels);
    }
    free(file);
    image.channels = 5;
    assert_int_equal(gan__png_encode(&image, &file, &n, NULL), GAN_EINVAL);
    image = (gan_image){0, 8, 1, pixels};
    assert_int_equal(gan__png_encode(&image, &file, &n, NULL), GAN_EINVAL);
    assert_int_equal(gan__png_read(&back, scratch("none.png"), &err), GAN_ENOTFOUND);
    assert_int_equal(gan__png_read(&back, scratch_folder, &err), GAN_EIO);
    assert_int_equal(gan__png_read(&back, scratch_file("text.png", "hello", 5), &err), GAN_EFORMAT);
    assert_non_null(strstr(err.message, "is not a PNG picture"));
}

static void full_disk(void **state)
{
    (void)state;
    static uint8_t pixels[100 * 100];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i * 31 >> 3);
    const gan_image image = {100, 100, 1, pixels};
    scratch_disk(500);
    const gan_status s = gan__png_write(&image, scratch("full.png"), NULL);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(s, GAN_EIO);
    assert_false(gan__is_file(scratch("full.png")));
    assert_false(gan__is_file(scratch("full.png.tmp")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(same_bytes),
                                       cmocka_unit_test(bad_ones), cmocka_unit_test(full_disk)};
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
