/* form_adam.h - one vector of Adam and of the moving average, for the kernels that do many. */
#ifndef GAN_KERNEL_FORM_ADAM_H
#define GAN_KERNEL_FORM_ADAM_H

#include "kernel/form.h"

enum { AHEAD = 8 * GAN__LANES }; /* floats that are fetched ahead of time */

typedef struct adam_constants {
    vf b1, d1, b2, d2, correction, epsilon, down, keep, take;
} adam_constants;

INLINE adam_constants constants_of(const gan__descent *d)
{
    return (adam_constants){.b1 = v_set1(d->adam.beta1),
                            .d1 = v_set1(d->adam.one_minus_beta1),
                            .b2 = v_set1(d->adam.beta2),
                            .d2 = v_set1(d->adam.one_minus_beta2),
                            .correction = v_set1(d->correction),
                            .epsilon = v_set1(d->adam.epsilon),
                            .down = v_set1(-d->rate),
                            .keep = v_set1(d->decay),
                            .take = v_sub(v_set1(1), v_set1(d->decay))};
}

INLINE void adam_one(float *w, float *m, float *v, vf grad, const adam_constants *k)
{
    const vf first = v_fma(k->b1, v_load(m), v_mul(k->d1, grad));
    const vf second = v_fma(k->b2, v_load(v), v_mul(k->d2, v_mul(grad, grad)));
    const vf step = v_div(first, v_fma(v_sqrt(second), k->correction, k->epsilon));
    v_store(w, v_fma(k->down, step, v_load(w)));
    v_store(m, first);
    v_store(v, second);
}

INLINE void average_one(float *average, const float *w, const adam_constants *k)
{
    v_store(average, v_fma(k->keep, v_load(average), v_mul(k->take, v_load(w))));
}

#endif
