/* test_share.c - pieces of a step's work: each exactly once, whoever takes it, and a thread that is held up keeps none waiting. */
#include "plan/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

enum { THREADS_MAX = 4, N_MAX = 5000 };

typedef struct taking {
    _Atomic size_t taken[THREADS_MAX];
    unsigned char times[N_MAX];
    size_t pieces[THREADS_MAX];
} taking;

static bool take(taking *t, int thread, int threads, size_t n, size_t unit, size_t piece)
{
    const gan__share sh = {.thread = thread, .threads = threads, .taken = t->taken};
    size_t first, end;
    if (!gan__share_next(&sh, n, unit, piece, &first, &end))
        return false;
    assert_true(first < end && end <= n && end - first <= piece);
    assert_int_equal(first % unit, 0);
    assert_true(end == n || end % unit == 0);
    for (size_t i = first; i < end; i++)
        t->times[i]++;
    t->pieces[thread]++;
    return true;
}

static void all_once(const taking *t, size_t n)
{
    for (size_t i = 0; i < N_MAX; i++)
        assert_int_equal(t->times[i], i < n);
}

static const size_t sizes[][3] = {{4096, 6, 192}, {4096, 64, 768}, {1, 6, 192}, {5, 6, 192}, {13, 6, 6}, {4999, 1, 7}, {192, 6, 192}};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* Threads in turn, as if all were equally fast; then thread 0 not at all until the others are done. */
static void each_piece_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= THREADS_MAX; threads++)
        for (int k = 0; k < SIZES; k++) {
            const size_t n = sizes[k][0], unit = sizes[k][1], piece = sizes[k][2];
            taking even = {.times = {0}}, late = {.times = {0}};
            for (bool more = true; more;) {
                more = false;
                for (int t = 0; t < threads; t++)
                    more |= take(&even, t, threads, n, unit, piece);
            }
            all_once(&even, n);
            for (int t = 1; t < threads; t++)
                while (take(&late, t, threads, n, unit, piece))
                    continue;
            if (threads > 1)
                all_once(&late, n); /* its part too */
            while (take(&late, 0, threads, n, unit, piece))
                continue;
            all_once(&late, n);
            assert_int_equal(late.pieces[0] > 0, threads == 1);
        }
}

/* Equally fast threads keep to their own parts, where what they read before still is in their cache. */
static void its_own_part_first(void **state)
{
    (void)state;
    const gan__share sh = {.thread = 1, .threads = 2, .taken = (_Atomic size_t[2]){0, 0}};
    size_t first = 0, end = 0, own, own_end;
    gan__share_part(&sh, 4096, 6, &own, &own_end);
    for (size_t at = own; at < own_end; at = end) {
        assert_true(gan__share_next(&sh, 4096, 6, 192, &first, &end));
        assert_int_equal(first, at);
    }
    assert_int_equal(end, own_end);
    assert_true(gan__share_next(&sh, 4096, 6, 192, &first, &end));
    assert_int_equal(first, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_piece_once), cmocka_unit_test(its_own_part_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
