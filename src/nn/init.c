/* init.c - see init.h. */
#include "nn/init.h"

#include "base/error.h"
#include "base/random.h"
#include "kernel/kernel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bound of a uniform distribution; square roots are exact everywhere. */
static double glorot(int in, int out) { return sqrt(6.0 / (in + out)); }
static double he(int in, int out) { (void)out; return sqrt(6.0 / in); }
static double lecun(int in, int out) { (void)out; return sqrt(3.0 / in); }

static const gan__init_rule rules[] = {{"glorot", glorot}, {"he", he}, {"lecun", lecun}, {"normal", NULL}};

const gan__init_rule *gan__init_find(const char *name)
{
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++)
        if (!strcmp(rules[r].name, name))
            return &rules[r];
    return NULL;
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
    for (size_t i = 0; i < n; i++) {
        const uint32_t word = gan__random_u32(seed, stream, 0, 0, (uint32_t)i);
        v[i] = (float)((2 * ((double)(word >> 8) * 0x1p-24) - 1) * bound);
    }
}

gan_status gan__init_draw(const gan__init_rule *rule, gan_params *params, int tensor, int in, int out,
                          uint64_t seed, gan_error *err)
{
    char stream[128];
    const size_t n = count_of(gan_params_shape(params, tensor));
    float *v = malloc(n * sizeof *v);
    if (!v)
        return gan__fail_memory(err, "weights");
    snprintf(stream, sizeof stream, "init/%s", gan_params_name(params, tensor));
    if (rule->bound) {
        draw_uniform(v, n, rule->bound(in, out), seed, gan__stream(stream));
    } else {
        const unsigned before = gan__fp_enter();
        gan__kernels_of(GAN__ISA_PORTABLE)->normal(v, n, seed, gan__stream(stream), 0, 0, 0);
        gan__fp_leave(before);
        for (size_t i = 0; i < n; i++)
            v[i] *= 0.02f;
    }
    const gan_status st = gan_params_set(params, tensor, GAN_VALUE, v);
    free(v);
    return st == GAN_OK ? st : gan__fail_memory(err, "weights");
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
