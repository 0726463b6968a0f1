/* inspector.c - what is asked of a game that stands still, and D's word on samples. Plans over the trainer's own parameters, none of
 * which has a write among its sinks.
 */
#include "inspect/inspector.h"

#include "base/error.h"
#include "game/augmentation.h"

#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 16 }; /* samples judged: few enough that one is judged fast, enough that many are */

gan_status gan__inspector_plan(gan_plan **out, const gan_inspector *x, const gan_graph *g, const gan_node *sinks, int count, gan_error *err)
{
    gan_plan_params p = gan_plan_defaults(g, sinks, count);
    p.team = x->trainer->source.team;
    return gan_plan_create(out, &p, err);
}

/* ---- making it ----------------------------------------------------------------------------------- */

/* Samples that layers are seen over: whole packs, and not more than a batch that is augmented may have. */
static int batch_of(const gan__match *m)
{
    const int pack = gan_recipe_has(m->recipe, "train.pack") ? (int)gan_recipe_int(m->recipe, "train.pack") : 1;
    long n = GAN_INSPECT_SAMPLES;
    if (n > gan__augment_most(m))
        n = gan__augment_most(m);
    return n < pack ? pack : (int)(n - n % pack);
}

static gan_shape batch_shape(const gan_trainer *t, int n)
{
    return GAN_SHAPE(n, t->height, t->width, t->channels);
}

static gan_status make_judge(gan_inspector *x, gan_error *err)
{
    const gan__match *m = &x->trainer->match;
    gan__judge *j = &x->judge;
    if (!m->game->judge)
        return GAN_OK;
    j->graph = gan_graph_create();
    if (!j->graph)
        return gan__fail_memory(err, "a judge");
    const gan_node sample = gan_input(j->graph, "x", batch_shape(x->trainer, AT_ONCE)),
                   label = m->labelled ? gan_input(j->graph, "label", GAN_SHAPE(AT_ONCE)) : (gan_node){-1};
    j->logits = m->game->judge(m, j->graph, sample, m->labelled ? &label : NULL);
    if (j->logits.id >= 0) {
        gan_grad(j->graph, j->logits, 1, &sample, &j->slopes);
        return GAN_OK;
    }
    const gan_status s = gan_graph_status(j->graph, err);
    gan_graph_free(j->graph);
    j->graph = NULL;
    return s;
}

gan_status gan_inspector_create(gan_inspector **out, gan_trainer *t, gan_error *err)
{
    *out = NULL;
    if (!gan_trainer_draws(t))
        return gan__fail(err, GAN_EUNSUPPORTED, "a %s draws no samples: there is no game to look into", t->match.game->name);
    gan_inspector *x = calloc(1, sizeof *x);
    if (!x)
        return gan__fail_memory(err, "an inspector");
    x->trainer = t;
    x->batch = batch_of(&t->match);
    gan_status s = gan__iteration_build(&x->still, &(gan__iteration_params){.match = &t->match, .still = true, .batch = x->batch}, err);
    if (s == GAN_OK)
        s = make_judge(x, err);
    if (s == GAN_OK)
        *out = x;
    else
        gan_inspector_free(x);
    return s;
}

int gan_inspector_latent(const gan_inspector *x)
{
    return gan__match_latent(&x->trainer->match);
}

void gan_inspector_free(gan_inspector *x)
{
    if (!x)
        return;
    for (int i = 0; i < 2; i++)
        gan_plan_free(x->judge.plan[i]);
    gan_graph_free(x->judge.graph);
    gan__iteration_release(&x->still);
    free(x);
}

/* ---- D's word ------------------------------------------------------------------------------------ */

bool gan_inspector_judges(const gan_inspector *x)
{
    return x->judge.graph != NULL;
}

static gan_status check_labels(const gan__match *m, int n, const int *label, gan_error *err)
{
    for (int i = 0; label && m->labelled && i < n; i++)
        if (label[i] < 0 || label[i] >= m->classes)
            return gan__fail(err, GAN_EINVAL, "class %d: the data's are 0 to %d", label[i], m->classes - 1);
    return GAN_OK;
}

static gan_status plan_of_judge(gan_inspector *x, bool slopes, gan_plan **out, gan_error *err)
{
    gan__judge *j = &x->judge;
    const gan_node sinks[] = {j->logits, j->slopes};
    const gan_status s = j->plan[slopes] ? GAN_OK : gan__inspector_plan(&j->plan[slopes], x, j->graph, sinks, 1 + slopes, err);
    *out = j->plan[slopes];
    return s;
}

gan_status gan_inspector_judge(gan_inspector *x, int n, const float *samples, const int *label, float *logits, float *slopes,
                               gan_error *err)
{
    const gan__match *m = &x->trainer->match;
    const size_t numbers = (size_t)gan__match_numbers(m->sample);
    if (!x->judge.graph)
        return gan__fail(err, GAN_EUNSUPPORTED, "no net of this %s judges one sample by itself", m->game->name);
    if (n < 1)
        return gan__fail(err, GAN_EINVAL, "%d samples to judge: at least one", n);
    gan_plan *plan;
    gan_status s = check_labels(m, n, label, err);
    if (s == GAN_OK)
        s = plan_of_judge(x, slopes != NULL, &plan, err);
    if (s != GAN_OK)
        return s;
    float *in = gan_plan_input(plan, "x"), *classes = m->labelled ? gan_plan_input(plan, "label") : NULL;
    for (int first = 0; first < n; first += AT_ONCE) {
        const size_t some = (size_t)(n - first < AT_ONCE ? n - first : AT_ONCE), at = (size_t)first;
        for (int i = 0; i < AT_ONCE; i++) { /* rows beyond the last repeat, for a D that mixes rows */
            const int is = first + i % (int)some;
            memcpy(in + (size_t)i * numbers, samples + (size_t)is * numbers, numbers * sizeof *in);
            if (classes)
                classes[i] = (float)(label ? label[is] : is % m->classes);
        }
        gan_plan_run(plan, (gan_step){.seed = x->trainer->source.seed});
        memcpy(logits + at, gan_plan_value(plan, x->judge.logits), some * sizeof *logits);
        if (slopes)
            memcpy(slopes + at * numbers, gan_plan_value(plan, x->judge.slopes), some * numbers * sizeof *slopes);
    }
    return GAN_OK;
}

/* ---- data ---------------------------------------------------------------------------------------- */

/* As an iteration's plan makes floats of bytes. */
static void as_floats(float *out, const uint8_t *in, size_t n)
{
    const float byte = 1.0f / 255;
    for (size_t i = 0; i < n; i++)
        out[i] = byte * (float)in[i];
}

gan_status gan_inspector_real(gan_inspector *x, int first, int n, float *samples, int *label, gan_error *err)
{
    const gan__feed_source *source = &x->trainer->source;
    const gan_dataset_field *fields;
    gan__input image = {.source = GAN__FROM_DATA, .field = "image"};
    gan__feed_row row = {.input = &image};
    if (first < 0 || n < 1)
        return gan__fail(err, GAN_EINVAL, "%d items from %d on: at least one, from 0 on", n, first);
    gan_dataset_fields(source->data, &fields);
    const gan_status s = gan_dataset_field_need(source->data, image.field, &row.field, err);
    if (s != GAN_OK)
        return s;
    row.item = fields[row.field].bytes;
    const bool real = fields[row.field].real;
    const size_t bytes = (size_t)n * row.item;
    uint8_t *raw = real ? (uint8_t *)samples : malloc(bytes);
    if (!raw)
        return gan__fail_memory(err, "items");
    gan__feed_items(source, &row, (uint64_t)first, n, raw);
    if (!real) {
        as_floats(samples, raw, bytes);
        free(raw);
    }
    const uint8_t *labels = gan_dataset_labels(source->data);
    for (int i = 0; label && labels && i < n; i++) {
        int item;
        gan_dataset_order(source->data, source->seed, (uint64_t)first + (uint64_t)i, 1, &item);
        label[i] = labels[item];
    }
    return GAN_OK;
}
