/* variants.c - see variants.h. */
#include "train/variants.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

enum { KINDS_MAX = GAN__VARIANTS_MAX / 2, LOOK_AHEAD = 1000000 };

/* The kinds of iteration that occur, found by looking: all there are come back after the product of the penalties'
 * distances, and two that are each at most 1,000 meet within a million iterations or never. */
static int kinds_of(const gan__match *m, unsigned due[KINDS_MAX])
{
    int64_t until = 1;
    int n = 0;
    for (int k = 0; k < GAN__LAZY_MAX && until < LOOK_AHEAD; k++)
        until *= m->every[k] > 0 ? m->every[k] : 1;
    for (int64_t i = 0; i < until && i < LOOK_AHEAD && n < KINDS_MAX; i++) {
        const unsigned d = gan__iteration_due(m, i);
        int k = 0;
        while (k < n && due[k] != d)
            k++;
        if (k == n)
            due[n++] = d;
    }
    return n;
}

/* Without the values that are logged, the last loss stays: it shows a number that is not finite. */
static int sinks_of(const gan__variant *v, gan_node *sinks)
{
    int n = 0;
    for (int i = 0; i < v->it.writes; i++)
        sinks[n++] = v->it.write[i];
    for (int i = 0; v->logged && i < v->it.values; i++)
        sinks[n++] = v->it.value[i].node;
    sinks[n++] = v->it.step[v->it.steps - 1].loss;
    return n;
}

static gan_status add(gan__variants *all, const gan__match *m, unsigned due, bool logged, gan_error *err)
{
    gan__variant *v = calloc(1, sizeof *v);
    if (!v)
        return gan__fail_memory(err, "an iteration");
    all->row[all->count++] = v;
    v->due = due;
    v->logged = logged;
    return gan__iteration_build(&v->it, &(gan__iteration_params){.match = m, .due = due, .logged = logged}, err);
}

static gan_plan_params plan_params(const gan__variant *v, gan_node *sinks, gan_team *team)
{
    gan_plan_params p = gan_plan_defaults(v->it.graph, sinks, sinks_of(v, sinks));
    p.team = team;
    return p;
}

static gan_status make_plans(gan__variants *all, const gan_dataset *data, gan_team *team, gan_node *sinks, size_t bytes,
                             gan_error *err)
{
    gan_status s = GAN_OK;
    gan_plan_memory all_need = {.own = bytes};
    for (int i = 0; i < all->count && s == GAN_OK; i++) {
        gan_plan_memory need;
        const gan_plan_params p = plan_params(all->row[i], sinks, team);
        s = gan_plan_need(&need, &p, err);
        all_need = gan_plan_memory_of_both(all_need, need);
    }
    if (s == GAN_OK)
        s = gan__memory_check(all_need.own + all_need.shared, "training", err);
    for (int i = 0; i < all->count && s == GAN_OK; i++) {
        gan__variant *v = all->row[i];
        const gan_plan_params p = plan_params(v, sinks, team);
        s = gan_plan_create(&v->plan, &p, err);
        if (s == GAN_OK)
            s = gan__feed_connect(&v->feed, &v->it, v->plan, data, err);
    }
    return s;
}

gan_status gan__variants_create(gan__variants *v, const gan__match *m, const gan_dataset *data, gan_team *team,
                                size_t besides, gan_error *err)
{
    unsigned due[KINDS_MAX];
    const int kinds = kinds_of(m, due);
    gan_node *sinks = malloc((GAN__SINKS_MAX + GAN__VALUES_MAX + 1) * sizeof *sinks);
    *v = (gan__variants){0};
    gan_status s = sinks ? GAN_OK : gan__fail_memory(err, "an iteration");
    for (int k = 0; k < kinds && s == GAN_OK; k++)
        for (int logged = 0; logged < 2 && s == GAN_OK; logged++)
            s = add(v, m, due[k], logged, err);
    if (s == GAN_OK)
        s = make_plans(v, data, team, sinks, besides, err);
    free(sinks);
    if (s != GAN_OK)
        gan__variants_release(v);
    return s;
}

void gan__variants_release(gan__variants *v)
{
    for (int i = 0; i < v->count; i++) {
        gan__feed_release(&v->row[i]->feed);
        gan_plan_free(v->row[i]->plan);
        gan__iteration_release(&v->row[i]->it);
        free(v->row[i]);
    }
    *v = (gan__variants){0};
}

gan__variant *gan__variants_at(const gan__variants *v, const gan__match *m, int64_t i, bool logged)
{
    const unsigned due = gan__iteration_due(m, i);
    int k = 0;
    while (k < v->count - 1 && (v->row[k]->due != due || v->row[k]->logged != logged))
        k++;
    return v->row[k];
}

gan_plan_memory gan__variants_memory(const gan__variants *v)
{
    gan_plan_memory m = {0};
    for (int i = 0; i < v->count; i++)
        m = gan_plan_memory_of_both(m, gan_plan_memory_of(v->row[i]->plan));
    return m;
}
