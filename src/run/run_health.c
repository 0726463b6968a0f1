/* run_health.c - see run_health.h. */
#include "run/run_health.h"

#include "base/error.h"
#include "run/run_events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JUDGED = 256 };

/* What was held out, as D is shown pictures. */
static gan_status take_held(gan__run *r, gan_error *err)
{
    gan__run_health_state *h = &r->health;
    int height, width, channels;
    gan_dataset_shape(r->held, &height, &width, &channels);
    const size_t item = (size_t)height * (size_t)width * (size_t)channels;
    uint8_t *bytes = malloc(item);
    h->n = gan_dataset_count(r->held) < JUDGED ? gan_dataset_count(r->held) : JUDGED;
    h->held = malloc((size_t)h->n * item * sizeof *h->held);
    h->label = calloc((size_t)h->n, sizeof *h->label);
    if (!bytes || !h->held || !h->label) {
        free(bytes);
        return gan__fail_memory(err, "pictures that are held out");
    }
    const uint8_t *label = gan_dataset_labels(r->held);
    for (int i = 0; i < h->n; i++) {
        gan_dataset_get(r->held, i, bytes);
        for (size_t k = 0; k < item; k++)
            h->held[(size_t)i * item + k] = (float)bytes[k] / 255;
        h->label[i] = label ? label[i] : 0;
    }
    free(bytes);
    return GAN_OK;
}

gan_status gan__run_health_open(gan__run *r, gan_error *err)
{
    gan__run_health_state *h = &r->health;
    if (!gan_trainer_draws(r->trainer) || !gan_recipe_has(r->recipe, "train.health_every") || !gan_recipe_int(r->recipe, "train.health_every"))
        return GAN_OK;
    h->every = gan_recipe_int(r->recipe, "train.health_every");
    h->n = JUDGED;
    const gan_status s = gan_inspector_create(&h->inspector, r->trainer, err);
    return s == GAN_OK && r->held && !gan_dataset_real(r->held) ? take_held(r, err) : s;
}

void gan__run_health_release(gan__run *r)
{
    gan_inspector_free(r->health.inspector);
    free(r->health.held);
    free(r->health.label);
}

bool gan__run_health_due(const gan__run *r, int64_t iteration)
{
    return r->health.every > 0 && iteration % r->health.every == 0;
}

gan_status gan__run_health(gan__run *r, gan_metrics *m, gan_error *err)
{
    gan__run_health_state *h = &r->health;
    double value[GAN_HEALTH_ROWS];
    gan_error why = {0};
    const gan_status s = gan_inspector_health(h->inspector, h->n, h->held, h->label, value, &why);
    if (s == GAN_ENOMEM) {
        h->every = 0;
        return gan__run_say(r, GAN_EVENT_NOTE, err, "iteration %lld: %s: the nets are not looked into any more (train.health_every)",
                            (long long)m->iteration, why.message);
    }
    for (int i = 0; i < GAN_HEALTH_ROWS && s == GAN_OK && m->count < GAN_METRICS_MAX; i++)
        if (isfinite(value[i]))
            m->row[m->count++] = (gan_metric){gan_health_row(i).key, NULL, false, (float)value[i]};
    if (s != GAN_OK && err)
        *err = why;
    return s;
}
