/* sampler.c - rows do not see each other, so any mix of batch sizes gives the same pictures. */
#include "train/sampler.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES = 2 };
static const int batch_of[SIZES] = {64, 1};

struct gan__sampler {
    gan_plan *plan[SIZES];
    gan_node out[SIZES];
    float *label[SIZES]; /* each row's class; NULL: no labels */
    int classes, only;   /* only: -1, or of which samples are asked for */
    size_t numbers;      /* of one sample */
    bool real;           /* points */
};

static gan_status make_plan(gan__sampler *s, int i, const gan__match *m, bool average, gan_team *team,
                            gan_error *err)
{
    gan_graph *g = gan_graph_create();
    if (!g)
        return gan__fail_memory(err, "a sampler");
    const gan_node z = gan_noise(g, "sample", GAN_SHAPE(batch_of[i], gan__match_latent(m))),
                   label = m->labelled ? gan_input(g, "label", GAN_SHAPE(batch_of[i])) : (gan_node){-1};
    s->out[i] = m->game->draw(m, g, z, m->labelled ? &label : NULL);
    gan_plan_params p = gan_plan_defaults(g, &s->out[i], 1);
    p.team = team;
    p.average = average;
    const gan_status st = gan_plan_create(&s->plan[i], &p, err);
    if (st == GAN_OK && m->labelled)
        s->label[i] = gan_plan_input(s->plan[i], "label"); /* NULL: the net that draws reads none */
    gan_graph_free(g);
    return st;
}

gan_status gan__sampler_create(gan__sampler **out, const gan__match *match, bool average, gan_team *team,
                               gan_error *err)
{
    *out = NULL;
    gan__sampler *s = calloc(1, sizeof *s);
    if (!s)
        return gan__fail_memory(err, "a sampler");
    gan_status st = GAN_OK;
    for (int i = 0; i < SIZES && st == GAN_OK; i++)
        st = make_plan(s, i, match, average, team, err);
    if (st != GAN_OK) {
        gan__sampler_free(s);
        return st;
    }
    s->numbers = (size_t)gan__match_numbers(match->sample);
    s->real = match->real;
    s->classes = match->classes;
    s->only = -1;
    *out = s;
    return GAN_OK;
}

void gan__sampler_free(gan__sampler *s)
{
    if (!s)
        return;
    for (int i = 0; i < SIZES; i++)
        gan_plan_free(s->plan[i]);
    free(s);
}

gan_plan_memory gan__sampler_memory(const gan__sampler *s)
{
    return gan_plan_memory_of_both(gan_plan_memory_of(s->plan[0]), gan_plan_memory_of(s->plan[1]));
}

/* Run for the next samples: which plan, and how many of its rows are asked for. */
static const float *next(gan__sampler *s, uint64_t seed, uint32_t first, int left, int *rows)
{
    const int i = left > 1 ? 0 : 1;
    for (int k = 0; s->label[i] && k < batch_of[i]; k++)
        s->label[i][k] = (float)(s->only >= 0 ? s->only : (int)((first + (uint64_t)k) % (uint64_t)s->classes));
    gan_plan_run(s->plan[i], (gan_step){.seed = seed, .sample = first});
    *rows = left < batch_of[i] ? left : batch_of[i];
    return gan_plan_value(s->plan[i], s->out[i]);
}

int gan__sampler_classes(const gan__sampler *s)
{
    return s->label[0] ? s->classes : 0;
}

void gan__sampler_class(gan__sampler *s, int label)
{
    s->only = label;
}

gan_status gan__sampler_check(const gan__sampler *s, const char *game, bool bytes, uint32_t first, int n, gan_error *err)
{
    if (!s)
        return gan__fail(err, GAN_EUNSUPPORTED, "a %s draws no samples", game);
    if (bytes && s->real)
        return gan__fail(err, GAN_EUNSUPPORTED, "samples are points, not pictures: ask for floats");
    if (n < 1 || (uint64_t)first + (uint64_t)n > (uint64_t)UINT32_MAX + 1)
        return gan__fail(err, GAN_EINVAL, "%d samples from %u on: at least one, and there are 2^32 of a seed", n,
                         first);
    return GAN_OK;
}

void gan__sampler_floats(gan__sampler *s, uint64_t seed, uint32_t first, int n, float *out)
{
    for (int rows; n > 0; n -= rows, first += (uint32_t)rows) {
        const float *x = next(s, seed, first, n, &rows);
        memcpy(out, x, (size_t)rows * s->numbers * sizeof *out);
        out += (size_t)rows * s->numbers;
    }
}

uint8_t gan__sampler_byte(float x)
{
    return x > 0 ? x < 1 ? (uint8_t)lrintf(255 * x) : 255 : 0;
}

void gan__sampler_bytes(gan__sampler *s, uint64_t seed, uint32_t first, int n, uint8_t *out)
{
    for (int rows; n > 0; n -= rows, first += (uint32_t)rows) {
        const float *x = next(s, seed, first, n, &rows);
        for (size_t i = 0; i < (size_t)rows * s->numbers; i++)
            *out++ = gan__sampler_byte(x[i]);
    }
}
