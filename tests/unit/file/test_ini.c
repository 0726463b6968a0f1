/* test_ini.c - INI text to entries, and the place of each mistake. */
#include "unit/file/scratch.h"

#include "file/ini.h"

#define X10  "xxxxxxxxxx"
#define X50  X10 X10 X10 X10 X10
#define X190 X50 X50 X50 X10 X10 X10 X10

typedef struct dump {
    char text[2048];
} dump;

/* "section.key@line=value|" for each entry; the key "bad" is refused. */
static gan_status take(void *ctx, const char *section, const char *key, const char *value, int line,
                       gan_error *err)
{
    dump *d = ctx;
    if (strcmp(key, "bad") == 0) {
        snprintf(err->message, sizeof err->message, "unknown key bad");
        return GAN_EKEY;
    }
    const size_t n = strlen(d->text);
    snprintf(d->text + n, sizeof d->text - n, "%s.%s@%d=%s|", section, key, line, value);
    return GAN_OK;
}

static const struct {
    const char *text, *entries;
} good[] = {
    {"", ""},
    {"\n\n# nothing\n; at all\n", ""},
    {"a=1", ".a@1=1|"},
    {"[s]\na = 1\n b = 2\n", "s.a@2=1\nb = 2|"},
    {"[s]\r\nkey : v w  \r\n", "s.key@2=v w|"},
    {"[g]\nlayers = dense 256\n  relu ; comment\n\n  # between\n\tdense 784\n[d]\nx = 1\n",
     "g.layers@2=dense 256\nrelu\ndense 784|d.x@8=1|"},
    {"[g]\nlayers =\n  dense 1\n", "g.layers@2=dense 1|"},
    {"[g]\n  k = 1\nl = 2 ; c\n", "g.k@2=1|g.l@3=2|"},
    {"k =\n", ".k@1=|"},
    {"k = ; comment\n", ".k@1=|"},
    {"k = a;b\n  c;d\n", ".k@1=a;b\nc;d|"},
    {"k = 1\n  [x]\n", ".k@1=1\n[x]|"},
    {"k = 1\nk = 2\n", ".k@1=1|.k@2=2|"},
    {"[s] # why\nk=1\n", "s.k@2=1|"},
    {"\xef\xbb\xbf[s]\nk=1\n", "s.k@2=1|"},
    {"[gr\xc3\xb6\xc3\x9f"
     "e]\nk = \xf0\x9f\x98\x80\n",
     "gr\xc3\xb6\xc3\x9f"
     "e.k@2=\xf0\x9f\x98\x80|"},
    {"# " X190 X190 "\nk=1\n", ".k@2=1|"},
    {"k = " X190 "xxx\n", ".k@1=" X190 "xxx|"},
};

static const struct {
    const char *text;
    gan_status status;
    const char *says;
} bad[] = {
    {"[s]\nword\n", GAN_EFORMAT, "f.ini:2: neither [section] nor key = value"},
    {"[s\nk=1\n", GAN_EFORMAT, "f.ini:1: neither"},
    {"[s] k\n", GAN_EFORMAT, "f.ini:1: a section is [name]"},
    {"[" X50 "]\n", GAN_EFORMAT, "f.ini:1: a section is [name], at most 49 bytes"},
    {"a=1\n= 2\n", GAN_EFORMAT, "f.ini:2: a value without a key"},
    {"k = " X190 "xxxx\n", GAN_EFORMAT, "f.ini:1: a line of more than 197 bytes"},
    {"k = 1\n " X190 X10 "\n", GAN_EFORMAT, "f.ini:2: a line of more than 197 bytes"},
    {"a=1\nk = \x01\n", GAN_EFORMAT, "f.ini:2: control characters"},
    {"k = \xe9\n", GAN_EFORMAT, "f.ini:1: control characters, or text that is not UTF-8"},
    {"# \xc0\xaf\n", GAN_EFORMAT, "f.ini:1: control"},
    {"k = \xed\xa0\x80\n", GAN_EFORMAT, "f.ini:1: control"},
    {"k = \xf4\x90\x80\x80\n", GAN_EFORMAT, "f.ini:1: control"},
    {"k = \xe2\x82", GAN_EFORMAT, "f.ini:1: control"},
    {"[s]\na=1\nbad = 2\nword\n", GAN_EKEY, "f.ini:3: unknown key bad"},
    {"word\nbad = 2\n", GAN_EFORMAT, "f.ini:1: neither"},
    {"bad = 1\n  2\n  3\nb=1\n", GAN_EKEY, "f.ini:1: unknown key bad"},
    {"a=1\nbad = 1", GAN_EKEY, "f.ini:2: unknown key bad"},
};

static void good_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        dump d = {0};
        gan_error err = {0};
        if (gan__ini_parse("f.ini", good[i].text, strlen(good[i].text), take, &d, &err) != GAN_OK)
            fail_msg("%s: %s", good[i].text, err.message);
        assert_string_equal(d.text, good[i].entries);
    }
}

static void bad_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dump d = {0};
        gan_error err = {0};
        const gan_status s =
            gan__ini_parse("f.ini", bad[i].text, strlen(bad[i].text), take, &d, &err);
        if (s != bad[i].status || strncmp(err.message, bad[i].says, strlen(bad[i].says)) != 0)
            fail_msg("%s: %s \"%s\"", bad[i].text, gan_status_name(s), err.message);
    }
    gan_error err = {0};
    dump d = {0};
    assert_int_equal(gan__ini_parse("f.ini", "k = a\0b", 7, take, &d, &err), GAN_EFORMAT);
}

static void from_files(void **state)
{
    (void)state;
    dump d = {0};
    gan_error err = {0};
    assert_int_equal(gan__ini_read(scratch_file("a.ini", "[s]\nk=1\n", 8), take, &d, &err), GAN_OK);
    assert_string_equal(d.text, "s.k@2=1|");
    assert_int_equal(gan__ini_read(scratch("none.ini"), take, &d, &err), GAN_ENOTFOUND);
    assert_int_equal(gan__ini_read(scratch_folder, take, &d, &err), GAN_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(good_ones), cmocka_unit_test(bad_ones),
                                       cmocka_unit_test(from_files)};
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
