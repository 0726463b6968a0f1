/* test_log_lines.c - a line of metrics to the letter, in any locale; and the longest that there can be. */
#include "run/log_lines.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void test_line(void **state)
{
    (void)state;
    const gan_metrics m = {.iteration = 1200,
                           .count = 12,
                           .row = {{"loss_d", "D", false, 1.5f},
                                   {"loss_g", "G", false, -1e-5f},
                                   {"value", "V", false, NAN},
                                   {"d_real", NULL, false, 0.1f},
                                   {"d_fake", NULL, false, 1},
                                   {"r1", NULL, false, 3e20f},
                                   {"r2", NULL, false, 1e-30f},
                                   {"grad_norm_d", NULL, false, INFINITY},
                                   {"grad_norm_g", NULL, false, -INFINITY},
                                   {"spread", NULL, false, 0},
                                   {"rate_d", NULL, false, 2e-4f},
                                   {"rate_g", NULL, false, 0}}};
    const char want[] =
        "{\"iteration\":1200,\"loss_d\":1.5,\"loss_g\":-9.99999975e-6,\"value\":null,"
        "\"d_real\":0.100000001,\"d_fake\":1.0,\"r1\":3.00000006e20,\"r2\":1e-30,"
        "\"grad_norm_d\":null,\"grad_norm_g\":null,\"spread\":0.0,\"rate_d\":0.000199999995,"
        "\"rate_g\":0.0}\n";
    char line[GAN__LOG_LINE_MAX], other[GAN__LOG_LINE_MAX];
    const size_t n = gan__metrics_line(&m, line);
    assert_int_equal(n, strlen(line));
    assert_string_equal(line, want);
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8")) { /* a comma there */
        gan__metrics_line(&m, other);
        setlocale(LC_NUMERIC, "C");
        assert_string_equal(other, line);
    }
    gan__timing_line(7, 0.25, 0, line);
    assert_string_equal(line, "{\"iteration\":7,\"seconds\":0.25,\"rate\":0.0}\n");
}

static void longest_line(void **state)
{
    (void)state;
    static char line[GAN__LOG_LINE_MAX], keys[GAN_METRICS_MAX][64];
    gan_metrics m = {.iteration = INT64_MAX, .count = GAN_METRICS_MAX};
    for (int i = 0; i < GAN_METRICS_MAX; i++) {
        snprintf(keys[i], sizeof keys[i], "%063d", i);
        m.row[i] = (gan_metric){keys[i], NULL, false, -1.23456789e-30f};
    }
    assert_in_range(gan__metrics_line(&m, line), 5000, GAN__LOG_LINE_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_line), cmocka_unit_test(longest_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
