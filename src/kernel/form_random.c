/* form_random.c - standard normals: Philox 4x32-10, one block a lane, and Box & Muller 1958.
 *
 * A group of 64 elements is 16 blocks; word w of lane l is element 16 w + l, so nothing is shuffled.
 */
#include "kernel/form.h"
#include "kernel/form_math.h"

enum { GROUP = 4 * GAN__LANES };

static void philox(vi c[4], uint64_t seed)
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        vi high_a, low_a, high_b, low_b;
        vi_mul_wide(c[0], vi_set1(0xD2511F53u), &high_a, &low_a);
        vi_mul_wide(c[2], vi_set1(0xCD9E8D57u), &high_b, &low_b);
        c[0] = vi_xor(vi_xor(high_b, c[1]), vi_set1(k0));
        c[1] = low_b;
        c[2] = vi_xor(vi_xor(high_a, c[3]), vi_set1(k1));
        c[3] = low_a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* In (0, 1]: never 0, whose logarithm is infinite. */
static vf uniform(vi word)
{
    return v_fma(v_from_int(vi_shr(word, 8)), v_set1(0x1p-24f), v_set1(0x1p-25f));
}

static void pair(vi a, vi b, vf *x, vf *y)
{
    const vf r = v_sqrt(v_mul(v_set1(-2), v_log(uniform(a))));
    vf s, c;
    v_sincos_turn(uniform(b), &s, &c);
    *x = v_mul(r, c);
    *y = v_mul(r, s);
}

void FORM(gan__normal)(float *y, size_t n, uint64_t seed, uint32_t stream, uint32_t step,
                       uint32_t sample, uint32_t first)
{
    for (size_t i = 0; i < n; i += GROUP) {
        const uint32_t block = (first + (uint32_t)i) / 4;
        vi c[4] = {vi_add(vi_set1(block), vi_lanes()), vi_set1(sample), vi_set1(step), vi_set1(stream)};
        philox(c, seed);
        vf x[4];
        pair(c[0], c[1], &x[0], &x[1]);
        pair(c[2], c[3], &x[2], &x[3]);
        for (size_t w = 0; w < 4 && i + w * GAN__LANES < n; w++) {
            const size_t left = n - i - w * GAN__LANES;
            v_store_n(y + i + w * GAN__LANES, x[w], left < GAN__LANES ? (int)left : GAN__LANES);
        }
    }
}
