/* plan.c - making, asking and freeing a plan; the work is in lower.c, layout.c and execute.c. */
#include "base/error.h"
#include "plan/barriers.h"
#include "plan/layout.h"
#include "plan/lower.h"
#include "plan/plan_internal.h"

#include <stdlib.h>
#include <string.h>

gan_plan_params gan_plan_defaults(const gan_graph *graph, const gan_node *sinks, int count)
{
    return (gan_plan_params){.graph = graph, .sinks = sinks, .sink_count = count};
}

/* Everything but the memory. */
static gan_status prepare(gan_plan **out, const gan_plan_params *params, gan_error *err)
{
    *out = NULL;
    if (params->sink_count < 0 || (params->sink_count > 0 && !params->sinks) || !params->graph)
        return gan__fail(err, GAN_EINVAL, "a plan for %d nodes of %s", params->sink_count,
                         params->graph ? "a graph" : "no graph");
    gan_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return gan__fail_memory(err, "a plan");
    gan_status s = GAN_OK;
    plan->kernels = gan__kernels_best();
    plan->team = params->team ? params->team->threads : NULL;
    plan->threads = plan->team ? gan__team_size(plan->team) : 1;
    plan->room = params->team ? &params->team->room : &plan->alone;
    if (!plan->kernels)
        s = gan__fail(err, GAN_EUNSUPPORTED,
                      "GAN_ISA=%s: not a form this processor can run; portable, avx2 and avx512 exist",
                      getenv("GAN_ISA"));
    if (s == GAN_OK)
        s = gan__plan_lower(plan, params, err);
    if (s == GAN_OK)
        s = gan__plan_layout(plan, err);
    if (s == GAN_OK)
        *out = plan;
    else
        gan_plan_free(plan);
    return s;
}

gan_status gan_plan_create(gan_plan **out, const gan_plan_params *params, gan_error *err)
{
    gan_status s = prepare(out, params, err);
    if (s == GAN_OK)
        s = gan__plan_take_memory(*out, err);
    if (s == GAN_OK)
        s = gan__plan_barriers(*out, err);
    if (s != GAN_OK) {
        gan_plan_free(*out);
        *out = NULL;
    }
    return s;
}

gan_status gan_plan_need(gan_plan_memory *need, const gan_plan_params *params, gan_error *err)
{
    gan_plan *plan;
    const gan_status s = prepare(&plan, params, err);
    *need = s == GAN_OK ? gan__plan_memory(plan) : (gan_plan_memory){0};
    gan_plan_free(plan);
    return s;
}

void gan_plan_free(gan_plan *plan)
{
    if (!plan)
        return;
    gan__arena_release(&plan->arena);
    free(plan->buffer);
    free(plan->step);
    free(plan->block);
    free(plan->taken);
    gan__room_release(&plan->alone);
    free(plan->profile);
    free(plan);
}

static const gan__plan_input *find_input(const gan_plan *plan, const char *name)
{
    for (int i = 0; i < plan->inputs; i++)
        if (!strcmp(plan->input[i].name, name))
            return &plan->input[i];
    return NULL;
}

float *gan_plan_input(gan_plan *plan, const char *name)
{
    const gan__plan_input *in = find_input(plan, name);
    return in && !in->bytes ? plan->buffer[in->buffer].p : NULL;
}

uint8_t *gan_plan_input_u8(gan_plan *plan, const char *name)
{
    const gan__plan_input *in = find_input(plan, name);
    return in ? in->bytes : NULL;
}

const float *gan_plan_value(const gan_plan *plan, gan_node sink)
{
    for (int i = 0; i < plan->sinks; i++)
        if (plan->sink[i].node == sink.id && plan->sink[i].buffer >= 0)
            return plan->buffer[plan->sink[i].buffer].p + plan->sink[i].offset;
    return NULL;
}

gan_plan_memory gan_plan_memory_of(const gan_plan *plan)
{
    return gan__plan_memory(plan);
}

gan_plan_memory gan_plan_memory_of_both(gan_plan_memory a, gan_plan_memory b)
{
    return (gan_plan_memory){a.own + b.own, a.shared > b.shared ? a.shared : b.shared};
}

double gan_plan_flops(const gan_plan *plan)
{
    return plan->flops;
}
