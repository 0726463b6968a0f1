/* small.h - a duel that takes a moment: 4 x 4 pictures, nets of awkward sizes. */
#ifndef GAN_TESTS_RUN_SMALL_H
#define GAN_TESTS_RUN_SMALL_H

#include <gan/run.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_SIDE = 4, SMALL_PIXELS = 16, SMALL_COUNT = 50 };

static const char small_text[] = "[data]\nset = small\n"
                                 "[generator]\nlatent = 5\nlayers =\n  dense 19 leaky 0.2\n"
                                 "  dense 16 sigmoid\n"
                                 "[discriminator]\nlayers =\n  dense 17 silu\n  dense 1\n"
                                 "[train]\nbatch = 6\niterations = 20\nlog_every = 5\n"
                                 "grid_every = 10\ncheckpoint_every = 10\n";

/* Any failure of what a test needs ends it with the message. */
#define must(call)                                                                                 \
    do {                                                                                           \
        gan_error must_err = {0};                                                                  \
        gan_error *const err = &must_err;                                                          \
        if ((call) != GAN_OK)                                                                      \
            fail_msg("%s", must_err.message);                                                      \
    } while (0)

static inline gan_recipe *small_recipe(void)
{
    gan_recipe *r = NULL;
    must(gan_recipe_parse(&r, "small", small_text, err));
    return r;
}

/* Blots of two kinds; `salt` makes another set of the same shape. */
static inline gan_dataset *small_data(unsigned salt)
{
    static uint8_t pixels[SMALL_COUNT * SMALL_PIXELS];
    const int shape[4] = {SMALL_COUNT, SMALL_SIDE, SMALL_SIDE, 1};
    gan_dataset *d = NULL;
    for (unsigned i = 0; i < SMALL_COUNT; i++)
        for (unsigned k = 0; k < SMALL_PIXELS; k++)
            pixels[i * SMALL_PIXELS + k] =
                (uint8_t)((i % 2 ? k < 8 : k >= 8) ? 200 + (i * 7 + k + salt) % 50 : i % 13);
    must(gan_dataset_from_bytes(&d, "small", shape, pixels, NULL, err));
    return d;
}

/* A scratch folder, removed by the caller with small_remove. */
static inline char *small_folder(void)
{
    char *dir = strdup("/tmp/gander-test-XXXXXX");
    if (!dir || !mkdtemp(dir))
        fail_msg("no scratch folder");
    return dir;
}

static inline void small_remove(char *dir)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
    free(dir);
}

static inline char *small_path(const char *dir, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        fail_msg("out of memory");
    return path;
}

/* A whole file; its size in *bytes. */
static inline char *small_read(const char *path, size_t *bytes)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s is not there", path);
    fseek(f, 0, SEEK_END);
    const long n = ftell(f);
    rewind(f);
    char *text = calloc((size_t)n + 1, 1);
    assert_int_equal(fread(text, 1, (size_t)n, f), n);
    fclose(f);
    *bytes = (size_t)n;
    return text;
}

static inline void small_same_files(const char *a, const char *b)
{
    size_t na, nb;
    char *ta = small_read(a, &na), *tb = small_read(b, &nb);
    assert_int_equal(na, nb);
    assert_memory_equal(ta, tb, na);
    free(ta);
    free(tb);
}

#endif
