/* test_recipe.c - settings: round trips, forms of numbers, and what is refused. */
#include "base/random.h"

#include <gan/nn.h>
#include <gan/pictures.h>
#include <gan/recipe.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan_recipe *load(const char *name)
{
    gan_recipe *r;
    gan_error err = {0};
    if (gan_recipe_load(&r, name, &err) != GAN_OK)
        fail_msg("%s", err.message);
    return r;
}

/* Text -> recipe -> text -> recipe -> the same text. */
static void round_trips(void **state)
{
    (void)state;
    assert_true(gan_recipe_builtins() >= 2);
    for (int i = 0; i < gan_recipe_builtins(); i++) {
        gan_recipe *r = load(gan_recipe_builtin(i).name), *again, *copy;
        gan_error err = {0};
        assert_int_equal(gan_recipe_check(r, &err), GAN_OK);
        char *text = gan_recipe_ini(r);
        assert_int_equal(gan_recipe_parse(&again, "again", text, &err), GAN_OK);
        assert_int_equal(gan_recipe_copy(&copy, r, &err), GAN_OK);
        char *second = gan_recipe_ini(again), *third = gan_recipe_ini(copy);
        assert_string_equal(text, second);
        assert_string_equal(text, third);
        free(text);
        free(second);
        free(third);
        gan_recipe_free(r);
        gan_recipe_free(again);
        gan_recipe_free(copy);
    }
}

static void the_article_to_the_letter(void **state)
{
    (void)state;
    gan_recipe *r = load("article");
    assert_int_equal(gan_recipe_int(r, "generator.latent"), 100);
    assert_string_equal(gan_recipe_text(r, "generator.layers"),
                        "dense 128 relu\ndense 1024 relu\ndense 784 sigmoid");
    assert_string_equal(gan_recipe_text(r, "discriminator.layers"), "dense 128 relu\ndense 1");
    assert_string_equal(gan_recipe_text(r, "generator.init"), "glorot");
    assert_string_equal(gan_recipe_text(r, "train.objective"), "nonsaturating");
    assert_string_equal(gan_recipe_text(r, "train.optimizer"), "adam 2e-4 0.5 0.999");
    assert_int_equal(gan_recipe_int(r, "train.batch"), 16);
    assert_int_equal(gan_recipe_int(r, "train.d_steps"), 2);
    assert_int_equal(gan_recipe_int(r, "train.iterations"), 10000);
    assert_int_equal(gan_recipe_int(r, "train.grid_every"), 1000);
    assert_true(gan_recipe_number(r, "train.r1") == 0 && gan_recipe_number(r, "train.average") == 0);
    gan_recipe_free(r);
}

static void forms_of_values(void **state)
{
    (void)state;
    gan_recipe *r = load("steady");
    gan_error err = {0};
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is there, its comma must not matter */
    assert_int_equal(gan_recipe_assign(r, "train.iterations=1e4", &err), GAN_OK);
    assert_string_equal(gan_recipe_text(r, "train.iterations"), "10000");
    assert_int_equal(gan_recipe_assign(r, "train.batch = 064 ", &err), GAN_OK);
    assert_int_equal(gan_recipe_int(r, "train.batch"), 64);
    assert_int_equal(gan_recipe_assign(r, "train.r1=2.5e-1", &err), GAN_OK);
    assert_true(gan_recipe_number(r, "train.r1") == 0.25);
    assert_int_equal(gan_recipe_assign(r, "discriminator.layers=dense 3 relu ; dense 1", &err), GAN_OK);
    assert_string_equal(gan_recipe_text(r, "discriminator.layers"), "dense 3 relu\ndense 1");
    setlocale(LC_ALL, "C");
    gan_recipe_free(r);
}

/* `data` in lines: by kind, as the first word behind it alone, not in a comment, nor as an activation. */
static void size_of_the_data(void **state)
{
    static const char *const rows[][2] = {
        {"dense data relu", "dense 6000 relu"},
        {"dense 3 ; reshape data ; crop data; tconv data 4", "dense 3\nreshape 40 50 3\ncrop 40 50\ntconv 3 4"},
        {"conv data 3 same @data ; mod data 3 @data", "conv 3 3 same @data\nmod 3 3 @data"},
        {"basis\tdata # dense data", "basis 40 50 3"},
        {"pool data ; dense 4 data ; data ; dense", "pool data\ndense 4 data\ndata\ndense"},
    };
    gan_recipe *r = load("steady");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_error err = {0};
        assert_int_equal(gan_recipe_set(r, "generator.layers", rows[i][0], &err), GAN_OK);
        assert_int_equal(gan_recipe_unsettled(r), i + 1 < sizeof rows / sizeof *rows);
        assert_int_equal(gan_recipe_settle(r, 40, 50, 3, &err), GAN_OK);
        assert_string_equal(gan_recipe_text(r, "generator.layers"), rows[i][1]);
        assert_false(gan_recipe_unsettled(r));
    }
    gan_recipe_free(r);
}

static void refusals(void **state)
{
    static const char *const rows[][2] = {
        {"train.btach=3", "do you mean 'train.batch'"},
        {"batch=3", "do you mean 'train.batch'"},
        {"train.batch", "write key=value"},
        {"train.batch=", "train.batch = : must be 1 to 65536"},
        {"train.batch=0", "1 to 65536"},
        {"train.batch=65537", "1 to 65536"},
        {"train.batch=1.5", "1 to 65536"},
        {"train.batch=0x10", "1 to 65536"},
        {"train.iterations=99999999999999999999", "1 to 1e9"},
        {"train.r1=-1", "0 to 1e6"},
        {"train.r1=nan", "0 to 1e6"},
        {"train.r1=inf", "0 to 1e6"},
        {"train.r1=1,5", "0 to 1e6"},
        {"train.average=1", "0 to 0.9999999"},
        {"train.objective=wgan", "one of minimax"},
        {"train.objective=minimax|nonsaturating", "one of minimax"},
        {"train.optimizer=adam 1", "must be adam RATE BETA1 BETA2"},
        {"train.optimizer=adam 0 0 0", "must be adam RATE BETA1 BETA2"},
        {"train.optimizer=adam 1e-3 1 0.9", "must be adam RATE BETA1 BETA2"},
        {"train.optimizer=adam 1e-3 0 0.9 7", "must be adam RATE BETA1 BETA2"},
        {"data.set=a\nb", "plain text"},
        {"data.set=a\x7f", "plain text"},
        {"data.set=a\xff", "plain text"},
        {"train.r1= 0x1p3", "0 to 1e6"},
    };
    (void)state;
    gan_recipe *r = load("steady");
    char *before = gan_recipe_ini(r);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_error err = {0};
        assert_int_equal(gan_recipe_assign(r, rows[i][0], &err), GAN_EKEY);
        if (!strstr(err.message, rows[i][1]))
            fail_msg("'%s' does not say '%s'", err.message, rows[i][1]);
    }
    char *after = gan_recipe_ini(r);
    assert_string_equal(before, after); /* a refused value changes nothing */
    free(before);
    free(after);
    gan_recipe_free(r);
}

/* What people, scripts and files put into values: odd numbers, runs of blanks, comments, what an INI file
 * cannot hold. */
static void random_value(char *out, size_t room, uint32_t *state)
{
    static const char *const pieces[] = {
        "0", "1", "64", "1e3", "0.10", "0.1", "2e-4", "1.5E-3", "+7", "-0", "0.0000001", "16384.0", "0x10", "nan",
        "adam", " ", "  ", "\t", "\n", "\r\n", ";", " ; ", "#", " # what", "[", "]", "=", ":", "dense 128 relu",
        "dense 1", "dense  3\tleaky 0.2", "mnist", "strokes", "on", "off", "glorot", "he", "constant", "cosine",
        "relativistic", "minimax", "\xc3\xa9", "\xe2\x82\xac", "\xff", "\xc2\x9b", "\x7f", "\033[2J", "\001",
        "\xef\xbb\xbf", "%s", "'", "\"", "\\", "/", "..", "a/very/long/path/to/a/folder/of/images", "1e9", "0.999",
        "0.9999999", "1e-300", "1e300", "9007199254740993", ".5", "5.", "1e", "--", ""};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    size_t n = 0;
    *out = 0;
    for (int k = (int)(gan__random_u32(7, 1, 0, 0, (*state)++) % 6); k >= 0; k--) {
        const char *piece = pieces[gan__random_u32(7, 2, 0, 0, (*state)++) % PIECES];
        const uint32_t word = gan__random_u32(7, 3, 0, 0, (*state)++), repeats = word % 16 ? 1 : word / 16 % 300;
        for (uint32_t i = 0; i < repeats && n + strlen(piece) + 1 < room; i++)
            n += (size_t)(stpcpy(out + n, piece) - (out + n));
    }
}

static void what_is_written_reads_back(void **state)
{
    enum { RECIPES = 10000, SETS = 4 };
    (void)state;
    const gan_option_info *rows;
    const int n = gan_options(&rows);
    uint32_t at = 0;
    int accepted = 0, refused = 0;
    gan_recipe *start = load("steady");
    for (int i = 0; i < RECIPES; i++) {
        gan_recipe *r, *back = NULL;
        gan_error err = {0};
        assert_int_equal(gan_recipe_copy(&r, start, &err), GAN_OK);
        for (int k = 0; k < SETS; k++) {
            char value[4096], key[64];
            const gan_option_info *o = &rows[gan__random_u32(7, 4, 0, 0, at++) % (uint32_t)n];
            random_value(value, sizeof value, &at);
            snprintf(key, sizeof key, "%s.%s", o->section, o->name);
            *(gan_recipe_set(r, key, value, &err) == GAN_OK ? &accepted : &refused) += 1;
        }
        char *text = gan_recipe_ini(r);
        if (gan_recipe_parse(&back, "written", text, &err) != GAN_OK)
            fail_msg("%s\n%s", err.message, text);
        char *again = gan_recipe_ini(back);
        assert_string_equal(text, again);
        for (int k = 0; k < n; k++) {
            char key[64];
            snprintf(key, sizeof key, "%s.%s", rows[k].section, rows[k].name);
            assert_string_equal(gan_recipe_text(r, key), gan_recipe_text(back, key));
        }
        free(text);
        free(again);
        gan_recipe_free(r);
        gan_recipe_free(back);
    }
    printf("%d values accepted, %d refused\n", accepted, refused);
    assert_true(accepted > RECIPES / 8 && refused > RECIPES / 4);
    gan_recipe_free(start);
}

static void equal_numbers_have_equal_texts(void **state)
{
    static const char *const rows[][3] = {
        {"train.r1", "0.10", "0.1"},       {"train.r1", "1e-1", "0.1"},     {"train.r1", "100e-3", "0.1"},
        {"train.r1", "0.00020", "2e-4"},   {"train.r1", "+1e6", "1e6"},     {"train.r1", "-0", "0"},
        {"train.r1", "12.50", "12.5"},     {"train.r1", "5.", "5"},         {"train.r1", ".05", "0.05"},
        {"train.r1", "0.30000000000000004", "0.30000000000000004"},         {"train.r1", "123456", "123456"},
        {"train.optimizer", "adam   0.0015 \t0.0 .990", "adam 1.5e-3 0 0.99"},
        {"train.batch", "1e2", "100"},
        {"generator.layers", "# the first\n dense  3\trelu # wide\n\n;dense 4", "dense 3 relu\ndense 4"}};
    (void)state;
    gan_recipe *r = load("steady");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_error err = {0};
        if (gan_recipe_set(r, rows[i][0], rows[i][1], &err) != GAN_OK)
            fail_msg("%s", err.message);
        assert_string_equal(gan_recipe_text(r, rows[i][0]), rows[i][2]);
    }
    gan_recipe_free(r);
}

/* The rules that nn/init.c has are the ones that a recipe may name, with a number where they take one. */
static void first_weights_are_those_of_the_nets(void **state)
{
    const gan_option_info *rows;
    gan_recipe *r = load("steady");
    int known = 0, choices = 1;
    (void)state;
    for (int i = 0; i < gan_init_rules(); i++) {
        char word[32];
        gan_error err = {0};
        snprintf(word, sizeof word, "%.*s", (int)strcspn(gan_init_info(i).usage, " "), gan_init_info(i).usage);
        assert_int_equal(gan_recipe_set(r, "generator.init", word, &err), GAN_OK);
        snprintf(word + strlen(word), sizeof word - strlen(word), " 0.5");
        const bool takes = strchr(gan_init_info(i).usage, '[') != NULL;
        assert_int_equal(gan_recipe_set(r, "generator.init", word, &err), takes ? GAN_OK : GAN_EKEY);
        known++;
    }
    for (int i = 0; i < gan_options(&rows); i++)
        if (!strcmp(rows[i].name, "init") && !strcmp(rows[i].section, "generator"))
            for (const char *p = rows[i].range; *p; p++)
                choices += *p == '|';
    assert_int_equal(known, choices);
    gan_recipe_free(r);
}

/* Any shape: the nets are right, and G makes pictures of that size; the same numbers give the same recipe. */
static void for_any_pictures(void **state)
{
    (void)state;
    static const int sides[] = {8, 9, 13, 28, 32, 37, 53, 64, 100, 129, 256};
    enum { SIDES = sizeof sides / sizeof *sides };
    for (int i = 0; i < SIDES * SIDES; i++) {
        gan_pictures_params p = {sides[i / SIDES], sides[i % SIDES], 1 + i % 4, 1 + 997 * i, i % 3 * 7};
        gan_recipe *r, *again = NULL;
        gan_error err = {0};
        int h = 0, w = 0, c = 0;
        if (gan_recipe_for_pictures(&r, NULL, &p, &err) != GAN_OK || gan_recipe_for_pictures(&again, NULL, &p, &err) != GAN_OK ||
            gan_recipe_check(r, &err) != GAN_OK || gan_recipe_picture(r, &h, &w, &c, &err) != GAN_OK)
            fail_msg("%d x %d x %d: %s", p.height, p.width, p.channels, err.message);
        if (h != p.height || w != p.width || c != p.channels)
            fail_msg("%d x %d x %d: G makes %d x %d x %d", p.height, p.width, p.channels, h, w, c);
        char *one = gan_recipe_ini(r), *two = gan_recipe_ini(again);
        assert_string_equal(one, two);
        free(one);
        free(two);
        gan_recipe_free(r);
        gan_recipe_free(again);
    }
    static const int wrong[][3] = {{7, 32, 3}, {32, 257, 3}, {32, 32, 5}, {32, 32, 0}, {0, 0, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gan_recipe *r;
        gan_error err = {0};
        assert_int_equal(gan_recipe_for_pictures(&r, NULL, &(gan_pictures_params){wrong[i][0], wrong[i][1], wrong[i][2], 100, 0}, &err), GAN_EINVAL);
        assert_non_null(strstr(err.message, "data.size makes them fit"));
        assert_null(r);
    }
}

/* What the rules answer to: more time, wider nets; few pictures, augmentation. recipes/pictures.ini is what they make. */
static void rules_for_pictures(void **state)
{
    (void)state;
    gan_recipe *r, *longer;
    gan_error err = {0};
    char *text;
    assert_int_equal(gan_recipe_for_pictures(&r, &text, &(gan_pictures_params){32, 32, 3, 5000, 0}, &err), GAN_OK);
    for (int i = 0; i < gan_recipe_builtins(); i++)
        if (!strcmp(gan_recipe_builtin(i).name, "pictures"))
            assert_string_equal(gan_recipe_builtin(i).text, text);
    free(text);
    assert_string_equal(gan_recipe_text(r, "train.augment"), "color translation cutout");
    assert_int_equal(gan_recipe_for_pictures(&longer, NULL, &(gan_pictures_params){32, 32, 3, 50000, 60}, &err), GAN_OK);
    assert_string_equal(gan_recipe_text(longer, "train.augment"), "none");
    assert_string_not_equal(gan_recipe_text(r, "generator.layers"), gan_recipe_text(longer, "generator.layers"));
    gan_recipe_free(r);
    gan_recipe_free(longer);
}

static void sizes(void **state)
{
    (void)state;
    static const char *const good[][2] = {{"32 32", "32 32"}, {"37x53", "37 53"}, {" 37 x  53 ", "37 53"}, {"auto", "auto"}};
    static const char *const bad[] = {"32", "32 32 3", "7 32", "32 4097", "a b", "-32 32", "32 x", "1e2 32"};
    gan_recipe *r = load("steady");
    gan_error err = {0};
    int h, w;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(gan_recipe_set(r, "data.size", good[i][0], &err), GAN_OK);
        assert_string_equal(gan_recipe_text(r, "data.size"), good[i][1]);
    }
    gan_recipe_size(r, "data.size", &h, &w);
    assert_true(h == 0 && w == 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (gan_recipe_set(r, "data.size", bad[i], &err) != GAN_EKEY)
            fail_msg("'%s' is taken for a size", bad[i]);
    assert_non_null(strstr(err.message, "must be auto, or height and width, 8 to 4096 each"));
    gan_recipe_free(r);
}

static void every_option_is_explained(void **state)
{
    (void)state;
    const gan_option_info *rows;
    const int n = gan_options(&rows);
    for (int i = 0; i < n; i++) {
        assert_true(*rows[i].help && *rows[i].range && *rows[i].section && *rows[i].name);
        for (int k = 0; k < i; k++)
            assert_false(!strcmp(rows[i].section, rows[k].section) && !strcmp(rows[i].name, rows[k].name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),  cmocka_unit_test(the_article_to_the_letter),
        cmocka_unit_test(forms_of_values), cmocka_unit_test(size_of_the_data), cmocka_unit_test(refusals),
        cmocka_unit_test(what_is_written_reads_back), cmocka_unit_test(equal_numbers_have_equal_texts),
        cmocka_unit_test(for_any_pictures), cmocka_unit_test(rules_for_pictures), cmocka_unit_test(sizes),
        cmocka_unit_test(every_option_is_explained), cmocka_unit_test(first_weights_are_those_of_the_nets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
