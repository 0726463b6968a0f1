/* forms.h - the same call in every form of the kernels: the portable form's results go into a digest, and every other form must
 * give the same bytes. With `timing`, how fast each is. */
#ifndef GAN_TESTS_FORMS_H
#define GAN_TESTS_FORMS_H

#include "base/sha256.h"
#include "unit/kernel/battery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <time.h>

static gan__sha256 *sha; /* of the portable form's results, in the order of the tests */
static float *scratch;

/* The same call in every form; each writes n floats, which must be the portable form's. */
typedef void call_fn(const gan__kernels *k, void *ctx, float *out);

static bool timing;

/* Microseconds of a call: the best of some milliseconds. */
static double microseconds(const gan__kernels *k, call_fn *call, void *ctx, float *out)
{
    double best = 1e9, all = 0;
    for (int i = 0; i < 3 || (all < 2000 && i < 1000); i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        call(k, ctx, out);
        clock_gettime(CLOCK_MONOTONIC, &b);
        const double t = 1e6 * (double)(b.tv_sec - a.tv_sec) + 1e-3 * (double)(b.tv_nsec - a.tv_nsec);
        best = t < best ? t : best;
        all += t;
    }
    return best;
}

/* flops: 0 where that is no measure. */
static void print_times(const char *what, call_fn *call, void *ctx, float *out, double flops)
{
    printf("%-44s", what);
    for (int f = 0; f < GAN__ISA_COUNT; f++) {
        const gan__kernels *k = gan__kernels_of((gan__isa)f);
        if (!k)
            continue;
        const double t = microseconds(k, call, ctx, out);
        printf("  %s %9.2f us", k->name, t);
        if (flops > 0)
            printf(" %6.1f GFLOP/s", flops / t / 1e3);
    }
    putchar('\n');
}

GAN_PRINTF(5, 6)
static void in_every_form(call_fn *call, void *ctx, size_t n, double flops, const char *format, ...)
{
    float *want = calloc(n, sizeof *want), *got = calloc(n, sizeof *got);
    char what[96];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    call(gan__kernels_of(GAN__ISA_PORTABLE), ctx, want);
    gan__sha256_update(sha, want, n * sizeof *want);
    for (int f = GAN__ISA_AVX2; f < GAN__ISA_COUNT; f++) {
        const gan__kernels *k = gan__kernels_of((gan__isa)f);
        if (!k)
            continue;
        memset(got, 0, n * sizeof *got);
        call(k, ctx, got);
        if (memcmp(want, got, n * sizeof *got) != 0)
            fail_msg("%s: %s differs from portable", what, k->name);
    }
    if (timing)
        print_times(what, call, ctx, got, flops);
    free(want);
    free(got);
}

static int enter(void **state)
{
    (void)state;
    sha = gan__sha256_create();
    scratch = aligned_alloc(64, (GAN__PRODUCT_SCRATCH > GAN__CONV_SCRATCH ? GAN__PRODUCT_SCRATCH : GAN__CONV_SCRATCH) *
                                    sizeof *scratch);
    gan__fp_enter();
    return !sha || !scratch;
}

static int leave(void **state)
{
    (void)state;
    gan__sha256_free(sha);
    free(scratch);
    return 0;
}

/* The committed digest: another processor must reach it too. */
static void assert_digest(const char *expected)
{
    char hex[GAN__SHA256_HEX];
    gan__sha256_hex(sha, hex);
    assert_string_equal(hex, expected);
}

#endif
