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
#include "measure/scores.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K_PRECISION = 3, K_DENSITY = 5, K_MOST = K_DENSITY };

/* ---- how far the k-th nearest is ----------------------------------------------------------------- */

typedef struct balls {
    const gan_features *rows;
    double error; /* of a score */
    double *near; /* [n, K_MOST]: squared distances to the nearest others, ascending; owned */
} balls;

/* x into the ascending list, in front of those that are greater; the last one falls out. */
static void insert(double near[K_MOST], double x)
{
    int k = K_MOST - 1;
    if (!(x < near[k]))
        return;
    for (; k > 0 && x < near[k - 1]; k--)
        near[k] = near[k - 1];
    near[k] = x;
}

/* The K_MOST least scores bound what may be among the nearest; of that the distances. */
static void keep_nearest(void *ctx, int thread, int row, const float *scores, double half)
{
    const balls *b = ctx;
    const int n = b->rows->n;
    double least[K_MOST], *near = b->near + (size_t)row * K_MOST;
    (void)thread, (void)half;
    for (int k = 0; k < K_MOST; k++)
        least[k] = near[k] = HUGE_VAL;
    float bound = FLT_MAX;
    for (int first = 0; first < n; first += GAN__SCORES) {
        if (!gan__any_below(scores + first, bound))
            continue;
        for (int i = first; i < n && i < first + GAN__SCORES; i++)
            if (i != row)
                insert(least, (double)scores[i]);
        bound = least[K_MOST - 1] < (double)FLT_MAX ? (float)least[K_MOST - 1] : FLT_MAX;
    }
    const float most = (float)(least[K_MOST - 1] + 2 * b->error + (double)FLT_EPSILON);
    for (int first = 0; first < n; first += GAN__SCORES) {
        if (!gan__any_below(scores + first, most))
            continue;
        for (int i = first; i < n && i < first + GAN__SCORES; i++)
            if (scores[i] <= most && i != row)
                insert(near, gan__squared(b->rows, row, b->rows, i));
    }
}

/* ---- who is in whose ball ------------------------------------------------------------------------ */

typedef struct meeting {
    const balls *real, *samples;
    double scale;                   /* of a distance, to the scores' */
    float *reach;                   /* of each sample: half the square of its ball's radius, scaled, and the error */
    int *in_any, *in_many;          /* of each thread and sample: is it in a real ball; in how many of the wider ones */
    unsigned char *found, *covered; /* of each real picture */
} meeting;

/* Half a squared distance as the scores have it, so much more that no score that belongs within is beyond. */
static float reach_of(const meeting *m, double squared)
{
    const double slack = m->real->error + 4 * (double)FLT_EPSILON;
    return (float)(squared * m->scale * m->scale / 2 + slack);
}

/* A real picture and every sample: those that may be in its ball, or have it in theirs, by their distances. */
static void meet(void *ctx, int thread, int row, const float *scores, double half)
{
    const meeting *m = ctx;
    const int n = m->real->rows->n;
    const double *own = m->real->near + (size_t)row * K_MOST;
    const double narrow = own[K_PRECISION - 1], wide = own[K_DENSITY - 1];
    const float from = (float)half, reach = reach_of(m, wide);
    float apart[GAN__SCORES];
    int *in_any = m->in_any + (size_t)thread * (size_t)n, *in_many = m->in_many + (size_t)thread * (size_t)n;
    int found = 0, covered = 0;
    for (int first = 0; first < n; first += GAN__SCORES) {
        for (int k = 0; k < GAN__SCORES; k++) { /* beyond the one's reach and the other's: above 0 */
            const float most = m->reach[first + k] > reach ? m->reach[first + k] : reach;
            apart[k] = scores[first + k] + from - most;
        }
        if (!gan__any_below(apart, 0))
            continue;
        for (int i = first; i < n && i < first + GAN__SCORES; i++) {
            if (apart[i - first] > 0)
                continue;
            const double d = gan__squared(m->real->rows, row, m->samples->rows, i);
            in_any[i] |= d <= narrow;
            in_many[i] += d < wide;
            covered |= d < wide;
            found |= d <= m->samples->near[(size_t)i * K_MOST + K_PRECISION - 1];
        }
    }
    m->found[row] = (unsigned char)found;
    m->covered[row] = (unsigned char)covered;
}

static void count(gan__manifold *out, const meeting *m, int threads)
{
    const int n = m->real->rows->n;
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

static gan_status find_balls(balls *b, const gan_features *rows, const gan__frame *frame, gan_team *team, gan_error *err)
{
    *b = (balls){rows, frame->error, malloc((size_t)rows->n * K_MOST * sizeof *b->near)};
    return b->near ? gan__scores(rows, rows, frame, team, keep_nearest, b, err) : gan__fail_memory(err, "neighbours");
}

static gan_status let_meet(gan__manifold *out, const balls *real, const balls *samples, const gan__frame *frame, gan_team *team,
                           gan_error *err)
{
    const size_t n = (size_t)real->rows->n, threads = (size_t)gan__threads_of(team);
    float *reach = calloc(n + GAN__SCORES, sizeof *reach);
    int *counts = calloc(2 * threads * n, sizeof *counts);
    unsigned char *flags = calloc(2 * n, 1);
    gan_status s = reach && counts && flags ? GAN_OK : gan__fail_memory(err, "neighbours");
    if (s == GAN_OK) {
        meeting m = {real, samples, frame->scale, reach, counts, counts + threads * n, flags, flags + n};
        for (size_t i = 0; i < n; i++)
            reach[i] = reach_of(&m, samples->near[i * K_MOST + K_PRECISION - 1]);
        s = gan__scores(real->rows, samples->rows, frame, team, meet, &m, err);
        if (s == GAN_OK)
            count(out, &m, (int)threads);
    }
    free(reach);
    free(counts);
    free(flags);
    return s;
}

static gan_status look_around(gan__measuring *m, const gan_features *real, const gan_features *samples, gan_error *err)
{
    gan__frame frame;
    balls of_real = {0}, of_samples = {0};
    gan_status s = gan__frame_make(&frame, samples, real, err);
    if (s == GAN_OK)
        s = find_balls(&of_real, real, &frame, m->team, err);
    if (s == GAN_OK)
        s = find_balls(&of_samples, samples, &frame, m->team, err);
    if (s == GAN_OK)
        s = let_meet(&m->manifold, &of_real, &of_samples, &frame, m->team, err);
    free(of_real.near);
    free(of_samples.near);
    gan__frame_release(&frame);
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

#define BINOMIAL "binomial, with the real pictures as they are"
const gan__measure gan__measure_precision = {
    {"precision", "precision", "higher", BINOMIAL, "share of samples that look like some real picture (k = 3)",
     "Kynkaanniemi et al. 2019, arXiv:1904.06991, equation 1"},
    precision};
const gan__measure gan__measure_recall = {
    {"recall", "recall", "higher", "binomial, with the samples as they are", "share of real pictures that look like some sample (k = 3): "
     "0 where samples are all alike, or like none of them", "Kynkaanniemi et al. 2019, arXiv:1904.06991, equation 1"},
    recall};
const gan__measure gan__measure_density = {
    {"density", "density", "1", "standard error over samples", "how crowded with real pictures the surroundings of samples are, 1 for "
     "real ones (k = 5): like precision, less moved by outliers", "Naeem et al. 2020, arXiv:2002.09797, equation 3"},
    density};
const gan__measure gan__measure_coverage = {
    {"coverage", "coverage", "higher", BINOMIAL, "share of real pictures with a sample nearer than their fifth neighbour of their own "
     "kind: the strictest of the four on samples that lie beside the data", "Naeem et al. 2020, arXiv:2002.09797, equation 4"},
    coverage};
