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
    uint32_t *word = malloc((n ? n : 1) * sizeof *word);
    gan__random_words(word, n, 1, gan__stream(name), wild, 0, 0);
    for (size_t i = 0; i < n; i++) {
        const uint32_t w = word[i];
        x[i] = (float)((double)(w >> 8) * 0x1p-23 - 1);
        if (wild) {
            uint32_t bits;
            memcpy(&bits, &x[i], sizeof bits);
            bits = (bits & 0x807fffffu) | (40 + w % 150) << 23;
            memcpy(&x[i], &bits, sizeof bits);
        }
    }
    free(word);
    return x;
}

#endif
