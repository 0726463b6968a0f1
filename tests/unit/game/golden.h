/* golden.h - a match played for some iterations beside PyTorch's losses and gradients: tests/golden/README.md.
 *
 *     golden_open -> golden_iteration 0: golden_gradients, golden_losses; 1: golden_losses; ... -> golden_close
 *
 * The caller sets the weights of t->match and says, by golden_noise, what noise an iteration has.
 */
#ifndef GAN_TESTS_GOLDEN_H
#define GAN_TESTS_GOLDEN_H

#include "base/random.h"
#include "game/iteration.h"

#include <gan/plan.h>

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GOLDEN_ITERATIONS = 20, GOLDEN_VECTORS = 16, GOLDEN_KINDS = 2, GOLDEN_SINKS = 1024, GOLDEN_CLASSES = 10 };

/* ---- numbers that are functions of where they stand --------------------------------------------------- */

static inline void golden_words(uint32_t *word, size_t n, uint64_t seed, const char *stream, uint32_t step, uint32_t sample)
{
    gan__random_words(word, n, seed, gan__stream(stream), step, sample, 0);
}

/* mean + (2u - 1) bound; in double, rounded once. */
static inline float golden_number(uint32_t word, double mean, double bound)
{
    return (float)(mean + (2 * ((double)(word >> 8) * 0x1p-24) - 1) * bound);
}

static inline size_t golden_count(gan_shape s)
{
    size_t n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= (size_t)s.dim[i];
    return n;
}

/* A tensor's numbers: stream golden/ and its name. */
static inline void golden_weight(gan_params *p, int tensor, uint64_t seed, double mean, double bound)
{
    const size_t n = golden_count(gan_params_shape(p, tensor));
    char stream[96];
    float *v = malloc(n * sizeof *v);
    uint32_t *word = malloc(n * sizeof *word);
    snprintf(stream, sizeof stream, "golden/%s", gan_params_name(p, tensor));
    golden_words(word, n, seed, stream, 0, 0);
    for (size_t i = 0; i < n; i++)
        v[i] = golden_number(word[i], mean, bound);
    assert_int_equal(gan_params_set(p, tensor, GAN_VALUE, v), GAN_OK);
    free(word);
    free(v);
}

/* ---- a match ------------------------------------------------------------------------------------------------ */

/* A kind of iteration: a lazy penalty is due in it, or not. */
typedef struct golden_kind {
    unsigned due;
    gan__iteration it;
    gan_plan *plan;
} golden_kind;

typedef struct golden_test {
    const char *name;
    uint64_t seed;
    gan_recipe *recipe; /* owned */
    gan__match match;
    gan_team *team;
    golden_kind kind[GOLDEN_KINDS];
    int kinds, rows;
    json_t *golden; /* what PyTorch says */
    char file[96];  /* where, for messages */
} golden_test;

static inline void golden_open(golden_test *t, const char *name, uint64_t seed, gan_recipe *recipe, gan_shape sample,
                               int classes)
{
    char path[512];
    gan_error err = {0};
    json_error_t e;
    *t = (golden_test){.name = name, .seed = seed, .recipe = recipe};
    snprintf(t->file, sizeof t->file, "tests/golden/%s-seed%d.json", name, (int)seed);
    snprintf(path, sizeof path, "%s/%s", GAN_SOURCE_DIR, t->file);
    t->golden = json_load_file(path, 0, &e);
    if (!t->golden)
        fail_msg("%s: %s", path, e.text);
    if (gan__match_create(&t->match, recipe, sample, classes, "golden", &err) != GAN_OK)
        fail_msg("%s: %s", name, err.message);
    t->rows = (int)gan_recipe_int(recipe, "train.batch");
    assert_int_equal(gan_team_create(&t->team, 2, &err), GAN_OK);
}

static inline void golden_close(golden_test *t)
{
    for (int k = 0; k < t->kinds; k++) {
        gan_plan_free(t->kind[k].plan);
        gan__iteration_release(&t->kind[k].it);
    }
    gan_team_free(t->team);
    gan__match_release(&t->match);
    gan_recipe_free(t->recipe);
    json_decref(t->golden);
}

/* ---- an iteration ------------------------------------------------------------------------------------------- */

static inline int golden_sinks(const gan__iteration *it, gan_node *sinks)
{
    int n = 0;
    for (int i = 0; i < it->writes; i++)
        sinks[n++] = it->write[i];
    for (int i = 0; i < it->values; i++)
        sinks[n++] = it->value[i].node;
    for (int i = 0; i < it->steps; i++) {
        sinks[n++] = it->step[i].loss;
        for (int k = 0; k < it->step[i].grads; k++)
            sinks[n++] = it->step[i].grad[k];
        assert_in_range(n, 1, GOLDEN_SINKS);
    }
    return n;
}

/* The kind that iteration i is of, made where it is the first. */
static inline golden_kind *golden_kind_at(golden_test *t, int i)
{
    const unsigned due = gan__iteration_due(&t->match, i);
    gan_error err = {0};
    gan_node sinks[GOLDEN_SINKS];
    for (int k = 0; k < t->kinds; k++)
        if (t->kind[k].due == due)
            return &t->kind[k];
    assert_in_range(t->kinds, 0, GOLDEN_KINDS - 1);
    golden_kind *made = &t->kind[t->kinds++];
    made->due = due;
    const gan__iteration_params ip = {.match = &t->match, .due = due, .given_noise = true};
    if (gan__iteration_build(&made->it, &ip, &err) != GAN_OK)
        fail_msg("%s: %s", t->name, err.message);
    gan_plan_params p = gan_plan_defaults(made->it.graph, sinks, golden_sinks(&made->it, sinks));
    p.team = t->team;
    if (gan_plan_create(&made->plan, &p, &err) != GAN_OK)
        fail_msg("%s: %s", t->name, err.message);
    return made;
}

/* Rows of `numbers` numbers of golden/STREAM, where the plan has such an input; in -1.73 to 1.73, of golden/e in 0 to 1. */
static inline void golden_noise(const golden_test *t, gan_plan *plan, const char *input, const char *stream, int step,
                                int numbers)
{
    float *z = gan_plan_input(plan, input);
    uint32_t *w = malloc((size_t)numbers * sizeof *w);
    for (int r = 0; z && r < t->rows; r++) {
        golden_words(w, (size_t)numbers, t->seed, stream, (uint32_t)step, (uint32_t)r);
        for (int e = 0; e < numbers; e++)
            *z++ = !strcmp(stream, "golden/e") ? (float)((double)(w[e] >> 8) * 0x1p-24) : golden_number(w[e], 0, 1.7320508);
    }
    free(w);
}

static inline void golden_data(const golden_test *t, gan_plan *plan, const gan__input *in, int draw)
{
    uint8_t *x = gan_plan_input_u8(plan, in->name);
    const bool label = !strcmp(in->field, "label");
    const size_t numbers = label ? 1 : golden_count(t->match.sample);
    uint32_t *w = malloc(numbers * sizeof *w);
    for (int r = 0; x && r < t->rows; r++) {
        golden_words(w, numbers, t->seed, label ? "golden/label" : "golden/x", (uint32_t)draw, (uint32_t)r);
        for (size_t e = 0; e < numbers; e++)
            *x++ = (uint8_t)(label ? w[e] % GOLDEN_CLASSES : w[e] & 3 ? 0 : w[e] >> 24);
    }
    free(w);
}

static inline void golden_input(const golden_test *t, const golden_kind *k, const gan__input *in, int i)
{
    if (in->source == GAN__FROM_DATA) {
        golden_data(t, k->plan, in, k->it.draws * i + in->draw);
    } else {
        double scalar[GAN__OPTIMISER_SCALARS];
        const gan__optimiser *o = &t->match.role[in->role].optimiser;
        assert_int_equal(in->source, GAN__FROM_STEP);
        o->kind->at(o, o->words.number[0], i * in->updates + in->update + 1, scalar);
        if (gan_plan_input(k->plan, in->name))
            *gan_plan_input(k->plan, in->name) = (float)scalar[in->number];
    }
}

/* Iteration i, whose noise is set already. */
static inline void golden_iteration(golden_test *t, const golden_kind *k, int i)
{
    for (int n = 0; n < k->it.inputs; n++)
        golden_input(t, k, &k->it.input[n], i);
    gan_plan_run(k->plan, (gan_step){.seed = t->seed, .step = (uint32_t)i});
}

/* ---- against PyTorch --------------------------------------------------------------------------------------- */

/* Of n losses of iteration i those that are neither within 1e-5 nor within 4 times PyTorch's own distance between
 * float32 and float64. */
static inline int golden_losses(const golden_test *t, int i, int n, const double *loss)
{
    int missed = 0;
    for (int k = 0; k < n; k++) {
        const char *const keys[2] = {"losses", "losses_float32"};
        double said[2];
        for (int j = 0; j < 2; j++)
            said[j] = json_number_value(
                json_array_get(json_array_get(json_object_get(t->golden, keys[j]), (size_t)i), (size_t)k));
        const double want = said[0], far = fabs(said[1] - want);
        if (!(fabs(loss[k] - want) <= fmax(1e-5 * fabs(want), 4 * far))) {
            printf("%s, iteration %d, loss %d: %.9g, not %.9g (float32 is %.1e away)\n", t->file, i, k, loss[k], want, far);
            missed++;
        }
    }
    return missed;
}

static inline double golden_of(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

/* Of a deep net, whose file says how far PyTorch's own float32 is from its float64: as far as any tensor may be, 1e-6 of
 * the norm of all tensors together; else 0. */
static inline double golden_slack(const json_t *rows)
{
    double squares = 0;
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        squares += golden_of(row, "norm") * golden_of(row, "norm");
        if (!json_object_get(row, "float32"))
            return 0;
    }
    return 1e-6 * sqrt(squares);
}

/* The gradient of one tensor, through its products with vectors of signs: within 1e-5 of its norm; of a deep net, 4 times
 * PyTorch's own distance or the slack will do. 1 where it is further. */
static inline int golden_gradient(const golden_test *t, int tensor, const gan_params *p, const json_t *row,
                                   const float *v, double slack)
{
    const double norm = golden_of(row, "norm"), far32 = golden_of(row, "float32");
    const size_t n = golden_count(gan_params_shape(p, tensor));
    uint32_t *sign = malloc(n * sizeof *sign);
    double squares = 0;
    for (int k = 0; k < GOLDEN_VECTORS; k++) {
        double product = 0;
        golden_words(sign, n, t->seed, "golden/sign", 0, (uint32_t)k);
        for (size_t e = 0; e < n; e++)
            product += sign[e] & 1 ? -(double)v[e] : (double)v[e];
        const double far =
            product - json_number_value(json_array_get(json_object_get(row, "projections"), (size_t)k));
        squares += far * far;
    }
    free(sign);
    const double far = sqrt(squares / GOLDEN_VECTORS);
    if (far <= fmax(fmax(1e-5 * norm, slack), 4 * far32))
        return 0;
    printf("%s, %s: gradient is %.1e away, of %.1e (float32 is %.1e away)\n", t->file, gan_params_name(p, tensor), far,
           norm, far32);
    return 1;
}

/* The first step of each net: its trained tensors, in the order of the step's roles. key[r]: what the file calls role r.
 * Tensors that are out of bounds. */
static inline int golden_gradients(const golden_test *t, const golden_kind *k, const char *const *key)
{
    int missed = 0;
    for (int r = 0; r < t->match.game->roles; r++) {
        const json_t *rows = json_object_get(json_object_get(t->golden, "gradients"), key[r]);
        const gan__phase_step *step = k->it.step;
        size_t n = 0;
        while (!(step->phase->roles >> r & 1))
            step++;
        const gan_node *grad = step->grad;
        for (int q = 0; q <= r; q++) {
            const gan_params *p = t->match.role[q].params;
            for (int i = 0; step->phase->roles >> q & 1 && i < gan_params_count(p); i++) {
                if (gan_params_role(p, i) != GAN_TRAINED)
                    continue;
                if (q == r)
                    missed += golden_gradient(t, i, p, json_array_get(rows, n++), gan_plan_value(k->plan, *grad), golden_slack(rows));
                grad++;
            }
        }
        assert_int_equal(json_array_size(rows), n);
    }
    return missed;
}

#endif
