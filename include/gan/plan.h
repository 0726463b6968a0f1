/* plan.h - from a graph to a machine, once; then run it many times.
 *
 * A plan computes some nodes of a graph (its sinks: values to read, state to update). Making it finds
 * what is needed, groups pointwise work, lays results out by lifetime in memory that a team's plans share and fixes how
 * the work is split over threads. Running it allocates nothing and takes no lock.
 *
 *     gan_plan_params d = gan_plan_defaults(g, sinks, n);
 *     d.team = team;
 *     gan_plan_create(&plan, &d, &err);
 *     memcpy(gan_plan_input(plan, "x"), ...);
 *     gan_plan_run(plan, (gan_step){.seed = 1, .step = i});
 *     gan_plan_value(plan, loss)[0]
 *
 * Same bytes everywhere: results do not depend on the number of threads, on the instruction set, or on
 * GAN_PLAIN=1 (no fusion). A row's results do not depend on how many other rows there are.
 *
 * A plan belongs to one thread at a time; plans that share a parameter set must not run at once. The
 * graph may be freed after gan_plan_create.
 */
#ifndef GAN_PLAN_H
#define GAN_PLAN_H

#include <gan/graph.h>
#include <gan/params.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_plan gan_plan;
/* Threads, and memory for what lives within a run: both shared by any number of plans that run in turn. */
typedef struct gan_team gan_team;

/* gan_team_create - 1 <= threads <= 256; 0: as many as this process may use, and no request gets more: they would
 * only wait for each other. (GAN_CROWDED=1 in the environment grants them all the same, for tests.) */
GAN_API gan_status gan_team_create(gan_team **out, int threads, gan_error *err);
GAN_API void gan_team_free(gan_team *team);
GAN_API int gan_team_threads(const gan_team *team);

typedef struct gan_plan_params {
    const gan_graph *graph;
    const gan_node *sinks; /* nodes whose value is read, and updates, averages, assignments to do */
    int sink_count;
    gan_team *team; /* not owned, outlives the plan; NULL: the caller's thread alone */
    bool average;   /* PARAM nodes read the moving average (sampling); such a plan may not update */
    bool plain;     /* no fusion; GAN_PLAIN=1 in the environment sets it too */
} gan_plan_params;

GAN_API gan_plan_params gan_plan_defaults(const gan_graph *graph, const gan_node *sinks, int count);

/* Errors  the graph's own sticky error; GAN_EINVAL where a node would have to read a version of state
 *         that is overwritten before (the message names both); GAN_ENOMEM, with both figures where it is more than the
 *         machine has. */
GAN_API gan_status gan_plan_create(gan_plan **out, const gan_plan_params *params, gan_error *err);
GAN_API void gan_plan_free(gan_plan *plan);

/* gan_plan_memory - bytes that a plan takes: `own` for inputs, sinks and constants, `shared` for what lives within a run: of all
 * plans of a team, the largest counts (of_both: of two together). gan_plan_need - found without taking any. */
typedef struct gan_plan_memory {
    size_t own, shared;
} gan_plan_memory;

GAN_API gan_status gan_plan_need(gan_plan_memory *need, const gan_plan_params *params, gan_error *err);
GAN_API gan_plan_memory gan_plan_memory_of(const gan_plan *plan);
GAN_API gan_plan_memory gan_plan_memory_of_both(gan_plan_memory a, gan_plan_memory b);

/* Where the caller puts an input's values before a run: floats (gan_input) or bytes (gan_input_u8).
 * NULL if the plan has no such input. The memory is the plan's and keeps its contents. */
GAN_API float *gan_plan_input(gan_plan *plan, const char *name);
GAN_API uint8_t *gan_plan_input_u8(gan_plan *plan, const char *name);

/* gan_step - what fixes the random numbers of a run. */
typedef struct gan_step {
    uint64_t seed;
    uint32_t step;   /* iteration */
    uint32_t sample; /* number of the first row of every gan_noise */
} gan_step;

GAN_API void gan_plan_run(gan_plan *plan, gan_step step);

/* gan_plan_value - a sink's value after a run, row-major; valid until the next run. NULL for nodes that
 * are not sinks and for updates. */
GAN_API const float *gan_plan_value(const gan_plan *plan, gan_node sink);

GAN_API double gan_plan_flops(const gan_plan *plan);   /* of all products of one run: 2 m n k; of
                                                        * convolutions those inside the image */
GAN_API void gan_plan_print(const gan_plan *plan, FILE *out); /* one line per step, for people */

/* gan_plan_profile - from now on measure every step (again from zero if it was on).
 * gan_plan_profile_print - time, GFLOP/s and GB/s of each step, a mean over all runs since, into how many parts it
 * could be split, and how many of 16 threads that would keep busy; and what is none of them: of `seconds`, the time that
 * all those runs and the work between them took (0: of the runs alone). */
GAN_API gan_status gan_plan_profile(gan_plan *plan, gan_error *err);
GAN_API void gan_plan_profile_print(const gan_plan *plan, double seconds, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
