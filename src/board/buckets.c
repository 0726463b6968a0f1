/* buckets.c - see buckets.h. In double and in the order of the numbers, so that the same tensor has the same bytes everywhere. */
#include "board/buckets.h"

#include <math.h>
#include <string.h>

static double number(const void *numbers, size_t i)
{
    float x;
    memcpy(&x, (const char *)numbers + i * sizeof x, sizeof x);
    return (double)x;
}

static void sum_up(gan__histogram *h, const void *numbers, size_t n)
{
    h->min = HUGE_VAL;
    h->max = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        const double x = number(numbers, i);
        if (!isfinite(x))
            continue;
        h->min = fmin(h->min, x);
        h->max = fmax(h->max, x);
        h->count++;
        h->sum += x;
        h->squares += x * x;
    }
}

void gan__histogram_of(gan__histogram *h, const void *numbers, size_t n)
{
    *h = (gan__histogram){0};
    sum_up(h, numbers, n);
    const double width = h->max - h->min;
    h->buckets = width > 0 ? GAN__BUCKETS : 1;
    for (int b = 0; b < h->buckets; b++)
        h->limit[b] = b == h->buckets - 1 ? h->max : h->min + width * (b + 1) / h->buckets;
    for (size_t i = 0; i < n; i++) {
        const double x = number(numbers, i);
        if (isfinite(x))
            h->in[width > 0 ? (int)fmin((x - h->min) / width * h->buckets, h->buckets - 1) : 0]++;
    }
}
