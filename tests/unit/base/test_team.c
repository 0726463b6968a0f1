/* test_team.c - threads that do one thing together; run it under the thread sanitizer too. */
#include "base/team.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 8, ROUNDS = 300 };

typedef struct sums {
    gan__team *team;
    int part[MOST], total[MOST]; /* by thread */
    int calls[MOST];
} sums;

/* Plain memory, made safe by barriers alone: each thread writes its part, then reads everyone's. */
static void work(void *ctx, int thread, int threads)
{
    sums *s = ctx;
    s->calls[thread]++;
    for (int round = 0; round < 3; round++) {
        s->part[thread] = thread + round;
        gan__team_barrier(s->team, thread);
        int total = 0;
        for (int t = 0; t < threads; t++)
            total += s->part[t];
        s->total[thread] = total;
        gan__team_barrier(s->team, thread);
    }
}

static void everyone_sees_everything(void **state)
{
    (void)state;
    for (int threads = 1; threads <= MOST; threads++) {
        sums s = {0};
        assert_int_equal(gan__team_create(&s.team, threads, NULL), GAN_OK);
        assert_int_equal(gan__team_size(s.team), threads);
        for (int i = 0; i < ROUNDS; i++) {
            memset(s.total, 0, sizeof s.total);
            gan__team_run(s.team, work, &s);
            for (int t = 0; t < threads; t++)
                assert_int_equal(s.total[t], threads * (threads - 1) / 2 + 2 * threads);
        }
        for (int t = 0; t < threads; t++)
            assert_int_equal(s.calls[t], ROUNDS);
        gan__team_free(s.team);
    }
}

static void wakes_after_sleep(void **state)
{
    (void)state;
    sums s = {0};
    assert_int_equal(gan__team_create(&s.team, 3, NULL), GAN_OK);
    for (int i = 0; i < 10; i++) {
        usleep(10000); /* long past the spinning */
        gan__team_run(s.team, work, &s);
    }
    assert_int_equal(s.calls[2], 10);
    gan__team_free(s.team);
}

static void unused_is_fine(void **state)
{
    (void)state;
    gan__team *t;
    assert_int_equal(gan__team_create(&t, 4, NULL), GAN_OK);
    gan__team_free(t);
    gan__team_free(NULL);
    assert_true(gan__cpu_count() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(everyone_sees_everything),
                                       cmocka_unit_test(wakes_after_sleep),
                                       cmocka_unit_test(unused_is_fine)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
