/* registry.c - which form of the kernels this process uses. */
#include "kernel/kernel.h"

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

extern const gan__kernels gan__kernels_portable, gan__kernels_avx2, gan__kernels_avx512;

const gan__kernels *gan__kernels_of(gan__isa isa)
{
    switch (isa) {
    case GAN__ISA_PORTABLE: return &gan__kernels_portable;
    case GAN__ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &gan__kernels_avx2
                                                                                : NULL;
    case GAN__ISA_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
                   ? &gan__kernels_avx512
                   : NULL;
    case GAN__ISA_COUNT: break;
    }
    return NULL;
}

const gan__kernels *gan__kernels_best(void)
{
    static const char *const names[GAN__ISA_COUNT] = {"portable", "avx2", "avx512"};
    const char *asked = getenv("GAN_ISA");
    for (int i = GAN__ISA_COUNT - 1; i >= 0; i--) {
        const gan__kernels *k = gan__kernels_of((gan__isa)i);
        if (asked && *asked ? !strcmp(asked, names[i]) : k != NULL)
            return k;
    }
    return NULL;
}

/* MXCSR: flush-to-zero (bit 15), denormals-are-zero (bit 6), round to nearest (bits 13, 14 clear), all
 * exceptions masked (bits 7 to 12). */
unsigned gan__fp_enter(void)
{
    const unsigned before = _mm_getcsr();
    _mm_setcsr(0x8040u | 0x1f80u);
    return before;
}

void gan__fp_leave(unsigned before)
{
    _mm_setcsr(before);
}
