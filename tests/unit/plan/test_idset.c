/* test_idset.c - sets of small numbers, against an array of flags. */
#include "plan/idset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

enum { MOST = 5000 };

static int next_of(const bool *in, int n, int from)
{
    while (from < n && !in[from])
        from++;
    return from < n ? from : -1;
}

static void like_flags(void **state)
{
    (void)state;
    static const int sizes[] = {1, 63, 64, 65, 4095, 4096, 4097, MOST};
    static bool in[MOST];
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const int n = sizes[s];
        gan__arena arena = {0};
        gan__idset set;
        uint32_t random = 1;
        memset(in, 0, sizeof in);
        assert_true(gan__idset_init(&set, &arena, n));
        assert_int_equal(gan__idset_next(&set, 0), -1);
        for (int i = 0; i < 4 * n; i++) {
            random = random * 1664525u + 1013904223u;
            const int id = (int)((random >> 8) % (uint32_t)n);
            in[id] = random >> 31;
            if (in[id])
                gan__idset_add(&set, id);
            else
                gan__idset_remove(&set, id);
            assert_int_equal(gan__idset_next(&set, 0), next_of(in, n, 0));
            assert_int_equal(gan__idset_next(&set, id), next_of(in, n, id));
            assert_int_equal(gan__idset_next(&set, id + 1), next_of(in, n, id + 1));
        }
        assert_int_equal(gan__idset_next(&set, n), -1);
        gan__arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(like_flags)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
