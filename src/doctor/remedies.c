/* remedies.c - see remedies.h. */
#include "doctor/remedies.h"

#include "base/words.h"

#include <stdio.h>
#include <string.h>

static bool plays_gan(const gan_recipe *r)
{
    return gan_recipe_has(r, "train.objective");
}

/* With two digits that count. */
static void round_text(double x, char text[GAN__NUMBER_MAX])
{
    char digits[GAN__NUMBER_MAX];
    snprintf(digits, sizeof digits, "%.1e", x);
    if (!gan_text_number(digits, &x))
        x = 0;
    gan__text_of_number(x, text);
}

/* A penalty's weight times `by`; what is 0 becomes `least`. */
static void weights(const gan_recipe *r, double by, double least, char text[GAN_REMEDY_MAX])
{
    char r1[GAN__NUMBER_MAX], r2[GAN__NUMBER_MAX];
    const double a = gan_recipe_number(r, "train.r1"), b = gan_recipe_number(r, "train.r2");
    round_text(a > 0 ? a * by : least, r1);
    round_text(b > 0 ? b * by : least, r2);
    snprintf(text, GAN_REMEDY_MAX, "--set train.r1=%s --set train.r2=%s", r1, r2);
}

void gan__remedy_steadier(const gan_recipe *r, char text[GAN_REMEDY_MAX])
{
    if (!plays_gan(r)) {
        gan__remedy_slower(r, text);
        return;
    }
    if (!strcmp(gan_recipe_text(r, "train.objective"), "relativistic"))
        weights(r, 3, 0.1, text);
    else
        snprintf(text, GAN_REMEDY_MAX, "--set train.objective=relativistic --set train.r1=0.1 --set train.r2=0.1");
}

void gan__remedy_lighter(const gan_recipe *r, char text[GAN_REMEDY_MAX])
{
    weights(r, 0.3, 0, text);
}

void gan__remedy_slower(const gan_recipe *r, char text[GAN_REMEDY_MAX])
{
    const char *whole = gan_recipe_text(r, "train.optimizer"), *rate = strchr(whole, ' ');
    char word[GAN__NUMBER_MAX], half[GAN__NUMBER_MAX];
    double x;
    const size_t n = rate ? strcspn(rate + 1, " ") : 0;
    snprintf(word, sizeof word, "%.*s", (int)n, rate ? rate + 1 : "");
    if (!n || n >= sizeof word || !gan_text_number(word, &x)) {
        snprintf(text, GAN_REMEDY_MAX, "a lower learning rate (train.optimizer)");
        return;
    }
    round_text(x / 2, half);
    snprintf(text, GAN_REMEDY_MAX, "--set \"train.optimizer=%.*s %s%.100s\"", (int)(rate - whole), whole, half, rate + 1 + n);
}

void gan__remedy_augment(const gan_recipe *r, char text[GAN_REMEDY_MAX])
{
    if (gan_recipe_has(r, "train.augment") && !strcmp(gan_recipe_text(r, "train.augment"), "none"))
        snprintf(text, GAN_REMEDY_MAX, "--set \"train.augment=color translation cutout\"");
    else
        snprintf(text, GAN_REMEDY_MAX, "more pictures; mirrored ones count where left and right are alike: --set data.flip=on");
}

void gan__remedy_stop(const gan_recipe *r, char text[GAN_REMEDY_MAX])
{
    if (gan_recipe_int(r, "train.patience"))
        snprintf(text, GAN_REMEDY_MAX, "stop; the best model is best.safetensors");
    else
        snprintf(text, GAN_REMEDY_MAX, "stop; the best model is best.safetensors; --set train.patience=5 stops by itself");
}

void gan__remedy_code(const gan_recipe *r, char text[GAN_REMEDY_MAX])
{
    (void)r;
    snprintf(text, GAN_REMEDY_MAX,
             "a decoder that can do less by itself (fewer numbers in decoder.layers), or a longer warm-up: --set train.warmup=1000");
}

void gan__remedy_even(const gan_recipe *r, char text[GAN_REMEDY_MAX])
{
    (void)r;
    snprintf(text, GAN_REMEDY_MAX, "first weights by each layer's size (init = he or glorot in its net's section), or a norm (batchnorm, groupnorm) between its lines");
}
