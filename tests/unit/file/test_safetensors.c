/* test_safetensors.c - what is written is read back; whatever is cut, flipped or made up is
 * refused. */
#include "base/fileio.h"
#include "base/paths.h"
#include "unit/file/scratch.h"

#include "file/safetensors.h"

static const float weights[6] = {1, -2, 3.5f, 0, 1e-30f, 7};
static const uint8_t codes[3] = {9, 8, 7};

static const gan__tensor tensors[] = {
    {.name = "g.0.weight", .dtype = GAN__F32, .rank = 2, .dim = {2, 3}, .data = weights},
    {.name = "a.codes", .dtype = GAN__U8, .rank = 1, .dim = {3}, .data = codes},
    {.name = "step", .dtype = GAN__F32, .rank = 0, .data = weights + 2},
    {.name = "none", .dtype = GAN__F32, .rank = 2, .dim = {0, 4}, .data = weights},
};
static const gan__meta words[] = {
    {"recipe", "[train]\nbatch = 16\n\"sha256\":\"x"}, {"a\"sha256", "0"}, {"version", "1"}};

enum { TENSORS = 4, WORDS = 3 };

static void write_all(const char *path)
{
    gan_error err = {0};
    if (gan__safetensors_write(path, tensors, TENSORS, words, WORDS, &err) != GAN_OK)
        fail_msg("%s", err.message);
}

static void load(const char *path, uint8_t **file, size_t *n)
{
    assert_int_equal(gan__read_file(path, 1 << 20, file, n, NULL), GAN_OK);
}

static void round_trip(void **state)
{
    (void)state;
    write_all(scratch("m.safetensors"));
    gan__safetensors *st = NULL;
    gan_error err = {0};
    if (gan__safetensors_read(&st, scratch("m.safetensors"), &err) != GAN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(gan__safetensors_count(st), TENSORS);
    for (int i = 0; i < TENSORS; i++) {
        const gan__tensor *t = gan__safetensors_find(st, tensors[i].name);
        assert_non_null(t);
        assert_int_equal(t->dtype, tensors[i].dtype);
        assert_int_equal(t->rank, tensors[i].rank);
        assert_memory_equal(t->dim, tensors[i].dim, sizeof t->dim);
        if (t->bytes > 0)
            assert_memory_equal(t->data, tensors[i].data, t->bytes);
        if (t->dtype == GAN__F32)
            assert_int_equal((uintptr_t)t->data % 4, 0);
    }
    assert_int_equal(gan__safetensors_find(st, "g.0.weight")->bytes, 24);
    assert_null(gan__safetensors_find(st, "g.0"));
    assert_string_equal(gan__safetensors_at(st, 0)->name, "a.codes");
    assert_int_equal(gan__safetensors_meta_count(st), WORDS + 1);
    for (int i = 0; i < WORDS; i++)
        assert_string_equal(gan__safetensors_meta(st, words[i].key), words[i].value);
    assert_int_equal(strlen(gan__safetensors_meta(st, "sha256")), 64);
    assert_null(gan__safetensors_meta(st, "sha"));
    assert_string_equal(gan__safetensors_meta_at(st, 1).key, "recipe");
    gan__safetensors_free(st);
}

static void order_does_not_matter(void **state)
{
    (void)state;
    gan__tensor t[TENSORS];
    gan__meta w[WORDS];
    for (int i = 0; i < TENSORS; i++)
        t[i] = tensors[TENSORS - 1 - i];
    for (int i = 0; i < WORDS; i++)
        w[i] = words[WORDS - 1 - i];
    write_all(scratch("a"));
    assert_int_equal(gan__safetensors_write(scratch("b"), t, TENSORS, w, WORDS, NULL), GAN_OK);
    uint8_t *a, *b;
    size_t n, m;
    load(scratch("a"), &a, &n);
    load(scratch("b"), &b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    assert_int_equal(a[0] % 8, 0); /* header padded: data aligned */
    free(a);
    free(b);
}

static gan_status parse_and_see(const uint8_t *file, size_t n, bool *has_digest, gan_error *err)
{
    gan__safetensors *st = NULL;
    const gan_status s = gan__safetensors_parse(&st, "f", file, n, err);
    assert_int_equal(s == GAN_OK, st != NULL);
    *has_digest = st && gan__safetensors_meta(st, "sha256");
    gan__safetensors_free(st);
    return s;
}

static gan_status parse(const uint8_t *file, size_t n, gan_error *err)
{
    bool has_digest;
    return parse_and_see(file, n, &has_digest, err);
}

static void any_cut_and_any_flip(void **state)
{
    (void)state;
    uint8_t *file;
    size_t n;
    write_all(scratch("m"));
    load(scratch("m"), &file, &n);
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(parse(file, cut, NULL), GAN_EFORMAT);
    for (size_t i = 0; i < n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            file[i] ^= (uint8_t)(1 << bit);
            gan_error err = {0};
            bool has_digest;
            /* A flip in the word "sha256" leaves a file without a digest, which the format allows.
             */
            if (parse_and_see(file, n, &has_digest, &err) == GAN_OK)
                assert_false(has_digest);
            else
                assert_int_equal(strncmp(err.message, "f: ", 3), 0);
            file[i] ^= (uint8_t)(1 << bit);
        }
    }
    assert_int_equal(parse(file, n, NULL), GAN_OK);
    free(file);
}

/* ---- made-up headers ----------------------------------------------------------------------------
 */

#define T(dtype, shape, offsets)                                                                   \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct {
    const char *header;
    size_t data; /* bytes behind it */
    gan_status status;
    const char *says;
} heads[] = {
    {"{}", 0, GAN_OK, ""},
    {"{\"a\":" T("U8", "[2]", "[0,2]") "}", 2, GAN_OK, ""},
    {"{\"a\":" T("F32", "[]", "[1,5]") ",\"b\":" T("U8", "[1]", "[0,1]") "}", 5, GAN_OK, ""},
    {"", 0, GAN_EFORMAT, "the header is damaged"},
    {"{", 0, GAN_EFORMAT, "the header is damaged"},
    {"[]", 0, GAN_EFORMAT, "not a JSON object"},
    {"{\"a\":" T("U8", "[2]", "[0,2]") "}", 3, GAN_EFORMAT, "1 bytes stand behind the last tensor"},
    {"{\"a\":" T("U8", "[2]", "[0,2]") "}", 1, GAN_EFORMAT, "cut off: tensor a ends at byte 2"},
    {"{\"a\":" T("U8", "[2]", "[0,3]") "}", 3, GAN_EFORMAT, "its shape takes 2 bytes, not 0 to 3"},
    {"{\"a\":" T("U8", "[2]", "[2,0]") "}", 2, GAN_EFORMAT, "its shape takes 2 bytes"},
    {"{\"a\":" T("U8", "[2]", "[-2,0]") "}", 2, GAN_EFORMAT, "its shape takes 2 bytes"},
    {"{\"a\":" T("U8", "[-1]", "[0,-1]") "}", 0, GAN_EFORMAT, "a shape that no file holds"},
    {"{\"a\":" T("U8", "[1.0]", "[0,1]") "}", 1, GAN_EFORMAT, "a shape that no file holds"},
    {"{\"a\":" T("F32", "[4611686018427387904,4]", "[0,0]") "}", 0, GAN_EFORMAT,
     "a shape that no file holds"},
    {"{\"a\":" T("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}", 1, GAN_EFORMAT, "at most 8 numbers"},
    {"{\"a\":" T("F64", "[1]", "[0,8]") "}", 8, GAN_EUNSUPPORTED, "tensor a has dtype F64"},
    {"{\"a\":" T("U8", "[2]", "[0,2]") ",\"b\":" T("U8", "[2]", "[1,3]") "}", 3, GAN_EFORMAT,
     "overlaps"},
    {"{\"a\":" T("U8", "[2]", "[0,2]") ",\"b\":" T("U8", "[2]", "[3,5]") "}", 5, GAN_EFORMAT,
     "tensor b: a gap before it"},
    {"{\"a\":" T("U8", "[1]", "[0,1]") ",\"a\":" T("U8", "[1]", "[0,1]") "}", 1, GAN_EFORMAT,
     "duplicate"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, GAN_EFORMAT, "tensor a: "},
    {"{\"a\":1}", 0, GAN_EFORMAT, "tensor a: "},
    {"{\"\xff\":1}", 0, GAN_EFORMAT, "unable to decode byte 0xff"},
    {"{\"__metadata__\":{\"step\":3}}", 0, GAN_EFORMAT, "metadata step is not a string"},
    {"{\"__metadata__\":[]}", 0, GAN_EFORMAT, "the metadata is not a JSON object"},
    {"{\"__metadata__\":{\"sha256\":\"\"}}", 0, GAN_EFORMAT, "altered since it was written"},
};

static void made_up_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        uint8_t file[1024] = {0};
        const size_t n = strlen(heads[i].header);
        file[0] = (uint8_t)n;
        file[1] = (uint8_t)(n >> 8);
        memcpy(file + 8, heads[i].header, n);
        gan_error err = {0};
        const gan_status s = parse(file, 8 + n + heads[i].data, &err);
        if (s != heads[i].status || !strstr(err.message, heads[i].says))
            fail_msg("%s: %s \"%s\"", heads[i].header, gan_status_name(s), err.message);
    }
    gan_error err = {0};
    assert_int_equal(parse((const uint8_t *)"\0\0\0\0\0\0\0\x10{}", 10, &err), GAN_EFORMAT);
    assert_non_null(strstr(err.message, "claims a header of 1152921504606846976 bytes"));
}

/* ---- what cannot be written ---------------------------------------------------------------------
 */

static void refused_before_writing(void **state)
{
    (void)state;
    const gan__tensor twice[] = {tensors[0], tensors[0]};
    const gan__tensor negative[] = {{.name = "n", .rank = 1, .dim = {-1}}};
    const gan__meta digest[] = {{"sha256", "mine"}}, latin[] = {{"k", "\xe9"}};
    const char *path = scratch("never");
    assert_int_equal(gan__safetensors_write(path, twice, 2, NULL, 0, NULL), GAN_EINVAL);
    assert_int_equal(gan__safetensors_write(path, negative, 1, NULL, 0, NULL), GAN_EINVAL);
    assert_int_equal(gan__safetensors_write(path, NULL, 0, digest, 1, NULL), GAN_EINVAL);
    assert_int_equal(gan__safetensors_write(path, NULL, 0, latin, 1, NULL), GAN_EINVAL);
    assert_false(gan__is_file(path));
    assert_int_equal(gan__safetensors_write(scratch("no/where"), tensors, TENSORS, NULL, 0, NULL),
                     GAN_EIO);
}

static void full_disk(void **state)
{
    (void)state;
    const char *path = scratch("kept");
    write_all(path);
    gan_error err = {0};
    scratch_disk(300);
    const gan_status s = gan__safetensors_write(path, tensors, TENSORS, words, WORDS, &err);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(s, GAN_EIO);
    assert_non_null(strstr(err.message, "the old file is untouched"));
    uint8_t *file;
    size_t n;
    load(path, &file, &n);
    assert_int_equal(parse(file, n, NULL), GAN_OK);
    assert_false(gan__is_file(scratch("kept.tmp")));
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(any_cut_and_any_flip),
        cmocka_unit_test(made_up_headers),
        cmocka_unit_test(refused_before_writing),
        cmocka_unit_test(full_disk),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
