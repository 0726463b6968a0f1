/* form_machine.c - what the machine can do at most: multiply-adds, and reading. */
#include "kernel/form.h"

#include <math.h>

/* Enough chains to hide an FMA's latency in every form. Every lane of each starts from another number and is
 * used at the end, or a compiler may do half of the work. */
double FORM(gan__fma_peak)(long rounds)
{
    enum { CHAINS = TILE_VECTORS == 4 ? 12 : 6 };
    vf chain[CHAINS];
    const vf x = v_set1(0.999f), y = v_set1(1e-3f);
    UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = v_add(v_set1((float)i), v_from_int(vi_lanes()));
    for (long r = 0; r < rounds; r++)
        UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = v_fma(chain[i], x, y);
    vf sum = v_zero();
    for (int i = 0; i < CHAINS; i++)
        sum = v_add(sum, chain[i]);
    float lane[GAN__LANES], all = 0;
    v_store(lane, sum);
    for (int i = 0; i < GAN__LANES; i++)
        all += lane[i];
    return isfinite(all) ? 2.0 * GAN__LANES * CHAINS * (double)rounds : 0;
}

/* Eight sums: one would wait for each addition. n: a multiple of 128. */
float FORM(gan__read_peak)(const float *x, size_t n)
{
    enum { SUMS = 8 };
    vf sum[SUMS];
    UNROLL for (int i = 0; i < SUMS; i++) sum[i] = v_zero();
    for (size_t k = 0; k + SUMS * GAN__LANES <= n; k += SUMS * GAN__LANES)
        UNROLL for (int i = 0; i < SUMS; i++) sum[i] = v_add(sum[i], v_load(x + k + i * GAN__LANES));
    vf all = v_zero();
    for (int i = 0; i < SUMS; i++)
        all = v_add(all, sum[i]);
    float lane[GAN__LANES], total = 0;
    v_store(lane, all);
    for (int i = 0; i < GAN__LANES; i++)
        total += lane[i];
    return total;
}
