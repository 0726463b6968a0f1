/* battery.h - inputs that are functions of where they stand, and a digest of what kernels made of them. */
#ifndef GAN_TESTS_BATTERY_H
#define GAN_TESTS_BATTERY_H

#include "base/random.h"
#include "kernel/kernel.h"

#include <stdlib.h>
#include <string.h>

/* n numbers in [-1, 1); wild: exponents from 2^-87 to 2^62 as well. At the end of its allocation, so that a
 * read beyond it is found by the sanitizer. */
static inline float *numbers(size_t n, const char *name, bool wild)
{
    float *x = malloc((n ? n : 1) * sizeof *x);
    const uint32_t stream = gan__stream(name);
    uint32_t four[4];
    for (size_t i = 0; i < n; i++) {
        if (i % 4 == 0)
            gan__random_four(four, 1, stream, wild, 0, (uint32_t)(i / 4));
        const uint32_t w = four[i % 4];
        x[i] = (float)((double)(w >> 8) * 0x1p-23 - 1);
        if (wild) {
            uint32_t bits;
            memcpy(&bits, &x[i], sizeof bits);
            bits = (bits & 0x807fffffu) | (40 + w % 150) << 23;
            memcpy(&x[i], &bits, sizeof bits);
        }
    }
    return x;
}

#endif
