/* test_picture.c - pictures of every kind against what Pillow makes of them; the bad ones are refused in a line. */
#include "file/cifar.h"
#include "file/npy.h"
#include "file/picture.h"
#include "base/fileio.h"
#include "unit/file/scratch.h"

#include <dirent.h>
#include <jansson.h>

#define CORPUS GAN_SOURCE_DIR "/tests/fuzz/corpus/picture"

static void read_corpus(const char *name, uint8_t **file, size_t *bytes)
{
    char path[512];
    gan_error err = {0};
    snprintf(path, sizeof path, "%s/%s", CORPUS, name);
    if (gan__read_file(path, 1 << 20, file, bytes, &err) != GAN_OK)
        fail_msg("%s", err.message);
}

static int at(const gan_image *image, int y, int x, int channel)
{
    const uint8_t *p = image->pixels + ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels;
    if (channel == 3)
        return image->channels % 2 ? 255 : p[image->channels - 1];
    return p[image->channels < 3 ? 0 : channel];
}

/* Their own decoders' roundings: 16 bits (Pillow cuts, we round), the colours of CMYK and of lossy files. */
static int allowed(const char *name)
{
    return strstr(name, "sixteen") ? 1 : strstr(name, "cmyk") ? 2 : strstr(name, ".jpg") || strstr(name, "lossy") ? 1 : 0;
}

static void as_pillow_does(void **state)
{
    (void)state;
    json_error_t why;
    json_t *rows = json_load_file(GAN_SOURCE_DIR "/tests/golden/pictures.json", 0, &why);
    assert_non_null(rows);
    assert_true(json_array_size(rows) > 25);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *name, *hex;
        int h, w, profile;
        uint8_t *file;
        size_t bytes;
        gan_image image;
        gan__picture_info info;
        gan_error err = {0};
        assert_int_equal(json_unpack(json_array_get(rows, i), "{s:s s:i s:i s:s s:b}", "file", &name, "height", &h, "width", &w,
                                     "rgba", &hex, "profile", &profile), 0);
        read_corpus(name, &file, &bytes);
        if (gan__picture_look(&info, name, file, bytes, &err) != GAN_OK || gan__picture_decode(&image, name, file, bytes, 0, &err) != GAN_OK)
            fail_msg("%s", err.message);
        if (info.height != h || info.width != w || info.profile != profile || image.height != h || image.width != w)
            fail_msg("%s: %d x %d, %d x %d, %d", name, info.height, info.width, image.height, image.width, info.profile);
        for (int k = 0; k < h * w * 4; k++) {
            unsigned wanted;
            assert_int_equal(sscanf(hex + 2 * k, "%2x", &wanted), 1);
            const int got = at(&image, k / 4 / w, k / 4 % w, k % 4);
            if (abs(got - (int)wanted) > allowed(name))
                fail_msg("%s: number %d is %d, not %u", name, k, got, wanted);
        }
        gan_image_release(&image);
        free(file);
    }
    json_decref(rows);
}

/* A half, a quarter, an eighth of a large JPEG, where nobody needs more. */
static void smaller_where_that_will_do(void **state)
{
    (void)state;
    uint8_t *file;
    size_t bytes;
    gan_image image;
    read_corpus("rgb.jpg", &file, &bytes); /* 6 x 9 */
    static const struct {
        int least, height, width;
    } row[] = {{0, 6, 9}, {6, 6, 9}, {4, 6, 9}, {3, 3, 5}, {2, 3, 5}, {1, 2, 3}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_int_equal(gan__picture_decode(&image, "f", file, bytes, row[i].least, NULL), GAN_OK);
        assert_int_equal(image.height, row[i].height);
        assert_int_equal(image.width, row[i].width);
        gan_image_release(&image);
    }
    free(file);
}

static void bad_ones(void **state)
{
    (void)state;
    DIR *d = opendir(CORPUS);
    int bad = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        uint8_t *file;
        size_t bytes;
        gan_image image;
        gan_error err = {0};
        if (strncmp(e->d_name, "bad_", 4) != 0)
            continue;
        bad++;
        read_corpus(e->d_name, &file, &bytes);
        const gan_status s = gan__picture_decode(&image, e->d_name, file, bytes, 0, &err);
        if (s != GAN_EFORMAT || image.pixels || strncmp(err.message, e->d_name, strlen(e->d_name)) != 0 || strchr(err.message, '\n'))
            fail_msg("%s: %s \"%s\"", e->d_name, gan_status_name(s), err.message);
        free(file);
    }
    closedir(d);
    assert_true(bad >= 18);
}

/* Each refused for its own reason. */
static void reasons(void **state)
{
    (void)state;
    static const struct {
        const char *name, *reason;
    } row[] = {{"bad_text.png", "is neither a PNG, a JPEG nor a WebP picture"},
               {"bad_a_gif.png", "is neither a PNG, a JPEG nor a WebP picture"},
               {"bad_huge.png", "20000 x 20000 pixels; at most 16384 a side and 64 million of them can be read"},
               {"bad_bomb.png", "16000 x 4000 pixels are more than"},
               {"bad_huge.jpg", "60000 x 60000 pixels; at most 16384 a side and 64 million of them can be read"},
               {"bad_animated.webp", "is an animated WebP"},
               {"bad_cut_rgb.png", "the PNG picture is damaged (cut off)"},
               {"bad_cut_rgb.jpg", "the JPEG picture is damaged (Premature end of JPEG file)"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint8_t *file;
        size_t bytes;
        gan_image image;
        gan_error err = {0};
        read_corpus(row[i].name, &file, &bytes);
        assert_int_equal(gan__picture_decode(&image, row[i].name, file, bytes, 0, &err), GAN_EFORMAT);
        if (!strstr(err.message, row[i].reason))
            fail_msg("%s", err.message);
        free(file);
    }
}

/* ---- CIFAR-10, NumPy -------------------------------------------------------------------------------- */

static void cifar(void **state)
{
    (void)state;
    enum { RECORD = 3073 };
    static uint8_t file[2 * RECORD];
    gan__idx images, labels;
    gan_error err = {0};
    for (int i = 0; i < 2 * RECORD; i++)
        file[i] = (uint8_t)(i % 251);
    file[0] = 7;
    file[RECORD] = 9;
    assert_int_equal(gan__cifar_parse(&images, &labels, "c", file, sizeof file, &err), GAN_OK);
    assert_memory_equal(images.dim, ((int[]){2, 32, 32, 3}), 4 * sizeof(int));
    assert_int_equal(labels.bytes[0], 7);
    assert_int_equal(labels.bytes[1], 9);
    for (int c = 0; c < 3; c++)
        assert_int_equal(images.bytes[3072 + 5 * 3 + c], file[RECORD + 1 + c * 1024 + 5]);
    gan__idx_release(&images);
    gan__idx_release(&labels);
    assert_int_equal(gan__cifar_parse(&images, &labels, "c", file, sizeof file - 1, &err), GAN_EFORMAT);
    assert_string_equal(err.message, "c: has 6145 bytes, no whole number of CIFAR-10's records of 3073");
    file[RECORD] = 10;
    assert_int_equal(gan__cifar_parse(&images, &labels, "c", file, sizeof file, &err), GAN_EFORMAT);
    assert_string_equal(err.message, "c: record 1 is of class 10; CIFAR-10 has 0 to 9");
    assert_int_equal(gan__cifar_parse(&images, &labels, "c", file, 0, &err), GAN_EFORMAT);
    assert_null(images.block);
}

static size_t npy(uint8_t *out, const char *type, const char *shape, size_t numbers)
{
    memset(out, ' ', 128);
    memcpy(out, "\x93NUMPY\1\0\166\0", 10);
    const int n = snprintf((char *)out + 10, 110, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    out[10 + n] = ' ';
    out[127] = '\n';
    for (size_t i = 0; i < numbers; i++)
        out[128 + i] = (uint8_t)i;
    return 128 + numbers;
}

static void npy_pictures(void **state)
{
    (void)state;
    static const struct {
        const char *type, *shape;
        size_t numbers;
        int dim[4];
        const char *error;
    } row[] = {
        {"|u1", "(2, 3, 4)", 24, {2, 3, 4, 1}, NULL},
        {"|u1", "(2,3,4,2,)", 48, {2, 3, 4, 2}, NULL},
        {"|u1", "(6, 4)", 24, {0}, "has 2 axes; of pictures there are three or four, (number, height, width, channels): reshape them"},
        {"|u1", "(1, 3, 4, 5)", 60, {0}, "pictures of 3 x 4 x 5 (height, width, channels)"},
        {"|u1", "(2, 1, 3, 8)", 48, {0}, "(numpy.moveaxis(x, 1, -1) puts the channels last)"},
        {"<f4", "(2, 3, 4)", 96, {0}, "needed are '|u1' (uint8)"},
        {"|u1", "(2, 3, 5)", 24, {0}, "has 24 bytes of numbers, and 2 x 3 x 5 of 1 bytes are promised"},
        {"|u1", "(2, 0, 5)", 0, {0}, "needed are one to 4 axes"},
        {"|u1", "(2, -3, 5)", 30, {0}, "needed are one to 4 axes"},
        {"|u1", "()", 1, {0}, "needed are one to 4 axes"},
        {"|u1", "(1, 1, 1, 1, 1)", 1, {0}, "needed are one to 4 axes"},
    };
    uint8_t file[256];
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        gan__idx images;
        gan_error err = {0};
        const gan_status s = gan__npy_pictures(&images, "a.npy", file, npy(file, row[i].type, row[i].shape, row[i].numbers), &err);
        if ((s == GAN_OK) != !row[i].error || (row[i].error && !strstr(err.message, row[i].error)))
            fail_msg("%s %s: %s", row[i].type, row[i].shape, err.message);
        if (s != GAN_OK)
            continue;
        assert_memory_equal(images.dim, row[i].dim, sizeof images.dim);
        assert_memory_equal(images.bytes, file + 128, row[i].numbers);
        gan__idx_release(&images);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pillow_does), cmocka_unit_test(smaller_where_that_will_do),
                                       cmocka_unit_test(bad_ones),       cmocka_unit_test(reasons),
                                       cmocka_unit_test(cifar),          cmocka_unit_test(npy_pictures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
