/* init.c - first weights; a row for each rule. */
#include "nn/net_internal.h"

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

static const struct {
    const char *name;
    double (*bound)(int in, int out); /* NULL: normal, standard deviation 0.02 */
} rules[] = {{"glorot", glorot}, {"he", he}, {"lecun", lecun}, {"normal", NULL}};

static void draw_uniform(float *v, size_t n, double bound, uint64_t seed, uint32_t stream)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t word = gan__random_u32(seed, stream, 0, 0, (uint32_t)i);
        v[i] = (float)((2 * ((double)(word >> 8) * 0x1p-24) - 1) * bound);
    }
}

static gan_status init_layer(const gan__layer *l, gan_params *params, double (*bound)(int, int),
                             uint64_t seed, gan_error *err)
{
    if (l->weight < 0)
        return GAN_OK;
    char stream[128];
    const gan_shape s = gan_params_shape(params, l->weight);
    size_t n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= (size_t)s.dim[i];
    float *v = malloc(n * sizeof *v);
    if (!v)
        return gan__fail_memory(err, "weights");
    snprintf(stream, sizeof stream, "init/%s", gan_params_name(params, l->weight));
    if (bound) {
        draw_uniform(v, n, bound(l->fan_in, l->fan_out), seed, gan__stream(stream));
    } else {
        const unsigned before = gan__fp_enter();
        gan__kernels_of(GAN__ISA_PORTABLE)->normal(v, n, seed, gan__stream(stream), 0, 0, 0);
        gan__fp_leave(before);
        for (size_t i = 0; i < n; i++)
            v[i] *= 0.02f;
    }
    const gan_status st = gan_params_set(params, l->weight, GAN_VALUE, v);
    free(v);
    return st == GAN_OK ? st : gan__fail_memory(err, "weights");
}

gan_status gan_net_init(const gan_net *net, gan_params *params, const char *init, uint64_t seed,
                        gan_error *err)
{
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        if (strcmp(rules[r].name, init) != 0)
            continue;
        gan_status s = GAN_OK;
        for (int i = 0; i < net->count && s == GAN_OK; i++)
            s = init_layer(&net->layer[i], params, rules[r].bound, seed, err);
        return s;
    }
    return gan__fail(err, GAN_EKEY, "init = %s: glorot, he, lecun and normal are known", init);
}
