/* test_accuracy.c - the polynomials against libm in double, their special values, and the normals. */
#include "unit/kernel/battery.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static float apply(gan__unary op, float x)
{
    float y;
    gan__kernels_best()->unary[op](&y, 1, &(gan__operand){&x, 1, 1}, 1, 1, 0.2f, 0);
    return y;
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double softplus(double x) { return fmax(x, 0) + log1p(exp(-fabs(x))); }

static const struct {
    gan__unary op;
    double (*exact)(double);
    double low, high, ulps; /* greatest error allowed, units in the last place */
    const char *name;
} rows[] = {
    {GAN__UNARY_EXP, exp, -87, 88.7, 1, "exp"},
    {GAN__UNARY_LOG, log, 1e-30, 1e30, 1, "log"},
    {GAN__UNARY_LOG, log, 0.5, 2, 1, "log near 1"},
    {GAN__UNARY_SQRT, sqrt, 0, 1e30, 0.5001, "sqrt"},
    {GAN__UNARY_TANH, tanh, -12, 12, 1.5, "tanh"},
    {GAN__UNARY_TANH, tanh, -1e-3, 1e-3, 1, "tanh near 0"},
    {GAN__UNARY_SIGMOID, sigmoid, -80, 80, 2.5, "sigmoid"},
    {GAN__UNARY_SOFTPLUS, softplus, -80, 80, 2, "softplus"},
};

enum { DENORMALS_STAY = 0x1f80 }; /* MXCSR as a process begins with it */

/* a x + b, in every form, against libm's. */
static void multiplied_and_added(float a, float x, float b)
{
    const float want = fmaf(a, x, b);
    for (int isa = 0; isa < GAN__ISA_COUNT; isa++) {
        const gan__kernels *k = gan__kernels_of((gan__isa)isa);
        float y;
        if (!k)
            continue;
        k->unary[GAN__UNARY_AFFINE](&y, 1, &(gan__operand){&x, 1, 1}, 1, 1, a, b);
        if (memcmp(&y, &want, sizeof y) != 0)
            fail_msg("%s: %a * %a + %a = %a, not %a", k->name, (double)a, (double)x, (double)b, (double)y, (double)want);
    }
}

/* One rounding: sums that are a hair beside half-way between two floats, which a double no longer tells from it; among normal
 * numbers, denormal ones, and where floats end. */
static void sums_beside_halves(void)
{
    for (int e = -149; e <= 127; e++)
        for (int bits = 0; bits < 8; bits++) {
            const float b = (float)ldexp(bits < 4 ? 1 + bits * 0x1p-23 : 2 - (8 - bits) * 0x1p-23, e);
            for (int i = -3; i <= 3; i++)
                for (int j = -3; j <= 3; j++)
                    for (int signs = 0; signs < 4; signs++) {
                        const int half = (e < -126 ? -126 : e) - 24, low = half / 2;
                        const double a = ldexp(1 + i * 0x1p-23, low), x = ldexp(1 + j * 0x1p-23, half - low);
                        multiplied_and_added((float)(signs & 1 ? -a : a), (float)x, signs & 2 ? -b : b);
                    }
        }
    const float odd[] = {0, -0.0f, 1, -1, 0x1p-149f, 0x1p-126f, 0x1.fffffep127f, -0x1.fffffep127f, INFINITY, -INFINITY, 0x1.8p-75f};
    const int count = (int)(sizeof odd / sizeof *odd);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            for (int k = 0; k < count; k++)
                if (!isnan(odd[i] * odd[j] + odd[k])) /* a NaN has no sign to speak of */
                    multiplied_and_added(odd[i], odd[j], odd[k]);
}

static void one_rounding(void **state)
{
    const unsigned flushing = gan__fp_enter();
    (void)state;
    sums_beside_halves();
    gan__fp_leave(DENORMALS_STAY);
    sums_beside_halves();
    gan__fp_leave(flushing);
}

/* Points spread evenly, or by exponent where the range spans many powers of two. */
static float point(double low, double high, int i, int n)
{
    const double u = (i + 0.5) / n;
    return (float)(low > 0 && high / low > 1e3 ? low * pow(high / low, u) : low + (high - low) * u);
}

static void close_to_exact(void **state)
{
    enum { POINTS = 200000 };
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double worst = 0;
        for (int i = 0; i < POINTS; i++) {
            const float x = point(rows[r].low, rows[r].high, i, POINTS);
            const double want = rows[r].exact((double)x), got = (double)apply(rows[r].op, x);
            if (fabs(want) < 1.2e-38)
                continue; /* denormals are zero */
            const double ulp = ldexp(1, ilogb(want) - 23), error = fabs(got - want) / ulp;
            worst = error > worst ? error : worst;
        }
        printf("%-12s %.2f ulp\n", rows[r].name, worst);
        if (!(worst <= rows[r].ulps))
            fail_msg("%s: %.2f ulp", rows[r].name, worst);
    }
}

static void special_values(void **state)
{
    static const gan__unary all[] = {GAN__UNARY_EXP,     GAN__UNARY_LOG,     GAN__UNARY_SQRT,
                                     GAN__UNARY_TANH,    GAN__UNARY_SIGMOID, GAN__UNARY_SOFTPLUS,
                                     GAN__UNARY_AFFINE,  GAN__UNARY_LRELU};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_true(isnan(apply(all[i], NAN)));
    assert_true(isinf(apply(GAN__UNARY_EXP, INFINITY)) && isinf(apply(GAN__UNARY_EXP, 89)));
    assert_true(apply(GAN__UNARY_EXP, -INFINITY) == 0 && apply(GAN__UNARY_EXP, 0) == 1);
    assert_true(apply(GAN__UNARY_LOG, 0) == -INFINITY && apply(GAN__UNARY_LOG, -0.0f) == -INFINITY);
    assert_true(isnan(apply(GAN__UNARY_LOG, -1)) && apply(GAN__UNARY_LOG, INFINITY) == INFINITY);
    assert_true(apply(GAN__UNARY_LOG, 1) == 0);
    assert_true(apply(GAN__UNARY_TANH, INFINITY) == 1 && apply(GAN__UNARY_TANH, -INFINITY) == -1);
    assert_true(apply(GAN__UNARY_SIGMOID, INFINITY) == 1 && apply(GAN__UNARY_SIGMOID, -INFINITY) == 0);
    assert_true(apply(GAN__UNARY_SIGMOID, 0) == 0.5f);
    assert_true(isinf(apply(GAN__UNARY_SOFTPLUS, INFINITY)) && apply(GAN__UNARY_SOFTPLUS, -INFINITY) == 0);
    assert_true(apply(GAN__UNARY_LRELU, -1) == -0.2f && apply(GAN__UNARY_SLOPE, 0) == 0.2f);
}

/* Element 16 w + l of a group: word w of block l; words (0,1) and (2,3) are Box-Muller pairs. */
static void normals_are_philox(void **state)
{
    enum { N = 640 };
    float x[N];
    (void)state;
    gan__kernels_best()->normal(x, N, 77, 3, 4, 5, 0);
    for (int e = 0; e < N; e++) {
        const int word = e % 64 / 16, block = e / 64 * 16 + e % 16, first = word & 2;
        const uint32_t counter[4] = {(uint32_t)block, 5, 4, 3}, key[2] = {77, 0};
        uint32_t out[4];
        gan__philox(counter, key, out);
        const double u = (double)(out[first] >> 8) * 0x1p-24 + 0x1p-25,
                     t = (double)(out[first + 1] >> 8) * 0x1p-24 + 0x1p-25;
        const double r = sqrt(-2 * log(u)), a = 6.283185307179586 * t;
        assert_true(fabs((double)x[e] - r * (word & 1 ? sin(a) : cos(a))) < 2e-5);
    }
}

static void normals_are_normal(void **state)
{
    enum { N = 1 << 20 };
    float *x = malloc(N * sizeof *x);
    double m[5] = {0};
    (void)state;
    gan__kernels_best()->normal(x, N, 1, 1, 1, 1, 0);
    for (int i = 0; i < N; i++) {
        double p = 1;
        for (int k = 1; k < 5; k++)
            m[k] += (p *= (double)x[i]) / N;
    }
    /* Six standard errors each: 1, sqrt 2, sqrt 15, sqrt 96 over sqrt N. */
    assert_true(fabs(m[1]) < 6.0 / 1024 && fabs(m[2] - 1) < 6 * 1.5 / 1024);
    assert_true(fabs(m[3]) < 6 * 3.9 / 1024 && fabs(m[4] - 3) < 6 * 9.8 / 1024);
    free(x);
}

static void panels_round_trip(void **state)
{
    (void)state;
    for (int n = 1; n < 40; n += 3) {
        float *x = numbers((size_t)(7 * n), "p", false), *y = calloc((size_t)(7 * n), sizeof *y);
        float *p = malloc(gan__panels_size(7, n) * sizeof *p);
        gan__panels_pack(p, x, 7, n);
        gan__panels_unpack(y, p, 7, n);
        assert_memory_equal(x, y, (size_t)(7 * n) * sizeof *x);
        free(x);
        free(y);
        free(p);
    }
}

static int enter(void **state)
{
    (void)state;
    gan__fp_enter();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rounding),       cmocka_unit_test(close_to_exact),     cmocka_unit_test(special_values),
        cmocka_unit_test(normals_are_philox), cmocka_unit_test(normals_are_normal),
        cmocka_unit_test(panels_round_trip),
    };
    return cmocka_run_group_tests(tests, enter, NULL);
}
