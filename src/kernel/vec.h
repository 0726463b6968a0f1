/* vec.h - sixteen floats, in three forms with the same bytes.
 *
 * A kernel is written once over vf (16 floats), vi (16 unsigned 32-bit integers) and vm (16 booleans)
 * and compiled for GAN_FORM = portable (four vectors of GNU C), avx2 (two 256-bit registers), avx512 (one
 * 512-bit register). Every primitive is one IEEE operation per lane or a movement of bits, so the forms
 * cannot differ; nothing approximate (rcp, rsqrt) is here. A lane is always another result.
 */
#ifndef GAN_KERNEL_VEC_H
#define GAN_KERNEL_VEC_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GAN_CAT_(a, b) a##_##b
#define GAN_CAT(a, b)  GAN_CAT_(a, b)
/* gan__product of this form: FORM(gan__product) is gan__product_avx2. */
#define FORM(name) GAN_CAT(name, GAN_FORM)

#define INLINE static inline __attribute__((always_inline, unused))
#define UNROLL _Pragma("GCC unroll 16")

#define portable 1
#define avx2     2
#define avx512   3
#define GAN_IS(x) (GAN_FORM == x)

#if GAN_IS(avx512)
#undef portable
#undef avx2
#undef avx512
#define TILE_VECTORS 4 /* panels in the widest register tile; 6 rows x 4: 24 accumulators of 32 */
#include <immintrin.h>

typedef __m512 vf;
typedef __m512i vi;
typedef __mmask16 vm;

INLINE vf v_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void v_store(float *p, vf a) { _mm512_storeu_ps(p, a); }
INLINE __mmask16 v_mask_n(int n) { return (__mmask16)(n >= 16 ? 0xffff : (1u << n) - 1); }
INLINE vf v_load_n(const float *p, int n) { return _mm512_maskz_loadu_ps(v_mask_n(n), p); }
INLINE void v_store_n(float *p, vf a, int n) { _mm512_mask_storeu_ps(p, v_mask_n(n), a); }
INLINE vf v_set1(float a) { return _mm512_set1_ps(a); }
INLINE vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
INLINE vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
INLINE vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
INLINE vf v_div(vf a, vf b) { return _mm512_div_ps(a, b); }
INLINE vf v_sqrt(vf a) { return _mm512_sqrt_ps(a); }
INLINE vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
INLINE vm v_gt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
INLINE vm v_unordered(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q); }
INLINE vf v_select(vm m, vf yes, vf no) { return _mm512_mask_blend_ps(m, no, yes); }
INLINE vi v_bits(vf a) { return _mm512_castps_si512(a); }
INLINE vf v_float_bits(vi a) { return _mm512_castsi512_ps(a); }
INLINE vi vi_set1(uint32_t a) { return _mm512_set1_epi32((int)a); }
INLINE vi vi_lanes(void) { return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
INLINE vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
INLINE vi vi_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
INLINE vi vi_and(vi a, vi b) { return _mm512_and_si512(a, b); }
INLINE vi vi_or(vi a, vi b) { return _mm512_or_si512(a, b); }
INLINE vi vi_xor(vi a, vi b) { return _mm512_xor_si512(a, b); }
#define vi_shl(a, n) _mm512_slli_epi32(a, n)
#define vi_shr(a, n) _mm512_srli_epi32(a, n)
INLINE vf v_from_int(vi a) { return _mm512_cvtepi32_ps(a); }    /* signed, exact below 2^24 */
INLINE vi v_to_int(vf a) { return _mm512_cvtps_epi32(a); }      /* to nearest, ties to even */
INLINE vf v_from_u8(const uint8_t *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p)));
}
INLINE void vi_mul_wide(vi a, vi b, vi *high, vi *low)
{
    const __m512i even = _mm512_mul_epu32(a, b);
    const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32));
    *low = _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
    *high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
}

#elif GAN_IS(avx2)
#undef portable
#undef avx2
#undef avx512
#define TILE_VECTORS 1 /* 6 rows x 1: 12 accumulators of 16 registers */
#include <immintrin.h>

typedef struct vf { __m256 l, h; } vf;
typedef struct vi { __m256i l, h; } vi;
typedef vf vm;

#define BOTH(call_l, call_h) return (vf){call_l, call_h}
INLINE vf v_load(const float *p) { BOTH(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)); }
INLINE void v_store(float *p, vf a) { _mm256_storeu_ps(p, a.l); _mm256_storeu_ps(p + 8, a.h); }
INLINE __m256i v_mask_8(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE vf v_load_n(const float *p, int n)
{
    BOTH(_mm256_maskload_ps(p, v_mask_8(n)), _mm256_maskload_ps(p + 8, v_mask_8(n - 8)));
}
INLINE void v_store_n(float *p, vf a, int n)
{
    _mm256_maskstore_ps(p, v_mask_8(n), a.l);
    _mm256_maskstore_ps(p + 8, v_mask_8(n - 8), a.h);
}
INLINE vf v_set1(float a) { const __m256 x = _mm256_set1_ps(a); BOTH(x, x); }
INLINE vf v_add(vf a, vf b) { BOTH(_mm256_add_ps(a.l, b.l), _mm256_add_ps(a.h, b.h)); }
INLINE vf v_sub(vf a, vf b) { BOTH(_mm256_sub_ps(a.l, b.l), _mm256_sub_ps(a.h, b.h)); }
INLINE vf v_mul(vf a, vf b) { BOTH(_mm256_mul_ps(a.l, b.l), _mm256_mul_ps(a.h, b.h)); }
INLINE vf v_div(vf a, vf b) { BOTH(_mm256_div_ps(a.l, b.l), _mm256_div_ps(a.h, b.h)); }
INLINE vf v_sqrt(vf a) { BOTH(_mm256_sqrt_ps(a.l), _mm256_sqrt_ps(a.h)); }
INLINE vf v_fma(vf a, vf b, vf c) { BOTH(_mm256_fmadd_ps(a.l, b.l, c.l), _mm256_fmadd_ps(a.h, b.h, c.h)); }
INLINE vm v_gt(vf a, vf b) { BOTH(_mm256_cmp_ps(a.l, b.l, _CMP_GT_OQ), _mm256_cmp_ps(a.h, b.h, _CMP_GT_OQ)); }
INLINE vm v_unordered(vf a, vf b)
{
    BOTH(_mm256_cmp_ps(a.l, b.l, _CMP_UNORD_Q), _mm256_cmp_ps(a.h, b.h, _CMP_UNORD_Q));
}
INLINE vf v_select(vm m, vf yes, vf no)
{
    BOTH(_mm256_blendv_ps(no.l, yes.l, m.l), _mm256_blendv_ps(no.h, yes.h, m.h));
}
INLINE vi v_bits(vf a) { return (vi){_mm256_castps_si256(a.l), _mm256_castps_si256(a.h)}; }
INLINE vf v_float_bits(vi a) { BOTH(_mm256_castsi256_ps(a.l), _mm256_castsi256_ps(a.h)); }
INLINE vi vi_set1(uint32_t a) { const __m256i x = _mm256_set1_epi32((int)a); return (vi){x, x}; }
INLINE vi vi_lanes(void)
{
    return (vi){_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
                _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15)};
}
#define PAIR(f) return (vi){f(a.l, b.l), f(a.h, b.h)}
INLINE vi vi_add(vi a, vi b) { PAIR(_mm256_add_epi32); }
INLINE vi vi_sub(vi a, vi b) { PAIR(_mm256_sub_epi32); }
INLINE vi vi_and(vi a, vi b) { PAIR(_mm256_and_si256); }
INLINE vi vi_or(vi a, vi b) { PAIR(_mm256_or_si256); }
INLINE vi vi_xor(vi a, vi b) { PAIR(_mm256_xor_si256); }
#undef PAIR
INLINE vi vi_shl(vi a, int n) { return (vi){_mm256_slli_epi32(a.l, n), _mm256_slli_epi32(a.h, n)}; }
INLINE vi vi_shr(vi a, int n) { return (vi){_mm256_srli_epi32(a.l, n), _mm256_srli_epi32(a.h, n)}; }
INLINE vf v_from_int(vi a) { BOTH(_mm256_cvtepi32_ps(a.l), _mm256_cvtepi32_ps(a.h)); }
INLINE vi v_to_int(vf a) { return (vi){_mm256_cvtps_epi32(a.l), _mm256_cvtps_epi32(a.h)}; }
INLINE vf v_from_u8(const uint8_t *p)
{
    BOTH(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p))),
         _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(p + 8)))));
}
INLINE void mul_wide_8(__m256i a, __m256i b, __m256i *high, __m256i *low)
{
    const __m256i even = _mm256_mul_epu32(a, b);
    const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32));
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
}
INLINE void vi_mul_wide(vi a, vi b, vi *high, vi *low)
{
    mul_wide_8(a.l, b.l, &high->l, &low->l);
    mul_wide_8(a.h, b.h, &high->h, &low->h);
}
#undef BOTH

#else
#undef portable
#undef avx2
#undef avx512
#define TILE_VECTORS 1

/* Four vectors of four, in GNU C's own terms: gcc and clang make them of what any processor has. A comparison's lanes are all ones
 * or zero. */
typedef float f4 __attribute__((vector_size(16)));
typedef int32_t i4 __attribute__((vector_size(16)));
typedef uint32_t u4 __attribute__((vector_size(16)));
typedef struct vf { f4 q[4]; } vf;
typedef struct vi { u4 q[4]; } vi;
typedef struct vm { i4 q[4]; } vm;

#define EACH(type, x) type r; UNROLL for (int i = 0; i < 4; i++) r.q[i] = (x); return r
#if defined __FP_FAST_FMAF
INLINE f4 fma_4(f4 a, f4 b, f4 c)
{
    UNROLL for (int i = 0; i < 4; i++)
        c[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return c;
}
#else
typedef double d2 __attribute__((vector_size(16)));
typedef int64_t l2 __attribute__((vector_size(16)));
INLINE d2 low(f4 a) { return (d2){(double)a[0], (double)a[1]}; }
INLINE d2 high(f4 a) { return (d2){(double)a[2], (double)a[3]}; }
/* The product of two floats is exact in double. A sum that is rounded to double and then to float is rounded like one that is
 * rounded to float at once, but where the double lies half-way between two floats, or where the floats are denormal. */
INLINE l2 may_differ(d2 s)
{
    const l2 bits = (l2)s, one = (l2)(d2){1, 1};
    return ((d2)((bits & 0x1fffffff) | one) == (d2)(0x10000000 | one)) | ((d2)(bits & INT64_MAX) < 0x1p-126);
}
/* There the double is rounded to odd, so the last rounding is the only one that counts (Boldo & Melquiond 2008, "Emulation of a FMA
 * and correctly rounded sums"). The error of the sum by Knuth's two-sum; NaN, neither above nor below 0, where there is none. */
INLINE d2 to_odd(d2 p, d2 z)
{
    const d2 s = p + z, back = s - p, error = (p - (s - back)) + (z - back);
    const l2 bits = (l2)s, above = error > 0, off = above | (error < 0), even = (bits & 1) - 1;
    const l2 apart = above ^ (s > 0); /* the true sum is nearer zero, if it is off */
    return (d2)(bits + ((apart | 1) & off & even));
}
/* A call: inlined a thousand times it is a seventh faster, and a third of a build is its compiling. */
static __attribute__((noinline, unused)) f4 fma_4(f4 a, f4 b, f4 c)
{
    const d2 pl = low(a) * low(b), ph = high(a) * high(b), zl = low(c), zh = high(c);
    d2 l = pl + zl, h = ph + zh;
    const l2 differs = may_differ(l) | may_differ(h);
    if (differs[0] | differs[1]) {
        l = to_odd(pl, zl);
        h = to_odd(ph, zh);
    }
    return (f4){(float)l[0], (float)l[1], (float)h[0], (float)h[1]};
}
#endif
INLINE vf v_load(const float *p) { vf r; memcpy(&r, p, sizeof r); return r; }
INLINE void v_store(float *p, vf a) { memcpy(p, &a, sizeof a); }
INLINE size_t bytes_n(int n) { return sizeof(float) * (size_t)(n < 0 ? 0 : n < 16 ? n : 16); }
INLINE vf v_load_n(const float *p, int n)
{
    vf r = {0};
    memcpy(&r, p, bytes_n(n));
    return r;
}
INLINE void v_store_n(float *p, vf a, int n) { memcpy(p, &a, bytes_n(n)); }
INLINE vf v_set1(float a) { EACH(vf, ((f4){a, a, a, a})); }
INLINE vf v_add(vf a, vf b) { EACH(vf, a.q[i] + b.q[i]); }
INLINE vf v_sub(vf a, vf b) { EACH(vf, a.q[i] - b.q[i]); }
INLINE vf v_mul(vf a, vf b) { EACH(vf, a.q[i] * b.q[i]); }
INLINE vf v_div(vf a, vf b) { EACH(vf, a.q[i] / b.q[i]); }
INLINE f4 sqrt_4(f4 a) { return (f4){__builtin_sqrtf(a[0]), __builtin_sqrtf(a[1]), __builtin_sqrtf(a[2]), __builtin_sqrtf(a[3])}; }
INLINE vf v_sqrt(vf a) { EACH(vf, sqrt_4(a.q[i])); }
INLINE vf v_fma(vf a, vf b, vf c) { EACH(vf, fma_4(a.q[i], b.q[i], c.q[i])); }
INLINE vm v_gt(vf a, vf b) { EACH(vm, a.q[i] > b.q[i]); }
INLINE vm v_unordered(vf a, vf b) { EACH(vm, (a.q[i] != a.q[i]) | (b.q[i] != b.q[i])); }
INLINE vf v_select(vm m, vf yes, vf no) { EACH(vf, (f4)((m.q[i] & (i4)yes.q[i]) | (~m.q[i] & (i4)no.q[i]))); }
INLINE vi v_bits(vf a) { EACH(vi, (u4)a.q[i]); }
INLINE vf v_float_bits(vi a) { EACH(vf, (f4)a.q[i]); }
INLINE vi vi_set1(uint32_t a) { EACH(vi, ((u4){a, a, a, a})); }
INLINE vi vi_lanes(void) { return (vi){{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}}}; }
INLINE vi vi_add(vi a, vi b) { EACH(vi, a.q[i] + b.q[i]); }
INLINE vi vi_sub(vi a, vi b) { EACH(vi, a.q[i] - b.q[i]); }
INLINE vi vi_and(vi a, vi b) { EACH(vi, a.q[i] & b.q[i]); }
INLINE vi vi_or(vi a, vi b) { EACH(vi, a.q[i] | b.q[i]); }
INLINE vi vi_xor(vi a, vi b) { EACH(vi, a.q[i] ^ b.q[i]); }
INLINE vi vi_shl(vi a, int n) { EACH(vi, a.q[i] << n); }
INLINE vi vi_shr(vi a, int n) { EACH(vi, a.q[i] >> n); }
INLINE vf v_from_int(vi a) { EACH(vf, __builtin_convertvector((i4)a.q[i], f4)); }
/* Adding 1.5 * 2^23 leaves the nearest integer in the low bits, ties to even; |a| < 2^22 is all that the
 * polynomials ask for. */
INLINE vi v_to_int(vf a) { EACH(vi, (u4)(a.q[i] + 12582912.0f) - 0x4b400000u); }
INLINE vf v_from_u8(const uint8_t *p) { EACH(vf, ((f4){p[4 * i], p[4 * i + 1], p[4 * i + 2], p[4 * i + 3]})); }
INLINE void vi_mul_wide(vi a, vi b, vi *high, vi *low)
{
    for (int i = 0; i < 16; i++) {
        const uint64_t p = (uint64_t)a.q[i / 4][i % 4] * b.q[i / 4][i % 4];
        high->q[i / 4][i % 4] = (uint32_t)(p >> 32);
        low->q[i / 4][i % 4] = (uint32_t)p;
    }
}
#undef EACH
#endif

/* ---- from the primitives, so the same in all forms -------------------------------------------- */

INLINE vf v_zero(void) { return v_set1(0); }
INLINE vf v_neg(vf a) { return v_float_bits(vi_xor(v_bits(a), vi_set1(0x80000000u))); }
INLINE vf v_abs(vf a) { return v_float_bits(vi_and(v_bits(a), vi_set1(0x7fffffffu))); }
/* a where a > b, else b: max with b for NaN. */
INLINE vf v_max(vf a, vf b) { return v_select(v_gt(a, b), a, b); }
INLINE vf v_min(vf a, vf b) { return v_select(v_gt(b, a), a, b); }

#endif
