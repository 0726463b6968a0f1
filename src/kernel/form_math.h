/* form_math.h - exp, log, sine and cosine as our own polynomials: a libm differs between machines.
 *
 * Coefficients are those of Moshier's Cephes (single precision, netlib.org/cephes), minimax on the reduced
 * ranges; errors measured against double precision are asserted in the kernel tests. NaN in, NaN out;
 * denormals are zero.
 */
#ifndef GAN_KERNEL_FORM_MATH_H
#define GAN_KERNEL_FORM_MATH_H

#include "kernel/vec.h"

#include <math.h> /* INFINITY, NAN: constants only */

INLINE vf v_keep_nan(vf x, vf y)
{
    return v_select(v_unordered(x, x), x, y);
}

/* e^x = 2^n e^r, |r| <= ln 2 / 2. The scale is two factors, so that neither overflows by itself. */
INLINE vf v_exp(vf x)
{
    const vf inside = v_min(v_max(x, v_set1(-104.0f)), v_set1(89.0f));
    const vi n = v_to_int(v_mul(inside, v_set1(1.44269504088896341f)));
    const vf k = v_from_int(n);
    vf r = v_fma(k, v_set1(-0.693359375f), inside);
    r = v_fma(k, v_set1(2.12194440e-4f), r);
    vf p = v_set1(1.9875691500e-4f);
    p = v_fma(p, r, v_set1(1.3981999507e-3f));
    p = v_fma(p, r, v_set1(8.3334519073e-3f));
    p = v_fma(p, r, v_set1(4.1665795894e-2f));
    p = v_fma(p, r, v_set1(1.6666665459e-1f));
    p = v_fma(p, r, v_set1(5.0000001201e-1f));
    p = v_add(v_fma(p, v_mul(r, r), r), v_set1(1));
    const vi half = vi_sub(vi_shr(vi_add(n, vi_set1(300)), 1), vi_set1(150));
    const vi rest = vi_sub(n, half);
    p = v_mul(p, v_float_bits(vi_shl(vi_add(half, vi_set1(127)), 23)));
    p = v_mul(p, v_float_bits(vi_shl(vi_add(rest, vi_set1(127)), 23)));
    return v_keep_nan(x, p);
}

/* log x = e ln 2 + log m, sqrt(1/2) <= m < sqrt(2). */
INLINE vf v_log(vf x)
{
    const vi shifted = vi_sub(v_bits(x), vi_set1(0x3f3504f3u));
    const vi e = vi_sub(vi_shr(vi_add(shifted, vi_set1(0x40000000u)), 23), vi_set1(128));
    const vf m = v_float_bits(
        vi_add(vi_and(shifted, vi_set1(0x007fffffu)), vi_set1(0x3f3504f3u)));
    const vf f = v_sub(m, v_set1(1)), z = v_mul(f, f), k = v_from_int(e);
    vf p = v_set1(7.0376836292e-2f);
    p = v_fma(p, f, v_set1(-1.1514610310e-1f));
    p = v_fma(p, f, v_set1(1.1676998740e-1f));
    p = v_fma(p, f, v_set1(-1.2420140846e-1f));
    p = v_fma(p, f, v_set1(1.4249322787e-1f));
    p = v_fma(p, f, v_set1(-1.6668057665e-1f));
    p = v_fma(p, f, v_set1(2.0000714765e-1f));
    p = v_fma(p, f, v_set1(-2.4999993993e-1f));
    p = v_fma(p, f, v_set1(3.3333331174e-1f));
    p = v_mul(v_mul(p, f), z);
    p = v_fma(k, v_set1(-2.12194440e-4f), p);
    p = v_fma(z, v_set1(-0.5f), p);
    p = v_fma(k, v_set1(0.693359375f), v_add(f, p));
    p = v_select(v_gt(x, v_set1(3.4028234663852886e38f)), x, p);
    p = v_select(v_gt(v_set1(1.17549435e-38f), x), v_set1(-INFINITY), p); /* zeros, denormals */
    p = v_select(v_gt(v_zero(), x), v_set1(NAN), p);
    return v_keep_nan(x, p);
}

/* Sine and cosine of 2 pi u, 0 <= u <= 1: u less the nearest quarter is exact. */
INLINE void v_sincos_turn(vf u, vf *sine, vf *cosine)
{
    const vi q = v_to_int(v_mul(u, v_set1(4)));
    const vf t = v_mul(v_fma(v_from_int(q), v_set1(-0.25f), u), v_set1(6.283185307179586f));
    const vf z = v_mul(t, t);
    vf s = v_set1(-1.9515295891e-4f);
    s = v_fma(s, z, v_set1(8.3321608736e-3f));
    s = v_fma(s, z, v_set1(-1.6666654611e-1f));
    s = v_fma(v_mul(s, z), t, t);
    vf c = v_set1(2.443315711809948e-5f);
    c = v_fma(c, z, v_set1(-1.388731625493765e-3f));
    c = v_fma(c, z, v_set1(4.166664568298827e-2f));
    c = v_fma(v_mul(c, z), z, v_fma(z, v_set1(-0.5f), v_set1(1)));
    const vm odd = v_gt(v_from_int(vi_and(q, vi_set1(1))), v_zero());
    const vi flip_s = vi_shl(vi_and(q, vi_set1(2)), 30);
    const vi flip_c = vi_shl(vi_and(vi_add(q, vi_set1(1)), vi_set1(2)), 30);
    *sine = v_float_bits(vi_xor(v_bits(v_select(odd, c, s)), flip_s));
    *cosine = v_float_bits(vi_xor(v_bits(v_select(odd, s, c)), flip_c));
}

INLINE vf v_sigmoid(vf x)
{
    const vf t = v_exp(v_neg(v_abs(x))), s = v_div(v_set1(1), v_add(v_set1(1), t));
    return v_keep_nan(x, v_select(v_gt(v_zero(), x), v_mul(t, s), s));
}

/* max(x, 0) + log(1 + t), t = e^-|x|; what 1 + t rounds away is given back: log(u) + (t - (u - 1)) / u. */
INLINE vf v_softplus(vf x)
{
    const vf t = v_exp(v_neg(v_abs(x))), u = v_add(v_set1(1), t);
    const vf lost = v_sub(t, v_sub(u, v_set1(1)));
    return v_keep_nan(x, v_add(v_max(x, v_zero()), v_add(v_log(u), v_div(lost, u))));
}

INLINE vf v_tanh(vf x)
{
    const vf a = v_abs(x), z = v_mul(x, x);
    vf p = v_set1(-5.70498872745e-3f);
    p = v_fma(p, z, v_set1(2.06390887954e-2f));
    p = v_fma(p, z, v_set1(-5.37397155531e-2f));
    p = v_fma(p, z, v_set1(1.33314422036e-1f));
    p = v_fma(p, z, v_set1(-3.33332819422e-1f));
    p = v_fma(v_mul(p, z), x, x);
    const vf e = v_exp(v_add(a, a));
    const vf far = v_sub(v_set1(1), v_div(v_set1(2), v_add(e, v_set1(1))));
    const vi sign = vi_and(v_bits(x), vi_set1(0x80000000u));
    const vf signed_far = v_float_bits(vi_or(v_bits(far), sign));
    return v_keep_nan(x, v_select(v_gt(v_set1(0.625f), a), p, signed_far));
}

#endif
