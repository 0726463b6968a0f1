/* execute.c - the run: every thread walks all steps and does its share of each.
 *
 * Work is split by results (or by whole blocks of a sum), never inside a sum, so the number of threads
 * changes no byte. Where a step needs what another thread has made stands a barrier
 * (barriers.c). Nothing is allocated and no lock is taken.
 */
#include "plan/layout.h"
#include "plan/profile.h"
#include "plan/share.h"
#include "plan/step_kinds.h"

#include <stdatomic.h>

static void run_thread(void *ctx, int thread, int threads)
{
    const gan_plan *plan = ctx;
    const unsigned before = gan__fp_enter();
    float *scratch = plan->room->scratch + (size_t)thread * GAN__THREAD_SCRATCH;
        gan__profile *profile = thread ? NULL : plan->profile;
    if (profile)
        gan__profile_begin(profile);
    for (int i = 0; i < plan->steps; i++) {
        const gan__step *s = &plan->step[i];
        const gan__step_row *row = &gan__step_rows[s->kind];
        if (threads > 1 && s->barrier)
            gan__team_barrier(plan->team, thread);
        if (profile && i)
            gan__profile_wait(profile, i - 1);
        const gan__share sh = {plan, thread, s->solo ? 1 : threads, scratch, profile && !s->solo ? &profile->step[i].parts : NULL,
                               plan->taken + (size_t)i * (size_t)threads};
        if (!s->solo || !thread)
            row->run(&sh, s);
        if (profile)
            gan__profile_work(profile, i);
    }
    if (profile)
        gan__profile_end(profile);
    gan__fp_leave(before);
}

void gan_plan_run(gan_plan *plan, gan_step step)
{
    plan->at = step;
    for (size_t i = 0; i < (size_t)plan->steps * (size_t)plan->threads; i++)
        atomic_store_explicit(&plan->taken[i], 0, memory_order_relaxed);
    gan__plan_settle(plan);
    if (plan->team)
        gan__team_run(plan->team, run_thread, plan);
    else
        run_thread(plan, 0, 1);
}
