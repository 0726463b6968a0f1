/* histogram.c - see histogram.h. Two passes: where the bins lie is known behind the first. */
#include "inspect/histogram.h"

#include <math.h>

static void meet(gan_histogram *h, double x)
{
    if (!isfinite(x)) {
        h->bad++;
        return;
    }
    h->least = h->count && h->least < x ? h->least : x;
    h->most = h->count && h->most > x ? h->most : x;
    h->mean += x;
    h->rms += x * x;
    h->count++;
}

static void put(gan_histogram *h, double x)
{
    const double width = h->most - h->least;
    if (!isfinite(x))
        return;
    const int bin = width > 0 ? (int)((x - h->least) / width * GAN_INSPECT_BINS) : 0;
    h->bin[bin < GAN_INSPECT_BINS ? bin : GAN_INSPECT_BINS - 1]++;
}

void gan__histogram(gan_histogram *out, const gan__numbers *part, int parts)
{
    *out = (gan_histogram){0};
    for (int i = 0; i < parts; i++)
        for (size_t k = 0; k < part[i].count; k++)
            meet(out, (double)part[i].x[k]);
    if (!out->count)
        return;
    out->mean /= (double)out->count;
    out->rms = sqrt(out->rms / (double)out->count);
    for (int i = 0; i < parts; i++)
        for (size_t k = 0; k < part[i].count; k++)
            put(out, (double)part[i].x[k]);
}
