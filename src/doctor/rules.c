/* rules.c - every rule: a symptom's function, and the row that says what it is.
 *
 * Figures of single lines are noisy, so symptoms look at the median of the last few. Thresholds were set on runs whose worth is known
 * (docs/doctor.md): above each, the nearest figures on either side. */
#include "doctor/rules.h"

#include "doctor/remedies.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    FEW = 3,       /* lines that a median is of */
    SWING = 12,    /* lines that are looked at for a to and fro */
    EARLY = 8,     /* first lines, that later ones are held against */
    COLD = 500,    /* times as much is asked of a divergence that is held against lines before GAN__WARM */
    LOOKS = 2,     /* looks inside, or evaluations, that a median is of */
    WORSE = 5,     /* evaluations without a better one that are many */
};

static bool is_paired(const gan_recipe *r)
{
    return gan_recipe_has(r, "train.objective") && !strcmp(gan_recipe_text(r, "train.objective"), "relativistic");
}

static bool is_warm(gan__sight s)
{
    return gan__sight_iteration(s) >= GAN__WARM;
}

/* ---- what samples look like ------------------------------------------------------------------------ */

/* `article` on MNIST: 0.002 to 0.3; a hundred emoji early on 0.52, a VAE 0.62. */
static double collapse(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double x = gan__last_median(s, "spread", FEW);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "spread %.2f in the last %d lines; 1 is as varied as the data, 0 all alike", x, FEW);
    if (isnan(x) || !is_warm(s))
        return nan("");
    return x < 0.15 ? 0.98 : x < 0.35 ? 0.9 : 0;
}

/* Healthy runs fall to 0.83 of their best (a hundred emoji), `article` to 0.35 and less. */
static double shrinking(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double x = gan__last_median(s, "spread", FEW), best = gan__ever_most(s, "spread"), most = fmin(best, 1.1);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "spread %.2f in the last %d lines, and %.2f at its best", x, FEW, most);
    if (isnan(x) || isnan(best) || !is_warm(s))
        return nan("");
    return x < 0.7 * most ? 0.75 : 0;
}

/* `steady` comes to 1.06. */
static double too_wild(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double x = gan__last_median(s, "spread", FEW);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "spread %.2f in the last %d lines; 1 is as varied as the data", x, FEW);
    if (isnan(x) || !is_warm(s))
        return nan("");
    return x > 1.35 ? 0.8 : 0;
}

static double oscillates(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const int turns = gan__turns(s, "spread", SWING, 0.25);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "spread went up and down by a quarter or more %d times in the last %d lines, from %.2f to %.2f", turns, SWING,
             gan__last_least(s, "spread", SWING), gan__last_most(s, "spread", SWING));
    if (isnan(gan__last_median(s, "spread", SWING)))
        return nan("");
    return turns >= 4 ? 0.85 : turns == 3 ? 0.7 : 0;
}

/* ---- the duel --------------------------------------------------------------------------------------- */

/* Unpaired, D(x) and D(G(z)) say it: `dcgan` comes to 0.93 and 0.09, `article` to 1 and 0.0001. Paired, only their difference counts, which is in
 * D's loss: `steady` begins with 0.21. */
static double d_wins(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double real = gan__last_median(s, "d_real", FEW), fake = gan__last_median(s, "d_fake", FEW), loss = gan__last_median(s, "loss_d", FEW);
    if (!is_warm(s))
        return nan("");
    if (is_paired(r)) {
        snprintf(seen, GAN_SEEN_MAX, "D's loss %.3g in the last %d lines; log 2 = 0.69 is a draw", loss, FEW);
        return isnan(loss) ? loss : loss < 0.01 ? 0.95 : loss < 0.05 ? 0.8 : 0;
    }
    snprintf(seen, GAN_SEEN_MAX, "D(x) %.3f and D(G(z)) %.2g in the last %d lines: it is never wrong", real, fake, FEW);
    if (isnan(real) || isnan(fake))
        return nan("");
    return real > 0.99 && fake < 0.01 ? 0.95 : real > 0.97 && fake < 0.03 ? 0.75 : 0;
}

/* Healthy runs fall to a twelfth (`pictures` on CIFAR-10, batch 32), `article` to a fortieth and less. */
static double g_starved(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double x = gan__last_median(s, "grad_norm_g", FEW), early = gan__warm_median(s, "grad_norm_g", EARLY);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "norm of G's gradient %.2g in the last %d lines, and %.2g early on", x, FEW, early);
    if (isnan(x) || isnan(early) || !is_warm(s))
        return nan("");
    return x < 1e-3 * early ? 0.95 : x < 0.02 * early ? 0.75 : 0;
}

static double d_blind(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double real = gan__last_median(s, "d_real", FEW), fake = gan__last_median(s, "d_fake", FEW), spread = gan__last_median(s, "spread", FEW);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "D(x) %.3f, D(G(z)) %.3f, and yet spread %.2f: samples are unlike the data, and D does not tell", real, fake,
             spread);
    if (isnan(real) || isnan(fake) || isnan(spread) || !is_warm(s))
        return nan("");
    return fabs(real - fake) < 0.005 && (spread < 0.5 || spread > 1.35) ? 0.8 : 0;
}

/* The strength of augmentation follows D's certainty; at its end, nothing more can be done. */
static double memorises(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double sign = gan__last_median(s, "sign_real", FEW), strength = gan__last_median(s, "augment", FEW);
    snprintf(seen, GAN_SEEN_MAX, "D is right about %.0f %% of its pictures although %.0f %% of them are altered", 50 + 50 * sign, 100 * strength);
    if (!is_warm(s) || isnan(sign) || isnan(strength) || !gan_recipe_has(r, "train.augment") || !strcmp(gan_recipe_text(r, "train.augment"), "none"))
        return nan("");
    return sign > 0.85 && strength > 0.8 ? 0.85 : 0;
}

/* `steady` pays 0.43 of its loss while D is far ahead; a hundred emoji 0.28. */
static double held_back(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double r1 = gan__last_median(s, "r1", FEW), r2 = gan__last_median(s, "r2", FEW), loss = gan__last_median(s, "loss_d", FEW),
                 apart = fabs(gan__last_median(s, "d_real", FEW) - gan__last_median(s, "d_fake", FEW));
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "penalties of %.2g beside a loss of %.2g, while D(x) and D(G(z)) are %.2g apart", r1 + r2, loss, apart);
    if (isnan(r1 + r2 + loss + apart) || !is_warm(s))
        return nan("");
    return r1 + r2 > 0.5 * fabs(loss) && apart < 0.05 ? 0.75 : 0;
}

/* ---- numbers ---------------------------------------------------------------------------------------- */

static double not_finite(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    static const char *const losses[] = {"loss_d", "loss_g", "elbo", "loss_c"};
    (void)r;
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (gan_history_has(s.h, losses[i]) && isnan(gan_history_value(s.h, s.row, losses[i]))) {
            snprintf(seen, GAN_SEEN_MAX, "%s is no number in the last line", losses[i]);
            return 1;
        }
    return 0;
}

/* Of healthy runs `dcgan` grows most: to 4.5 times its size from GAN__WARM on, to 263 times that of its very first lines. So a run that explodes before it is
 * warm is held against those, and more is asked of it. */
static double diverges(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    static const char *const norms[] = {"grad_norm_d", "grad_norm_g", "grad_norm_v", "grad_norm_c"};
    double worst = nan("");
    (void)r;
    for (size_t i = 0; i < sizeof norms / sizeof *norms; i++) {
        const double x = gan__last_least(s, norms[i], FEW), warm = gan__warm_median(s, norms[i], EARLY), cold = gan__first_median(s, norms[i], EARLY);
        const double ratio = fmax(x / warm, x / (COLD * cold)); /* a NaN is neither */
        if (isnan(ratio) || ratio <= worst)
            continue;
        worst = ratio;
        snprintf(seen, GAN_SEEN_MAX, "%s %.3g or more in the last %d lines, and %.3g early on", norms[i], x, FEW, ratio == x / warm ? warm : cold);
    }
    return isnan(worst) ? worst : worst > 100 ? 0.95 : worst > 20 ? 0.8 : 0;
}

/* ---- measures, and a VAE ----------------------------------------------------------------------------- */

static double stall(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const char *key = gan_history_has(s.h, "fid") ? "fid" : "kid";
    const double recent = gan__last_least(s, key, WORSE), all = gan__last_least(s, key, WORSE + 1), best = gan__ever_least(s, key);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "%s %.4g at its best, and not below %.4g in the last %d evaluations", key, best, recent, WORSE);
    if (isnan(all))
        return nan("");
    return best < recent ? 0.8 : 0;
}

/* The recipe `vae` has 17 to 27. */
static double empty_code(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double kl = gan__last_median(s, "kl", FEW);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "KL %.2g nats a sample in the last %d lines: the code says next to nothing", kl, FEW);
    if (isnan(kl) || !is_warm(s))
        return nan("");
    return kl < 0.5 ? 0.9 : 0;
}

/* ---- the table -------------------------------------------------------------------------------------- */

/* ---- inside the nets: figures of looks that lie further apart than lines ------------------------------ */

/* A VAE's encoder has 0.31, points on a ring 0.26, duels of pictures 0.08 at most. */
static double dead_units(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double x = gan__last_median(s, "dead", LOOKS);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "%.0f %% of one layer's units give 0 for every sample, at the last %d looks", 100 * x, LOOKS);
    return isnan(x) ? x : x > 0.9 ? 0.95 : x > 0.6 ? 0.8 : 0;
}

static double saturated(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double x = gan__last_median(s, "saturated", LOOKS);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "%.0f %% of one layer's results lie at the flat ends of its activation, at the last %d looks", 100 * x, LOOKS);
    return isnan(x) ? x : x > 0.98 ? 0.9 : x > 0.9 ? 0.75 : 0;
}

/* Healthy nets have 11 (article's) to 174 (steady's). */
static double uneven(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double x = gan__last_median(s, "gradients_uneven", LOOKS);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "one layer's gradient is %.2g times another's of the same net, at the last %d looks", x, LOOKS);
    return isnan(x) ? x : x > 1e7 ? 0.95 : x > 1e5 ? 0.8 : 0;
}

/* Adam's step is the rate, whatever the gradient: `steady` comes to 0.012 of the weights, points on a ring to 0.04. */
static double too_fast(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double d = gan__last_median(s, "rate_d", 1), g = gan__last_median(s, "rate_g", 1), v = gan__last_median(s, "rate_v", 1),
                 rate = fmax(fmax(d, g), v), weights = gan__last_median(s, "weights_least", LOOKS);
    snprintf(seen, GAN_SEEN_MAX, "a step is %.2g, and the weights of one layer are %.2g", rate, weights);
    if (isnan(rate) || isnan(weights) || !gan_recipe_has(r, "train.optimizer") || strncmp(gan_recipe_text(r, "train.optimizer"), "adam", 4) != 0)
        return nan("");
    return rate > 0.3 * weights ? 0.9 : rate > 0.12 * weights ? 0.75 : 0;
}

/* r_v of Karras et al. 2020, section 3: 0 where D finds what it never saw as real as what it learned from, 1 where as unreal as samples. Healthy runs come
 * to 0.22, of a few hundred pictures at a time. */
static double by_heart(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double real = gan__last_median(s, "judge_real", FEW), held = gan__last_median(s, "judge_held", FEW), fake = gan__last_median(s, "judge_fake", FEW);
    (void)r;
    if (isnan(real) || isnan(held) || isnan(fake))
        return nan("");
    const double v = real > fake ? (real - held) / (real - fake) : 0;
    snprintf(seen, GAN_SEEN_MAX, "logits %.2g of training pictures, %.2g of held-out ones, %.2g of samples: %.2f of the way", real, held, fake, v);
    return v > 0.8 ? 0.9 : v > 0.5 ? 0.75 : 0;
}

/* ---- what evaluations say ----------------------------------------------------------------------------- */

/* `digits` and `steady` have a recall of 0.58 to 0.84, beside a precision of 0.7. */
static double drops_kinds(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double recall = gan__last_median(s, "recall", LOOKS), precision = gan__last_median(s, "precision", LOOKS);
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "precision %.2f, but recall %.3f at the last %d evaluations", precision, recall, LOOKS);
    if (isnan(recall) || isnan(precision) || !is_warm(s))
        return nan("");
    return precision > 0.3 && recall < 0.02 ? 0.9 : precision > 0.3 && recall < 0.08 ? 0.75 : 0;
}

static double loses_modes(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX])
{
    const double x = gan__last_median(s, "modes", LOOKS), most = gan__ever_most(s, "modes");
    (void)r;
    snprintf(seen, GAN_SEEN_MAX, "%.0f modes at the last %d evaluations, and %.0f at its best", x, LOOKS, most);
    if (isnan(x))
        return x;
    return most >= 4 && x < 0.5 * most ? 0.9 : most >= 4 && x < 0.75 * most ? 0.75 : 0;
}

static const gan__rule rules[] = {
    {{"collapse", "mode collapse: G draws much the same, whatever the noise",
      "G is paid for each sample by itself, so the few pictures that D believes most are its best answer to D as it is; D then hunts "
      "those, and G moves on to a few others (Goodfellow 2016, arXiv:1701.00160, section 5.1; Metz et al. 2016, arXiv:1611.02163)",
      "spread"},
     true, NULL, collapse, gan__remedy_steadier, GAN__HELPS_STEADIER},
    {{"shrinking", "samples grow alike: G is about to collapse",
      "a G that gives up kinds of pictures that it could draw answers D with ever fewer of them (Metz et al. 2016, arXiv:1611.02163)", "spread"},
     true, "collapse", shrinking, gan__remedy_steadier, GAN__HELPS_STEADIER},
    {{"too-wild", "samples vary more than the data: G draws what is no picture",
      "pixels that vary more than real ones do are noise or are thrown between their ends; a D that its data taught well would punish both",
      "spread"},
     true, NULL, too_wild, gan__remedy_slower, GAN__HELPS_SLOWER},
    {{"oscillates", "G and D go in circles: what was learned is lost and learned again",
      "each answers the other as it was, and steps that are too long for that lead around the solution, not to it (Mescheder et al. 2018, "
      "arXiv:1801.04406)",
      "spread"},
     true, NULL, oscillates, gan__remedy_steadier, GAN__HELPS_STEADIER},
    {{"d-wins", "D wins outright: it tells every sample from a real picture",
      "a D that is certain is flat where the samples are, so it no longer says in which direction they should change (Arjovsky & Bottou 2017, "
      "arXiv:1701.04862, theorem 2.4)",
      "loss_d d_real d_fake"},
     true, NULL, d_wins, gan__remedy_steadier, GAN__HELPS_STEADIER},
    {{"g-starved", "G gets next to no gradient: it cannot learn",
      "what G learns from is D's slope at its samples; it vanishes where D is certain (Goodfellow et al. 2014, arXiv:1406.2661, section 3)",
      "grad_norm_g"},
     true, NULL, g_starved, gan__remedy_steadier, GAN__HELPS_STEADIER},
    {{"d-blind", "D cannot tell samples from pictures that are unlike them",
      "D(x) = D(G(z)) is where a duel ends well, but only with samples that vary as the data do (Goodfellow et al. 2014, proposition 1); here D is "
      "too weak or has stopped learning",
      "d_real d_fake spread"},
     true, NULL, d_blind, gan__remedy_lighter, GAN__HELPS_LIGHTER},
    {{"memorises", "D knows its pictures by heart",
      "where there are few pictures D learns them one by one, and then calls all others false, good ones too (Karras et al. 2020, arXiv:2006.06676)",
      "sign_real augment"},
     true, NULL, memorises, gan__remedy_augment, GAN__HELPS_AUGMENT},
    {{"held-back", "the penalties hold D down more than the samples teach it",
      "R1 and R2 punish D's slope; too heavy, a flat D is the cheapest one, and G learns little (Mescheder et al. 2018, arXiv:1801.04406)",
      "r1 r2 loss_d d_real d_fake"},
     true, NULL, held_back, gan__remedy_lighter, GAN__HELPS_LIGHTER},
    {{"not-finite", "the run is lost: a loss is no number",
      "once a weight is infinite or no number, all that is computed from it is too, and no further step mends it", "loss_d loss_g elbo loss_c"},
     true, NULL, not_finite, gan__remedy_slower, GAN__HELPS_SLOWER},
    {{"diverges", "gradients explode: training diverges",
      "gradients far beyond their usual size throw the weights away from what they had learned; it comes before a collapse (Brock et al. 2018, "
      "arXiv:1809.11096, section 4)",
      "grad_norm_d grad_norm_g grad_norm_v grad_norm_c"},
     true, NULL, diverges, gan__remedy_slower, GAN__HELPS_SLOWER},
    {{"stall", "nothing gets better any more",
      "a measure that five evaluations on end do not better has seen its best, give or take its error (Prechelt 1998, Early Stopping - But When?)",
      "fid kid"},
     false, NULL, stall, gan__remedy_stop, GAN__HELPS_STOP},
    {{"empty-code", "posterior collapse: the decoder draws without its code",
      "where the KL term is 0 every picture has the same code, so samples are all the decoder's idea of an average (Bowman et al. 2016, "
      "arXiv:1511.06349)",
      "kl"},
     true, NULL, empty_code, gan__remedy_code, GAN__HELPS_CODE},
    {{"dead-units", "much of a layer is dead",
      "a relu that is 0 for all samples passes no gradient back, so its weights never change again; too large a step does that (Maas et al. 2013, Rectifier "
      "Nonlinearities Improve Neural Network Acoustic Models)",
      "dead"},
     true, NULL, dead_units, gan__remedy_slower, GAN__HELPS_SLOWER},
    {{"saturated", "a layer is saturated",
      "at the flat ends of a sigmoid or tanh next to no gradient comes through, so all layers before it learn next to nothing (Glorot & Bengio 2010, "
      "section 3)",
      "saturated"},
     true, NULL, saturated, gan__remedy_slower, GAN__HELPS_SLOWER},
    {{"uneven-layers", "layers are starved or explode: their gradients lie decades apart",
      "where gradients shrink or grow from layer to layer, one rate suits none of them: some stand still, others are thrown about (Glorot & Bengio 2010, "
      "section 4)",
      "gradients_uneven"},
     true, NULL, uneven, gan__remedy_even, GAN__HELPS_EVEN},
    {{"too-fast", "the learning rate is too high",
      "Adam's step is about the rate, whatever the gradient; beside weights of that size each step overthrows what the layer knew (Kingma & Ba 2015, "
      "arXiv:1412.6980, section 2.1)",
      "rate_d rate_g rate_v weights_least"},
     true, NULL, too_fast, gan__remedy_slower, GAN__HELPS_SLOWER},
    {{"by-heart", "D knows its training pictures by heart: it finds others like them as unreal as samples",
      "what D says of held-out pictures should be what it says of training ones; the nearer to samples, the more it has learned them one by one (Karras et "
      "al. 2020, arXiv:2006.06676, section 3)",
      "judge_real judge_held judge_fake"},
     true, NULL, by_heart, gan__remedy_augment, GAN__HELPS_AUGMENT},
    {{"drops-kinds", "samples are good, but of few kinds",
      "precision is the share of samples that could be real, recall the share of real pictures that could be drawn; one without the other is a collapse "
      "onto good pictures (Kynkaanniemi et al. 2019, arXiv:1904.06991)",
      "precision recall"},
     true, "collapse", drops_kinds, gan__remedy_steadier, GAN__HELPS_STEADIER},
    {{"loses-modes", "modes that it had found are lost again",
      "of data whose modes are known their number says what no loss does: G has moved away from some to serve others (Metz et al. 2016, arXiv:1611.02163)",
      "modes"},
     true, "collapse", loses_modes, gan__remedy_steadier, GAN__HELPS_STEADIER},
};

int gan__rules(const gan__rule **rows)
{
    *rows = rules;
    return sizeof rules / sizeof *rules;
}
