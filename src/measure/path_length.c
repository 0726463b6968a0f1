/* path_length.c - see path_length.h. */
#include "measure/path_length.h"

#include "base/error.h"
#include "base/random.h"
#include "measure/measuring.h"

#include <math.h>
#include <stdlib.h>

static const double step = 1e-4; /* Karras et al. 2019 */

/* ---- paths ------------------------------------------------------------------------------------------ */

/* Work space for some pairs: both ends, two places on the way, their samples, and what is seen in them. */
typedef struct walk {
    float *ends, *places, *samples, *features, *logits;
    int *labels;
} walk;

static gan_status make_walk(walk *w, int pairs, const gan_model *model, const gan_model *net, gan_error *err)
{
    int h, width, c;
    gan_model_shape(model, &h, &width, &c);
    const size_t two = 2 * (size_t)pairs, latent = (size_t)gan_model_latent(model), numbers = (size_t)h * (size_t)width * (size_t)c;
    w->ends = malloc(two * latent * sizeof *w->ends);
    w->places = malloc(two * latent * sizeof *w->places);
    w->samples = malloc(two * numbers * sizeof *w->samples);
    w->features = net ? malloc(two * (size_t)gan_model_features(net) * sizeof *w->features) : NULL;
    w->logits = net ? malloc(two * (size_t)gan_model_outcomes(net) * sizeof *w->logits) : NULL;
    w->labels = malloc(two * sizeof *w->labels);
    const bool room = w->ends && w->places && w->samples && w->labels && (!net || (w->features && w->logits));
    return room ? GAN_OK : gan__fail_memory(err, "paths through the latents");
}

static void free_walk(walk *w)
{
    void *const blocks[] = {w->ends, w->places, w->samples, w->features, w->logits, w->labels};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free(blocks[i]);
}

/* Pairs first .. first + n - 1. */
static gan_status some_paths(double *out, walk *w, int first, int n, gan_model *model, uint64_t seed, gan_model *net, gan_error *err)
{
    const uint32_t stream = gan__stream("path");
    const int latent = gan_model_latent(model), classes = gan_model_classes(model);
    int h, width, c;
    gan_model_shape(model, &h, &width, &c);
    const size_t numbers = (size_t)h * (size_t)width * (size_t)c;
    gan_status s = gan_model_latents(model, seed, 2 * (uint32_t)first, 2 * n, w->ends, err);
    for (int i = 0; i < n && s == GAN_OK; i++) {
        const double t = gan__random_double(seed, stream, 0, (uint32_t)(first + i), 0);
        const float *a = w->ends + (size_t)(2 * i) * (size_t)latent, *b = a + latent;
        gan_slerp(w->places + (size_t)i * (size_t)latent, a, b, latent, t);
        gan_slerp(w->places + (size_t)(n + i) * (size_t)latent, a, b, latent, t + step);
        w->labels[i] = classes ? (first + i) % classes : 0;
    }
    for (int place = 0; place < 2 && s == GAN_OK; place++) /* each pair by one number, so that noise in layers is the same */
        s = gan_model_sample_latents(model, seed, (uint32_t)first, n, w->places + (size_t)(place * n) * (size_t)latent, w->labels,
                                     w->samples + (size_t)(place * n) * numbers, err);
    if (s == GAN_OK && net)
        s = gan_model_look_floats(net, 2 * n, w->samples, w->features, w->logits, err);
    const float *f = net ? w->features : w->samples;
    const int dims = net ? gan_model_features(net) : h * width * c;
    for (int i = 0; i < n && s == GAN_OK; i++) {
        out[first + i] = 0;
        for (int k = 0; k < dims; k++) {
            const double d = (double)f[(size_t)(n + i) * (size_t)dims + (size_t)k] - (double)f[(size_t)i * (size_t)dims + (size_t)k];
            out[first + i] += d / step * (d / step);
        }
    }
    return s;
}

gan_status gan__paths(double *out, int n, gan_model *model, uint64_t seed, gan_model *net, gan_error *err)
{
    enum { SOME = 256 };
    walk w = {0};
    gan_status s = make_walk(&w, SOME, model, net, err);
    for (int first = 0; first < n && s == GAN_OK; first += SOME)
        s = some_paths(out, &w, first, n - first < SOME ? n - first : SOME, model, seed, net, err);
    free_walk(&w);
    return s;
}

/* ---- the row ---------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Without the hundredth at either end, as Karras et al. have it. */
static gan_status path_length(gan__measuring *m, gan_measured *out, gan_error *err)
{
    enum { LEAST = 100 };
    const gan_sides *s = m->sides;
    const int n = s->paths, first = n / 100, end = n - n / 100;
    double mean = 0, square = 0;
    if (!s->path)
        return gan__lacks(out, "needs the generator: a run or a model");
    if (n < LEAST)
        return gan__lacks(out, "needs %d paths at least", LEAST);
    double *sorted = malloc((size_t)n * sizeof *sorted);
    if (!sorted)
        return gan__fail_memory(err, "path length");
    for (int i = 0; i < n; i++)
        sorted[i] = s->path[i];
    qsort(sorted, (size_t)n, sizeof *sorted, by_size);
    for (int i = first; i < end; i++)
        mean += sorted[i] / (end - first);
    for (int i = first; i < end; i++)
        square += (sorted[i] - mean) * (sorted[i] - mean);
    free(sorted);
    return gan__found(out, mean, sqrt(square / (end - first - 1) / (end - first)));
}

const gan__measure gan__measure_path_length = {
    {"path_length", "path length", "lower", "standard error over paths", "perceptual path length: squared distance in the features for a "
     "step of 1e-4 between two latents along their great circle, over the step squared, without the hundredth at either end; low "
     "where samples change smoothly. It is of the net's scale, and 0 for a generator that always draws the same",
     "Karras et al. 2019, arXiv:1812.04948, section 4.1"},
    path_length};
