/* iteration.c - see iteration.h. */
#include "game/iteration.h"

#include "base/error.h"
#include "game/scene.h"
#include "game/transform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan_node scalar_input(gan__scene *s, const char *name, gan__input what)
{
    gan__iteration *it = s->it;
    if (it->inputs == GAN__INPUTS_OF_ITERATION) {
        s->failed = true;
        gan__fail(&s->error, GAN_EINVAL, "more than %d inputs in an iteration", GAN__INPUTS_OF_ITERATION);
        return (gan_node){-1};
    }
    snprintf(what.name, sizeof what.name, "%s", name);
    it->input[it->inputs++] = what;
    return gan_input(s->graph, name, GAN_SCALAR);
}

/* How often a phase's step is taken in an iteration. */
static int repeats_of(const gan__match *m, const gan__phase *p)
{
    return p->repeats ? (int)gan_recipe_int(m->recipe, p->repeats) : 1;
}

/* The optimiser's scalars for this step of the role. */
static void make_scalars(gan__scene *s, int role, int update, int updates, gan__tensor_step *d)
{
    const gan__role *r = &s->match->role[role];
    for (int i = 0; i < GAN__OPTIMISER_SCALARS && r->optimiser.kind->scalar[i]; i++) {
        char name[GAN__NAME_MAX];
        snprintf(name, sizeof name, "%.31s.%.31s.%s", r->optimiser.kind->scalar[i], r->kind->name, s->name);
        d->scalar[i] = scalar_input(s, name, (gan__input){.source = GAN__FROM_STEP, .role = role, .number = i,
                                                          .update = update, .updates = updates});
    }
}

static int tensors_of(const gan__match *m, const gan__phase *p)
{
    int n = 0;
    for (int r = 0; r < m->game->roles; r++)
        for (int i = 0; p->roles >> r & 1 && i < gan_params_count(m->role[r].params); i++)
            n += gan_params_role(m->role[r].params, i) == GAN_TRAINED;
    return n;
}

/* Gradients of the step's loss by every tensor of its roles, and the norm of them together. */
static gan_node differentiate(gan__scene *s, gan_node loss, gan_node *value, gan_node *grad)
{
    const gan__match *m = s->match;
    gan_graph *g = s->graph;
    gan_node squares = {-1};
    int n = 0;
    for (int r = 0; r < m->game->roles; r++)
        for (int i = 0; s->phase->roles >> r & 1 && i < gan_params_count(m->role[r].params); i++)
            if (gan_params_role(m->role[r].params, i) == GAN_TRAINED)
                value[n++] = gan_params_read(m->role[r].params, g, i);
    gan_grad(g, loss, n, value, grad);
    for (int i = 0; i < n; i++) {
        const gan_shape shape = gan_graph_shape(g, grad[i]);
        const gan_node sum =
            gan_reshape(g, gan_sum(g, gan_mul(g, grad[i], grad[i]), (1u << shape.rank) - 1), GAN_SCALAR);
        squares = i ? gan_add(g, squares, sum) : sum;
    }
    return gan_sqrt(g, squares);
}

static void descend(gan__scene *s, const gan_node *grad, int update, int updates)
{
    const gan__match *m = s->match;
    for (int r = 0; r < m->game->roles; r++) {
        const gan__role *role = &m->role[r];
        if (!(s->phase->roles >> r & 1))
            continue;
        gan__tensor_step d = {.graph = s->graph, .params = role->params, .optimiser = &role->optimiser};
        make_scalars(s, r, update, updates, &d);
        for (int i = 0; i < gan_params_count(role->params); i++) {
            if (gan_params_role(role->params, i) != GAN_TRAINED)
                continue;
            d.tensor = i;
            d.grad = *grad++;
            d.write[0] = (gan_node){-1};
            role->optimiser.kind->descend(&d);
            for (int k = 0; d.write[k].id >= 0; k++)
                gan__scene_write(s, d.write[k]);
        }
    }
}

/* One step of a phase: its loss, the gradients, what stands between, the updates. */
static gan_status take_step(gan__scene *s, int update, int updates)
{
    const int n = tensors_of(s->match, s->phase);
    char key[2 * GAN__NAME_MAX];
    gan_node *value = malloc((2 * (size_t)n + 1) * sizeof *value), *changed = value + n, *grad = NULL;
    if (!value || s->it->steps == GAN__STEPS_MAX || !(grad = malloc(((size_t)n + 1) * sizeof *grad))) {
        free(value);
        return gan__fail_memory(&s->error, "an iteration");
    }
    gan__phase_step *step = &s->it->step[s->it->steps++];
    memset(s->passes, 0, sizeof s->passes);
    *step = (gan__phase_step){.phase = s->phase, .grad = grad, .grads = n};
    step->loss = s->phase->loss(s);
    const gan_node norm = differentiate(s, step->loss, value, grad);
    memcpy(changed, grad, (size_t)n * sizeof *grad);
    gan__transform_all(&(gan__gradients){s->graph, s->match->recipe, n, changed, norm});
    if (!s->params->still)
        descend(s, changed, update, updates);
    snprintf(key, sizeof key, "loss_%s", s->phase->name);
    gan__scene_report(s, key, step->loss);
    snprintf(key, sizeof key, "grad_norm_%s", s->phase->name);
    gan__scene_report(s, key, norm);
    free(value);
    return s->failed ? s->error.status : GAN_OK;
}

static gan_status play_phase(gan__scene *s)
{
    const int n = s->params->still ? 1 : repeats_of(s->match, s->phase);
    gan_status status = GAN_OK;
    for (int k = 0; k < n && status == GAN_OK; k++) {
        if (s->phase->repeats)
            snprintf(s->name, sizeof s->name, "%.12s%d", s->phase->name, k);
        else
            snprintf(s->name, sizeof s->name, "%.12s", s->phase->name);
        status = take_step(s, k, n);
    }
    return status;
}

static void take_averages(gan__scene *s)
{
    const gan__match *m = s->match;
    gan_node decay = {-1};
    for (int r = 0; r < m->game->roles; r++) {
        gan_params *p = m->role[r].params;
        if (m->role[r].averaged && decay.id < 0)
            decay = scalar_input(s, "decay", (gan__input){.source = GAN__FROM_DECAY});
        for (int i = 0; m->role[r].averaged && i < gan_params_count(p); i++)
            if (gan_params_role(p, i) != GAN_FROZEN)
                gan__scene_write(s, gan_average(s->graph, gan_params_state(p, s->graph, i),
                                     gan_params_read(p, s->graph, i), decay));
    }
}

gan_status gan__iteration_build(gan__iteration *out, const gan__iteration_params *params, gan_error *err)
{
    const gan__match *m = params->match;
    *out = (gan__iteration){.graph = gan_graph_create()};
    gan__scene s = {.graph = out->graph, .match = m, .it = out, .params = params,
                    .batch = params->batch ? params->batch : (int)gan_recipe_int(m->recipe, "train.batch")};
    gan_status status = out->graph ? GAN_OK : gan__fail_memory(&s.error, "an iteration");
    for (int i = 0; i < m->game->phases && status == GAN_OK; i++) {
        s.phase = &m->game->phase[i];
        status = play_phase(&s);
    }
    if (status == GAN_OK && !params->still)
        take_averages(&s);
    if (status == GAN_OK) {
        status = s.failed ? s.error.status : gan_graph_status(out->graph, &s.error);
    }
    if (status != GAN_OK) {
        if (err)
            *err = s.error;
        gan__iteration_release(out);
    }
    return status;
}

void gan__iteration_release(gan__iteration *it)
{
    gan_graph_free(it->graph);
    for (int i = 0; i < it->steps; i++)
        free(it->step[i].grad);
    for (int i = 0; i < it->seens; i++)
        free(it->seen[i].result);
    it->graph = NULL;
    it->steps = it->seens = 0;
}

unsigned gan__iteration_due(const gan__match *m, int64_t i)
{
    unsigned due = 0;
    for (int k = 0; k < GAN__LAZY_MAX; k++)
        if (m->every[k] > 0 && i % m->every[k] == 0)
            due |= 1u << k;
    return due;
}

gan_node gan__iteration_value(const gan__iteration *it, const char *key)
{
    for (int i = 0; i < it->values; i++)
        if (!strcmp(it->value[i].key, key))
            return it->value[i].node;
    return (gan_node){-1};
}
