/* form_update.c - Adam and the moving average, element by element. */
#include "kernel/form.h"

#include <math.h>

void FORM(gan__adam)(float *w, float *m, float *v, const float *g, size_t n, gan__adam adam,
                     float rate, float correction)
{
    const vf b1 = v_set1(adam.beta1), b2 = v_set1(adam.beta2), d1 = v_set1(adam.one_minus_beta1),
             d2 = v_set1(adam.one_minus_beta2), e = v_set1(adam.epsilon), c = v_set1(correction),
             down = v_set1(-rate);
    for (size_t i = 0; i < n; i += GAN__LANES) {
        const int k = n - i < GAN__LANES ? (int)(n - i) : GAN__LANES;
        const bool whole = k == GAN__LANES;
#define LOAD(p) (whole ? v_load((p) + i) : v_load_n((p) + i, k))
        const vf x = LOAD(g);
        const vf first = v_fma(b1, LOAD(m), v_mul(d1, x));
        const vf second = v_fma(b2, LOAD(v), v_mul(d2, v_mul(x, x)));
        const vf step = v_div(first, v_fma(v_sqrt(second), c, e));
        const vf next = v_fma(down, step, LOAD(w));
#undef LOAD
        v_store_n(m + i, first, k);
        v_store_n(v + i, second, k);
        v_store_n(w + i, next, k);
    }
}

void FORM(gan__average)(float *average, const float *w, size_t n, float decay)
{
    const vf a = v_set1(decay), b = v_sub(v_set1(1), a);
    for (size_t i = 0; i < n; i += GAN__LANES) {
        const int k = n - i < GAN__LANES ? (int)(n - i) : GAN__LANES;
        const vf now = v_load_n(average + i, k), to = v_load_n(w + i, k);
        v_store_n(average + i, v_fma(a, now, v_mul(b, to)), k);
    }
}

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
