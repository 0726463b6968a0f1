/* inspect_health.c - layers, and D's word on real, unseen and drawn samples, as a few numbers: what the doctor's rules read. */
#include "inspect/inspector.h"

#include "base/error.h"
#include "train/trainer_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEAD, SATURATED, LEAST_WEIGHTS, UNEVEN, JUDGE_REAL, JUDGE_HELD, JUDGE_FAKE };
static const double UNEVEN_MOST = 1e12; /* of a layer that gets no gradient at all */

static const gan_health_info rows[GAN_HEALTH_ROWS] = {
    [DEAD] = {"dead", "share of dead units (relu, 0 for every sample) in the layer that has most of them"},
    [SATURATED] = {"saturated", "share of results at the flat ends of their activation (sigmoid, tanh), in the layer within a net that has most of them"},
    [LEAST_WEIGHTS] = {"weights_least", "root mean square of the weights of the layer where it is least"},
    [UNEVEN] = {"gradients_uneven", "how many times the gradient (root mean square, by its weights) of one layer is that of another, at most, in one net"},
    [JUDGE_REAL] = {"judge_real", "mean logit of training pictures, not augmented"},
    [JUDGE_HELD] = {"judge_held", "mean logit of pictures that are not trained on"},
    [JUDGE_FAKE] = {"judge_fake", "mean logit of samples"},
};

gan_health_info gan_health_row(int i)
{
    return rows[i];
}

static void raise_to(double *most, double x)
{
    if (!isnan(x) && !(*most >= x))
        *most = x;
}

static bool is_same_net(const gan_layer_look *a, const gan_layer_look *b)
{
    return !strcmp(a->net, b->net);
}

static double times_apart(const gan_layer_look *first, int n)
{
    double least = HUGE_VAL, most = 0;
    for (int i = 0; i < n && is_same_net(first, &first[i]); i++) {
        if (!first[i].weights.count)
            continue;
        const double g = first[i].gradients.rms;
        least = g < least ? g : least;
        most = g > most ? g : most;
    }
    if (!(most > 0))
        return nan(""); /* no layer has any */
    return least * UNEVEN_MOST > most ? most / least : UNEVEN_MOST;
}

static void read_layers(const gan_layer_look *l, int n, double value[GAN_HEALTH_ROWS])
{
    for (int i = 0; i < n; i++) {
        const bool last = i + 1 == n || !is_same_net(&l[i], &l[i + 1]);
        raise_to(&value[DEAD], l[i].dead);
        if (!last) /* what a picture is made of may be black and white */
            raise_to(&value[SATURATED], l[i].saturated);
        if (l[i].weights.count && !(value[LEAST_WEIGHTS] <= l[i].weights.rms))
            value[LEAST_WEIGHTS] = l[i].weights.rms;
        if (i == 0 || !is_same_net(&l[i - 1], &l[i]))
            raise_to(&value[UNEVEN], times_apart(&l[i], n - i));
    }
}

static gan_status look_at_layers(gan_inspector *x, double value[GAN_HEALTH_ROWS], gan_error *err)
{
    const int n = gan_inspector_layer_count(x);
    gan_layer_look *layer = calloc((size_t)n, sizeof *layer);
    const gan_status s = layer ? gan_inspector_layers(x, layer, err) : gan__fail_memory(err, "layers");
    if (s == GAN_OK)
        read_layers(layer, n, value);
    free(layer);
    return s;
}

static gan_status mean_logit(gan_inspector *x, int n, const float *samples, const int *label, double *mean, gan_error *err)
{
    float *logits = malloc((size_t)n * sizeof *logits);
    const gan_status s = logits ? gan_inspector_judge(x, n, samples, label, logits, NULL, err) : gan__fail_memory(err, "logits");
    double sum = 0;
    for (int i = 0; i < n && s == GAN_OK; i++)
        sum += (double)logits[i];
    if (s == GAN_OK)
        *mean = sum / n;
    free(logits);
    return s;
}

static gan_status ask_judge(gan_inspector *x, int n, const float *held, const int *label, double value[GAN_HEALTH_ROWS], gan_error *err)
{
    const gan_trainer *t = x->trainer;
    const size_t item = (size_t)gan__match_numbers(t->match.sample);
    float *samples = malloc((size_t)n * item * sizeof *samples);
    int *real = calloc((size_t)n, sizeof *real);
    gan_status s = samples && real ? gan_inspector_real(x, 0, n, samples, real, err) : gan__fail_memory(err, "samples");
    if (s == GAN_OK)
        s = mean_logit(x, n, samples, real, &value[JUDGE_REAL], err);
    if (s == GAN_OK)
        s = gan_trainer_sample_floats(x->trainer, 0, n, samples, err);
    if (s == GAN_OK)
        s = mean_logit(x, n, samples, NULL, &value[JUDGE_FAKE], err);
    if (s == GAN_OK && held)
        s = mean_logit(x, n, held, label, &value[JUDGE_HELD], err);
    free(real);
    free(samples);
    return s;
}

gan_status gan_inspector_health(gan_inspector *x, int n, const float *held, const int *label, double value[GAN_HEALTH_ROWS], gan_error *err)
{
    for (int i = 0; i < GAN_HEALTH_ROWS; i++)
        value[i] = nan("");
    if (n < 1)
        return gan__fail(err, GAN_EINVAL, "%d samples to judge: at least one", n);
    const gan_status s = look_at_layers(x, value, err);
    return s == GAN_OK && gan_inspector_judges(x) ? ask_judge(x, n, held, label, value, err) : s;
}
