/* team.h - a few threads that do one thing together, many thousand times a second.
 *
 * gan__team_run(team, fn, ctx) calls fn(ctx, t, n) once in each of the n threads, t = 0 in the caller,
 * and returns when all are done. Between calls a worker spins for a bounded time (some 50 us) and then
 * sleeps, so an idle team costs nothing. Inside fn, gan__team_barrier waits for all n; it spins, then
 * yields, then sleeps, so more threads than cores do no harm.
 *
 * One caller at a time. fn must not call gan__team_run. A team of one makes no thread.
 */
#ifndef GAN_BASE_TEAM_H
#define GAN_BASE_TEAM_H

#include <gan/status.h>

typedef struct gan__team gan__team;
typedef void gan__team_fn(void *ctx, int thread, int threads);

enum { GAN__TEAM_MAX = 256 };

gan_status gan__team_create(gan__team **out, int threads, gan_error *err);
void gan__team_free(gan__team *team);
int gan__team_size(const gan__team *team);
void gan__team_run(gan__team *team, gan__team_fn *fn, void *ctx);
void gan__team_barrier(gan__team *team, int thread);

/* gan__cpu_count - processors this process may run on (affinity and cgroup quota heeded), >= 1. */
int gan__cpu_count(void);

#endif
