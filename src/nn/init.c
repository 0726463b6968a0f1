/* init.c - see init.h. */
#include "nn/init.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/random.h"
#include "kernel/kernel.h"

#include <gan/text.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum shape_of { UNIFORM, NORMAL, CONSTANT } shape_of;

/* `scale`: the bound of a uniform distribution, or the deviation of a normal one. Square roots are exact everywhere. */
struct gan__init_rule {
    const char *name, *usage, *help;
    shape_of shape;
    double (*scale)(double in, double out, double number);
    double fallback; /* its number where none is given; 0: takes none */
};

static double glorot(double in, double out, double number) { (void)number; return sqrt(6.0 / (in + out)); }
static double he(double in, double out, double number) { (void)out, (void)number; return sqrt(6.0 / in); }
static double lecun(double in, double out, double number) { (void)out, (void)number; return sqrt(3.0 / in); }
static double normal(double in, double out, double number) { (void)in, (void)out; return number; }
static double fan(double in, double out, double number) { (void)out; return number / sqrt(in); }
static double zero(double in, double out, double number) { (void)in, (void)out, (void)number; return 0; }

static const gan__init_rule rules[] = {
    {"glorot", "glorot", "uniform, +-sqrt(6 / (in + out)); Glorot & Bengio 2010", UNIFORM, glorot, 0},
    {"he", "he", "uniform, +-sqrt(6 / in); He et al. 2015", UNIFORM, he, 0},
    {"lecun", "lecun", "uniform, +-sqrt(3 / in); LeCun et al. 1998", UNIFORM, lecun, 0},
    {"normal", "normal [S]", "normal, standard deviation S (0.02); Radford et al. 2016", NORMAL, normal, 0.02},
    {"fan", "fan [G]", "normal, standard deviation G / sqrt(in) (G: 1); Huang et al. 2024", NORMAL, fan, 1},
    {"zero", "zero", "zeros", CONSTANT, zero, 0},
};
enum { RULES = sizeof rules / sizeof *rules };

gan_status gan__init_read(gan__init *out, const char *where, const char *name, const char *number, gan_error *err)
{
    const gan__init_rule *best = rules;
    *out = (gan__init){0};
    for (int i = 0; i < RULES; i++) {
        if (!strcmp(rules[i].name, name))
            *out = (gan__init){&rules[i], rules[i].fallback};
        if (gan__distance(rules[i].name, name) < gan__distance(best->name, name))
            best = &rules[i];
    }
    if (!out->rule)
        return gan__fail(err, GAN_EKEY, "%s: no first weights '%s'; do you mean '%s'? (glorot, he, lecun, normal S, fan G, "
                         "zero)", where, name, best->name);
    if (!number)
        return GAN_OK;
    if (!(out->rule->fallback > 0))
        return gan__fail(err, GAN_EKEY, "%s: %s takes no number", where, name);
    if (!gan_text_number(number, &out->number) || !(out->number > 0 && out->number <= 100))
        return gan__fail(err, GAN_EKEY, "%s: '%s' is no scale of %s (above 0, at most 100)", where, number, name);
    return GAN_OK;
}

int gan_init_rules(void)
{
    return RULES;
}

gan_word_info gan_init_info(int i)
{
    return (gan_word_info){rules[i].usage, rules[i].help};
}

static size_t count_of(gan_shape s)
{
    size_t n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= (size_t)s.dim[i];
    return n;
}

static void draw_uniform(float *v, size_t n, double bound, uint64_t seed, uint32_t stream)
{
    enum { AT_ONCE = 256 };
    uint32_t word[AT_ONCE];
    for (size_t i = 0; i < n; i += AT_ONCE) {
        const size_t count = n - i < AT_ONCE ? n - i : AT_ONCE;
        gan__random_words(word, count, seed, stream, 0, 0, i);
        for (size_t k = 0; k < count; k++)
            v[i + k] = (float)((2 * ((double)(word[k] >> 8) * 0x1p-24) - 1) * bound);
    }
}

static void draw_normal(float *v, size_t n, float deviation, uint64_t seed, uint32_t stream)
{
    const unsigned before = gan__fp_enter();
    gan__kernels_of(GAN__ISA_PORTABLE)->normal(v, n, seed, stream, 0, 0, 0);
    gan__fp_leave(before);
    for (size_t i = 0; i < n; i++)
        v[i] *= deviation;
}

static gan_status draw(gan_params *params, int tensor, shape_of shape, double scale, uint64_t seed, gan_error *err)
{
    char name[128];
    const size_t n = count_of(gan_params_shape(params, tensor));
    float *v = calloc(n, sizeof *v);
    if (!v)
        return gan__fail_memory(err, "weights");
    snprintf(name, sizeof name, "init/%s", gan_params_name(params, tensor));
    const uint32_t stream = gan__stream(name);
    switch (shape) {
    case UNIFORM: draw_uniform(v, n, scale, seed, stream); break;
    case NORMAL: draw_normal(v, n, (float)scale, seed, stream); break;
    case CONSTANT: break; /* zeros */
    }
    const gan_status s = gan_params_set(params, tensor, GAN_VALUE, v);
    free(v);
    return s == GAN_OK ? s : gan__fail_memory(err, "weights");
}

gan_status gan__init_draw(const gan__init *init, gan_params *params, int tensor, int in, int out,
                          uint64_t seed, gan_error *err)
{
    return draw(params, tensor, init->rule->shape, init->rule->scale(in, out, init->number), seed, err);
}

gan_status gan__init_normal(gan_params *params, int tensor, float deviation, uint64_t seed, gan_error *err)
{
    return draw(params, tensor, NORMAL, (double)deviation, seed, err);
}

gan_status gan__init_fill(gan_params *params, int tensor, float value, gan_error *err)
{
    const size_t n = count_of(gan_params_shape(params, tensor));
    float *v = malloc(n * sizeof *v);
    for (size_t i = 0; v && i < n; i++)
        v[i] = value;
    const gan_status s = v ? gan_params_set(params, tensor, GAN_VALUE, v) : GAN_ENOMEM;
    free(v);
    return s == GAN_OK ? s : gan__fail_memory(err, "weights");
}
