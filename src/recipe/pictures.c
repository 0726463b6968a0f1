/* pictures.c - see include/gan/pictures.h.
 *
 *     G  latent -> dense -> h0 x w0 x C 2^n -> n times: half the channels, then twice the size -> crop -> C -> sigmoid
 *     D  picture -> n times half the size, twice the channels (C at first) -> down to 4 x 4 or less -> logit
 *
 * As in `digits`: plain, leaky, no norms, relativistic pairing, R1 and R2. G's stages are a convolution and then twice the size, each pixel four
 * times, which takes 9 of the 16 multiply-adds that a transposed convolution takes and has no pattern of squares to unlearn: of 72 x 72
 * emoji at iteration 500 it draws outlines where the other draws a grid. What follows from the pictures:
 *
 *     n        halvings until the shorter side is 7 or less: there a dense layer is cheap, and 3 x 3 sees all of it
 *     C        the most of 16, 24, 32, 48 with which G and D, once forward, take no more multiply-adds a picture than the budget; a quarter of an
 *              hour pays for 20 million of them, more time for more in proportion (with the 16 million of `digits` two cores of a Zen 3 see 450
 *              pictures a second: 120 iterations of 64 in 17 s)
 *     gamma    grows with the root of the numbers in a picture: D's slope is a vector of as many
 *     augment  fewer than 10,000 pictures: as strongly as D asks for; the fewer, the sooner
 */
#include "base/error.h"

#include <gan/pictures.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHANNELS_MOST = 256, BASE_MOST = 7, LAST_MOST = 4, LATENT = 64, FEW = 10000, HANDFUL = 500, STAGES_MAX = 8 };

typedef struct plan {
    int n, base_h, base_w; /* halvings, and what is left of the sides */
    int channels[STAGES_MAX + 1]; /* behind each halving, from 1 */
    double macs;    /* of G and D forward, a picture */
    int batch;
    double gamma;
} plan;

static int half(int side)
{
    return (side + 1) / 2;
}

static int after(int side, int halvings)
{
    while (halvings-- > 0)
        side = half(side);
    return side;
}

static int most(int channels)
{
    return channels < CHANNELS_MOST ? channels : CHANNELS_MOST;
}

/* Multiply-adds: D's 4 x 4 taps with stride 2; G's 3 x 3 before a stage doubles, and at the full size. */
static double macs_of(const gan_pictures_params *p, plan *l, int first)
{
    double macs = 9.0 * p->height * p->width * first * (first + p->channels);
    int in = p->channels;
    for (int k = 1; k <= l->n; k++) {
        const double places = (double)after(p->height, k) * after(p->width, k);
        l->channels[k] = most(first << (k - 1));
        macs += places * (16.0 * in * l->channels[k] + 9.0 * l->channels[k] * most(2 * l->channels[k]));
        in = l->channels[k];
    }
    return macs;
}

static void lay_out(plan *l, const gan_pictures_params *p, double minutes)
{
    static const int firsts[] = {48, 32, 24, 16};
    const double budget = 20e6 * minutes / GAN_PICTURES_MINUTES;
    *l = (plan){.base_h = p->height, .base_w = p->width};
    while ((l->base_h < l->base_w ? l->base_h : l->base_w) > BASE_MOST || l->n < 1) {
        l->base_h = half(l->base_h);
        l->base_w = half(l->base_w);
        l->n++;
    }
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        l->macs = macs_of(p, l, firsts[i]);
        if (l->macs <= budget)
            break;
    }
    l->batch = p->count < HANDFUL || l->macs > 1.25 * budget ? 32 : 64;
    l->gamma = 0.5 * sqrt((double)p->height * p->width * p->channels / 784);
}

/* ---- as text --------------------------------------------------------------------------------------- */

static void write_generator(FILE *f, const gan_pictures_params *p, const plan *l)
{
    const int deepest = most(2 * l->channels[l->n]);
    fprintf(f, "\n[generator]\nlatent = %d\ninit = glorot\nlayers =\n", LATENT);
    fprintf(f, "  dense %d leaky 0.2\n  reshape %d %d %d\n", l->base_h * l->base_w * deepest, l->base_h, l->base_w, deepest);
    for (int k = l->n; k >= 1; k--)
        fprintf(f, "  conv %d 3 same leaky 0.2\n  up 2                    ; %d x %d\n", l->channels[k], l->base_h << (l->n - k + 1),
                l->base_w << (l->n - k + 1));
    if (l->base_h << l->n != p->height || l->base_w << l->n != p->width)
        fprintf(f, "  crop %d %d\n", p->height, p->width);
    fprintf(f, "  conv %d 3 same leaky 0.2\n", l->channels[1]);
    fprintf(f, "  conv %d 3 same sigmoid\n", p->channels);
}

static void write_discriminator(FILE *f, const gan_pictures_params *p, const plan *l)
{
    int h = p->height, w = p->width, c = p->channels;
    fprintf(f, "\n[discriminator]\ninit = glorot\nlayers =\n");
    for (int k = 1; k <= l->n; k++) {
        h = half(h);
        w = half(w);
        c = l->channels[k];
        fprintf(f, "  conv %d 4 stride 2 same leaky 0.2    ; %d x %d\n", c, h, w);
    }
    c = most(2 * c);
    if (h > LAST_MOST || w > LAST_MOST)
        fprintf(f, "  conv %d 3 stride 2 same leaky 0.2    ; %d x %d\n", c, half(h), half(w));
    else
        fprintf(f, "  conv %d 3 same leaky 0.2\n", c);
    fprintf(f, "  dense 1\n");
}

static void write_training(FILE *f, const gan_pictures_params *p, const plan *l)
{
    fprintf(f, "\n[train]\nobjective = relativistic\nr1 = %.3g\nr2 = %.3g\noptimizer = adam 1e-3 0 0.99\nbatch = %d\nd_steps = 1\n", l->gamma, l->gamma,
            l->batch);
    if (p->count < FEW)
        fprintf(f, "augment = color translation cutout\naugment_target = 0.6\naugment_images = %d\n", p->count < 1000 ? 20000 : 20 * p->count);
    fprintf(f, "average = 0.999\niterations = 1000000     ; time ends it\nlog_every = 50\ngrid_every = 250\ncheckpoint_every = 250\n");
}

static gan_status write_all(char **text, const gan_pictures_params *p, double minutes, gan_error *err)
{
    plan l;
    size_t bytes;
    FILE *f = open_memstream(text, &bytes);
    if (!f)
        return gan__fail_memory(err, "a recipe");
    lay_out(&l, p, minutes);
    fprintf(f, "# Any folder of pictures: made for %d of %d x %d x %d and %g minutes on two cores.\n#\n"
               "# Nets, rates and lengths follow from these numbers by rule (gander train DIR); relativistic pairing, R1 and R2, no norms.\n"
               "# Huang et al. 2024, arXiv:2501.05441; augmentation: Zhao et al. 2020, arXiv:2006.10738; Karras et al. 2020, arXiv:2006.06676\n",
            p->count, p->height, p->width, p->channels, minutes);
    fprintf(f, "\n[data]\nset = your-pictures      ; --data DIR\n");
    write_generator(f, p, &l);
    write_discriminator(f, p, &l);
    write_training(f, p, &l);
    const bool failed = ferror(f) != 0;
    if (fclose(f) == 0 && !failed)
        return GAN_OK;
    free(*text);
    *text = NULL;
    return gan__fail_memory(err, "a recipe");
}

gan_status gan_recipe_for_pictures(gan_recipe **out, char **text, const gan_pictures_params *p, gan_error *err)
{
    char *written = NULL;
    *out = NULL;
    if (text)
        *text = NULL;
    const int shorter = p->height < p->width ? p->height : p->width, longer = p->height > p->width ? p->height : p->width;
    if (shorter < GAN_PICTURES_LEAST || longer > GAN_PICTURES_MOST || p->channels < 1 || p->channels > 4)
        return gan__fail(err, GAN_EINVAL,
                         "pictures of %d x %d x %d: `pictures` is for sides of %d to %d and 1 to 4 channels; data.size makes them fit (--set "
                         "\"data.size=64 64\")",
                         p->height, p->width, p->channels, GAN_PICTURES_LEAST, GAN_PICTURES_MOST);
    gan_status s = write_all(&written, p, p->minutes > 0 ? p->minutes : GAN_PICTURES_MINUTES, err);
    if (s == GAN_OK)
        s = gan_recipe_parse(out, "pictures", written, err);
    if (s == GAN_OK && text)
        *text = written;
    else
        free(written);
    return s;
}
