/* test_schedule.c - learning rates, decays, powers. */
#include "game/schedule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fabs(want) + 1e-15))
        fail_msg("%.17g, not %.17g", got, want);
}

static void test_power(void **state)
{
    (void)state;
    const double bases[] = {0, 0.5, 0.9, 0.99, 0.999};
    for (size_t b = 0; b < sizeof bases / sizeof *bases; b++)
        for (int64_t n = 0; n < 3000; n = 2 * n + 1)
            if (fabs(gan__power(bases[b], n) - pow(bases[b], (double)n)) >
                1e-12 * pow(bases[b], (double)n))
                fail_msg("%g to the power %lld", bases[b], (long long)n);
    near(gan__power(0, 0), 1);
    near(gan__power(0.999, INT64_MAX), 0);
}

static void test_rates(void **state)
{
    (void)state;
    near(gan__rate_factor("constant", 12345, 100, 0), 1);
    near(gan__rate_factor("linear", 0, 100, 0), 1);
    near(gan__rate_factor("linear", 25, 100, 0), 0.75);
    for (int64_t i = 0; i < 1000; i++)
        near(gan__rate_factor("cosine", i, 1000, 0), 0.5 * (1 + cos(acos(-1) * (double)i / 1000)));
    /* after its length, the last rate stays */
    near(gan__rate_factor("linear", 5000, 100, 0), gan__rate_factor("linear", 99, 100, 0));
    near(gan__rate_factor("cosine", 5000, 100, 0), gan__rate_factor("cosine", 99, 100, 0));
    /* warm-up: a straight line to the full rate, none of it 0 */
    near(gan__rate_factor("constant", 0, 100, 4), 0.25);
    near(gan__rate_factor("constant", 3, 100, 4), 1);
    near(gan__rate_factor("constant", 4, 100, 4), 1);
}

static void test_decay(void **state)
{
    (void)state;
    near(gan__average_decay(0.999, true, 0), 0.1);
    near(gan__average_decay(0.999, true, 90), 0.91);
    near(gan__average_decay(0.999, true, 100000), 0.999);
    near(gan__average_decay(0.999, false, 0), 0.999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_decay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
