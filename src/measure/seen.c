/* seen.c - see seen.h. */
#include "measure/seen.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void gan__seen_forget(gan__seen *s)
{
    gan_features_release(&s->features);
    free(s->odds);
    free(s->pixels);
    free(s->labels);
    free(s->modes);
    free(s->near);
    *s = (gan__seen){0};
}

static void softmax(double *odds, const float *logits, int n)
{
    double most = (double)logits[0], sum = 0;
    for (int c = 1; c < n; c++)
        most = fmax(most, (double)logits[c]);
    for (int c = 0; c < n; c++)
        sum += odds[c] = exp((double)logits[c] - most);
    for (int c = 0; c < n; c++)
        odds[c] /= sum;
}

gan_status gan__seen_prepare(gan__seen *s, int n, const gan_model *net, gan_error *err)
{
    const size_t outcomes = (size_t)gan_model_outcomes(net);
    const gan_status status = gan_features_make(&s->features, n, gan_model_features(net), err);
    s->odds = malloc((size_t)n * outcomes * sizeof *s->odds);
    return status == GAN_OK && !s->odds ? gan__fail_memory(err, "features") : status;
}

gan_status gan__seen_look(gan__seen *s, gan_model *net, int first, int n, const uint8_t *pixels, gan_error *err)
{
    const size_t dims = (size_t)gan_model_features(net), outcomes = (size_t)gan_model_outcomes(net), some = (size_t)n;
    float *x = malloc(some * (dims + outcomes) * sizeof *x), *logits = x + some * dims;
    gan_status status = x ? gan_model_look(net, n, pixels, x, logits, err) : gan__fail_memory(err, "features");
    for (size_t i = 0; i < some * dims && status == GAN_OK; i++)
        s->features.x[(size_t)first * dims + i] = (double)x[i];
    for (size_t i = 0; i < some && status == GAN_OK; i++)
        softmax(s->odds + ((size_t)first + i) * outcomes, logits + i * outcomes, (int)outcomes);
    free(x);
    return status;
}

gan_status gan__seen_points(gan__seen *s, const gan_dataset *of, const float *points, int n, int numbers, gan_error *err)
{
    gan_status status = gan_features_make(&s->features, n, numbers, err);
    s->modes = malloc((size_t)n * sizeof *s->modes);
    s->near = malloc((size_t)n * sizeof *s->near);
    if (status != GAN_OK || !s->modes || !s->near)
        return status != GAN_OK ? status : gan__fail_memory(err, "points");
    for (size_t i = 0; i < (size_t)n * (size_t)numbers; i++)
        s->features.x[i] = (double)points[i];
    for (int i = 0; i < n; i++)
        s->modes[i] = gan_dataset_mode(of, points + (size_t)i * (size_t)numbers, &s->near[i]);
    return GAN_OK;
}

gan_status gan__seen_points_of(gan__seen *s, const gan_dataset *d, int n, gan_error *err)
{
    int h, w, c;
    gan_dataset_shape(d, &h, &w, &c);
    float *points = malloc((size_t)n * (size_t)(h * w * c) * sizeof *points);
    if (!points)
        return gan__fail_memory(err, "points");
    gan_dataset_batch(d, 0, 0, n, (uint8_t *)points);
    const gan_status status = gan__seen_points(s, d, points, n, h * w * c, err);
    free(points);
    return status;
}

gan_status gan__seen_shares(double **out, const gan__seen *s, int modes, gan_error *err)
{
    const int n = s->features.n;
    double *shares = *out = calloc((size_t)modes, sizeof *shares);
    for (int i = 0; i < n && shares; i++)
        shares[s->modes[i]] += 1;
    for (int i = 0; i < modes && shares; i++)
        shares[i] /= n;
    return shares ? GAN_OK : gan__fail_memory(err, "modes");
}

int gan__likeliest(const float *logits, int n)
{
    int is = 0;
    for (int i = 1; i < n; i++)
        is = logits[i] > logits[is] ? i : is;
    return is;
}

gan_status gan__seen_channels(gan__seen *s, gan_model *net, const uint8_t *pixels, int n, int channels, gan_error *err)
{
    enum { SOME = 256 };
    int h, w, one;
    gan_model_shape(net, &h, &w, &one);
    const size_t numbers = (size_t)h * (size_t)w;
    const int classes = gan_model_outcomes(net);
    uint8_t *plane = malloc(SOME * numbers);
    float *features = malloc(SOME * (size_t)(gan_model_features(net) + classes) * sizeof *features);
    s->modes = calloc((size_t)n, sizeof *s->modes);
    gan_status status = plane && features && s->modes ? GAN_OK : gan__fail_memory(err, "modes");
    for (int c = 0; c < channels && status == GAN_OK; c++)
        for (int first = 0; first < n && status == GAN_OK; first += SOME) {
            const int some = n - first < SOME ? n - first : SOME;
            const uint8_t *from = pixels + (size_t)first * numbers * (size_t)channels + c;
            float *logits = features + (size_t)SOME * (size_t)gan_model_features(net);
            for (size_t i = 0; i < (size_t)some * numbers; i++)
                plane[i] = from[i * (size_t)channels];
            status = gan_model_look(net, some, plane, features, logits, err);
            for (int i = 0; i < some && status == GAN_OK; i++)
                s->modes[first + i] = s->modes[first + i] * classes + gan__likeliest(logits + (size_t)i * (size_t)classes, classes);
        }
    free(plane);
    free(features);
    return status;
}

gan_status gan__seen_data(gan__seen *s, gan_model *net, const gan_dataset *d, int n, bool keep, gan_error *err)
{
    enum { SOME = 1024, SEED = 0 };
    const gan_dataset_field *fields;
    const int label = gan_dataset_field_find(d, "label");
    gan_dataset_fields(d, &fields);
    const size_t item = fields[0].bytes;
    int *items = malloc(SOME * sizeof *items);
    uint8_t *some_pixels = malloc(SOME * item);
    gan_status status = gan__seen_prepare(s, n, net, err);
    if (keep)
        s->pixels = malloc((size_t)n * item);
    if (label >= 0)
        s->labels = malloc((size_t)n);
    if (status == GAN_OK && (!items || !some_pixels || (keep && !s->pixels) || (label >= 0 && !s->labels)))
        status = gan__fail_memory(err, "pictures");
    for (int first = 0; first < n && status == GAN_OK; first += SOME) {
        const int some = n - first < SOME ? n - first : SOME;
        gan_dataset_order(d, SEED, (uint64_t)first, some, items);
        gan_dataset_gather(d, 0, items, some, some_pixels);
        if (label >= 0)
            gan_dataset_gather(d, label, items, some, s->labels + first);
        if (keep)
            memcpy(s->pixels + (size_t)first * item, some_pixels, (size_t)some * item);
        status = gan__seen_look(s, net, first, some, some_pixels, err);
    }
    free(items);
    free(some_pixels);
    return status;
}
