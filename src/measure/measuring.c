/* measuring.c - the table of measures: a row each, in the order in which they are printed. */
#include "measure/measuring.h"

#include "base/error.h"
#include "base/nearest.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const gan__measure *const rows[] = {
    &gan__measure_fid,       &gan__measure_fid_infinity, &gan__measure_intra_fid, &gan__measure_kid,
    &gan__measure_precision, &gan__measure_recall,       &gan__measure_density,   &gan__measure_coverage,
    &gan__measure_score,     &gan__measure_label_accuracy, &gan__measure_rarest,  &gan__measure_missing,
    &gan__measure_class_kl,  &gan__measure_modes,        &gan__measure_quality,   &gan__measure_mode_kl,
    &gan__measure_spread,    &gan__measure_equal,        &gan__measure_path_length, &gan__measure_copying,
    &gan__measure_near_copies};
enum { MEASURES = sizeof rows / sizeof *rows };

int gan_measures(void)
{
    return MEASURES;
}

gan_measure_info gan_measure_at(int i)
{
    return rows[i]->info;
}

/* ---- what rows say ------------------------------------------------------------------------------- */

gan_status gan__lacks(gan_measured *out, const char *format, ...)
{
    va_list list;
    *out = (gan_measured){.error = -1};
    va_start(list, format);
    vsnprintf(out->why, sizeof out->why, format, list);
    va_end(list);
    return GAN_OK;
}

gan_status gan__found(gan_measured *out, double value, double error)
{
    *out = (gan_measured){.known = true, .value = value, .error = error};
    return isfinite(value) ? GAN_OK : gan__lacks(out, "is not finite");
}

void gan__mind(gan_measured *out, const char *format, ...)
{
    va_list list;
    if (!out->known) /* it says already why */
        return;
    va_start(list, format);
    vsnprintf(out->why, sizeof out->why, format, list);
    va_end(list);
}

int gan__as_many(const gan_sides *s)
{
    return s->real->n < s->samples->n ? s->real->n : s->samples->n;
}

double gan__share_error(double share, double n)
{
    const double p = (share * n + 1) / (n + 2);
    return sqrt(p * (1 - p) / n);
}

void gan__group_of(int n, int g, int *first, int *end)
{
    *first = (int)((long)n * g / GAN__GROUPS);
    *end = (int)((long)n * (g + 1) / GAN__GROUPS);
}

double gan__jackknife_error(const double left_out[GAN__GROUPS])
{
    double mean = 0, squares = 0;
    for (int g = 0; g < GAN__GROUPS; g++)
        mean += left_out[g] / GAN__GROUPS;
    for (int g = 0; g < GAN__GROUPS; g++)
        squares += (left_out[g] - mean) * (left_out[g] - mean);
    return sqrt(squares * (GAN__GROUPS - 1) / GAN__GROUPS);
}

/* ---- the table ----------------------------------------------------------------------------------- */

static bool all_equal(const gan_features *f)
{
    const size_t row = (size_t)f->dims * sizeof *f->x;
    for (int i = 1; i < f->n; i++)
        if (memcmp(f->x, f->x + (size_t)i * (size_t)f->dims, row) != 0)
            return false;
    return true;
}

static gan_status check(const gan_sides *s, gan_error *err)
{
    if (s->real->dims != s->samples->dims)
        return gan__fail(err, GAN_ESHAPE, "features of %d numbers against features of %d: they are of two nets", s->samples->dims,
                         s->real->dims);
    if ((s->train && s->train->dims != s->real->dims) || (s->held && s->held->dims != s->real->dims))
        return gan__fail(err, GAN_ESHAPE, "features of %d numbers for the data, of %d for a part of it", s->real->dims,
                         s->train && s->train->dims != s->real->dims ? s->train->dims : s->held->dims);
    gan_status status = gan_features_check(s->real, "real pictures", err);
    if (status == GAN_OK)
        status = gan_features_check(s->samples, "samples", err);
    if (status == GAN_OK && s->train)
        status = gan_features_check(s->train, "training pictures", err);
    if (status == GAN_OK && s->held)
        status = gan_features_check(s->held, "held-out pictures", err);
    if (status == GAN_OK && s->real->n > 1 && all_equal(s->real)) /* samples that are is an answer, not a mistake */
        status = gan__fail(err, GAN_EINVAL, "features of the real pictures: all %d rows are equal, so nothing can be told from them",
                           s->real->n);
    return status;
}

/* Its square can be summed, and squared once more. */
#define FEATURE_MAX 1e75

gan_status gan_features_check(const gan_features *f, const char *whose, gan_error *err)
{
    if (f->n < 1 || f->dims < 1)
        return gan__fail(err, GAN_EINVAL, "features of the %s: none", whose);
    for (int i = 0; i < f->n; i++)
        for (int k = 0; k < f->dims; k++)
            if (!(fabs(f->x[(size_t)i * (size_t)f->dims + (size_t)k]) <= FEATURE_MAX))
                return gan__fail(err, GAN_EINVAL, "features of the %s: row %d, column %d is not a finite number, or beyond 1e75", whose,
                                 i, k);
    return GAN_OK;
}

static void release(gan__measuring *m)
{
    free(m->far.found);
}

/* What the numbers do not allow is that row's alone. */
static gan_status measure_row(gan__measuring *m, int i, gan_measured *out, gan_error *err)
{
    gan_error why = {0};
    const gan_status s = rows[i]->measure(m, out, &why);
    if (s == GAN_ENUMERIC)
        return gan__lacks(out, "%.150s", why.message);
    if (s != GAN_OK && err)
        *err = why;
    return s;
}

gan_status gan_measure_all(const gan_sides *s, gan_team *team, gan_measured *out, gan_error *err)
{
    gan__measuring m = {.sides = s, .team = team};
    gan_status status = check(s, err);
    for (int i = 0; i < MEASURES && status == GAN_OK; i++)
        status = measure_row(&m, i, &out[i], err);
    release(&m);
    return status;
}

gan_status gan_measure(const char *key, const gan_sides *s, gan_team *team, gan_measured *out, gan_error *err)
{
    gan__measuring m = {.sides = s, .team = team};
    const gan__measure *nearest = rows[0];
    for (int i = 0; i < MEASURES; i++) {
        if (!strcmp(rows[i]->info.key, key)) {
            gan_status status = check(s, err);
            if (status == GAN_OK)
                status = measure_row(&m, i, out, err);
            release(&m);
            return status;
        }
        if (gan__distance(key, rows[i]->info.key) < gan__distance(key, nearest->info.key))
            nearest = rows[i];
    }
    return gan__fail(err, GAN_EKEY, "no measure '%s'; do you mean '%s'?", key, nearest->info.key);
}
