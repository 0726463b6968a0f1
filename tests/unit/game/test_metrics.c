/* test_metrics.c - the rows of every game's metrics: each that a loss reports is reported by some match of that game, and
 * what else a row names is there. */
#include "game/games.h"
#include "game/iteration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beside the built-in recipes: what some metric needs. */
static const char *const more[][4] = {
    {"steady", "discriminator.layers=dense 11", "train.auxiliary=1", "data.classes=10"},
    {"features", "train.task=turns"},
    {"steady", "train.augment=color", "train.augment_target=0.6"},
};
enum { MORE = sizeof more / sizeof *more, CLASSES = 10 };

static gan_status match_of(gan__match *m, const gan_recipe *r, gan_error *err)
{
    return gan__match_create(m, r, (gan_shape){0}, CLASSES, "a set", err);
}

/* What is off by a weight of 0 in the settings of the recipe's game is switched on, where its nets allow it. */
static void switch_on(gan_recipe *r)
{
    const gan_option_info *o;
    gan_error err;
    for (int i = gan_options(&o) - 1; i >= 0; i--) {
        char key[64];
        gan__match m;
        snprintf(key, sizeof key, "%s.%s", o[i].section, o[i].name);
        if (!*o[i].game || !gan_recipe_has(r, key) || strcmp(o[i].type, "NUMBER") != 0 || gan_recipe_number(r, key) != 0)
            continue;
        assert_int_equal(gan_recipe_set(r, key, "1", &err), GAN_OK);
        if (match_of(&m, r, &err) == GAN_OK)
            gan__match_release(&m);
        else
            gan_recipe_set(r, key, "0", &err);
    }
}

static void note_reported(const gan_recipe *r, const char *name, bool reported[])
{
    gan__match m;
    gan_error err;
    gan__iteration *it = malloc(sizeof *it);
    assert_non_null(it);
    if (match_of(&m, r, &err) != GAN_OK ||
        gan__iteration_build(it, &(gan__iteration_params){.match = &m, .logged = true}, &err) != GAN_OK)
        fail_msg("%s: %s", name, err.message);
    for (int i = 0; i < m.game->metrics; i++)
        reported[i] |= gan__iteration_value(it, m.game->metric[i].key).id >= 0;
    gan__iteration_release(it);
    gan__match_release(&m);
    free(it);
}

/* Recipe i of all that are tried: the built-in ones, then `more`. */
static gan_recipe *recipe(int i, const char **name)
{
    const int builtins = gan_recipe_builtins();
    gan_recipe *r;
    gan_error err;
    *name = i < builtins ? gan_recipe_builtin(i).name : more[i - builtins][0];
    assert_int_equal(gan_recipe_load(&r, *name, &err), GAN_OK);
    for (int k = 1; i >= builtins && k < 4 && more[i - builtins][k]; k++)
        if (gan_recipe_assign(r, more[i - builtins][k], &err) != GAN_OK)
            fail_msg("%s", err.message);
    switch_on(r);
    return r;
}

static void every_reported_key_is_reported(void **state)
{
    const gan__game *const *game;
    const int games = gan__games(&game);
    (void)state;
    for (int k = 0; k < games; k++) {
        bool *reported = calloc((size_t)game[k]->metrics, sizeof *reported);
        assert_non_null(reported);
        for (int i = 0; i < gan_recipe_builtins() + MORE; i++) {
            const char *name;
            gan_recipe *r = recipe(i, &name);
            if (!strcmp(gan_recipe_text(r, "train.game"), game[k]->name))
                note_reported(r, name, reported);
            gan_recipe_free(r);
        }
        for (int i = 0; i < game[k]->metrics; i++)
            if (game[k]->metric[i].source == GAN__REPORTED && !reported[i])
                fail_msg("%s: no loss of a recipe tried here reports %s; `more` can have another", game[k]->name,
                         game[k]->metric[i].key);
        free(reported);
    }
}

/* Is there a recipe of that game with this setting? */
static bool is_setting(const gan__game *game, const char *key)
{
    const gan_option_info *o;
    bool yes = false;
    for (int i = gan_options(&o) - 1; i >= 0; i--) {
        char k[64];
        snprintf(k, sizeof k, "%s.%s", o[i].section, o[i].name);
        yes |= !strcmp(k, key) && !strcmp(o[i].type, "INT") && (!*o[i].game || !strcmp(o[i].game, game->name));
    }
    return yes;
}

static void rows_are_whole(void **state)
{
    const gan__game *const *game;
    const int games = gan__games(&game);
    (void)state;
    for (int k = 0; k < games; k++)
        for (int i = 0; i < game[k]->metrics; i++) {
            const gan__metric *row = &game[k]->metric[i];
            assert_true(*row->key && row->help && *row->help);
            assert_true(row->role >= 0 && row->role < game[k]->roles);
            assert_true(!row->every || is_setting(game[k], row->every));
            for (int j = 0; j < i; j++)
                assert_string_not_equal(row->key, game[k]->metric[j].key);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_reported_key_is_reported),
                                       cmocka_unit_test(rows_are_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
