/* modes.c - which of the data's modes the samples found: what the literature on mode collapse counts. */
#include "measure/measuring.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>

static bool has_modes(const gan_sides *s, gan_measured *out)
{
    const bool has = s->modes && s->sample_modes;
    if (!has)
        gan__lacks(out, "the data is drawn from no known modes");
    return has;
}

/* How many samples each mode has; of high quality alone, or all. malloc'd. */
static double *tally(const gan_sides *s, bool near_alone)
{
    double *count = calloc((size_t)s->modes, sizeof *count);
    for (int i = 0; i < s->samples->n && count; i++)
        count[s->sample_modes[i]] += !near_alone || !s->sample_near || s->sample_near[i];
    return count;
}

static gan_status found(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    int modes = 0;
    if (!has_modes(s, out))
        return GAN_OK;
    double *count = tally(s, true);
    if (!count)
        return gan__fail_memory(err, "modes");
    for (int i = 0; i < s->modes; i++)
        modes += count[i] > 0;
    free(count);
    const gan_status status = gan__found(out, modes, -1);
    gan__mind(out, "of %d, by %d samples", s->modes, s->samples->n);
    return status;
}

static gan_status quality(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = s->samples->n;
    double good = 0;
    (void)err;
    if (!has_modes(s, out))
        return GAN_OK;
    if (!s->sample_near)
        return gan__lacks(out, "its modes are classes: every sample is of one");
    for (int i = 0; i < n; i++)
        good += s->sample_near[i];
    return gan__found(out, good / n, gan__share_error(good / n, n));
}

/* What chance leaves is said and not taken off, as the literature does not. */
static gan_status mode_kl(gan__measuring *m, gan_measured *out, gan_error *err)
{
    const gan_sides *s = m->sides;
    const int n = s->samples->n;
    double kl = 0, square = 0;
    bool beyond = false;
    if (!has_modes(s, out))
        return GAN_OK;
    if (!s->real_shares)
        return gan__lacks(out, "needs the shares of the data's modes");
    double *count = tally(s, false);
    if (!count)
        return gan__fail_memory(err, "modes");
    for (int i = 0; i < s->modes; i++) {
        const double p = count[i] / n, q = s->real_shares[i];
        beyond |= p > 0 && q <= 0;
        if (p > 0 && q > 0) {
            kl += p * log(p / q);
            square += p * log(p / q) * log(p / q);
        }
    }
    free(count);
    if (beyond)
        return gan__lacks(out, "a mode of the samples is none of the data's");
    const double chance = (s->modes - 1) / (2.0 * n); /* as class_kl has it, the data's shares being known */
    const gan_status status = gan__found(out, kl, sqrt(fmax(square - kl * kl, 0) / n + chance / n));
    gan__mind(out, "chance alone gives %.2g", chance);
    return status;
}

const gan__measure gan__measure_modes = {
    {"modes", "modes found", "higher", "none", "modes of the data that at least one sample of high quality is of: of points within "
     "three standard deviations; of stacked pictures each channel read as a class by the net of one channel",
     "Metz et al. 2016, arXiv:1611.02163; Srivastava et al. 2017, arXiv:1705.07761; Lin et al. 2018, arXiv:1712.04086, section 4"},
    found};
const gan__measure gan__measure_quality = {
    {"quality", "samples of high quality", "higher", "binomial", "share of samples within three standard deviations of the nearest "
     "mode: of the data itself 0.989", "Srivastava et al. 2017, arXiv:1705.07761, section 4.1"},
    quality};
const gan__measure gan__measure_mode_kl = {
    {"mode_kl", "mode imbalance", "lower", "delta method, the real shares given", "reverse KL: KL(modes of samples || modes of the "
     "data), nats, each sample of its nearest mode", "Lin et al. 2018, arXiv:1712.04086, section 4.1"},
    mode_kl};
