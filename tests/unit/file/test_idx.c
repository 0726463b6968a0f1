/* test_idx.c - IDX and the gzip around it: what is right, and one clear line for each thing wrong.
 */
#include "base/fileio.h"
#include "base/paths.h"
#include "unit/file/scratch.h"

#include "file/gzip.h"
#include "file/idx.h"

#define IDX(type, rank) "\0\0" type rank
#define N(n)            "\0\0\0" n

/* ---- bad input, from memory --------------------------------------------------------------------
 */

typedef struct bad_case {
    const char *name;
    const char *bytes;
    size_t size;
    const char *says;
} bad_case;

#define BAD(name, bytes, says)                                                                     \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, says                                                       \
    }

static const bad_case bad[] = {
    BAD("empty", "", "is empty"),
    BAD("magic", "\x89PNG....", "is not an IDX file: it begins with 89 50 4e 47"),
    BAD("magic of text", "hello, world", "is not an IDX file"),
    BAD("short magic", "\0\0\x08", "ends inside the IDX header"),
    BAD("header cut", IDX("\x08", "\3") N("\1") N("\1"), "ends inside the IDX header"),
    BAD("float", IDX("\x0d", "\1") N("\1") "abcd", "IDX of type 0d"),
    BAD("rank 2", IDX("\x08", "\2") N("\1") N("\1") "a", "IDX of 2 dimensions"),
    BAD("rank 0", IDX("\x08", "\0"), "IDX of 0 dimensions"),
    BAD("rank 255", IDX("\x08", "\xff"), "IDX of 255 dimensions"),
    BAD("no images", IDX("\x08", "\3") N("\0") N("\2") N("\2"), "holds no images"),
    BAD("no labels", IDX("\x08", "\1") N("\0"), "holds no labels"),
    BAD("height 0", IDX("\x08", "\3") N("\1") N("\0") N("\2"), "a height of 0; 1 to 4096"),
    BAD("width 4097", IDX("\x08", "\3") N("\1") N("\1") "\0\0\x10\1", "a width of 4097"),
    BAD("5 channels", IDX("\x08", "\4") N("\1") N("\1") N("\1") N("\5") "abcde",
        "a number of channels of 5; 1 to 4"),
    BAD("count of 2^31", IDX("\x08", "\1") "\x80\0\0\0", "a count of 2147483648"),
    BAD("lying count", IDX("\x08", "\3") "\x7f\xff\xff\xff" N("\2") N("\2") "abcd",
        "2147483647 images of 2 x 2 need 8589934604 bytes, the file has 20"),
    BAD("cut", IDX("\x08", "\3") N("\2") N("\2") N("\2") "abcdefg",
        "2 images of 2 x 2 need 24 bytes, the file has 23; fetch it again"),
    BAD("behind", IDX("\x08", "\1") N("\2") "abc", "2 labels need 10 bytes, the file has 1 more"),
    BAD("colour cut", IDX("\x08", "\4") N("\1") N("\2") N("\2") N("\3") "abc",
        "1 images of 2 x 2 x 3 need 32 bytes"),
    BAD("gzip magic alone", "\x1f\x8b", "the gzip stream is cut off after 0 bytes"),
    BAD("gzip of nothing known", "\x1f\x8b\x07junkjunk", "the gzip stream is damaged"),
};

static void one_line_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gan__idx idx;
        gan_error err = {0};
        const gan_status s =
            gan__idx_parse(&idx, "some.idx", (const uint8_t *)bad[i].bytes, bad[i].size, &err);
        if (s != GAN_EFORMAT || strncmp(err.message, "some.idx: ", 10) != 0 ||
            !strstr(err.message, bad[i].says))
            fail_msg("%s: %s \"%s\"", bad[i].name, gan_status_name(s), err.message);
        assert_null(idx.block);
    }
}

/* ---- the same, packed ---------------------------------------------------------------------------
 */

typedef struct buffer {
    uint8_t *bytes;
    size_t n;
} buffer;

static gan_status gather(void *ctx, const void *data, size_t bytes, gan_error *err)
{
    buffer *b = ctx;
    (void)err;
    b->bytes = realloc(b->bytes, b->n + bytes);
    assert_non_null(b->bytes);
    memcpy(b->bytes + b->n, data, bytes);
    b->n += bytes;
    return GAN_OK;
}

static uint8_t *pack(const void *data, size_t bytes, size_t *packed)
{
    buffer b = {0};
    gan__gzip_packer *p;
    assert_int_equal(gan__gzip_pack_begin(&p, gather, &b, NULL), GAN_OK);
    assert_int_equal(gan__gzip_pack_add(p, data, bytes, true, NULL), GAN_OK);
    gan__gzip_pack_end(p);
    *packed = b.n;
    return b.bytes;
}

static void refuse_packed(const void *data, size_t bytes, size_t cut, int flip, const char *says)
{
    size_t n = 0;
    uint8_t *file = pack(data, bytes, &n);
    if (flip)
        file[n + (size_t)flip] ^= 1; /* counted from the end where negative */
    gan__idx idx;
    gan_error err = {0};
    const gan_status s = gan__idx_parse(&idx, "a.gz", file, n - cut, &err);
    if (s != GAN_EFORMAT || !strstr(err.message, says))
        fail_msg("wanted \"%s\", got %s \"%s\"", says, gan_status_name(s), err.message);
    free(file);
}

static void packed_ones(void **state)
{
    (void)state;
    static const char labels[] = IDX("\x08", "\1") N("\6") "abcdef";
    const size_t n = sizeof labels - 1;
    refuse_packed(labels, n, 1, 0, "6 labels need 14 bytes, but the gzip stream is cut off");
    refuse_packed(labels, n, 0, -6, "the gzip stream is damaged after 14 bytes (incorrect data");
    refuse_packed(labels, n - 2, 0, 0, "6 labels need 14 bytes, the file has 12 (unpacked)");
    refuse_packed(labels, n + 1, 0, 0, "6 labels need 14 bytes, the file has more (unpacked)");
    static const char lies[] = IDX("\x08", "\3") "\x7f\xff\xff\xff\0\0\x10\0\0\0\x10\0";
    refuse_packed(lies, sizeof lies - 1, 0, 0, "bytes of gzip can hold");
    size_t packed = 0;
    uint8_t *file = pack(labels, n, &packed);
    file = realloc(file, packed + 1);
    file[packed] = 0;
    gan__idx idx;
    gan_error err = {0};
    assert_int_equal(gan__idx_parse(&idx, "a.gz", file, packed + 1, &err), GAN_EFORMAT);
    assert_non_null(strstr(err.message, "1 bytes stand behind the end of the gzip stream"));
    free(file);
}

/* ---- files --------------------------------------------------------------------------------------
 */

static void round_trip(void **state)
{
    (void)state;
    static const struct {
        int rank, dim[4];
    } shapes[] = {{1, {24, 1, 1, 1}}, {3, {2, 3, 4, 1}}, {4, {2, 2, 2, 3}}};
    static const char *const names[] = {"x.idx", "x.idx.gz"};
    uint8_t bytes[24];
    for (int i = 0; i < 24; i++)
        bytes[i] = (uint8_t)(i * 11);
    for (int k = 0; k < 6; k++) {
        const char *path = scratch(names[k % 2]);
        gan__idx idx;
        assert_int_equal(gan__idx_write(path, shapes[k / 2].rank, shapes[k / 2].dim, bytes, NULL),
                         GAN_OK);
        assert_int_equal(gan__idx_read(&idx, path, NULL), GAN_OK);
        assert_int_equal(idx.rank, shapes[k / 2].rank);
        assert_memory_equal(idx.dim, shapes[k / 2].dim, sizeof idx.dim);
        assert_int_equal(idx.size, 24);
        assert_memory_equal(idx.bytes, bytes, 24);
        gan__idx_release(&idx);
        gan__idx_release(&idx);
    }
}

static void packed_without_time(void **state)
{
    (void)state;
    uint8_t *file = NULL;
    size_t n = 0;
    assert_int_equal(
        gan__idx_write(scratch("t.gz"), 1, (const int[]){3}, (const uint8_t *)"abc", NULL), GAN_OK);
    assert_int_equal(gan__read_file(scratch("t.gz"), 1000, &file, &n, NULL), GAN_OK);
    assert_memory_equal(file, "\x1f\x8b\x08\0\0\0\0\0", 8); /* no flags: no name; time 0 */
    free(file);
}

static void bad_paths(void **state)
{
    (void)state;
    gan__idx idx;
    gan_error err = {0};
    assert_int_equal(gan__idx_read(&idx, scratch("missing.gz"), &err), GAN_ENOTFOUND);
    assert_non_null(strstr(err.message, "missing.gz"));
    assert_int_equal(gan__idx_read(&idx, scratch_folder, &err), GAN_EIO);
    assert_non_null(strstr(err.message, "is a folder"));
    assert_int_equal(gan__idx_read(&idx, scratch_file("empty", "", 0), &err), GAN_EFORMAT);
    assert_non_null(strstr(err.message, "is empty"));
    assert_int_equal(
        gan__idx_write(scratch("no/where.idx"), 1, (const int[]){1}, (const uint8_t *)"a", &err),
        GAN_EIO);
}

/* A full disk: an error, the old file as it was, no leftovers. */
static void full_disk(void **state)
{
    (void)state;
    static const uint8_t many[5000];
    const char *path = scratch_file("kept.idx", "old", 3);
    gan_error err = {0};
    scratch_disk(1000);
    const gan_status s = gan__idx_write(path, 1, (const int[]){5000}, many, &err);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(s, GAN_EIO);
    uint8_t *file = NULL;
    size_t n = 0;
    assert_int_equal(gan__read_file(path, 10, &file, &n, NULL), GAN_OK);
    assert_memory_equal(file, "old", 3);
    assert_false(gan__is_file(scratch("kept.idx.tmp")));
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_each), cmocka_unit_test(packed_ones),
        cmocka_unit_test(round_trip),    cmocka_unit_test(packed_without_time),
        cmocka_unit_test(bad_paths),     cmocka_unit_test(full_disk),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
