/* test_random.c - Philox against its published answers; permutations; streams. */
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

/* Random123's kat_vectors, philox4x32 10. */
static void known_answers(void **state)
{
    static const uint32_t rows[][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e,
         0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb,
         0x5001e420, 0x24126ea1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t out[4];
        gan__philox(rows[i], rows[i] + 4, out);
        for (int k = 0; k < 4; k++)
            assert_int_equal(out[k], rows[i][6 + k]);
    }
}

/* Many at once are the same as one by one, and no more of them; another place in any of the counter's words is another number. */
static void many_at_once(void **state)
{
    const uint64_t seed = 0x0123456789abcdefu;
    (void)state;
    for (uint32_t n = 0; n < 40; n++) {
        const uint32_t first = 4 * (n % 7);
        uint32_t word[41];
        word[n] = 12345;
        gan__random_words(word, n, seed, 5, 6, 7, first);
        assert_int_equal(word[n], 12345);
        for (uint32_t k = 0; k < n; k++) {
            assert_int_equal(gan__random_u32(seed, 5, 6, 7, first + k), word[k]);
            assert_int_not_equal(gan__random_u32(seed + 1, 5, 6, 7, first + k), word[k]);
            assert_int_not_equal(gan__random_u32(seed, 6, 6, 7, first + k), word[k]);
            assert_int_not_equal(gan__random_u32(seed, 5, 7, 7, first + k), word[k]);
            assert_int_not_equal(gan__random_u32(seed, 5, 6, 8, first + k), word[k]);
        }
    }
}

/* FNV-1a's own published values. */
static void stream_names(void **state)
{
    (void)state;
    assert_int_equal(gan__stream(""), 0x811c9dc5u);
    assert_int_equal(gan__stream("a"), 0xe40c292cu);
    assert_int_equal(gan__stream("foobar"), 0xbf9cf968u);
}

static void is_permutation(uint64_t n, uint64_t seed, uint32_t epoch)
{
    unsigned char *seen = calloc(n, 1);
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t p = gan__permute(i, n, seed, 7, epoch);
        assert_true(p < n);
        assert_int_equal(seen[p]++, 0);
    }
    free(seen);
}

static void permutations(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 300; n++)
        is_permutation(n, 1, 0);
    is_permutation(60000, 2, 9);
    int same[3] = {0};
    for (uint64_t i = 0; i < 1000; i++) {
        const uint64_t p = gan__permute(i, 1000, 1, 7, 0);
        same[0] += p == gan__permute(i, 1000, 2, 7, 0);
        same[1] += p == gan__permute(i, 1000, 1, 7, 1);
        same[2] += p == gan__permute(i, 1000, 1, 8, 0);
    }
    for (int k = 0; k < 3; k++)
        assert_in_range(same[k], 0, 10); /* 1 is expected of two independent permutations */
}

/* Where position 0 goes, over 10,000 epochs: every place about as often (chi-square, 9 degrees of
 * freedom, far beyond the 1e-6 quantile of 43). */
static void no_bias(void **state)
{
    (void)state;
    int count[10] = {0};
    double chi = 0;
    for (uint32_t e = 0; e < 10000; e++)
        count[gan__permute(0, 10, 5, 7, e)]++;
    for (int k = 0; k < 10; k++)
        chi += (count[k] - 1000) * (count[k] - 1000) / 1000.0;
    assert_true(chi < 43);
}

static void doubles(void **state)
{
    (void)state;
    double sum = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        const double x = gan__random_double(1, 2, 3, 4, i);
        assert_true(x >= 0 && x < 1);
        sum += x;
    }
    assert_true(sum / 100000 > 0.495 && sum / 100000 < 0.505);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_answers), cmocka_unit_test(many_at_once), cmocka_unit_test(stream_names),
                                       cmocka_unit_test(permutations), cmocka_unit_test(no_bias),
                                       cmocka_unit_test(doubles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
