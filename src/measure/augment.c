/* augment.c - what labelled samples are worth to a classifier: see measure.h.
 *
 * The classifier is the recipe `features` cut short: SHORT iterations at most where there are few real pictures, LONG where there are
 * all of them or samples alone. Batches come from one set: samples, and real pictures repeated until they are as many as those, so
 * that a few real ones are not lost among many samples. Draw d is seed d + 1, of the choice of pictures and of the training.
 */
#include "base/error.h"
#include "measure/feature_net.h"
#include "measure/seen.h"

#include <gan/measure.h>
#include <gan/train.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = 0, ALL = -1, SHORT = 500, LONG = 2000, DRAWS_MAX = 100 };
static const int each_of[GAN_AUGMENT_ROWS] = {NONE, 10, 100, 1000, ALL};

/* Labelled pictures being gathered. */
typedef struct pile {
    uint8_t *pixels, *labels;
    int n;
    size_t item;
} pile;

static gan_status make_pile(pile *p, int room, size_t item, gan_error *err)
{
    *p = (pile){malloc((size_t)room * item), malloc((size_t)room), 0, item};
    return p->pixels && p->labels ? GAN_OK : gan__fail_memory(err, "pictures for a classifier");
}

static void free_pile(pile *p)
{
    free(p->pixels);
    free(p->labels);
    *p = (pile){0};
}

static void put(pile *p, const uint8_t *pixels, uint8_t label)
{
    memcpy(p->pixels + (size_t)p->n * p->item, pixels, p->item);
    p->labels[p->n++] = label;
}

/* `each` pictures of every class, in the order of a seed; all of them where each is ALL. */
static gan_status choose(pile *p, const gan_dataset *d, int each, uint64_t seed, gan_error *err)
{
    const uint8_t *labels = gan_dataset_labels(d);
    const int count = gan_dataset_count(d), classes = gan_dataset_classes(d), room = each == ALL ? count : each * classes;
    int taken[256] = {0};
    const gan_dataset_field *fields;
    gan_dataset_fields(d, &fields);
    const gan_status s = make_pile(p, room, fields[0].bytes, err);
    uint8_t *picture = malloc(fields[0].bytes);
    if (s != GAN_OK || !picture) {
        free(picture);
        return s != GAN_OK ? s : gan__fail_memory(err, "pictures for a classifier");
    }
    for (int at = 0, i; at < count && p->n < room; at++) {
        gan_dataset_order(d, seed, (uint64_t)at, 1, &i);
        if (each != ALL && taken[labels[i]]++ >= each)
            continue;
        gan_dataset_get(d, i, picture);
        put(p, picture, labels[i]);
    }
    free(picture);
    return GAN_OK;
}

/* The real ones, repeated until they are as many as the samples, and the samples. */
static gan_status mix(gan_dataset **out, const gan_eval_params *p, const pile *real, bool samples, gan_error *err)
{
    int shape[4];
    gan_dataset_shape(p->train, &shape[1], &shape[2], &shape[3]);
    const size_t item = (size_t)shape[1] * (size_t)shape[2] * (size_t)shape[3];
    const int of_samples = samples ? p->n : 0, of_real = real->n && real->n < of_samples ? of_samples : real->n;
    pile all;
    gan_status s = make_pile(&all, of_samples + of_real, item, err);
    for (int i = 0; i < of_real && s == GAN_OK; i++)
        put(&all, real->pixels + (size_t)(i % real->n) * item, real->labels[i % real->n]);
    for (int i = 0; i < of_samples && s == GAN_OK; i++)
        put(&all, p->pixels + (size_t)i * item, p->labels[i]);
    shape[0] = all.n;
    if (s == GAN_OK)
        s = gan_dataset_from_bytes(out, gan_dataset_name(p->train), shape, all.pixels, all.labels, err);
    free_pile(&all);
    return s;
}

static gan_status make_recipe(gan_recipe **out, const gan_dataset *train, int each, uint64_t seed, gan_error *err)
{
    char number[32];
    gan_status s = gan__feature_recipe(out, train, err);
    const int64_t most = each == ALL || each == NONE ? LONG : SHORT, usual = s == GAN_OK ? gan_recipe_int(*out, "train.iterations") : 0;
    snprintf(number, sizeof number, "%lld", (long long)(usual < most ? usual : most));
    if (s == GAN_OK)
        s = gan_recipe_set(*out, "train.iterations", number, err);
    snprintf(number, sizeof number, "%d", gan_dataset_classes(train));
    if (s == GAN_OK)
        s = gan_recipe_set(*out, "data.classes", number, err); /* a pile may lack the last one */
    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    return s == GAN_OK ? gan_recipe_set(*out, "train.seed", number, err) : s;
}

/* Share of the held-out pictures that are read right. */
static gan_status ask(double *right, gan_model *net, const gan_dataset *held, gan_error *err)
{
    enum { SOME = 256 };
    const gan_dataset_field *fields;
    const int count = gan_dataset_count(held), classes = gan_model_outcomes(net), numbers = gan_model_features(net);
    gan_dataset_fields(held, &fields);
    uint8_t *pixels = malloc(SOME * fields[0].bytes);
    float *x = malloc(SOME * (size_t)(numbers + classes) * sizeof *x), *logits = x + (size_t)SOME * (size_t)numbers;
    gan_status s = pixels && x ? GAN_OK : gan__fail_memory(err, "pictures for a classifier");
    *right = 0;
    for (int first = 0; first < count && s == GAN_OK; first += SOME) {
        const int some = count - first < SOME ? count - first : SOME;
        for (int i = 0; i < some; i++)
            gan_dataset_get(held, first + i, pixels + (size_t)i * fields[0].bytes);
        s = gan_model_look(net, some, pixels, x, logits, err);
        for (int i = 0; i < some && s == GAN_OK; i++)
            *right += gan__likeliest(logits + (size_t)i * (size_t)classes, classes) == gan_dataset_labels(held)[first + i];
    }
    *right /= count;
    free(pixels);
    free(x);
    return s;
}

/* A classifier trained on the pile, the samples, or both; how often it is right. */
static gan_status train_and_ask(double *right, const gan_eval_params *p, const pile *real, bool samples, int each, uint64_t seed,
                                gan_error *err)
{
    gan_dataset *data = NULL;
    gan_recipe *recipe = NULL;
    gan_trainer *t = NULL;
    gan_model *net = NULL;
    gan_status s = mix(&data, p, real, samples, err);
    if (s == GAN_OK)
        s = make_recipe(&recipe, p->train, each, seed, err);
    if (s == GAN_OK)
        s = gan_trainer_create(&t, recipe, data, p->team, err);
    const int64_t n = s == GAN_OK ? gan_recipe_int(recipe, "train.iterations") : 0;
    for (int64_t i = 0; i < n && s == GAN_OK; i++)
        s = gan_trainer_step(t, NULL, err);
    if (s == GAN_OK)
        s = gan_trainer_model(&net, t, p->team, err);
    if (s == GAN_OK)
        s = ask(right, net, p->held, err);
    gan_model_free(net);
    gan_trainer_free(t);
    gan_recipe_free(recipe);
    gan_dataset_free(data);
    return s;
}

static void mean_and_deviation(const double *x, int n, double *mean, double *sd)
{
    double square = 0;
    *mean = 0;
    for (int i = 0; i < n; i++)
        *mean += x[i] / n;
    for (int i = 0; i < n; i++)
        square += (x[i] - *mean) * (x[i] - *mean);
    *sd = sqrt(square / (n - 1));
}

/* Has every class so many pictures? */
static bool has(const gan_dataset *d, int each)
{
    int count[256] = {0};
    for (int i = 0; i < gan_dataset_count(d); i++)
        count[gan_dataset_labels(d)[i]]++;
    for (int c = 0; c < gan_dataset_classes(d); c++)
        if (each > 0 && count[c] < each)
            return false;
    return true;
}

static gan_status one_row(gan_augmented *row, const gan_eval_params *p, int draws, gan_say_fn *tell, void *ctx, gan_error *err)
{
    double without[DRAWS_MAX], with[DRAWS_MAX], gain[DRAWS_MAX];
    gan_status s = GAN_OK;
    row->known = has(p->train, row->each);
    for (int d = 0; d < draws && row->known && s == GAN_OK; d++) {
        const uint64_t seed = (uint64_t)d + 1;
        pile real = {0};
        char line[160], each[24];
        without[d] = 0;
        if (row->each != NONE)
            s = choose(&real, p->train, row->each, seed, err);
        if (s == GAN_OK && row->each != NONE)
            s = train_and_ask(&without[d], p, &real, false, row->each, seed, err);
        if (s == GAN_OK)
            s = train_and_ask(&with[d], p, &real, true, row->each, seed, err);
        gain[d] = with[d] - without[d];
        free_pile(&real);
        snprintf(each, sizeof each, row->each == ALL ? "all" : "%d", row->each);
        if (row->each == NONE)
            snprintf(line, sizeof line, "  classifier on samples, draw %d of %d: %.2f %% right", d + 1, draws, 100 * with[d]);
        else
            snprintf(line, sizeof line, "  classifier on %s real a class, draw %d of %d: %.2f %% right alone, %.2f %% with samples", each,
                     d + 1, draws, 100 * without[d], 100 * with[d]);
        if (s == GAN_OK && tell)
            tell(ctx, line);
    }
    if (s == GAN_OK && row->known) {
        mean_and_deviation(without, draws, &row->without, &row->without_sd);
        mean_and_deviation(with, draws, &row->with, &row->with_sd);
        mean_and_deviation(gain, draws, &row->gain, &row->gain_sd);
    }
    return s;
}

gan_status gan_augment_check(const gan_eval_params *p, int draws, gan_error *err)
{
    if (draws < 2 || draws > DRAWS_MAX)
        return gan__fail(err, GAN_EINVAL, "%d draws: from 2 to %d", draws, DRAWS_MAX);
    if (p->n < 1)
        return gan__fail(err, GAN_EINVAL, "no samples to measure");
    if (!p->labels || !p->pixels)
        return gan__fail(err, GAN_EDATA, "samples without labels teach no classifier: they must be drawn by class, or have their labels "
                                         "beside them");
    int want[3], has_held[3];
    gan_dataset_shape(p->train, &want[0], &want[1], &want[2]);
    if (p->held)
        gan_dataset_shape(p->held, &has_held[0], &has_held[1], &has_held[2]);
    if (gan_dataset_real(p->train) || (p->held && (gan_dataset_real(p->held) || memcmp(want, has_held, sizeof want) != 0)))
        return gan__fail(err, GAN_ESHAPE, "%s: a classifier needs pictures, and held-out ones of the same size",
                         gan_dataset_name(p->train));
    if (gan_dataset_classes(p->train) < 2 || !p->held || !gan_dataset_labels(p->held))
        return gan__fail(err, GAN_EDATA, "%s: a classifier needs labels, and labelled pictures that are held out",
                         gan_dataset_name(p->train));
    for (int i = 0; i < p->n; i++)
        if (p->labels[i] >= gan_dataset_classes(p->train))
            return gan__fail(err, GAN_EDATA, "sample %d is of class %d, and the data has classes 0 to %d", i, p->labels[i],
                             gan_dataset_classes(p->train) - 1);
    return GAN_OK;
}

gan_status gan_augment(gan_augmented out[GAN_AUGMENT_ROWS], const gan_eval_params *p, int draws, gan_say_fn *tell, void *ctx,
                       gan_error *err)
{
    gan_status s = gan_augment_check(p, draws, err);
    for (int i = 0; i < GAN_AUGMENT_ROWS && s == GAN_OK; i++) {
        out[i] = (gan_augmented){.each = each_of[i]};
        s = one_row(&out[i], p, draws, tell, ctx, err);
    }
    return s;
}
