/* feed.c - see feed.h. */
#include "train/feed.h"

#include "base/error.h"
#include "base/random.h"
#include "base/team.h"
#include "game/schedule.h"
#include "plan/plan_internal.h"
#include "train/turn.h"

#include <stdlib.h>
#include <string.h>

gan_status gan__feed_connect(gan__feed *f, const gan__iteration *it, gan_plan *plan, const gan_dataset *data,
                             gan_error *err)
{
    const gan_dataset_field *fields;
    *f = (gan__feed){.row = calloc((size_t)it->inputs + 1, sizeof *f->row), .count = it->inputs, .draws = it->draws};
    if (!f->row)
        return gan__fail_memory(err, "an iteration");
    gan_dataset_fields(data, &fields);
    gan_status s = GAN_OK;
    for (int i = 0; i < it->inputs && s == GAN_OK; i++) {
        const gan__input *in = &it->input[i];
        gan__feed_row *r = &f->row[i];
        r->input = in;
        if (in->source != GAN__FROM_DATA) {
            r->scalar = gan_plan_input(plan, in->name);
            continue;
        }
        s = gan_dataset_field_need(data, in->field, &r->field, err);
        if (s != GAN_OK)
            break;
        r->item = fields[r->field].bytes;
        r->bytes = fields[r->field].real ? (uint8_t *)gan_plan_input(plan, in->name) : gan_plan_input_u8(plan, in->name);
    }
    return s;
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
    s->flip = gan_recipe_has(r, "data.flip") && !strcmp(gan_recipe_text(r, "data.flip"), "on");
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

static bool heads(const gan__feed_source *s, uint64_t position)
{
    return gan__random_u32(s->seed, gan__stream("flip"), (uint32_t)(position >> 32), (uint32_t)position, 0) & 1;
}

/* Some at a time. */
void gan__feed_items(const gan__feed_source *s, const gan__feed_row *r, uint64_t first, int n, uint8_t *out)
{
    int h, w, c;
    gan_dataset_shape(s->data, &h, &w, &c);
    enum { SOME = 64 };
    const bool flip = s->flip && !strcmp(r->input->field, "image") && !gan_dataset_real(s->data);
    int items[SOME];
    for (int at = 0; at < n; at += SOME, out += SOME * r->item) {
        const int some = n - at < SOME ? n - at : SOME;
        gan_dataset_order(s->data, s->seed, first + (uint64_t)at, some, items);
        gan_dataset_gather(s->data, r->field, items, some, out);
        for (int i = 0; i < some && r->input->turn; i++)
            gan__turn(out + (size_t)i * r->item, h, w, c, r->input->turn);
        for (int i = 0; i < some && flip; i++)
            if (heads(s, first + (uint64_t)(at + i)))
                gan__mirror(out + (size_t)i * r->item, h, w, c);
    }
}

/* This thread's rows of all batches of the iteration. */
static void fetch_rows(void *ctx, int thread, int threads)
{
    const fetch *w = ctx;
    const gan__feed_source *s = w->s;
    const int64_t batch = s->batch, first = batch * thread / threads, end = batch * (thread + 1) / threads;
    for (int i = 0; i < w->f->count; i++) {
        const gan__feed_row *r = &w->f->row[i];
        if (r->bytes)
            gan__feed_items(s, r, (uint64_t)((w->iteration * w->f->draws + r->input->draw) * batch + first),
                        (int)(end - first), r->bytes + (size_t)first * r->item);
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
