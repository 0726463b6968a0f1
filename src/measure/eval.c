/* eval.c - pictures to features, features to the table: see measure.h. */
#include "base/error.h"
#include "measure/measuring.h"
#include "measure/moments.h"
#include "measure/path_length.h"
#include "measure/seen.h"

#include <gan/measure.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- samples and held-out pictures against the data ---------------------------------------------- */

/* The held-out pictures' table: copying is that of the second half of them against the first. */
static gan_status measure_held(gan_sides sides, gan_team *team, gan_measured *out, gan_error *err)
{
    static const char *const of_halves[] = {"copying", "near_copies"};
    const gan_features *held = sides.samples, *train = sides.train;
    const int half = held->n / 2;
    const gan_features first = gan_features_rows(held, 0, half), second = gan_features_rows(held, half, held->n - half);
    const gan_sides halves = {.real = sides.real, .samples = &second, .train = train, .held = &first,
                              .samples_far = sides.held_far + half, .held_far = sides.held_far};
    sides.train = sides.held = NULL;
    gan_status s = gan_measure_all(&sides, team, out, err);
    for (int i = 0; i < gan_measures() && half > 0; i++)
        for (int k = 0; k < 2 && s == GAN_OK; k++)
            if (!strcmp(gan_measure_at(i).key, of_halves[k]))
                s = gan_measure(of_halves[k], &halves, team, &out[i], err);
    return s;
}

/* Sides have all but the distances to the training pictures. held: NULL: none. */
static gan_status make_tables(gan_eval *e, gan_sides sides, gan_sides *of_held, gan_team *team, gan_error *err)
{
    const size_t n = (size_t)e->n;
    e->samples = calloc((size_t)gan_measures(), sizeof *e->samples);
    e->held = calloc((size_t)gan_measures(), sizeof *e->held);
    e->nearest = malloc(n * sizeof *e->nearest);
    e->distance = malloc(n * sizeof *e->distance);
    double *held_far = malloc((of_held ? (size_t)of_held->samples->n : 1) * sizeof *held_far);
    gan_status s = e->samples && e->held && e->nearest && e->distance && held_far ? GAN_OK : gan__fail_memory(err, "measures");
    if (s == GAN_OK)
        s = gan_nearest(sides.samples, sides.train, team, e->nearest, e->distance, err);
    if (s == GAN_OK && of_held)
        s = gan_nearest(of_held->samples, sides.train, team, NULL, held_far, err);
    sides.samples_far = e->distance;
    sides.held_far = held_far;
    if (s == GAN_OK)
        s = gan_measure_all(&sides, team, e->samples, err);
    if (s == GAN_OK && of_held) {
        of_held->held_far = held_far;
        s = measure_held(*of_held, team, e->held, err);
    }
    free(held_far);
    return s;
}

void gan_eval_release(gan_eval *e)
{
    gan_features_release(&e->features);
    gan_features_release(&e->real);
    free(e->samples);
    free(e->held);
    free(e->nearest);
    free(e->distance);
    *e = (gan_eval){0};
}

/* ---- from pictures ------------------------------------------------------------------------------- */

static double accuracy_of(const gan__seen *s, int classes)
{
    int right = 0;
    for (int i = 0; i < s->features.n && s->labels; i++)
        right += gan__read_class(s->odds + (size_t)i * (size_t)classes, classes) == s->labels[i];
    return s->labels && classes ? (double)right / s->features.n : -1;
}

static gan_status check_net(const gan_eval_params *p, const int of_data[3], gan_error *err)
{
    int of_net[3];
    gan_model_shape(p->net, &of_net[0], &of_net[1], &of_net[2]);
    if (memcmp(of_data, of_net, sizeof of_net) != 0)
        return gan__fail(err, GAN_ESHAPE, "the net measures pictures of %d x %d x %d, the data's are %d x %d x %d", of_net[0],
                         of_net[1], of_net[2], of_data[0], of_data[1], of_data[2]);
    if (!p->channel_net)
        return GAN_OK;
    gan_model_shape(p->channel_net, &of_net[0], &of_net[1], &of_net[2]);
    if (of_net[0] != of_data[0] || of_net[1] != of_data[1] || of_net[2] != 1)
        return gan__fail(err, GAN_ESHAPE, "the net of one channel measures pictures of %d x %d x %d, a channel of the data is %d x %d",
                         of_net[0], of_net[1], of_net[2], of_data[0], of_data[1]);
    return GAN_OK;
}

static gan_status check_shapes(const gan_eval_params *p, gan_error *err)
{
    const bool points = gan_dataset_real(p->train);
    int of_data[3], other[3];
    gan_dataset_shape(p->train, &of_data[0], &of_data[1], &of_data[2]);
    if (p->n < 1)
        return gan__fail(err, GAN_EINVAL, "no samples to measure");
    if (points && !p->points)
        return gan__fail(err, GAN_ESHAPE, "%s holds points, the samples are pictures", gan_dataset_name(p->train));
    const gan_status s = points ? GAN_OK : check_net(p, of_data, err);
    if (s != GAN_OK)
        return s;
    if (p->model)
        gan_model_shape(p->model, &other[0], &other[1], &other[2]);
    if (p->model && (memcmp(other, of_data, sizeof other) != 0 || gan_model_real(p->model) != points))
        return gan__fail(err, GAN_ESHAPE, "the model makes samples of %d x %d x %d, the data's are %d x %d x %d", other[0], other[1],
                         other[2], of_data[0], of_data[1], of_data[2]);
    if (p->held)
        gan_dataset_shape(p->held, &other[0], &other[1], &other[2]);
    if (p->held && (memcmp(other, of_data, sizeof other) != 0 || gan_dataset_real(p->held) != points))
        return gan__fail(err, GAN_ESHAPE, "%s: held-out pictures of %d x %d x %d, the data's are %d x %d x %d",
                         gan_dataset_name(p->held), other[0], other[1], other[2], of_data[0], of_data[1], of_data[2]);
    return GAN_OK;
}

/* What is seen of each side. */
typedef struct sight {
    gan__seen samples, train, held;
    double *path;   /* owned; NULL: unknown */
    int paths;
    int modes;      /* 0: unknown */
    double *shares; /* of the training items' modes; owned */
} sight;

static gan_status take_all_points(sight *v, const gan_eval_params *p, gan_error *err)
{
    int h, w, c;
    gan_dataset_shape(p->train, &h, &w, &c);
    gan_status s = gan__seen_points(&v->samples, p->train, p->points, p->n, h * w * c, err);
    if (s == GAN_OK)
        s = gan__seen_points_of(&v->train, p->train, gan_dataset_count(p->train), err);
    if (s == GAN_OK && p->held) {
        const int held = gan_dataset_count(p->held);
        s = gan__seen_points_of(&v->held, p->held, held < p->n ? held : p->n, err);
    }
    v->modes = gan_dataset_modes(p->train);
    return s;
}

static gan_status read_all_channels(sight *v, const gan_eval_params *p, gan_error *err)
{
    int h, w, c;
    gan_dataset_shape(p->train, &h, &w, &c);
    v->modes = 1;
    for (int i = 0; i < c; i++)
        v->modes *= gan_model_outcomes(p->channel_net);
    gan_status s = gan__seen_channels(&v->samples, p->channel_net, p->pixels, p->n, c, err);
    if (s == GAN_OK)
        s = gan__seen_channels(&v->train, p->channel_net, v->train.pixels, v->train.features.n, c, err);
    return s == GAN_OK && p->held ? gan__seen_channels(&v->held, p->channel_net, v->held.pixels, v->held.features.n, c, err) : s;
}

/* A quarter as many paths as samples: each takes two samples. */
static gan_status walk_paths(sight *v, const gan_eval_params *p, gan_error *err)
{
    if (!p->model)
        return GAN_OK;
    v->paths = p->n / 4;
    v->path = malloc(((size_t)v->paths + 1) * sizeof *v->path);
    return v->path ? gan__paths(v->path, v->paths, p->model, p->seed, p->net, err) : gan__fail_memory(err, "paths");
}

static gan_status look_at_all(sight *v, const gan_eval_params *p, gan_error *err)
{
    const int count = gan_dataset_count(p->train), n = p->n < count ? p->n : count;
    if (gan_dataset_real(p->train))
        return take_all_points(v, p, err);
    gan_status s = gan__seen_prepare(&v->samples, p->n, p->net, err);
    if (s == GAN_OK)
        s = gan__seen_look(&v->samples, p->net, 0, p->n, p->pixels, err);
    if (s == GAN_OK)
        s = gan__seen_data(&v->train, p->net, p->train, count, true, err);
    if (s == GAN_OK && p->held) {
        const int held = gan_dataset_count(p->held);
        s = gan__seen_data(&v->held, p->net, p->held, held < n ? held : n, true, err);
    }
    return s == GAN_OK && p->channel_net ? read_all_channels(v, p, err) : s;
}

/* Sides that the samples' and the held-out pictures' tables have in common. */
static gan_sides common_sides(const sight *v, const gan_eval_params *p, const gan_features *real)
{
    int h, w, c;
    gan_dataset_shape(p->train, &h, &w, &c);
    const bool labelled = p->net && v->train.labels && gan_dataset_classes(p->train) > 1 &&
                          gan_dataset_classes(p->train) == gan_model_outcomes(p->net); /* else it tells turns */
    return (gan_sides){.real = real,
                       .train = &v->train.features,
                       .held = p->held && !p->perhaps_trained ? &v->held.features : NULL,
                       .classes = labelled ? gan_model_outcomes(p->net) : 0,
                       .real_odds = v->train.odds,
                       .real_labels = v->train.labels,
                       .real_pixels = v->train.pixels,
                       .numbers = h * w * c,
                       .modes = v->modes,
                       .real_shares = v->shares};
}

static gan_status keep_real(gan_eval *e, const gan_features *real, gan_error *err)
{
    const gan_status s = gan_features_make(&e->real, real->n, real->dims, err);
    if (s == GAN_OK)
        memcpy(e->real.x, real->x, (size_t)real->n * (size_t)real->dims * sizeof *real->x);
    return s;
}

gan_status gan_eval_make(gan_eval *out, const gan_eval_params *p, gan_error *err)
{
    sight v = {0};
    *out = (gan_eval){.n = p->n, .accuracy = -1};
    gan_status s = check_shapes(p, err);
    if (s == GAN_OK)
        s = look_at_all(&v, p, err);
    if (s == GAN_OK)
        s = v.modes ? gan__seen_shares(&v.shares, &v.train, v.modes, err) : GAN_OK;
    if (s == GAN_OK)
        s = walk_paths(&v, p, err);
    if (s == GAN_OK) {
        const int all = v.train.features.n;
        const gan_features real = gan_features_rows(&v.train.features, 0, p->n < all ? p->n : all);
        gan_sides sides = common_sides(&v, p, &real), of_held = sides;
        sides.samples = &v.samples.features;
        sides.sample_odds = v.samples.odds;
        sides.sample_labels = p->labels;
        sides.sample_pixels = p->pixels;
        sides.sample_modes = v.samples.modes;
        sides.sample_near = v.samples.near;
        sides.path = v.path;
        sides.paths = v.paths;
        of_held.sample_modes = v.held.modes;
        of_held.sample_near = v.held.near;
        of_held.samples = &v.held.features;
        of_held.sample_odds = v.held.odds;
        of_held.sample_labels = v.held.labels;
        of_held.sample_pixels = v.held.pixels;
        out->n_held = v.held.features.n;
        if (out->n_held)
            out->accuracy = accuracy_of(&v.held, sides.classes);
        s = make_tables(out, sides, out->n_held ? &of_held : NULL, p->team, err);
        if (s == GAN_OK)
            s = keep_real(out, &real, err);
        out->features = v.samples.features;
        v.samples.features = (gan_features){0};
    }
    gan__seen_forget(&v.samples);
    gan__seen_forget(&v.train);
    gan__seen_forget(&v.held);
    free(v.shares);
    free(v.path);
    if (s != GAN_OK)
        gan_eval_release(out);
    return s;
}

/* ---- from features ------------------------------------------------------------------------------- */

/* n rows of f that a fixed shuffle picks: a file may be sorted by class. */
static gan_status pick(gan_features *out, const gan_features *f, int n, gan_error *err)
{
    const size_t row = (size_t)f->dims * sizeof *f->x;
    int *own = malloc((size_t)f->n * sizeof *own);
    const gan_status s = own ? gan_features_make(out, n, f->dims, err) : gan__fail_memory(err, "features");
    if (s == GAN_OK)
        gan__group_rows(f->n, 1, 0, own);
    for (int i = 0; i < n && s == GAN_OK; i++)
        memcpy(out->x + (size_t)i * (size_t)f->dims, f->x + (size_t)own[i] * (size_t)f->dims, row);
    free(own);
    return s;
}

gan_status gan_eval_features(gan_eval *out, const gan_features *samples, const gan_features *real, const gan_features *held,
                             gan_team *team, gan_error *err)
{
    const int n = samples->n < real->n ? samples->n : real->n;
    gan_features met;
    gan_status s = pick(&met, real, n, err);
    if (s != GAN_OK)
        return s;
    const gan_sides sides = {.real = &met, .samples = samples, .train = real, .held = held};
    gan_sides of_held = sides;
    of_held.samples = held;
    *out = (gan_eval){.n = samples->n, .n_held = held ? held->n : 0, .accuracy = -1};
    s = gan_features_check(samples, "samples", err);
    if (s == GAN_OK)
        s = gan_features_check(real, "real pictures", err);
    if (s == GAN_OK && held)
        s = gan_features_check(held, "held-out pictures", err);
    if (s == GAN_OK)
        s = make_tables(out, sides, held ? &of_held : NULL, team, err);
    out->real = met;
    if (s == GAN_OK)
        s = gan_features_make(&out->features, samples->n, samples->dims, err);
    if (s == GAN_OK)
        memcpy(out->features.x, samples->x, (size_t)samples->n * (size_t)samples->dims * sizeof *samples->x);
    if (s != GAN_OK)
        gan_eval_release(out);
    return s;
}
