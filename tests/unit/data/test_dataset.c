/* test_dataset.c - sets from paths and from memory: fields, the shuffled stream, parts. */
#include "base/paths.h"
#include "unit/file/scratch.h"

#include <gan/data.h>

#include <math.h>
#include <sys/stat.h>

static const uint8_t eight[8] = {0, 1, 2, 3, 4, 5, 6, 7};

/* A folder with images (n of 2 x 1) and, where labels > 0, labels. */
static const char *folder(const char *name, const char *images, int n, const char *labels, int m)
{
    char path[512];
    const char *dir = scratch(name);
    assert_int_equal(gan__make_dir(dir, NULL), GAN_OK);
    snprintf(path, sizeof path, "%s/%s", dir, images);
    assert_int_equal(gan_idx_write(path, (const int[]){n, 2, 1, 1}, eight, NULL), GAN_OK);
    if (labels) {
        const uint8_t head[8] = {0, 0, 8, 1, 0, 0, 0, (uint8_t)m};
        char within[128];
        snprintf(within, sizeof within, "%s/%s", name, labels);
        uint8_t file[16];
        memcpy(file, head, 8);
        memcpy(file + 8, eight, 8);
        scratch_file(within, file, 8 + (size_t)m);
    }
    return dir;
}

static void from_folders(void **state)
{
    (void)state;
    static const struct {
        const char *images, *labels;
        int classes;
    } row[] = {
        {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", 4},
        {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", 4},
        {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", 4},
        {"images-idx3-ubyte.gz", NULL, 0},
    };
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "set%d", i);
        const char *dir = folder(name, row[i].images, 4, row[i].labels, 4);
        gan_dataset *d = NULL;
        gan_error err = {0};
        if (gan_dataset_open(&d, dir, NULL, &err) != GAN_OK)
            fail_msg("%s", err.message);
        int h, w, c;
        gan_dataset_shape(d, &h, &w, &c);
        assert_int_equal(gan_dataset_count(d), 4);
        assert_true(h == 2 && w == 1 && c == 1);
        assert_int_equal(gan_dataset_classes(d), row[i].classes);
        assert_int_equal(gan_dataset_labels(d) != NULL, row[i].labels != NULL);
        assert_string_equal(gan_dataset_name(d), name);
        assert_string_equal(gan_dataset_source(d), dir);
        assert_string_equal(gan_dataset_sha256(d),
                            "8a851ff82ee7048ad09ec3847f1ddf44944104d2cbd17ef4e3db22c6785a0d45");
        uint8_t item[2];
        gan_dataset_get(d, 2, item);
        assert_memory_equal(item, eight + 4, 2);
        gan_dataset_free(d);
    }
}

static void refuse(const char *path, gan_status status, const char *says)
{
    gan_dataset *d = NULL;
    gan_error err = {0};
    const gan_status s = gan_dataset_open(&d, path, NULL, &err);
    if (s != status || !strstr(err.message, says))
        fail_msg("%s: %s \"%s\"", path, gan_status_name(s), err.message);
    assert_null(d);
}

static void bad_paths(void **state)
{
    (void)state;
    refuse(scratch("nothing"), GAN_ENOTFOUND, "cannot be opened as a data set");
    refuse(scratch_folder, GAN_ENOTFOUND,
           ": no pictures here, nor in the folders in it (.png, .jpg, .webp), and no train-images-idx3-ubyte, "
           "train-images.idx3-ubyte or images-idx3-ubyte, plain or .gz");
    refuse(folder("few", "images-idx3-ubyte", 4, "labels-idx1-ubyte", 3), GAN_EFORMAT,
           "4 images, but 3 labels beside it");
    refuse(scratch("few/labels-idx1-ubyte"), GAN_EFORMAT, "holds labels; give the file of images");
    folder("odd", "images-idx3-ubyte", 4, NULL, 0);
    assert_int_equal(
        gan_idx_write(scratch("odd/labels-idx1-ubyte"), (const int[]){4, 2, 1, 1}, eight, NULL),
        GAN_OK);
    refuse(scratch("odd"), GAN_EFORMAT, "the file of labels beside it holds images");
    folder("torn", "images-idx3-ubyte", 4, NULL, 0);
    assert_int_equal(truncate(scratch("torn/images-idx3-ubyte"), 20), 0);
    refuse(scratch("torn"), GAN_EFORMAT, "images-idx3-ubyte: 4 images of 2 x 1 need 24 bytes");
    refuse(scratch_file("pipe.idx", "junk", 4), GAN_EFORMAT, "is not an IDX file");
}

static void from_memory(void **state)
{
    (void)state;
    gan_dataset *d = NULL;
    gan_error err = {0};
    assert_int_equal(
        gan_dataset_from_bytes(&d, "mine", (const int[]){2, 1, 1, 4}, eight, eight + 3, &err),
        GAN_OK);
    assert_string_equal(gan_dataset_name(d), "mine");
    assert_int_equal(gan_dataset_classes(d), 5);
    gan_dataset_free(d);
    assert_int_equal(gan_dataset_from_bytes(&d, "m", (const int[]){0, 1, 1, 1}, eight, NULL, &err),
                     GAN_EINVAL);
    assert_int_equal(gan_idx_write(scratch("z"), (const int[]){1, 1, -1, 1}, eight, &err),
                     GAN_EINVAL);
    assert_null(d);
    gan_dataset_free(NULL);
}

/* ---- the stream ---------------------------------------------------------------------------------
 */

enum { COUNT = 1000 };

/* Item i is the two bytes of i. */
static gan_dataset *numbered(void)
{
    uint8_t pixels[2 * COUNT];
    for (int i = 0; i < COUNT; i++) {
        pixels[2 * i] = (uint8_t)(i >> 8);
        pixels[2 * i + 1] = (uint8_t)i;
    }
    gan_dataset *d = NULL;
    assert_int_equal(
        gan_dataset_from_bytes(&d, "numbers", (const int[]){COUNT, 1, 2, 1}, pixels, NULL, NULL),
        GAN_OK);
    return d;
}

static int number(const uint8_t *item)
{
    return item[0] << 8 | item[1];
}

static void each_epoch_holds_each_item_once(void **state)
{
    (void)state;
    gan_dataset *d = numbered();
    uint8_t epoch[2][2 * COUNT];
    gan_dataset_batch(d, 7, 0, COUNT, epoch[0]);
    gan_dataset_batch(d, 7, COUNT, COUNT, epoch[1]);
    int same = 0, in_place = 0;
    for (int e = 0; e < 2; e++) {
        bool seen[COUNT] = {false};
        for (int p = 0; p < COUNT; p++) {
            const int i = number(epoch[e] + 2 * p);
            assert_in_range(i, 0, COUNT - 1);
            assert_false(seen[i]);
            seen[i] = true;
            in_place += i == p;
            same += e == 1 && i == number(epoch[0] + 2 * p);
        }
    }
    assert_true(same < 10 && in_place < 10); /* 1 and 2 are expected */
    gan_dataset_free(d);
}

/* Batches of any size, over the ends of epochs too, are windows of one stream. */
static void batches_are_windows(void **state)
{
    (void)state;
    gan_dataset *d = numbered();
    static uint8_t stream[3 * 2 * COUNT], window[2 * 300], other[2 * COUNT];
    gan_dataset_batch(d, 1, 0, 3 * COUNT, stream);
    for (int first = 0; first + 300 <= 3 * COUNT; first += 97) {
        gan_dataset_batch(d, 1, (uint64_t)first, 300, window);
        assert_memory_equal(window, stream + 2 * first, sizeof window);
    }
    gan_dataset_batch(d, 2, 0, COUNT, other);
    assert_memory_not_equal(other, stream, sizeof other);
    gan_dataset_batch(d, 1, (uint64_t)1 << 40, 300, window); /* far away is as near */
    gan_dataset_free(d);
}

/* Every item once an epoch, and the same ones in the same places as the batch has them. */
static void order_and_gather_are_the_batch(void **state)
{
    (void)state;
    enum { FIRST = 900, MANY = 1317 }; /* over the ends of two epochs */
    gan_dataset *d = numbered();
    static int items[MANY], window[40];
    static uint8_t batch[2 * MANY], gathered[2 * MANY];
    gan_dataset_order(d, 7, FIRST, MANY, items);
    gan_dataset_batch(d, 7, FIRST, MANY, batch);
    gan_dataset_gather(d, gan_dataset_field_find(d, "image"), items, MANY, gathered);
    assert_memory_equal(gathered, batch, sizeof batch);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(number(batch + 2 * i), items[i]);
    gan_dataset_order(d, 7, FIRST + 100, 40, window);
    assert_memory_equal(window, items + 100, sizeof window);
    gan_dataset_free(d);
}

/* What seed 1 made of a thousand items when the stream was first written: a run's bytes hang on it.
 */
static void the_order_stays(void **state)
{
    (void)state;
    gan_dataset *d = numbered();
    static const int was[8] = {75, 750, 118, 647, 515, 50, 366, 579};
    int items[8];
    gan_dataset_order(d, 1, 996, 8, items);
    assert_memory_equal(items, was, sizeof was);
    gan_dataset_free(d);
}

/* ---- fields -------------------------------------------------------------------------------------
 */

static const int four[4] = {4, 2, 1, 1};

static gan_dataset *of_four(const uint8_t *labels)
{
    gan_dataset *d = NULL;
    assert_int_equal(gan_dataset_from_bytes(&d, "four", four, eight, labels, NULL), GAN_OK);
    return d;
}

static void fields_have_names(void **state)
{
    (void)state;
    gan_dataset *d = of_four(eight + 3);
    const gan_dataset_field *f = NULL;
    assert_int_equal(gan_dataset_fields(d, &f), 2);
    assert_string_equal(f[0].name, "image");
    assert_true(f[0].rank == 3 && f[0].dim[0] == 2 && f[0].dim[1] == 1 && f[0].dim[2] == 1);
    assert_int_equal(f[0].bytes, 2);
    assert_string_equal(f[1].name, "label");
    assert_true(f[1].rank == 0 && f[1].bytes == 1);
    assert_int_equal(gan_dataset_field_find(d, "image"), 0);
    assert_int_equal(gan_dataset_field_find(d, "label"), 1);
    assert_int_equal(gan_dataset_field_find(d, "labels"), -1);
    uint8_t labels[3], images[6];
    gan_dataset_gather(d, 1, (const int[]){2, 0, 2}, 3, labels);
    gan_dataset_gather(d, 0, (const int[]){2, 0, 2}, 3, images);
    assert_memory_equal(labels, ((uint8_t[]){5, 3, 5}), 3);
    assert_memory_equal(images, ((uint8_t[]){4, 5, 0, 1, 4, 5}), 6);
    gan_dataset_free(d);
}

static void labels_that_are_not_there(void **state)
{
    (void)state;
    gan_dataset *d = of_four(NULL);
    const gan_dataset_field *f = NULL;
    gan_error err = {0};
    int field;
    char hex[65];
    assert_int_equal(gan_dataset_fields(d, &f), 1);
    assert_int_equal(gan_dataset_field_need(d, "image", &field, &err), GAN_OK);
    assert_int_equal(field, 0);
    assert_int_equal(gan_dataset_field_need(d, "label", &field, &err), GAN_ENOTFOUND);
    assert_non_null(strstr(err.message, "memory: has no labels, and they are needed; put their "));
    assert_int_equal(field, -1);
    assert_int_equal(gan_dataset_field_need(d, "colour", &field, &err), GAN_ENOTFOUND);
    assert_string_equal(err.message, "memory: has no field 'colour'; there is image");
    assert_int_equal(gan_dataset_digest(d, (const char *[]){"image", "label"}, 2, hex, &err),
                     GAN_ENOTFOUND);
    assert_int_equal(gan_dataset_digest(d, NULL, 0, hex, &err), GAN_EINVAL);
    gan_dataset_free(d);
}

static void digest_of(const gan_dataset *d, const char *a, const char *b, char hex[65])
{
    assert_int_equal(gan_dataset_digest(d, (const char *[]){a, b}, b ? 2 : 1, hex, NULL), GAN_OK);
}

/* printf 'image %s\nlabel %s\n' DIGEST DIGEST | sha256sum */
static void digests_go_by_field(void **state)
{
    (void)state;
    gan_dataset *d = of_four(eight), *relabelled = of_four(eight + 1), *bare = of_four(NULL);
    char image[65], both[65], turned[65], other[65];
    digest_of(d, "image", NULL, image);
    assert_string_equal(image, gan_dataset_sha256(d));
    digest_of(bare, "image", NULL, other);
    assert_string_equal(image, other); /* labels that nobody reads change nothing */
    digest_of(relabelled, "image", "image", other);
    assert_string_equal(image, other);
    digest_of(d, "image", "label", both);
    digest_of(d, "label", "image", turned);
    assert_string_equal(both, "7cb4304b895f3feb0418ac181ffa4279ed0976d67d767a1251f08fd44e278f8a");
    assert_string_equal(both, turned);
    digest_of(relabelled, "image", "label", other);
    assert_string_not_equal(both, other);
    digest_of(d, "label", NULL, other);
    assert_string_equal(other, "281b71c5cb5aed5175ddea006b00093c96156e3b11a13bb2adeb070cc88f6f9b");
    gan_dataset_free(bare);
    gan_dataset_free(relabelled);
    gan_dataset_free(d);
}

/* ---- two of one ---------------------------------------------------------------------------------
 */

static void split(gan_dataset **train, gan_dataset **held, const gan_dataset *whole, double share)
{
    gan_error err = {0};
    if (gan_dataset_split(train, held, whole, share, &err) != GAN_OK)
        fail_msg("%s", err.message);
}

/* Each item in one of the two, both in the whole's order; the whole may go first. */
static void each_item_on_one_side(void **state)
{
    (void)state;
    gan_dataset *whole = numbered(), *part[2];
    split(&part[0], &part[1], whole, 0.1);
    assert_string_equal(gan_dataset_name(part[0]), "numbers");
    assert_string_equal(gan_dataset_name(part[1]), "numbers (held out)");
    assert_string_equal(gan_dataset_source(part[1]), "memory");
    assert_int_equal(gan_dataset_count(part[0]), 900);
    assert_int_equal(gan_dataset_count(part[1]), 100);
    gan_dataset_free(whole);
    bool seen[COUNT] = {false};
    int low = 0;
    for (int k = 0; k < 2; k++)
        for (int i = 0, last = -1; i < gan_dataset_count(part[k]); i++) {
            uint8_t item[2];
            gan_dataset_get(part[k], i, item);
            assert_in_range(number(item), last + 1, COUNT - 1);
            last = number(item);
            assert_false(seen[last]);
            seen[last] = true;
            low += k == 1 && last < COUNT / 2;
        }
    assert_in_range(low, 30, 70); /* held out from all over */
    gan_dataset_free(part[1]);
    gan_dataset_free(part[0]);
}

/* A part has a stream of its own over its own items, and its batches are gathered from the whole's
 * bytes. */
static void a_part_is_a_set(void **state)
{
    (void)state;
    enum { N = 100 };
    gan_dataset *whole = numbered(), *train, *held;
    split(&train, &held, whole, 0.1);
    int items[2 * N];
    static uint8_t batch[4 * N];
    gan_dataset_order(held, 3, 0, 2 * N, items);
    gan_dataset_batch(held, 3, 0, 2 * N, batch);
    bool seen[2][N] = {{false}};
    for (int p = 0; p < 2 * N; p++) {
        uint8_t item[2];
        assert_in_range(items[p], 0, N - 1);
        assert_false(seen[p / N][items[p]]);
        seen[p / N][items[p]] = true;
        gan_dataset_get(held, items[p], item);
        assert_memory_equal(item, batch + 2 * p, 2);
    }
    gan_dataset *again[2]; /* split once more: the share is of what is left */
    split(&again[0], &again[1], train, 1.0 / 3);
    gan_dataset_free(train);
    gan_dataset_free(whole);
    assert_int_equal(gan_dataset_count(again[1]), 300);
    assert_string_equal(gan_dataset_name(again[1]), "numbers (held out)");
    bool of_held[COUNT] = {false};
    uint8_t item[2];
    for (int i = 0; i < N; i++) {
        gan_dataset_get(held, i, item);
        of_held[number(item)] = true;
    }
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < gan_dataset_count(again[k]); i++) {
            gan_dataset_get(again[k], i, item);
            assert_false(of_held[number(item)]);
            of_held[number(item)] = true;
        }
    for (int k = 0; k < 2; k++)
        gan_dataset_free(again[k]);
    gan_dataset_free(held);
}

/* Which items: by the count alone, so pinned for one. */
static void the_same_are_held_out(void **state)
{
    (void)state;
    gan_dataset *whole = numbered(), *train, *held;
    split(&train, &held, whole, 0.005);
    static const int were[5] = {330, 363, 432, 876, 999};
    for (int i = 0; i < 5; i++) {
        uint8_t item[2];
        gan_dataset_get(held, i, item);
        assert_int_equal(number(item), were[i]);
    }
    gan_dataset_free(whole);
    gan_dataset_free(train);
    gan_dataset_free(held);
}

static void labels_go_with_their_images(void **state)
{
    (void)state;
    uint8_t bytes[COUNT]; /* an image's one pixel is its label */
    for (int i = 0; i < COUNT; i++)
        bytes[i] = (uint8_t)(i % 251);
    gan_dataset *whole = NULL, *part[2];
    assert_int_equal(
        gan_dataset_from_bytes(&whole, "m", (const int[]){COUNT, 1, 1, 1}, bytes, bytes, NULL),
        GAN_OK);
    split(&part[0], &part[1], whole, 0.2);
    for (int k = 0; k < 2; k++) {
        const int n = gan_dataset_count(part[k]);
        int items[COUNT];
        uint8_t image[COUNT], label[COUNT];
        gan_dataset_order(part[k], 1, 0, n, items);
        gan_dataset_gather(part[k], gan_dataset_field_find(part[k], "image"), items, n, image);
        gan_dataset_gather(part[k], gan_dataset_field_find(part[k], "label"), items, n, label);
        assert_memory_equal(image, label, (size_t)n);
        for (int i = 0; i < n; i++)
            assert_int_equal(gan_dataset_labels(part[k])[items[i]], label[i]);
        assert_int_equal(gan_dataset_classes(part[k]), 251); /* the whole's, whichever are left */
        gan_dataset_free(part[k]);
    }
    gan_dataset_free(whole);
}

/* printf 'whole %s\nheld out 100 of 1000: these\n' DIGEST | sha256sum */
static void a_part_is_other_data(void **state)
{
    (void)state;
    gan_dataset *whole = numbered(), *train, *held, *train2, *held2;
    char hex[65];
    split(&train, &held, whole, 0.1);
    split(&train2, &held2, whole, 0.1004); /* as many */
    assert_string_equal(gan_dataset_sha256(held),
                        "bed35b5a370860b57472407b6be2845e0fafff50ef7d86033e6d77667672be4b");
    assert_string_equal(gan_dataset_sha256(train),
                        "e4674c945371f63f225941640e1eca66854a7f32a51a7570b16c87473c626610");
    assert_string_equal(gan_dataset_sha256(train2), gan_dataset_sha256(train));
    digest_of(train, "image", NULL, hex);
    assert_string_equal(hex, gan_dataset_sha256(train));
    gan_dataset_free(train2);
    gan_dataset_free(held2);
    split(&train2, &held2, whole, 0.101); /* one more */
    assert_string_not_equal(gan_dataset_sha256(train2), gan_dataset_sha256(train));
    gan_dataset_free(train2);
    gan_dataset_free(held2);
    split(&train2, &held2, train, 0.1);
    assert_string_not_equal(gan_dataset_sha256(train2), gan_dataset_sha256(train));
    gan_dataset_free(train2);
    gan_dataset_free(held2);
    gan_dataset_free(train);
    gan_dataset_free(held);
    gan_dataset_free(whole);
}

static void shares(void **state)
{
    (void)state;
    gan_dataset *four_items = of_four(eight), *train, *held, *one = NULL;
    gan_error err = {0};
    static const struct {
        double share;
        int held;
    } row[] = {{1e-9, 1}, {0.25, 1}, {0.374, 1}, {0.376, 2}, {0.5, 2}, {0.75, 3}, {0.999, 3}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        split(&train, &held, four_items, row[i].share);
        assert_int_equal(gan_dataset_count(held), row[i].held);
        assert_int_equal(gan_dataset_count(train), 4 - row[i].held);
        gan_dataset_free(train);
        gan_dataset_free(held);
    }
    static const double none[] = {0, 1, -0.5, 2, (double)NAN};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(gan_dataset_split(&train, &held, four_items, none[i], &err), GAN_EINVAL);
        assert_non_null(strstr(err.message, "of it held out; a share is between 0 and 1"));
        assert_true(!train && !held);
    }
    assert_int_equal(
        gan_dataset_from_bytes(&one, "one", (const int[]){1, 2, 1, 1}, eight, NULL, NULL), GAN_OK);
    assert_int_equal(gan_dataset_split(&train, &held, one, 0.5, &err), GAN_EINVAL);
    assert_string_equal(err.message, "one: has one item; there is nothing to hold out");
    gan_dataset_free(one);
    gan_dataset_free(four_items);
}

/* ---- real data ----------------------------------------------------------------------------------
 */

static const struct {
    const char *folder, *sha256;
    double mean;
    int labels[10];
} real[] = {
    {"mnist",
     "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
     0.1306604762738429,
     {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
    {"fashion-mnist",
     "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
     0.2860405969887955,
     {6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000}},
};

static void real_data(void **state)
{
    (void)state;
    const char *root = getenv("GANDER_TEST_DATA");
    if (!root) {
        print_message("SKIP: GANDER_TEST_DATA is not set\n");
        skip();
    }
    for (int k = 0; k < 2; k++) {
        char path[512];
        gan_dataset *d = NULL;
        gan_error err = {0};
        snprintf(path, sizeof path, "%s/%s/", root, real[k].folder);
        if (gan_dataset_open(&d, path, NULL, &err) != GAN_OK)
            fail_msg("%s", err.message);
        assert_string_equal(gan_dataset_name(d), real[k].folder);
        assert_string_equal(gan_dataset_sha256(d), real[k].sha256);
        assert_int_equal(gan_dataset_count(d), 60000);
        assert_int_equal(gan_dataset_classes(d), 10);
        int labels[10] = {0};
        uint64_t sum = 0;
        uint8_t item[784];
        for (int i = 0; i < 60000; i++) {
            labels[gan_dataset_labels(d)[i]]++;
            gan_dataset_get(d, i, item);
            for (int j = 0; j < 784; j++)
                sum += item[j];
        }
        assert_memory_equal(labels, real[k].labels, sizeof labels);
        const double mean = (double)sum / (255.0 * 784 * 60000);
        assert_true(mean > real[k].mean - 1e-14 && mean < real[k].mean + 1e-14);
        gan_dataset_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_folders),
        cmocka_unit_test(bad_paths),
        cmocka_unit_test(from_memory),
        cmocka_unit_test(each_epoch_holds_each_item_once),
        cmocka_unit_test(batches_are_windows),
        cmocka_unit_test(order_and_gather_are_the_batch),
        cmocka_unit_test(the_order_stays),
        cmocka_unit_test(fields_have_names),
        cmocka_unit_test(labels_that_are_not_there),
        cmocka_unit_test(digests_go_by_field),
        cmocka_unit_test(each_item_on_one_side),
        cmocka_unit_test(a_part_is_a_set),
        cmocka_unit_test(the_same_are_held_out),
        cmocka_unit_test(labels_go_with_their_images),
        cmocka_unit_test(a_part_is_other_data),
        cmocka_unit_test(shares),
        cmocka_unit_test(real_data),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
