/* metrics.c - see metrics.h. */
#include "train/metrics.h"

#include "base/error.h"
#include "game/games.h"

#include <string.h>

gan_status gan__metrics_check(const gan__game *game, const gan_recipe *recipe, gan_error *err)
{
    if (game->metrics > GAN_METRICS_MAX)
        return gan__fail(err, GAN_EINVAL, "%s has %d metrics; %d are possible", game->name, game->metrics,
                         GAN_METRICS_MAX);
    for (int i = 0; i < game->metrics; i++) {
        const gan__metric *row = &game->metric[i];
        if (row->source == GAN__MEASURED && !gan__meters_has(row->key))
            return gan__fail(err, GAN_EINVAL, "metric %s of %s: train/meters.c has no such row", row->key, game->name);
        if (row->every && !gan_recipe_has(recipe, row->every))
            return gan__fail(err, GAN_EINVAL, "metric %s of %s: there is no setting %s", row->key, game->name,
                             row->every);
    }
    return GAN_OK;
}

static bool is_due(const gan__metric *row, const gan_recipe *recipe, int64_t iteration)
{
    const int64_t every = row->every ? gan_recipe_int(recipe, row->every) : 0;
    return every == 0 || iteration % every == 0;
}

static float reported(const gan__variant *v, const char *key)
{
    const gan_node node = gan__iteration_value(&v->it, key);
    return node.id < 0 ? 0 : *gan_plan_value(v->plan, node);
}

void gan__metrics_read(gan_trainer *t, const gan__variant *v, gan_metrics *m)
{
    const gan__game *game = t->match.game;
    bool drawn = false;
    *m = (gan_metrics){.iteration = t->iteration + 1};
    for (int i = 0; i < game->metrics; i++) {
        const gan__metric *row = &game->metric[i];
        float x = 0;
        if (!is_due(row, t->recipe, m->iteration))
            continue;
        switch (row->source) {
        case GAN__REPORTED: x = reported(v, row->key); break;
        case GAN__RATE: x = (float)gan__feed_rate(&t->source, row->role, t->iteration); break;
        case GAN__MEASURED:
            if (!drawn)
                gan__meters_draw(&t->meters);
            drawn = true;
            x = gan__meters_read(&t->meters, row->key);
            break;
        }
        m->row[m->count++] = (gan_metric){row->key, row->label, row->share, x};
    }
}

float gan_metrics_value(const gan_metrics *m, const char *key)
{
    for (int i = 0; i < m->count; i++)
        if (!strcmp(m->row[i].key, key))
            return m->row[i].value;
    return 0;
}

int gan_metric_kinds(void)
{
    const gan__game *const *game;
    int n = 0;
    for (int i = gan__games(&game) - 1; i >= 0; i--)
        n += game[i]->metrics;
    return n;
}

gan_metric_info gan_metric_kind(int i)
{
    const gan__game *const *game;
    gan__games(&game);
    while (i >= (*game)->metrics)
        i -= (*game++)->metrics;
    const gan__metric *row = &(*game)->metric[i];
    return (gan_metric_info){(*game)->name, row->key, row->label, row->every, row->help};
}
