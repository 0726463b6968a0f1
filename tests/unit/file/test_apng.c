/* test_apng.c - an animated PNG's chunks, and each of its pictures taken out again. */
#include "base/fileio.h"
#include "base/paths.h"
#include "file/png.h"
#include "unit/file/scratch.h"

#include <zlib.h>

enum { H = 9, W = 7, C = 3, PICTURES = 4, BYTES = H * W * C };

static void draw(uint8_t pixels[BYTES], int k)
{
    for (int i = 0; i < BYTES; i++)
        pixels[i] = (uint8_t)(i * (k + 3) + 17 * k);
}

static uint32_t number_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put(uint8_t **at, const void *data, size_t bytes)
{
    memcpy(*at, data, bytes);
    *at += bytes;
}

static void put_number(uint8_t **at, uint32_t v)
{
    const uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    put(at, b, 4);
}

static void put_chunk(uint8_t **at, const char *name, const uint8_t *data, size_t bytes)
{
    put_number(at, (uint32_t)bytes);
    const uint8_t *from = *at;
    put(at, name, 4);
    put(at, data, bytes);
    put_number(at, (uint32_t)crc32(0, from, (uInt)bytes + 4));
}

/* A picture's pixels as a PNG of its own. */
static void is_picture(const uint8_t *file, const uint8_t *data, size_t bytes, int k)
{
    uint8_t png[4096], *at = png, want[BYTES];
    gan_image image;
    gan_error err = {0};
    put(&at, file, 8 + 25);
    put_chunk(&at, "IDAT", data, bytes);
    put_chunk(&at, "IEND", data, 0);
    if (gan__png_decode(&image, "picture", png, (size_t)(at - png), &err) != GAN_OK)
        fail_msg("picture %d: %s", k, err.message);
    draw(want, k);
    assert_int_equal(image.height, H);
    assert_memory_equal(image.pixels, want, BYTES);
    gan_image_release(&image);
}

static void chunks(void **state)
{
    (void)state;
    uint8_t pixels[BYTES], *file;
    size_t bytes;
    gan_animation *a;
    char order[256] = "";
    assert_int_equal(gan_animation_begin(&a, scratch("a.apng"), PICTURES, 120, NULL), GAN_OK);
    for (int k = 0; k < PICTURES; k++) {
        draw(pixels, k);
        assert_int_equal(gan_animation_add(a, &(gan_image){H, W, C, pixels}, NULL), GAN_OK);
    }
    assert_int_equal(gan_animation_end(a, true, NULL), GAN_OK);
    assert_int_equal(gan__read_file(scratch("a.apng"), 1 << 20, &file, &bytes, NULL), GAN_OK);
    uint32_t sequence = 0;
    int k = 0;
    for (size_t at = 8; at < bytes;) {
        const uint32_t n = number_at(file + at);
        const uint8_t *name = file + at + 4, *data = name + 4;
        snprintf(order + strlen(order), sizeof order - strlen(order), "%.4s ", (const char *)name);
        assert_int_equal(number_at(data + n), (uint32_t)crc32(0, name, n + 4));
        if (!memcmp(name, "acTL", 4)) {
            assert_int_equal(number_at(data), PICTURES);
            assert_int_equal(number_at(data + 4), 0);
        } else if (!memcmp(name, "fcTL", 4)) {
            assert_int_equal(n, 26);
            assert_int_equal(number_at(data), sequence++);
            assert_int_equal(number_at(data + 4), W);
            assert_int_equal(number_at(data + 8), H);
            assert_int_equal(data[20] << 8 | data[21], 120);
            assert_int_equal(data[22] << 8 | data[23], 1000);
        } else if (!memcmp(name, "IDAT", 4)) {
            is_picture(file, data, n, k++);
        } else if (!memcmp(name, "fdAT", 4)) {
            assert_int_equal(number_at(data), sequence++);
            is_picture(file, data + 4, n - 4, k++);
        }
        at += 12 + n;
    }
    assert_string_equal(order, "IHDR acTL fcTL IDAT fcTL fdAT fcTL fdAT fcTL fdAT IEND ");
    gan_image first;
    assert_int_equal(gan__png_read(&first, scratch("a.apng"), NULL), GAN_OK);
    draw(pixels, 0);
    assert_memory_equal(first.pixels, pixels, BYTES);
    gan_image_release(&first);
    free(file);
}

static void what_cannot_be(void **state)
{
    (void)state;
    uint8_t pixels[BYTES] = {0};
    gan_animation *a;
    gan_error err = {0};
    assert_int_equal(gan_animation_begin(&a, scratch("b.apng"), 0, 120, &err), GAN_EINVAL);
    assert_int_equal(gan_animation_begin(&a, scratch("b.apng"), 2, 0, &err), GAN_EINVAL);
    assert_int_equal(gan_animation_begin(&a, scratch("none/b.apng"), 2, 9, &err), GAN_EIO);
    assert_null(a);
    assert_int_equal(gan_animation_begin(&a, scratch("b.apng"), 2, 9, &err), GAN_OK);
    assert_int_equal(gan_animation_add(a, &(gan_image){H, W, C, pixels}, &err), GAN_OK);
    assert_int_equal(gan_animation_add(a, &(gan_image){W, H, C, pixels}, &err), GAN_EINVAL);
    assert_non_null(strstr(err.message, "not of the first one's size"));
    assert_int_equal(gan_animation_end(a, false, &err), GAN_OK);
    assert_int_equal(gan_animation_begin(&a, scratch("b.apng"), 2, 9, &err), GAN_OK);
    assert_int_equal(gan_animation_add(a, &(gan_image){H, W, C, pixels}, &err), GAN_OK);
    assert_int_equal(gan_animation_end(a, true, &err), GAN_EINVAL);
    assert_int_equal(gan_animation_begin(&a, scratch("b.apng"), 1, 9, &err), GAN_OK);
    assert_int_equal(gan_animation_add(a, &(gan_image){H, W, C, pixels}, &err), GAN_OK);
    assert_int_equal(gan_animation_add(a, &(gan_image){H, W, C, pixels}, &err), GAN_EINVAL);
    assert_int_equal(gan_animation_end(a, false, &err), GAN_OK);
    assert_false(gan__is_file(scratch("b.apng")));
}

static void full_disk(void **state)
{
    (void)state;
    static uint8_t pixels[100 * 100];
    gan_animation *a;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i * 31 >> 3);
    assert_int_equal(gan_animation_begin(&a, scratch("full.apng"), 1, 9, NULL), GAN_OK);
    scratch_disk(500);
    const gan_status s = gan_animation_add(a, &(gan_image){100, 100, 1, pixels}, NULL);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(s, GAN_EIO);
    gan_animation_end(a, false, NULL);
    assert_false(gan__is_file(scratch("full.apng")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chunks), cmocka_unit_test(what_cannot_be), cmocka_unit_test(full_disk)};
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
