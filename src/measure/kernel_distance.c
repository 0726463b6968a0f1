/* kernel_distance.c - see kernel_distance.h. */
#include "measure/kernel_distance.h"

#include "base/error.h"
#include "measure/measuring.h"
#include "measure/moments.h"
#include "measure/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sums of the kernel over each row's pairs; skip: but for the pair with itself. */
typedef struct sums {
    double *of_row;
    int columns, dims;
    bool skip;
} sums;

static void add_row(void *ctx, int thread, int row, const double *values)
{
    const sums *s = ctx;
    double sum = 0;
    (void)thread;
    for (int k = 0; k < s->columns; k++) {
        const double x = values[k] / s->dims + 1;
        if (!s->skip || k != row)
            sum += x * x * x;
    }
    s->of_row[row] = sum;
}

/* Mean kernel over all pairs. */
static gan_status mean_kernel(const gan_features *a, const gan_features *b, gan_team *team, double *mean, gan_error *err)
{
    gan__panels columns = {0};
    sums s = {.of_row = malloc((size_t)a->n * sizeof(double)), .columns = b->n, .dims = a->dims, .skip = a == b};
    gan_status status = s.of_row ? gan__panels_make(&columns, b, err) : gan__fail_memory(err, "KID");
    if (status == GAN_OK)
        status = gan__pairs(a, &columns, team, add_row, &s, err);
    double sum = 0;
    for (int i = 0; i < a->n && status == GAN_OK; i++)
        sum += s.of_row[i];
    *mean = sum / a->n / (s.skip ? b->n - 1 : b->n);
    gan__panels_release(&columns);
    free(s.of_row);
    return status;
}

/* Rows of a block, one behind the other. */
static void gather(gan_features *out, const gan_features *f, const int *rows)
{
    const size_t dims = (size_t)f->dims;
    for (int i = 0; i < out->n; i++)
        memcpy(out->x + (size_t)i * dims, f->x + (size_t)rows[i] * dims, dims * sizeof *out->x);
}

gan_status gan__kernel_distance(const gan_features *a, const gan_features *b, int n, int block, gan_team *team, double *value,
                                double *error, gan_error *err)
{
    const int blocks = n / block;
    gan_features x = {0}, y = {0};
    int *rows = malloc((size_t)n * sizeof *rows);
    gan_status s = rows ? gan_features_make(&x, block, a->dims, err) : gan__fail_memory(err, "KID");
    if (s == GAN_OK)
        s = gan_features_make(&y, block, a->dims, err);
    double sum = 0, squares = 0;
    if (s == GAN_OK)
        gan__group_rows(n, 1, 0, rows);
    for (int i = 0; i < blocks && s == GAN_OK; i++) {
        double xx = 0, yy = 0, xy = 0;
        gather(&x, a, rows + (size_t)i * (size_t)block);
        gather(&y, b, rows + (size_t)i * (size_t)block);
        s = mean_kernel(&x, &x, team, &xx, err);
        if (s == GAN_OK)
            s = mean_kernel(&y, &y, team, &yy, err);
        if (s == GAN_OK)
            s = mean_kernel(&x, &y, team, &xy, err);
        const double one = xx + yy - 2 * xy;
        sum += one;
        squares += one * one;
    }
    *value = sum / blocks;
    *error = blocks > 1 ? sqrt(fmax(squares - sum * sum / blocks, 0) / (blocks - 1) / blocks) : -1;
    gan_features_release(&x);
    gan_features_release(&y);
    free(rows);
    return s;
}

static gan_status kid(gan__measuring *m, gan_measured *out, gan_error *err)
{
    enum { BLOCK = 1000, FEW = 100, FEWER_BLOCKS = 10 };
    const gan_sides *s = m->sides;
    const int n = gan__as_many(s), block = n >= 2 * BLOCK ? n / ((n + BLOCK - 1) / BLOCK) : n >= FEW ? n / FEWER_BLOCKS : n;
    double value, error;
    if (n < 2)
        return gan__lacks(out, "needs two samples at least");
    const gan_status status = gan__kernel_distance(s->real, s->samples, n, block, m->team, &value, &error, err);
    return status == GAN_OK ? gan__found(out, value, error) : status;
}

const gan__measure gan__measure_kid = {
    {"kid", "KID", "lower", "standard error over blocks of at most 1,000", "mean squared difference of a kernel's means over the features of "
     "samples and of real pictures; without bias, so it may be a little below 0. Of this net's scale, which is not the usual one", "Binkowski et al. 2018, arXiv:1801.01401, section 4"},
    kid};
