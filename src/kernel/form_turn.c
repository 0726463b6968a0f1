/* form_turn.c - a block of up to 16 x 16 floats, transposed. Moves bits only. */
#include "kernel/form.h"

#if defined __AVX2__
/* Eight rows by eight columns in registers: pairs, quads, halves. */
static void turn_8(float *dst, size_t dst_step, const float *src, size_t stride)
{
    __m256 r[8], t[8];
    UNROLL for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(src + (size_t)i * stride);
    UNROLL for (int i = 0; i < 8; i += 2)
    {
        t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    UNROLL for (int i = 0; i < 8; i += 4)
    {
        r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    UNROLL for (int i = 0; i < 4; i++)
    {
        _mm256_storeu_ps(dst + (size_t)i * dst_step, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
        _mm256_storeu_ps(dst + (size_t)(i + 4) * dst_step, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
    }
}
#endif

void gan__turn(float *dst, size_t dst_step, const float *src, size_t stride, int rows, int cols)
{
#if defined __AVX2__
    if (rows == GAN__LANES && cols == GAN__LANES) {
        for (int j = 0; j < GAN__LANES; j += 8)
            for (int k = 0; k < GAN__LANES; k += 8)
                turn_8(dst + (size_t)k * dst_step + j, dst_step, src + (size_t)j * stride + k, stride);
        return;
    }
#endif
    for (int k = 0; k < cols; k++)
        for (int j = 0; j < GAN__LANES; j++)
            dst[(size_t)k * dst_step + (size_t)j] = j < rows ? src[(size_t)j * stride + (size_t)k] : 0;
}
