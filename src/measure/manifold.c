/* manifold.c - what the nearest neighbours say: precision, recall (Kynkaanniemi et al. 2019, arXiv:1904.06991, equation 1,
 * k = 3), density and coverage (Naeem et al. 2020, arXiv:2002.09797, equations 3 and 4, k = 5).
 *
 *     precision  share of samples within a ball around some real picture that reaches to its k-th nearest real one
 *     recall     share of real pictures within such a ball around some sample
 *     density    how many real balls a sample is in, over k
 *     coverage   share of real pictures with a sample in their ball
 *
 * Distances are squared, and compared as such. */
#include "measure/measuring.h"

#include "base/error.h"
#include "measure/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K_PRECISION = 3, K_DENSITY = 5, K_MOST = K_DENSITY };

/* ---- how far the k-th nearest is ----------------------------------------------------------------- */

typedef struct balls {
    double *near; /* [n, K_MOST]: squared distances to the nearest others, ascending */
    int n;
} balls;

static void keep_nearest(void *ctx, int thread, int row, const double *values)
{
    const balls *b = ctx;
    double *near = b->near + (size_t)row * K_MOST;
    (void)thread;
    for (int k = 0; k < K_MOST; k++)
        near[k] = HUGE_VAL;
    for (int i = 0; i < b->n; i++) {
        if (i == row || !(values[i] < near[K_MOST - 1]))
            continue;
        int k = K_MOST - 1;
        for (; k > 0 && values[i] < near[k - 1]; k--)
            near[k] = near[k - 1];
        near[k] = values[i];
    }
}

/* ---- who is in whose ball ------------------------------------------------------------------------ */

typedef struct meeting {
    const balls *real, *samples;
    int n;
    int *in_any, *in_many;         /* of each thread and sample: is it in a real ball; in how many of the wider ones */
    unsigned char *found, *covered; /* of each real picture */
} meeting;

/* A real picture and every sample. */
static void meet(void *ctx, int thread, int row, const double *values)
{
    const meeting *m = ctx;
    const double *own = m->real->near + (size_t)row * K_MOST;
    const double narrow = own[K_PRECISION - 1], wide = own[K_DENSITY - 1];
    int *in_any = m->in_any + (size_t)thread * (size_t)m->n, *in_many = m->in_many + (size_t)thread * (size_t)m->n;
    int found = 0, covered = 0;
    for (int i = 0; i < m->n; i++) {
        in_any[i] |= values[i] <= narrow;
        in_many[i] += values[i] < wide;
        covered |= values[i] < wide;
        found |= values[i] <= m->samples->near[(size_t)i * K_MOST + K_PRECISION - 1];
    }
    m->found[row] = (unsigned char)found;
    m->covered[row] = (unsigned char)covered;
}

static void count(gan__manifold *out, const meeting *m, int threads)
{
    const int n = m->n;
    double precise = 0, found = 0, covered = 0, many = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        int any = 0, balls_of = 0;
        for (int t = 0; t < threads; t++) {
            any |= m->in_any[(size_t)t * (size_t)n + (size_t)i];
            balls_of += m->in_many[(size_t)t * (size_t)n + (size_t)i];
        }
        precise += any;
        many += (double)balls_of / K_DENSITY;
        squares += (double)balls_of * balls_of / (K_DENSITY * K_DENSITY);
        found += m->found[i];
        covered += m->covered[i];
    }
    *out = (gan__manifold){true, n, precise / n, found / n, many / n, squares / n, covered / n};
}

static gan_status look_around(gan__measuring *m, const gan_features *real, const gan_features *samples, gan_error *err)
{
    const size_t n = (size_t)real->n, threads = (size_t)gan__threads_of(m->team);
    gan__panels of_real = {0}, of_samples = {0};
    double *near = malloc(2 * n * K_MOST * sizeof *near);
    int *counts = calloc(2 * threads * n, sizeof *counts);
    unsigned char *flags = calloc(2 * n, 1);
    balls real_balls = {near, real->n}, sample_balls = {near + n * K_MOST, real->n};
    meeting all = {&real_balls, &sample_balls, real->n, counts, counts + threads * n, flags, flags + n};
    gan_status s = near && counts && flags ? GAN_OK : gan__fail_memory(err, "neighbours");
    if (s == GAN_OK)
        s = gan__panels_make(&of_real, real, err);
    if (s == GAN_OK)
        s = gan__panels_make(&of_samples, samples, err);
    if (s == GAN_OK)
        s = gan__pairs(real, &of_real, GAN__DISTANCES, m->team, keep_nearest, &real_balls, err);
    if (s == GAN_OK)
        s = gan__pairs(samples, &of_samples, GAN__DISTANCES, m->team, keep_nearest, &sample_balls, err);
    if (s == GAN_OK)
        s = gan__pairs(real, &of_samples, GAN__DISTANCES, m->team, meet, &all, err);
    if (s == GAN_OK)
        count(&m->manifold, &all, (int)threads);
    gan__panels_release(&of_real);
    gan__panels_release(&of_samples);
    free(near);
    free(counts);
    free(flags);
    return s;
}

/* ---- rows of the table --------------------------------------------------------------------------- */

/* False: out says what is missing. */
static bool ready(gan__measuring *m, gan_measured *out, gan_status *status, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = gan__as_many(s);
    *status = GAN_OK;
    if (n <= K_MOST) {
        gan__lacks(out, "needs more than %d samples: their %d-th nearest neighbours", K_MOST, K_MOST);
        return false;
    }
    if (!m->manifold.known) {
        const gan_features real = gan_features_rows(s->real, 0, n), samples = gan_features_rows(s->samples, 0, n);
        *status = look_around(m, &real, &samples, err);
    }
    return *status == GAN_OK;
}

static gan_status share(gan_measured *out, double value, int n)
{
    return gan__found(out, value, gan__share_error(value, n));
}

static gan_status precision(gan__measuring *m, gan_measured *out, gan_error *err)
{
    gan_status s;
    return ready(m, out, &s, err) ? share(out, m->manifold.precision, m->manifold.n) : s;
}

static gan_status recall(gan__measuring *m, gan_measured *out, gan_error *err)
{
    gan_status s;
    return ready(m, out, &s, err) ? share(out, m->manifold.recall, m->manifold.n) : s;
}

static gan_status density(gan__measuring *m, gan_measured *out, gan_error *err)
{
    gan_status s;
    if (!ready(m, out, &s, err))
        return s;
    const gan__manifold *f = &m->manifold;
    return gan__found(out, f->density, sqrt(fmax(f->density_square - f->density * f->density, 0) / f->n));
}

static gan_status coverage(gan__measuring *m, gan_measured *out, gan_error *err)
{
    gan_status s;
    return ready(m, out, &s, err) ? share(out, m->manifold.coverage, m->manifold.n) : s;
}

#define BINOMIAL "binomial, the real pictures' balls given"
const gan__measure gan__measure_precision = {
    {"precision", "precision", "higher", BINOMIAL, "share of samples that look like some real picture (k = 3)",
     "Kynkaanniemi et al. 2019, arXiv:1904.06991, equation 1"},
    precision};
const gan__measure gan__measure_recall = {
    {"recall", "recall", "higher", "binomial, the samples' balls given", "share of real pictures that look like some sample (k = 3): "
     "0 where samples are all alike", "Kynkaanniemi et al. 2019, arXiv:1904.06991, equation 1"},
    recall};
const gan__measure gan__measure_density = {
    {"density", "density", "higher", "standard error over samples", "how many real pictures a sample is as near to as their fifth "
     "neighbour, over 5: like precision, less moved by outliers", "Naeem et al. 2020, arXiv:2002.09797, equation 3"},
    density};
const gan__measure gan__measure_coverage = {
    {"coverage", "coverage", "higher", BINOMIAL, "share of real pictures with a sample nearer than their fifth neighbour: like "
     "recall, less moved by outliers", "Naeem et al. 2020, arXiv:2002.09797, equation 4"},
    coverage};
