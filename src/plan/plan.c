/* plan.c - making, asking and freeing a plan; the work is in lower.c, layout.c and execute.c. */
#include "plan/plan_internal.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

gan_plan_params gan_plan_defaults(const gan_graph *graph, const gan_node *sinks, int count)
{
    return (gan_plan_params){.graph = graph, .sinks = sinks, .sink_count = count};
}

gan_status gan_plan_create(gan_plan **out, const gan_plan_params *params, gan_error *err)
{
    *out = NULL;
    gan_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return gan__fail_memory(err, "a plan");
    gan_status s = GAN_OK;
    plan->kernels = gan__kernels_best();
    plan->team = params->team ? params->team->threads : NULL;
    plan->threads = plan->team ? gan__team_size(plan->team) : 1;
    if (!plan->kernels)
        s = gan__fail(err, GAN_EUNSUPPORTED,
                      "GAN_ISA=%s: not a form this processor can run; portable, avx2 and avx512 exist",
                      getenv("GAN_ISA"));
    if (s == GAN_OK)
        s = gan__plan_lower(plan, params, err);
    if (s == GAN_OK)
        s = gan__plan_layout(plan, err);
    if (s == GAN_OK) {
        plan->scratch =
            gan__aligned_alloc((size_t)plan->threads * GAN__THREAD_SCRATCH, sizeof(float));
        if (!plan->scratch)
            s = gan__fail_memory(err, "a plan");
    }
    if (s != GAN_OK) {
        gan_plan_free(plan);
        return s;
    }
    *out = plan;
    return GAN_OK;
}

void gan_plan_free(gan_plan *plan)
{
    if (!plan)
        return;
    gan__arena_release(&plan->arena);
    free(plan->buffer);
    free(plan->step);
    free(plan->block);
    free(plan->scratch);
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

size_t gan_plan_bytes(const gan_plan *plan)
{
    return (plan->floats + (size_t)plan->threads * GAN__THREAD_SCRATCH) * sizeof(float);
}

double gan_plan_flops(const gan_plan *plan)
{
    return plan->flops;
}

static const char *const step_names[] = {
    [GAN__STEP_PROGRAM] = "program",       [GAN__STEP_PRODUCT] = "product",
    [GAN__STEP_FROM_U8] = "from bytes",    [GAN__STEP_NORMAL] = "normal",
    [GAN__STEP_SUM] = "sum",               [GAN__STEP_SUM_BLOCKS] = "sum of blocks",
    [GAN__STEP_MAX] = "max",               [GAN__STEP_GATHER] = "gather",
    [GAN__STEP_SCATTER_ADD] = "scatter",   [GAN__STEP_CONV] = "conv",
    [GAN__STEP_CONV_DX] = "conv dx",       [GAN__STEP_CONV_DW] = "conv dw",
    [GAN__STEP_PACK] = "pack",             [GAN__STEP_UNPACK] = "unpack",
    [GAN__STEP_UPDATE] = "update",         [GAN__STEP_AVERAGE] = "average",
};

void gan_plan_print(const gan_plan *plan, FILE *out)
{
    for (int i = 0; i < plan->steps; i++) {
        const gan__step *s = &plan->step[i];
        fprintf(out, "%4d  node %-5d %-14s%s", i, s->node, step_names[s->kind],
                s->solo ? " solo" : "");
        if (s->program)
            fprintf(out, "  %zu x %zu, %d operations", gan__program_rows(s->program),
                    gan__program_cols(s->program), s->program->instrs);
        for (int k = 0; k < s->segments; k++) {
            const gan__segment *g = &s->segment[k];
            fprintf(out, "  [%zu x %d,%d] x [%d,%d]%s", g->batches, g->product.m, g->product.terms,
                    g->product.terms, g->product.n, g->product.turned ? " turned" : "");
            if (g->epilogue)
                fprintf(out, " + %d", g->epilogue->instrs);
        }
        if (s->kind == GAN__STEP_UPDATE || s->kind == GAN__STEP_AVERAGE)
            fprintf(out, "  %zu", s->n);
        fputc('\n', out);
    }
}
