/* variety.c - how varied the pixels are, and which samples repeat others. */
#include "measure/measuring.h"

#include "base/error.h"
#include "measure/moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- spread -------------------------------------------------------------------------------------- */

/* Sums of bytes and of their squares, [groups][numbers], exact. */
typedef struct bytes {
    double count[GAN__GROUPS], *sum, *square;
} bytes;

static gan_status sum_bytes(bytes *b, const uint8_t *pixels, int n, int numbers, gan_error *err)
{
    const size_t each = (size_t)numbers;
    int *rows = malloc((size_t)n * sizeof *rows);
    b->sum = calloc(2 * GAN__GROUPS * each, sizeof *b->sum);
    if (!rows || !b->sum) {
        free(rows);
        return gan__fail_memory(err, "spread");
    }
    b->square = b->sum + GAN__GROUPS * each;
    for (int g = 0; g < GAN__GROUPS; g++) {
        const int some = gan__group_rows(n, GAN__GROUPS, g, rows);
        b->count[g] = some;
        for (int i = 0; i < some; i++)
            for (size_t k = 0; k < each; k++) {
                const double x = pixels[(size_t)rows[i] * each + k];
                b->sum[(size_t)g * each + k] += x;
                b->square[(size_t)g * each + k] += x * x;
            }
    }
    free(rows);
    return GAN_OK;
}

/* Sum of the variances of all numbers, without one group (-1: of all). */
static double variance(const bytes *b, int numbers, int without)
{
    const size_t each = (size_t)numbers;
    double total = 0;
    for (size_t k = 0; k < each; k++) {
        double n = 0, sum = 0, square = 0;
        for (int g = 0; g < GAN__GROUPS; g++) {
            n += g == without ? 0 : b->count[g];
            sum += g == without ? 0 : b->sum[(size_t)g * each + k];
            square += g == without ? 0 : b->square[(size_t)g * each + k];
        }
        total += (square - sum * sum / n) / (n - 1);
    }
    return total;
}

static gan_status spread(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    bytes real = {0}, samples = {0};
    double left_out[GAN__GROUPS], real_left_out[GAN__GROUPS], value = 0;
    if (!s->sample_pixels || !s->real_pixels)
        return gan__lacks(out, "needs pictures, not features alone");
    if (gan__as_many(s) < 2 * GAN__GROUPS)
        return gan__lacks(out, "needs %d samples at least", 2 * GAN__GROUPS);
    gan_status status = sum_bytes(&real, s->real_pixels, s->real->n, s->numbers, err);
    if (status == GAN_OK)
        status = sum_bytes(&samples, s->sample_pixels, s->samples->n, s->numbers, err);
    if (status == GAN_OK) {
        const double of_real = variance(&real, s->numbers, -1), of_samples = variance(&samples, s->numbers, -1);
        value = sqrt(of_samples / of_real);
        for (int g = 0; g < GAN__GROUPS; g++) {
            left_out[g] = sqrt(variance(&samples, s->numbers, g) / of_real);
            real_left_out[g] = sqrt(of_samples / variance(&real, s->numbers, g));
        }
    }
    free(real.sum);
    free(samples.sum);
    if (status == GAN_OK && !isfinite(value))
        return gan__lacks(out, "all real pictures are equal");
    const double error = status == GAN_OK ? hypot(gan__jackknife_error(left_out), gan__jackknife_error(real_left_out)) : 0;
    return status == GAN_OK ? gan__found(out, value, error) : status;
}

/* ---- repeated samples ---------------------------------------------------------------------------- */

typedef struct item {
    const uint8_t *bytes;
    size_t size;
} item;

static int compare(const void *a, const void *b)
{
    return memcmp(((const item *)a)->bytes, ((const item *)b)->bytes, ((const item *)a)->size);
}

static gan_status repeated(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = s->samples->n;
    int equal = 0;
    if (!s->sample_pixels)
        return gan__lacks(out, "needs pictures, not features alone");
    item *items = malloc((size_t)n * sizeof *items);
    if (!items)
        return gan__fail_memory(err, "samples");
    for (int i = 0; i < n; i++)
        items[i] = (item){s->sample_pixels + (size_t)i * (size_t)s->numbers, (size_t)s->numbers};
    qsort(items, (size_t)n, sizeof *items, compare);
    for (int i = 1; i < n; i++)
        equal += !compare(&items[i - 1], &items[i]);
    free(items);
    return gan__found(out, (double)equal / n, gan__share_error((double)equal / n, n));
}

const gan__measure gan__measure_spread = {
    {"spread", "spread of pixels", "1", "jackknife over 20 groups", "sqrt of the sum of the pixels' variances over that of real "
     "pictures: well below 1 where samples are too alike", ""},
    spread};
const gan__measure gan__measure_equal = {
    {"repeated", "repeated samples", "lower", "binomial", "share of samples that repeat another one in every pixel", ""},
    repeated};
