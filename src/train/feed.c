/* feed.c - see feed.h. */
#include "train/feed.h"

#include "base/error.h"
#include "base/team.h"
#include "game/schedule.h"
#include "plan/plan_internal.h"

#include <stdlib.h>
#include <string.h>

gan_status gan__feed_connect(gan__feed *f, const gan__iteration *it, gan_plan *plan, gan_error *err)
{
    *f = (gan__feed){.row = calloc((size_t)it->inputs + 1, sizeof *f->row), .count = it->inputs, .draws = it->draws};
    if (!f->row)
        return gan__fail_memory(err, "an iteration");
    for (int i = 0; i < it->inputs; i++) {
        const gan__input *in = &it->input[i];
        f->row[i].input = in;
        if (in->source == GAN__FROM_DATA)
            f->row[i].bytes = gan_plan_input_u8(plan, in->name);
        else
            f->row[i].scalar = gan_plan_input(plan, in->name);
    }
    return GAN_OK;
}

void gan__feed_release(gan__feed *f)
{
    free(f->row);
    *f = (gan__feed){0};
}

void gan__feed_read(gan__feed_source *s, const gan_recipe *r)
{
    s->seed = (uint64_t)gan_recipe_int(r, "train.seed");
    s->batch = (int)gan_recipe_int(r, "train.batch");
    s->average = gan_recipe_number(r, "train.average");
    s->average_warmup = !strcmp(gan_recipe_text(r, "train.average_warmup"), "on");
    s->schedule = gan_recipe_text(r, "train.schedule");
    s->schedule_iterations = gan_recipe_int(r, "train.schedule_iterations");
    if (!s->schedule_iterations)
        s->schedule_iterations = gan_recipe_int(r, "train.iterations");
    s->warmup = gan_recipe_int(r, "train.warmup");
}

double gan__feed_rate(const gan__feed_source *s, int role, int64_t i)
{
    return s->match->role[role].optimiser.words.number[0] *
           gan__rate_factor(s->schedule, i, s->schedule_iterations, s->warmup);
}

typedef struct fetch {
    const gan__feed *f;
    const gan__feed_source *s;
    int64_t iteration;
} fetch;

/* This thread's rows of all batches of the iteration. */
static void fetch_rows(void *ctx, int thread, int threads)
{
    const fetch *w = ctx;
    const gan__feed_source *s = w->s;
    const int64_t batch = s->batch, first = batch * thread / threads, end = batch * (thread + 1) / threads;
    const size_t item = (size_t)gan__match_numbers(s->match->sample);
    for (int i = 0; i < w->f->count; i++) {
        const gan__feed_row *r = &w->f->row[i];
        if (r->bytes)
            gan_dataset_batch(s->data, s->seed,
                              (uint64_t)((w->iteration * w->f->draws + r->input->draw) * batch + first),
                              (int)(end - first), r->bytes + (size_t)first * item);
    }
}

static void fill_scalar(const gan__feed_row *r, const gan__feed_source *s, int64_t i)
{
    const gan__input *in = r->input;
    if (in->source == GAN__FROM_DECAY) {
        *r->scalar = (float)gan__average_decay(s->average, s->average_warmup, i);
        return;
    }
    double scalar[GAN__OPTIMISER_SCALARS];
    const gan__optimiser *o = &s->match->role[in->role].optimiser;
    o->kind->at(o, gan__feed_rate(s, in->role, i), i * in->updates + in->update + 1, scalar);
    *r->scalar = (float)scalar[in->number];
}

void gan__feed_fill(const gan__feed *f, const gan__feed_source *s, int64_t i)
{
    fetch work = {f, s, i};
    if (s->team)
        gan__team_run(s->team->threads, fetch_rows, &work);
    else
        fetch_rows(&work, 0, 1);
    for (int k = 0; k < f->count; k++)
        if (f->row[k].scalar)
            fill_scalar(&f->row[k], s, i);
}
