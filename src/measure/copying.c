/* copying.c - does a model give its training pictures back? How far samples are from the nearest training picture, against how
 * far held-out real pictures are: Meehan, Chaudhuri & Dasgupta 2020, arXiv:2004.05675.
 *
 * In each of some cells of feature space (k-means of the training pictures) the two sets of distances are ranked together;
 * Z = (U - m n / 2) / sqrt(m n (m + n + 1) / 12) of Mann & Whitney's U. C_T is the mean of Z over the cells, weighted by how
 * many held-out pictures they have (equation 4). Were samples like held-out pictures, Z would be a standard normal: that
 * gives C_T's deviation, and the p of a copier's C_T, far below 0. */
#include "measure/measuring.h"

#include "base/error.h"
#include "measure/moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 10, ROUNDS = 10, FEW = 20 }; /* a cell with fewer samples or held-out pictures does not count */

/* ---- cells --------------------------------------------------------------------------------------- */

/* Lloyd's rounds from CELLS training pictures. */
static gan_status make_cells(gan_features *cells, const gan_features *train, gan_team *team, gan_error *err)
{
    const size_t dims = (size_t)train->dims;
    gan_status s = gan_features_make(cells, CELLS < train->n ? CELLS : train->n, train->dims, err);
    int *own = malloc((size_t)train->n * sizeof *own);
    if (s == GAN_OK && !own)
        s = gan__fail_memory(err, "cells");
    if (s == GAN_OK)
        gan__group_rows(train->n, 1, 0, own);
    for (int c = 0; c < cells->n && s == GAN_OK; c++)
        memcpy(cells->x + (size_t)c * dims, train->x + (size_t)own[c] * dims, dims * sizeof *cells->x);
    for (int round = 0; round < ROUNDS && s == GAN_OK; round++) {
        double count[CELLS] = {0};
        s = gan_nearest(train, cells, team, own, NULL, err);
        if (s != GAN_OK)
            break;
        for (int i = 0; i < train->n; i++)
            count[own[i]]++;
        for (int c = 0; c < cells->n; c++)
            for (size_t k = 0; k < dims && count[c] > 0; k++)
                cells->x[(size_t)c * dims + k] = 0;
        for (int i = 0; i < train->n; i++)
            for (size_t k = 0; k < dims; k++)
                cells->x[(size_t)own[i] * dims + k] += train->x[(size_t)i * dims + k] / count[own[i]];
    }
    free(own);
    return s;
}

/* ---- distances ----------------------------------------------------------------------------------- */

static bool has_both(const gan_sides *s, gan_measured *out)
{
    if (!s->train || !s->held)
        gan__lacks(out, "needs all pictures that were trained on, and others that surely were not: test pictures beside the data");
    return s->train && s->held;
}

/* Distances to the training pictures, once for both rows. */
static gan_status look_far(gan__measuring *m, gan_error *err)
{
    const gan_sides *s = m->sides;
    const size_t n = (size_t)s->samples->n;
    gan__far *far = &m->far;
    if (far->samples)
        return GAN_OK;
    double *found = far->found = malloc((n + (size_t)s->held->n) * sizeof *found);
    if (!found)
        return gan__fail_memory(err, "distances");
    gan_status status = GAN_OK;
    if (!s->samples_far)
        status = gan_nearest(s->samples, s->train, m->team, NULL, found, err);
    if (status == GAN_OK && !s->held_far)
        status = gan_nearest(s->held, s->train, m->team, NULL, found + n, err);
    far->samples = s->samples_far ? s->samples_far : found;
    far->held = s->held_far ? s->held_far : found + n;
    return status;
}

typedef struct ranked {
    double far;
    int sample; /* 1: a sample, 0: held out */
} ranked;

static int by_distance(const void *a, const void *b)
{
    const double x = ((const ranked *)a)->far, y = ((const ranked *)b)->far;
    return (x > y) - (x < y);
}

/* Z of one cell; equal distances share the mean of their ranks. */
static double rank_sum(ranked *r, int n, double samples)
{
    double ranks = 0;
    qsort(r, (size_t)n, sizeof *r, by_distance);
    for (int i = 0, end; i < n; i = end) {
        int of_samples = 0;
        for (end = i; end < n && r[end].far == r[i].far; end++)
            of_samples += r[end].sample;
        ranks += of_samples * (i + 1 + end) / 2.0;
    }
    const double held = n - samples, u = ranks - samples * (samples + 1) / 2;
    return (u - samples * held / 2) / sqrt(samples * held * (samples + held + 1) / 12);
}

/* One side's distances, and in which cell each of its pictures lies. */
typedef struct side {
    int n, *cell; /* owned */
    const double *far;
} side;

static int add_cell(ranked *out, const side *s, int c, int is_sample)
{
    int n = 0;
    for (int i = 0; i < s->n; i++)
        if (s->cell[i] == c)
            out[n++] = (ranked){s->far[i], is_sample};
    return n;
}

static double one_cell(int c, const side *samples, const side *held, ranked *room, double *weight)
{
    const int of_samples = add_cell(room, samples, c, 1), of_held = add_cell(room + of_samples, held, c, 0);
    *weight = of_samples >= FEW && of_held >= FEW ? (double)of_held / held->n : 0;
    return *weight > 0 ? rank_sum(room, of_samples + of_held, of_samples) : 0;
}

static gan_status say_copying(gan_measured *out, const side *samples, const side *held, int cells, gan_error *err)
{
    double sum = 0, weights = 0, squares = 0;
    ranked *room = malloc(((size_t)samples->n + (size_t)held->n) * sizeof *room);
    if (!room)
        return gan__fail_memory(err, "distances");
    for (int c = 0; c < cells; c++) {
        double weight;
        const double z = one_cell(c, samples, held, room, &weight);
        sum += weight * z;
        weights += weight;
        squares += weight * weight;
    }
    free(room);
    if (!(weights > 0))
        return gan__lacks(out, "no part of the data has %d samples and %d held-out pictures", FEW, FEW);
    const double c_t = sum / weights, deviation = sqrt(squares) / weights;
    const gan_status s = gan__found(out, c_t, deviation);
    gan__mind(out, "a model that copies nothing gets a C_T this low or lower with probability %.2g; far below 0.01 it copies", erfc(-c_t / deviation / sqrt(2)) / 2);
    return s;
}

static gan_status find_cells(side *s, const gan_features *f, const gan_features *cells, gan_team *team, gan_error *err)
{
    s->n = f->n;
    s->cell = malloc((size_t)f->n * sizeof *s->cell);
    return s->cell ? gan_nearest(f, cells, team, s->cell, NULL, err) : gan__fail_memory(err, "cells");
}

static gan_status copying(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    gan_features cells = {0};
    if (!has_both(s, out))
        return GAN_OK;
    gan_status status = look_far(m, err);
    side samples = {.far = m->far.samples}, held = {.far = m->far.held};
    if (status == GAN_OK)
        status = make_cells(&cells, s->train, m->team, err);
    if (status == GAN_OK)
        status = find_cells(&samples, s->samples, &cells, m->team, err);
    if (status == GAN_OK)
        status = find_cells(&held, s->held, &cells, m->team, err);
    if (status == GAN_OK)
        status = say_copying(out, &samples, &held, cells.n, err);
    gan_features_release(&cells);
    free(samples.cell);
    free(held.cell);
    return status;
}

/* ---- near copies --------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Share of samples at most so far from a training picture. */
static double share_within(const gan__measuring *m, double far)
{
    const int n = m->sides->samples->n;
    int within = 0;
    for (int i = 0; i < n; i++)
        within += m->far.samples[i] <= far;
    return (double)within / n;
}

/* The limit is itself counted, so its rank is off by its root: what that does to the share is an error too. */
static gan_status near_copies(gan__measuring *m, gan_measured *out, gan_error *err)
{
    enum { ONE_OF = 100 };
    const gan_sides *s = m->sides;
    if (!has_both(s, out))
        return GAN_OK;
    if (s->held->n < ONE_OF)
        return gan__lacks(out, "needs %d held-out pictures", ONE_OF);
    const gan_status status = look_far(m, err);
    double *far = status == GAN_OK ? malloc((size_t)s->held->n * sizeof *far) : NULL;
    if (!far)
        return status == GAN_OK ? gan__fail_memory(err, "distances") : status;
    memcpy(far, m->far.held, (size_t)s->held->n * sizeof *far);
    qsort(far, (size_t)s->held->n, sizeof *far, ascending);
    const int rank = s->held->n / ONE_OF, most = s->held->n - 1;
    const int off = (int)ceil(sqrt(rank)), above = rank - 1 + off < most ? rank - 1 + off : most;
    const double share = share_within(m, far[rank - 1]),
                 of_limit = (share_within(m, far[above]) - share_within(m, far[rank > off ? rank - 1 - off : 0])) / 2;
    free(far);
    return gan__found(out, share, hypot(gan__share_error(share, s->samples->n), of_limit));
}

const gan__measure gan__measure_copying = {
    {"copying", "C_T", "0", "its deviation where nothing is copied", "are samples nearer to training pictures than held-out "
     "real pictures are? Far below 0: they are copies; far above: they are not near enough. It grows with the number of pictures", "Meehan et al. 2020, arXiv:2004.05675, "
     "equation 4"},
    copying};
const gan__measure gan__measure_near_copies = {
    {"near_copies", "near copies", "0.01 or less", "binomial, and that of the limit's rank", "share of samples at least as near to a training "
     "picture as the nearest 1 % of held-out real pictures are: 0.01 is what chance gives", "after Meehan et al. 2020"},
    near_copies};
