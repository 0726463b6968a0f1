/* classes.c - what a classifier reads in the samples. */
#include "measure/measuring.h"

#include "base/error.h"
#include "measure/moments.h"

#include <math.h>
#include <stdlib.h>

/* ---- what it reads ------------------------------------------------------------------------------- */

int gan__read_class(const double *odds, int classes)
{
    int is = 0;
    for (int c = 1; c < classes; c++)
        if (odds[c] > odds[is])
            is = c;
    return is;
}

/* How many of n are read as each class; malloc'd. */
static double *tally(const double *odds, int n, int classes)
{
    double *count = calloc((size_t)classes, sizeof *count);
    for (int i = 0; i < n && count; i++)
        count[gan__read_class(odds + (size_t)i * (size_t)classes, classes)]++;
    return count;
}

static bool has_classes(const gan_sides *s, gan_measured *out)
{
    const bool has = s->classes && s->sample_odds && s->real_odds;
    if (!has)
        gan__lacks(out, "needs a net that tells classes: the data has no labels");
    return has;
}

/* ---- classifier score ---------------------------------------------------------------------------- */

/* Sums over a group's rows: odds of each class, and p log p. */
static void add_rows(double *sum, const double *odds, const int *rows, int n, int classes)
{
    for (int i = 0; i < n; i++)
        for (int c = 0; c < classes; c++) {
            const double p = odds[(size_t)rows[i] * (size_t)classes + (size_t)c];
            sum[c] += p;
            sum[classes] += p > 0 ? p * log(p) : 0;
        }
}

/* exp of the mean of KL(p(y|x) || p(y)), from the sums of all groups but one. */
static double score_without(const double *sums, const double *count, int classes, int without)
{
    const size_t each = (size_t)classes + 1;
    double n = 0, own = 0, mean = 0;
    for (int g = 0; g < GAN__GROUPS; g++) {
        n += g == without ? 0 : count[g];
        own += g == without ? 0 : sums[(size_t)g * each + (size_t)classes];
    }
    for (int c = 0; c < classes; c++) {
        double p = 0;
        for (int g = 0; g < GAN__GROUPS; g++)
            p += g == without ? 0 : sums[(size_t)g * each + (size_t)c];
        p /= n;
        mean += p > 0 ? p * log(p) : 0;
    }
    return exp(own / n - mean);
}

static gan_status score(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = s->samples->n;
    double count[GAN__GROUPS], left_out[GAN__GROUPS];
    if (!has_classes(s, out))
        return GAN_OK;
    if (n < 2 * GAN__GROUPS)
        return gan__lacks(out, "needs %d samples at least", 2 * GAN__GROUPS);
    double *sums = calloc(GAN__GROUPS * ((size_t)s->classes + 1), sizeof *sums);
    int *rows = malloc((size_t)n * sizeof *rows);
    const bool room = sums && rows;
    for (int g = 0; g < GAN__GROUPS && room; g++) {
        count[g] = gan__group_rows(n, GAN__GROUPS, g, rows);
        add_rows(sums + (size_t)g * ((size_t)s->classes + 1), s->sample_odds, rows, (int)count[g], s->classes);
    }
    for (int g = 0; g < GAN__GROUPS && room; g++)
        left_out[g] = score_without(sums, count, s->classes, g);
    const double value = room ? score_without(sums, count, s->classes, -1) : 0;
    free(sums);
    free(rows);
    return room ? gan__found(out, value, gan__jackknife_error(left_out)) : gan__fail_memory(err, "classifier score");
}

/* ---- labels -------------------------------------------------------------------------------------- */

static gan_status label_accuracy(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = s->samples->n;
    double right = 0;
    (void)err;
    if (!has_classes(s, out))
        return GAN_OK;
    if (!s->sample_labels)
        return gan__lacks(out, "needs samples that were asked for by class");
    for (int i = 0; i < n; i++)
        right += gan__read_class(s->sample_odds + (size_t)i * (size_t)s->classes, s->classes) == s->sample_labels[i];
    return gan__found(out, right / n, gan__share_error(right / n, n));
}

static gan_status rarest(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    int least = 0;
    if (!has_classes(s, out))
        return GAN_OK;
    double *count = tally(s->sample_odds, s->samples->n, s->classes);
    if (!count)
        return gan__fail_memory(err, "classes");
    for (int c = 1; c < s->classes; c++)
        least = count[c] < count[least] ? c : least;
    const double share = count[least] / s->samples->n;
    free(count);
    const gan_status status = gan__found(out, share, gan__share_error(share, s->samples->n));
    gan__mind(out, "class %d", least);
    return status;
}

static gan_status missing(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    int none = 0;
    if (!has_classes(s, out))
        return GAN_OK;
    double *count = tally(s->sample_odds, s->samples->n, s->classes);
    if (!count)
        return gan__fail_memory(err, "classes");
    for (int c = 0; c < s->classes; c++)
        none += count[c] == 0;
    free(count);
    const gan_status status = gan__found(out, none, -1);
    gan__mind(out, "of %d", s->classes);
    return status;
}

/* p are the samples' shares of n, q the real ones' of m. Variance by the delta method: of log(p / q) under p, over n, and of p / q
 * under q, over m; where p and q are alike both vanish, and what is left is that of a chi-squared of C - 1 degrees: (C - 1) / 2
 * (1/n + 1/m)^2. Its mean, (C - 1) / 2 (1/n + 1/m), is what chance alone gives (Miller 1955). */
static gan_status class_kl(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    double kl = 0, square = 0, ratio = 0;
    bool beyond = false;
    if (!has_classes(s, out))
        return GAN_OK;
    double *of_samples = tally(s->sample_odds, s->samples->n, s->classes), *of_real = tally(s->real_odds, s->real->n, s->classes);
    if (!of_samples || !of_real) {
        free(of_samples);
        free(of_real);
        return gan__fail_memory(err, "classes");
    }
    for (int c = 0; c < s->classes; c++) {
        const double p = of_samples[c] / s->samples->n, q = of_real[c] / s->real->n;
        beyond |= p > 0 && q == 0;
        if (p > 0 && q > 0) {
            kl += p * log(p / q);
            square += p * log(p / q) * log(p / q);
            ratio += p * p / q;
        }
    }
    free(of_samples);
    free(of_real);
    if (beyond)
        return gan__lacks(out, "a class of the samples has no real picture");
    const double both = 1.0 / s->samples->n + 1.0 / s->real->n, chance = (s->classes - 1) / 2.0 * both;
    const double variance = fmax(square - kl * kl, 0) / s->samples->n + fmax(ratio - 1, 0) / s->real->n + chance * both;
    const gan_status status = gan__found(out, kl, sqrt(variance));
    gan__mind(out, "chance alone gives %.2g", chance);
    return status;
}

const gan__measure gan__measure_score = {
    {"score", "classifier score", "higher", "jackknife over 20 groups", "high where each sample is clearly of one class and all classes occur, at most "
     "their number; says nothing of variety within a class. exp of the mean of KL(p(class|sample) || p(class))",
     "Salimans et al. 2016, arXiv:1606.03498, section 4"},
    score};
const gan__measure gan__measure_label_accuracy = {
    {"label_accuracy", "of the class asked for", "higher", "binomial", "share of samples that the net reads as the class that they "
     "were asked for", "Miyato & Koyama 2018, arXiv:1802.05637, section 4"},
    label_accuracy};
const gan__measure gan__measure_rarest = {
    {"rarest", "share of the rarest class", "as real", "binomial", "least share that a class has among the samples, as the net reads "
     "them", ""},
    rarest};
const gan__measure gan__measure_missing = {
    {"missing", "classes missing", "lower", "none", "classes that no sample is read as", ""},
    missing};
const gan__measure gan__measure_class_kl = {
    {"class_kl", "class imbalance", "lower", "delta method, both sides", "KL(classes of samples || classes of real "
     "pictures), nats: 0 where every class has its share", "Srivastava et al. 2017, arXiv:1705.07761, section 4"},
    class_kl};
