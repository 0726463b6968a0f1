/* team.c - threads that wait by spinning a little and then sleeping.
 *
 *     caller:  job, generation++  ---- fn(0) ----  wait until pending == 0
 *     worker:  wait for generation ---- fn(t) ---- pending--
 *
 * A step of a plan takes a few microseconds to a few hundred, and a futex wake-up some 30: waiting must
 * spin. But a team that has nothing to do, or shares a core with another, must not burn it: after
 * some 50 us of spinning (2 us where there are more threads than processors) a thread sleeps in a futex.
 */
#include "base/team.h"

#include "base/error.h"

#include <errno.h>
#include <immintrin.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SPINS = 4000, SPINS_CROWDED = 100 };

/* Something to wait for: a number that changes, and how many sleep until it does. */
typedef struct signal_word {
    _Alignas(64) atomic_int value;
    atomic_int sleepers;
} signal_word;

typedef struct worker {
    struct gan__team *team;
    pthread_t id;
    int number;
} worker;

struct gan__team {
    int threads, spins;
    worker *workers; /* threads - 1 of them; worker[i] is thread i + 1 */
    gan__team_fn *fn;
    void *ctx;
    bool stop;
    signal_word generation, pending, barrier;
    _Alignas(64) atomic_int arrived;
};

static long futex(atomic_int *word, int op, int value)
{
    return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void announce(signal_word *w)
{
    if (atomic_load(&w->sleepers) > 0)
        futex(&w->value, FUTEX_WAKE, INT_MAX);
}

/* Until the word is no longer `old`. */
static void wait_change(signal_word *w, int old, int spins)
{
    for (int i = 0; i < spins; i++) {
        if (atomic_load_explicit(&w->value, memory_order_acquire) != old)
            return;
        _mm_pause();
    }
    atomic_fetch_add(&w->sleepers, 1);
    while (atomic_load(&w->value) == old)
        futex(&w->value, FUTEX_WAIT, old);
    atomic_fetch_sub(&w->sleepers, 1);
}

static void *work(void *arg)
{
    worker *w = arg;
    gan__team *team = w->team;
    int seen = 0;
    for (;;) {
        wait_change(&team->generation, seen, team->spins);
        seen = atomic_load_explicit(&team->generation.value, memory_order_acquire);
        if (team->stop)
            return NULL;
        team->fn(team->ctx, w->number, team->threads);
        if (atomic_fetch_sub(&team->pending.value, 1) == 1)
            announce(&team->pending);
    }
}

static void begin(gan__team *team)
{
    atomic_store(&team->pending.value, team->threads - 1);
    atomic_fetch_add(&team->generation.value, 1);
    announce(&team->generation);
}

gan_status gan__team_create(gan__team **out, int threads, gan_error *err)
{
    *out = NULL;
    gan__team *team = aligned_alloc(64, (sizeof *team + 63) / 64 * 64);
    if (!team)
        return gan__fail_memory(err, "a thread team");
    memset(team, 0, sizeof *team);
    team->threads = 1;
    team->spins = threads > gan__cpu_count() ? SPINS_CROWDED : SPINS;
    team->workers = calloc((size_t)threads, sizeof *team->workers);
    if (!team->workers) {
        free(team);
        return gan__fail_memory(err, "a thread team");
    }
    sigset_t all, before; /* signals belong to the caller's threads */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = 0;
    for (; team->threads < threads && !code; team->threads += !code) {
        worker *w = &team->workers[team->threads - 1];
        *w = (worker){.team = team, .number = team->threads};
        code = pthread_create(&w->id, NULL, work, w);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code) {
        gan__team_free(team);
        errno = code;
        return gan__fail_errno(err, GAN_ENOMEM, "cannot start %d threads; try fewer", threads);
    }
    *out = team;
    return GAN_OK;
}

void gan__team_free(gan__team *team)
{
    if (!team)
        return;
    team->stop = true;
    begin(team);
    for (int i = 0; i + 1 < team->threads; i++)
        pthread_join(team->workers[i].id, NULL);
    free(team->workers);
    free(team);
}

int gan__team_size(const gan__team *team)
{
    return team->threads;
}

void gan__team_run(gan__team *team, gan__team_fn *fn, void *ctx)
{
    team->fn = fn;
    team->ctx = ctx;
    if (team->threads > 1)
        begin(team);
    fn(ctx, 0, team->threads);
    for (int left; (left = atomic_load(&team->pending.value)) > 0;)
        wait_change(&team->pending, left, team->spins);
}

/* The last to arrive opens the next round. */
void gan__team_barrier(gan__team *team, int thread)
{
    (void)thread;
    const int round = atomic_load_explicit(&team->barrier.value, memory_order_relaxed);
    if (atomic_fetch_add(&team->arrived, 1) + 1 == team->threads) {
        atomic_store(&team->arrived, 0);
        atomic_fetch_add(&team->barrier.value, 1);
        announce(&team->barrier);
    } else {
        wait_change(&team->barrier, round, team->spins);
    }
}

/* Processors granted by the cgroup (version 2), or INT_MAX. */
static int quota(void)
{
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
    long long most = 0, period = 0;
    const int read = f ? fscanf(f, "%lld %lld", &most, &period) : 0;
    if (f)
        fclose(f);
    if (read != 2 || period <= 0 || most <= 0)
        return INT_MAX;
    const long long n = (most + period - 1) / period;
    return n < INT_MAX ? (int)n : INT_MAX;
}

int gan__cpu_count(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
    const int granted = quota();
    if (n > granted)
        n = granted;
    if (n > GAN__TEAM_MAX)
        n = GAN__TEAM_MAX;
    return n < 1 ? 1 : n;
}
