/* match.c - see match.h. */
#include "game/match.h"

#include "base/error.h"
#include "game/games.h"
#include "game/penalty.h"

#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 64, REMEDY_MAX = 96 };

long gan__match_numbers(gan_shape s)
{
    long n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= s.dim[i];
    return n;
}

int gan__match_latent(const gan__match *m)
{
    return m->game->latent ? (int)gan_recipe_int(m->recipe, m->game->latent) : 0;
}

const char *gan__match_text(const gan__match *m, int role, const char *name)
{
    char key[KEY_MAX];
    snprintf(key, sizeof key, "%s.%s", m->role[role].kind->name, name);
    return gan_recipe_text(m->recipe, key);
}

gan_status gan__match_net(gan__match *m, int role, gan_shape input, gan_error *err)
{
    gan__role *r = &m->role[role];
    const gan_status s = gan_net_create_labelled(&r->net, r->kind->name, gan__match_text(m, role, "layers"), input,
                                                 m->classes, r->params, err);
    if (s == GAN_OK)
        m->labelled |= gan_net_reads_labels(r->net);
    return s;
}

gan_node gan__match_apply(const gan__match *m, int role, gan_graph *g, gan_node x, const gan_node *label)
{
    gan_pass pass = {.graph = g, .label = label, .stream = "sample"};
    return gan_net_run(m->role[role].net, &pass, x);
}

/* What would make pictures of `made` fit those of the data. */
static const char *remedy(gan_shape made, gan_shape want, char text[REMEDY_MAX])
{
    if (made.dim[2] != want.dim[2])
        snprintf(text, REMEDY_MAX, "the last line should make %d channel%s", want.dim[2], want.dim[2] == 1 ? "" : "s");
    else if (made.dim[0] >= want.dim[0] && made.dim[1] >= want.dim[1])
        snprintf(text, REMEDY_MAX, "a line `crop %d %d` behind it would do", want.dim[0], want.dim[1]);
    else
        snprintf(text, REMEDY_MAX, "--set \"data.size=%d %d\" makes the pictures fit", made.dim[0], made.dim[1]);
    return text;
}

gan_status gan__match_makes(gan__match *m, int role, gan_error *err)
{
    char text[REMEDY_MAX];
    const gan_shape made = gan_net_output(m->role[role].net);
    if (!m->sample.rank)
        m->sample = made;
    const bool same = made.rank == 1 || (made.rank == m->sample.rank &&
                                         !memcmp(made.dim, m->sample.dim, (size_t)made.rank * sizeof *made.dim));
    if (same && gan__match_numbers(made) == gan__match_numbers(m->sample))
        return GAN_OK;
    if (made.rank == 3 && m->sample.rank == 3)
        return gan__fail(err, GAN_ESHAPE, "%s: its last line makes %d x %d x %d, but an item of %s is %d x %d x %d; %s",
                         m->role[role].kind->name, made.dim[0], made.dim[1], made.dim[2],
                         m->data ? m->data : "the data", m->sample.dim[0], m->sample.dim[1], m->sample.dim[2],
                         remedy(made, m->sample, text));
    return gan__fail(err, GAN_ESHAPE, "%s: its last line makes %ld numbers, but an item of %s has %ld (%d x %d x %d)",
                     m->role[role].kind->name, gan__match_numbers(made), m->data ? m->data : "the data",
                     gan__match_numbers(m->sample), m->sample.dim[0], m->sample.dim[1], m->sample.dim[2]);
}

static gan_status read_optimiser(gan__match *m, int role, gan_error *err)
{
    char key[KEY_MAX];
    const char *text = gan_recipe_text(m->recipe, "train.optimizer");
    snprintf(key, sizeof key, "%s.optimizer", m->role[role].kind->name);
    if (gan_recipe_has(m->recipe, key) && strcmp(gan_recipe_text(m->recipe, key), "same") != 0)
        text = gan_recipe_text(m->recipe, key);
    return gan__optimiser_read(&m->role[role].optimiser, text, err);
}

static void read_lazy(gan__match *m)
{
    const gan__penalty *rows;
    const int n = gan__penalties(&rows);
    for (int k = 0; k < n && k < GAN__LAZY_MAX; k++)
        if (gan_recipe_has(m->recipe, rows[k].key) && gan_recipe_number(m->recipe, rows[k].key) > 0)
            m->every[k] = (int)gan_recipe_int(m->recipe, rows[k].every);
}

/* As many as the recipe says, which the data must keep to; else as the data has. */
static gan_status settle_classes(gan__match *m, int of_data, gan_error *err)
{
    enum { SOME = 2 };
    const int said = (int)gan_recipe_int(m->recipe, "data.classes");
    if (!m->data)
        of_data = said ? said : SOME;
    m->classes = said && of_data ? said : of_data;
    if (of_data <= m->classes)
        return GAN_OK;
    return gan__fail(err, GAN_EDATA, "%s: has labels up to %d, and data.classes = %d allows 0 to %d", m->data, of_data - 1,
                     said, said - 1);
}

gan_status gan__match_create(gan__match *m, const gan_recipe *recipe, gan_shape sample, int classes,
                             const char *data, gan_error *err)
{
    *m = (gan__match){.recipe = recipe, .sample = sample, .data = data};
    m->game = gan__game_find(gan_recipe_text(recipe, "train.game"));
    if (!m->game)
        return gan__fail(err, GAN_EKEY, "train.game = %s: is not built in", gan_recipe_text(recipe, "train.game"));
    read_lazy(m);
    gan_status s = settle_classes(m, classes, err);
    for (int i = 0; i < m->game->roles && s == GAN_OK; i++) {
        gan__role *r = &m->role[i];
        r->kind = &m->game->role[i];
        r->averaged = r->kind->averaged && gan_recipe_number(recipe, "train.average") > 0;
        r->params = gan_params_create();
        s = r->params ? read_optimiser(m, i, err) : gan__fail_memory(err, "networks");
    }
    if (s == GAN_OK)
        s = m->game->nets(m, err);
    if (s != GAN_OK)
        gan__match_release(m);
    return s;
}

gan_status gan__match_init(gan__match *m, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int i = 0; i < m->game->roles && s == GAN_OK; i++) {
        gan__role *r = &m->role[i];
        s = gan_net_init(r->net, r->params, gan__match_text(m, i, "init"),
                         (uint64_t)gan_recipe_int(m->recipe, "train.seed"), err);
        if (s == GAN_OK && r->averaged && gan_params_average_from_value(r->params) != GAN_OK)
            s = gan__fail_memory(err, "networks");
    }
    return s;
}

void gan__match_release(gan__match *m)
{
    for (int i = 0; i < GAN__ROLES_MAX; i++) {
        gan_net_free(m->role[i].net);
        gan_params_free(m->role[i].params);
        m->role[i] = (gan__role){0};
    }
}
