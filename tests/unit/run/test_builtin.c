/* test_builtin.c - every built-in recipe trains: an iteration of one or two pictures of the size that its nets make.
 * GANDER_TEST_ONLY=RECIPE in the environment: that one alone. */
#include "unit/run/small.h"

#include "game/match.h"

#include <math.h>

/* Pictures of some kinds, each labelled. */
static gan_dataset *pictures_of(const gan_recipe *r)
{
    enum { COUNT = 12 };
    gan__match m;
    gan_dataset *d = NULL;
    uint8_t labels[COUNT];
    if (gan_dataset_named(&d, gan_recipe_text(r, "data.set"), NULL) == GAN_OK && gan_dataset_real(d))
        return d; /* a recipe for points */
    gan_dataset_free(d);
    must(gan__match_create(&m, r, (gan_shape){0}, 0, NULL, err));
    /* nets of dense lines know no sides: the article's pictures */
    const int side = m.sample.rank == 3 ? m.sample.dim[0] : 28, channels = m.sample.rank == 3 ? m.sample.dim[2] : 1;
    const int shape[4] = {COUNT, side, side, channels};
    uint8_t *pixels = malloc((size_t)(COUNT * side * side * channels));
    gan__match_release(&m);
    for (int i = 0; i < COUNT * side * side * channels; i++)
        pixels[i] = (uint8_t)((unsigned)i * 2654435761u >> 24);
    for (int i = 0; i < COUNT; i++)
        labels[i] = (uint8_t)(i % 10);
    must(gan_dataset_from_bytes(&d, "pictures", shape, pixels, labels, err));
    free(pixels);
    return d;
}

static void one_iteration(const char *name)
{
    gan_recipe *r = NULL;
    gan_team *team = NULL;
    gan_trainer *t = NULL;
    must(gan_recipe_load(&r, name, err));
    must(gan_recipe_set(r, "train.batch", strstr(name, "full") ? "1" : "2", err));
    gan_dataset *d = pictures_of(r);
    must(gan_team_create(&team, 2, err));
    must(gan_trainer_create(&t, r, d, team, err));
    must(gan_trainer_step(t, NULL, err));
    assert_null(gan_trainer_bad(t));
    printf("%s: %.1f GFLOP an iteration\n", name, gan_trainer_flops(t) / 1e9);
    gan_trainer_free(t);
    gan_team_free(team);
    gan_dataset_free(d);
    gan_recipe_free(r);
}

static void every_recipe(void **state)
{
    const char *only = getenv("GANDER_TEST_ONLY");
    (void)state;
    for (int i = 0; i < gan_recipe_builtins(); i++)
        if (!only || !strcmp(only, gan_recipe_builtin(i).name))
            one_iteration(gan_recipe_builtin(i).name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_recipe)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
