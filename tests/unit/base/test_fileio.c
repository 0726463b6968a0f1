/* test_fileio.c - whole files or none; digests; errors in one line. */
#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "base/sha256.h"
#include "base/nearest.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char dir[64];

static int open_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/gander-test-XXXXXX");
    return mkdtemp(dir) ? chdir(dir) : -1;
}

static int remove_dir(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return chdir("/") || system(command);
}

static void expect(const char *path, const char *text)
{
    uint8_t *data;
    size_t n;
    assert_int_equal(gan__read_file(path, 1 << 20, &data, &n, NULL), GAN_OK);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(data, text, n + 1);
    free(data);
}

static void writes_and_reads(void **state)
{
    (void)state;
    gan_error err = {0};
    uint8_t *data;
    size_t n;
    assert_int_equal(gan__write_file("a", "one", 3, &err), GAN_OK);
    expect("a", "one");
    assert_int_equal(gan__write_file("a", "two!", 4, &err), GAN_OK);
    expect("a", "two!");
    assert_int_equal(access("a.tmp", F_OK), -1);
    assert_int_equal(gan__read_file("a", 3, &data, &n, &err), GAN_EFORMAT);
    assert_int_equal(gan__read_file("none", 3, &data, &n, &err), GAN_ENOTFOUND);
    assert_non_null(strstr(err.message, "none"));
    assert_int_equal(gan__read_file(".", 3, &data, &n, &err), GAN_EIO);
    assert_non_null(strstr(err.message, "folder"));
    assert_int_equal(gan__write_file("no/where", "x", 1, &err), GAN_EIO);
    assert_int_equal(gan__make_dir("p/q/r", &err), GAN_OK);
    assert_int_equal(gan__make_dir("p/q/r", &err), GAN_OK);
    assert_true(gan__is_dir("p/q/r") && !gan__is_file("p/q/r"));
    assert_int_equal(gan__make_dir("a/b", &err), GAN_EIO);
}

static void a_full_disk_harms_nothing(void **state)
{
    (void)state;
    static char big[100000];
    gan_error err = {0};
    struct rlimit before, small = {4096, RLIM_INFINITY};
    assert_int_equal(gan__write_file("b", "old", 3, &err), GAN_OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    const gan_status s = gan__write_file("b", big, sizeof big, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(s, GAN_EIO);
    assert_non_null(strstr(err.message, "b: writing failed"));
    expect("b", "old");
    assert_int_equal(access("b.tmp", F_OK), -1);
}

/* FIPS 180-4's examples. */
static void digests(void **state)
{
    (void)state;
    char hex[GAN__SHA256_HEX];
    assert_int_equal(gan__sha256_of("abc", 3, hex, NULL), GAN_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(gan__sha256_of("", 0, hex, NULL), GAN_OK);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void messages(void **state)
{
    (void)state;
    gan_error err = {0};
    char longer[2 * GAN_ERROR_MAX];
    assert_int_equal(gan__fail(&err, GAN_EFORMAT, "%s: %d", "a\nb\033[2J", 7), GAN_EFORMAT);
    assert_string_equal(err.message, "a?b?[2J: 7");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    gan__fail(&err, GAN_EIO, "%s", longer);
    assert_int_equal(strlen(err.message), GAN_ERROR_MAX - 1);
    assert_int_equal(gan__fail(NULL, GAN_EIO, "nobody listens"), GAN_EIO);
    assert_string_equal(gan_status_name(GAN_ESHAPE), "ESHAPE");
    assert_string_equal(gan_status_name((gan_status)1000), "?");
}

static void nearest(void **state)
{
    (void)state;
    assert_int_equal(gan__distance("", "abc"), 3);
    assert_int_equal(gan__distance("batch", "btach"), 1);
    assert_int_equal(gan__distance("kitten", "sitting"), 3);
    assert_int_equal(gan__distance("same", "same"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads), cmocka_unit_test(a_full_disk_harms_nothing),
        cmocka_unit_test(digests), cmocka_unit_test(messages), cmocka_unit_test(nearest)};
    return cmocka_run_group_tests(tests, open_dir, remove_dir);
}
