/* frechet.c - see frechet.h. The trace of (C C')^(1/2) is the sum of the roots of the eigenvalues of R C' R, R = C^(1/2): both
 * matrices are symmetric, so LAPACK's symmetric solver does. */
#include "measure/frechet.h"

#include "base/error.h"
#include "measure/eigen.h"
#include "measure/moments.h"
#include "measure/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this many dimensions eigenvalues take minutes where they are wanted forty times over. */
enum { JACKKNIFE_DIMS = 256 };

/* Two sides, and room for one distance. */
typedef struct frechet {
    gan__moments a, b;
    int dims;
    double *centre, *mean_a, *mean_b, *of_a, *of_b, *root, *work, *eigenvalues;
} frechet;

/* ---- one distance -------------------------------------------------------------------------------- */

/* out = a b': a b, where b is symmetric. */
static gan_status product(const frechet *f, const double *a, const double *b, double *out, gan_error *err)
{
    const gan_features left = {f->dims, f->dims, (double *)(uintptr_t)a}, right = {f->dims, f->dims, (double *)(uintptr_t)b};
    return gan__products(&left, &right, NULL, out, err);
}

/* root = of_a^(1/2), which stays for all of b that it meets. */
static gan_status take_root(frechet *f, gan_error *err)
{
    const size_t n = (size_t)f->dims;
    double *scaled = f->work + n * n;
    memcpy(f->work, f->of_a, n * n * sizeof *f->work);
    const gan_status s = gan__eigen(f->work, f->dims, true, f->eigenvalues, err);
    for (size_t i = 0; i < n * n && s == GAN_OK; i++)
        scaled[i] = f->work[i] * sqrt(fmax(f->eigenvalues[i % n], 0));
    return s == GAN_OK ? product(f, scaled, f->work, f->root, err) : s;
}

/* From mean_a, of_a, its root, mean_b, of_b. */
static gan_status distance(frechet *f, double *out, gan_error *err)
{
    const size_t n = (size_t)f->dims;
    double sum = 0, *half = f->work + n * n;
    gan_status s = product(f, f->root, f->of_b, half, err);
    if (s == GAN_OK)
        s = product(f, half, f->root, f->work, err);
    for (size_t i = 0; i < n && s == GAN_OK; i++) /* rounding alone parts the halves */
        for (size_t k = 0; k < i; k++)
            f->work[i * n + k] = f->work[k * n + i] = (f->work[i * n + k] + f->work[k * n + i]) / 2;
    if (s == GAN_OK)
        s = gan__eigen(f->work, f->dims, false, f->eigenvalues, err);
    for (size_t k = 0; k < n && s == GAN_OK; k++) {
        const double apart = f->mean_a[k] - f->mean_b[k];
        sum += apart * apart + f->of_a[k * n + k] + f->of_b[k * n + k] - 2 * sqrt(fmax(f->eigenvalues[k], 0));
    }
    *out = fmax(sum, 0);
    return s;
}

/* ---- two sides ----------------------------------------------------------------------------------- */

static void close_sides(frechet *f)
{
    gan__moments_release(&f->a);
    gan__moments_release(&f->b);
    free(f->centre);
    *f = (frechet){0};
}

/* Rows NULL: the first na and nb. To be closed whatever the answer is. */
static gan_status open_sides(frechet *f, const gan_features *a, const int *rows_a, int na, const gan_features *b,
                             const int *rows_b, int nb, gan_team *team, gan_error *err)
{
    const size_t dims = (size_t)a->dims;
    const int groups = a->dims <= JACKKNIFE_DIMS && na >= 2 * GAN__GROUPS && nb >= 2 * GAN__GROUPS ? GAN__GROUPS : 1;
    const size_t square = dims * dims;
    double *room = calloc(4 * dims + 5 * square, sizeof *room), *squares = room + 4 * dims;
    *f = (frechet){.dims = a->dims, .mean_a = room + dims, .mean_b = room + 2 * dims, .eigenvalues = room + 3 * dims,
                   .of_a = squares, .of_b = squares + square, .root = squares + 2 * square, .work = squares + 3 * square};
    if (!room)
        return gan__fail_memory(err, "covariances");
    f->centre = room;
    for (int i = 0; i < na; i++)
        for (size_t k = 0; k < dims; k++)
            f->centre[k] += a->x[(size_t)(rows_a ? rows_a[i] : i) * dims + k] / na;
    gan__moments of_a = {0}, of_b = {0};
    gan_status s = gan__moments_make(&of_a, a, rows_a, na, room, groups, team, err);
    if (s == GAN_OK)
        s = gan__moments_make(&of_b, b, rows_b, nb, room, groups, team, err);
    f->a = of_a;
    f->b = of_b;
    return s;
}

static gan_status all_rows(frechet *f, double *out, gan_error *err)
{
    gan__moments_of(&f->a, f->a.groups, -1, f->mean_a, f->of_a);
    gan__moments_of(&f->b, f->b.groups, -1, f->mean_b, f->of_b);
    const gan_status s = take_root(f, err);
    return s == GAN_OK ? distance(f, out, err) : s;
}

/* Of samples alone and of real pictures alone; they are independent, so the variances add. */
static gan_status jackknife(frechet *f, double *error, gan_error *err)
{
    double left_out[GAN__GROUPS];
    gan_status s = GAN_OK;
    *error = -1;
    if (f->a.groups < GAN__GROUPS)
        return GAN_OK;
    for (int g = 0; g < GAN__GROUPS && s == GAN_OK; g++) { /* a, its mean and its root are those of all rows here */
        gan__moments_of(&f->b, GAN__GROUPS, g, f->mean_b, f->of_b);
        s = distance(f, &left_out[g], err);
    }
    const double of_b = s == GAN_OK ? gan__jackknife_error(left_out) : 0;
    gan__moments_of(&f->b, GAN__GROUPS, -1, f->mean_b, f->of_b);
    for (int g = 0; g < GAN__GROUPS && s == GAN_OK; g++) {
        gan__moments_of(&f->a, GAN__GROUPS, g, f->mean_a, f->of_a);
        s = take_root(f, err);
        if (s == GAN_OK)
            s = distance(f, &left_out[g], err);
    }
    if (s == GAN_OK)
        *error = hypot(of_b, gan__jackknife_error(left_out));
    return s;
}

static gan_status of_rows(const gan_features *a, const int *rows_a, int na, const gan_features *b, const int *rows_b, int nb,
                          gan_team *team, double *value, double *error, gan_error *err)
{
    frechet f;
    gan_status s = open_sides(&f, a, rows_a, na, b, rows_b, nb, team, err);
    if (s == GAN_OK)
        s = all_rows(&f, value, err);
    if (s == GAN_OK)
        s = jackknife(&f, error, err);
    close_sides(&f);
    return s;
}

gan_status gan__frechet(const gan_features *a, const gan_features *b, gan_team *team, double *value, double *error, gan_error *err)
{
    return of_rows(a, NULL, a->n, b, NULL, b->n, team, value, error, err);
}

/* ---- rows of the table --------------------------------------------------------------------------- */

static gan_status fid(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = gan__as_many(s);
    double value, error;
    if (!GAN_HAVE_LAPACKE)
        return gan__lacks(out, "gander was built without LAPACKE");
    if (n < 2)
        return gan__lacks(out, "needs two samples at least");
    gan_status status = of_rows(s->real, NULL, n, s->samples, NULL, n, m->team, &value, &error, err);
    if (status == GAN_OK)
        status = gan__found(out, value, error);
    if (status == GAN_OK && n <= s->real->dims)
        gan__mind(out, "%d samples in %d dimensions: the covariances are not full, FID is much too high", n, s->real->dims);
    return status;
}

/* What the first k of the groups give, against 1 / n, and a straight line through that to 1 / n = 0. without: a group that is
 * left out of both sides. */
static gan_status extrapolate(frechet *f, int without, double *out, gan_error *err)
{
    enum { FIRST = 8, STEP = 3 };
    double sx = 0, sy = 0, sxx = 0, sxy = 0, points = 0;
    gan_status s = GAN_OK;
    for (int k = FIRST; k <= GAN__GROUPS && s == GAN_OK; k += STEP) {
        double y = 0;
        const double x = 1 / gan__moments_of(&f->a, k, without, f->mean_a, f->of_a);
        gan__moments_of(&f->b, k, without, f->mean_b, f->of_b);
        s = take_root(f, err);
        if (s == GAN_OK)
            s = distance(f, &y, err);
        sx += x, sy += y, sxx += x * x, sxy += x * y, points++;
    }
    const double slope = (points * sxy - sx * sy) / (points * sxx - sx * sx);
    *out = (sy - slope * sx) / points;
    return s;
}

static gan_status fid_infinity(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = gan__as_many(s), least = (s->real->dims * GAN__GROUPS + 7) / 8; /* the first point: 8 of the groups */
    frechet f;
    double value, left_out[GAN__GROUPS];
    if (!GAN_HAVE_LAPACKE)
        return gan__lacks(out, "gander was built without LAPACKE");
    if (s->real->dims > JACKKNIFE_DIMS)
        return gan__lacks(out, "needs features of at most %d dimensions", JACKKNIFE_DIMS);
    if (n < least || n < 2 * GAN__GROUPS)
        return gan__lacks(out, "needs %d samples at least in %d dimensions", least > 40 ? least : 40, s->real->dims);
    gan_status status = open_sides(&f, s->real, NULL, n, s->samples, NULL, n, m->team, err);
    if (status == GAN_OK)
        status = extrapolate(&f, -1, &value, err);
    for (int g = 0; g < GAN__GROUPS && status == GAN_OK; g++)
        status = extrapolate(&f, g, &left_out[g], err);
    close_sides(&f);
    return status == GAN_OK ? gan__found(out, value, gan__jackknife_error(left_out)) : status;
}

/* Rows of a class, by label where there is one, else as the classifier reads them. */
static int rows_of_class(int c, int n, const uint8_t *labels, const double *odds, int classes, int *rows)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        int is = 0;
        for (int k = 1; !labels && k < classes; k++)
            if (odds[(size_t)i * (size_t)classes + (size_t)k] > odds[(size_t)i * (size_t)classes + (size_t)is])
                is = k;
        if ((labels ? labels[i] : is) == c)
            rows[count++] = i;
    }
    return count;
}

static gan_status intra_fid(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = gan__as_many(s);
    double sum = 0, variance = 0;
    bool full = true, sure = true;
    if (!GAN_HAVE_LAPACKE)
        return gan__lacks(out, "gander was built without LAPACKE");
    if (!s->classes || !(s->sample_labels || s->sample_odds) || !(s->real_labels || s->real_odds))
        return gan__lacks(out, "needs classes");
    int *real = malloc(2 * (size_t)n * sizeof *real), *samples = real + n;
    if (!real)
        return gan__fail_memory(err, "classes");
    gan_status status = GAN_OK;
    for (int c = 0; c < s->classes && status == GAN_OK; c++) {
        const int a = rows_of_class(c, n, s->real_labels, s->real_odds, s->classes, real),
                  b = rows_of_class(c, n, s->sample_labels, s->sample_odds, s->classes, samples), k = a < b ? a : b;
        double value = 0, error = 0;
        if (k < 2) {
            free(real);
            return gan__lacks(out, "class %d has %d real pictures and %d samples", c, a, b);
        }
        status = of_rows(s->real, real, k, s->samples, samples, k, m->team, &value, &error, err);
        sum += value;
        variance += error * error;
        full &= k > s->real->dims;
        sure &= error >= 0;
    }
    free(real);
    if (status == GAN_OK)
        status = gan__found(out, sum / s->classes, sure ? sqrt(variance) / s->classes : -1);
    if (status == GAN_OK && !full)
        gan__mind(out, "a class has fewer samples than the features dimensions: its FID is much too high");
    return status;
}

#define JACKKNIFE "jackknife over 20 groups of either side"
const gan__measure gan__measure_fid = {
    {"fid", "FID", "lower", JACKKNIFE,
     "distance of two normal distributions, fitted to the features of samples and of as many real pictures; the more there are, "
     "the lower it is",
     "Heusel et al. 2017, arXiv:1706.08500, equation 6"},
    fid};
const gan__measure gan__measure_fid_infinity = {
    {"fid_infinity", "FID, infinite n", "lower", JACKKNIFE, "the FID that endlessly many pictures of either side would have: a line "
     "through FIDs of fewer, over 1/n; near 0 it may be below it, and its error is rather too wide", "Chong & Forsyth 2020, arXiv:1911.07023, section 3"},
    fid_infinity};
const gan__measure gan__measure_intra_fid = {
    {"intra_fid", "FID within classes", "lower", "jackknife within each class", "mean over the classes of the FID between their "
     "samples and their real pictures; few of a class, so higher than FID", "Miyato & Koyama 2018, arXiv:1802.05637, section 4"},
    intra_fid};
