/* planted.h - features made by a rule that Python repeats bit for bit (tests/golden/make_measures.py): sums of hashed uniforms,
 * nearly normal. */
#ifndef TESTS_PLANTED_H
#define TESTS_PLANTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gan/measure.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64 (Steele et al. 2014) as a hash, the upper 53 bits as a share of 1. */
static inline double planted_uniform(uint64_t i)
{
    i = (i + 1) * 0x9E3779B97F4A7C15u;
    i = (i ^ i >> 30) * 0xBF58476D1CE4E5B9u;
    i = (i ^ i >> 27) * 0x94D049BB133111EBu;
    return (double)((i ^ i >> 31) >> 11) * 0x1p-53;
}

/* Mean 0, variance 1: the sum of 12 uniforms less 6. */
static inline double planted_normal(uint64_t seed, uint64_t i)
{
    double sum = -6;
    for (uint64_t k = 0; k < 12; k++)
        sum += planted_uniform((seed << 40) + 12 * i + k);
    return sum;
}

/* Row i, column k: (normal + shift) * (1 + k / dims). */
static inline gan_features planted_features(uint64_t seed, int n, int dims, double shift)
{
    gan_features f;
    gan_error err;
    if (gan_features_make(&f, n, dims, &err) != GAN_OK)
        fail_msg("%s", err.message);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < dims; k++)
            f.x[(size_t)i * (size_t)dims + (size_t)k] =
                (planted_normal(seed, (uint64_t)i * (uint64_t)dims + (uint64_t)k) + shift) * (1 + (double)k / dims);
    return f;
}

/* cmocka's own compares floats. */
#define near(x, want, most)                                                                                     \
    do {                                                                                                        \
        const double x_ = (x), want_ = (want);                                                                  \
        if (!(fabs(x_ - want_) <= (most)))                                                                      \
            fail_msg("%s is %.12g, not %.12g", #x, x_, want_);                                                  \
    } while (0)

static inline gan_measured planted_measure(const char *key, const gan_sides *s)
{
    gan_measured m = {0};
    gan_error err;
    if (gan_measure(key, s, NULL, &m, &err) != GAN_OK)
        fail_msg("%s: %s", key, err.message);
    return m;
}

static inline double planted_value(const char *key, const gan_features *real, const gan_features *samples)
{
    const gan_sides s = {.real = real, .samples = samples};
    const gan_measured m = planted_measure(key, &s);
    if (!m.known)
        fail_msg("%s: %s", key, m.why);
    return m.value;
}

#endif
