/* test_layers.c - every kind of layer alone, in awkward sizes: tests/golden/layers.json and README.md say what it holds.
 *
 * Of each case the values, the gradients of orders 1 and 2 and the statistics afterwards must be within 2e-5 of their norm
 * of PyTorch's in float64 and of the interpreter's, in double too, and the same bytes in every form that this processor
 * has, with 1 and 2 threads, fused and not. Which layers mix rows is found out by changing one.
 */
#include "base/random.h"
#include "graph/dims.h"
#include "graph/graph_internal.h"
#include "kernel/kernel.h"
#include "nn/layers.h"
#include "reference/interpret.h"

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

enum { SEED = 1, VECTORS = 8, SINKS = 64, TENSORS = 24, KEY = 64 };
static const double bound = 2e-5;

static json_t *golden;

/* A case's net in one graph with everything that is asked of it. */
typedef struct layer_case {
    const char *kind, *name;
    const json_t *values;
    int rows, classes;
    bool changed; /* row 0 of x is another one */
    gan_params *params;
    gan_net *net;
    gan_graph *graph;
    gan_node x, sink[SINKS];
    char key[SINKS][KEY]; /* what a sink is: "y", "d n.0.weight" */
    int sinks;
} layer_case;

/* ---- numbers that are functions of where they stand --------------------------------------------------- */

static uint32_t word_of(const layer_case *c, const char *what, size_t e)
{
    char stream[128];
    snprintf(stream, sizeof stream, "golden/%s/%s", c->name, what);
    return gan__random_u32(SEED, gan__stream(stream), 0, 0, (uint32_t)e);
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

static void number(const layer_case *c, const char *what, gan_shape shape, double mean, double most, float *out)
{
    for (size_t i = 0; i < gan__shape_count(shape); i++)
        out[i] = (float)(mean + (2 * ((double)(word_of(c, what, i) >> 8) * 0x1p-24) - 1) * most);
}

static void number_tensor(const layer_case *c, const char *name, gan_shape shape, float *out)
{
    static const char *const around_one[] = {"gamma", "variance", "strength", "style_bias", NULL},
                            *const by_fan_in[] = {"weight", "style", "query", "key", "value", "output", NULL};
    const char *what = strrchr(name, '.') + 1;
    const double fan_in = (double)gan__shape_count(shape) / shape.dim[shape.rank - 1];
    if (is_one_of(what, around_one))
        number(c, name, shape, 1, 0.5, out);
    else
        number(c, name, shape, 0, is_one_of(what, by_fan_in) ? sqrt(3 / fan_in) : 1, out);
}

static void number_input(const layer_case *c, const char *name, gan_shape shape, float *out)
{
    number(c, name, shape, 0, strcmp(name, "c") != 0 ? 1.7320508 : 1, out);
    if (!strcmp(name, "label"))
        for (int i = 0; i < shape.dim[0]; i++)
            out[i] = (float)(word_of(c, name, (size_t)i) % (uint32_t)c->classes);
    if (!strcmp(name, "x") && c->changed)
        for (size_t i = 0; i < gan__shape_count(shape) / (size_t)shape.dim[0]; i++)
            out[i] = 0.5f - out[i] / 3;
}

/* ---- a case as a graph ------------------------------------------------------------------------------------ */

static bool flag(const json_t *row, const char *key)
{
    return json_is_true(json_object_get(row, key));
}

static int integer(const json_t *row, const char *key)
{
    return (int)json_integer_value(json_object_get(row, key));
}

static const char *text(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

static void ask(layer_case *c, gan_node node, const char *order, const char *of)
{
    assert_in_range(c->sinks, 0, SINKS - 1);
    snprintf(c->key[c->sinks], KEY, "%s%s%s", order, *of ? " " : "", of);
    c->sink[c->sinks++] = node;
}

/* Every trained tensor, x in front. */
static int leaves_of(const layer_case *c, gan_node *leaf, const char **name)
{
    int n = 0;
    leaf[n] = c->x;
    name[n++] = "x";
    for (int t = 0; t < gan_params_count(c->params); t++)
        if (gan_params_role(c->params, t) == GAN_TRAINED) {
            assert_in_range(n, 1, TENSORS - 1);
            leaf[n] = gan_params_read(c->params, c->graph, t);
            name[n++] = gan_params_name(c->params, t);
        }
    return n;
}

static gan_node total(gan_graph *g, gan_node x)
{
    return gan_reshape(g, gan_sum(g, x, (1u << gan_graph_shape(g, x).rank) - 1), GAN_SCALAR);
}

static void ask_for_gradients(layer_case *c, gan_node y)
{
    gan_graph *g = c->graph;
    gan_node leaf[TENSORS], d[TENSORS], dd[TENSORS];
    const char *name[TENSORS];
    const int n = leaves_of(c, leaf, name);
    gan_grad(g, total(g, gan_mul(g, y, gan_input(g, "c", gan_graph_shape(g, y)))), n, leaf, d);
    gan_grad(g, total(g, gan_mul(g, d[0], d[0])), n, leaf, dd);
    for (int i = 0; i < n; i++)
        ask(c, d[i], "d", name[i]);
    for (int i = 0; i < n; i++)
        ask(c, dd[i], "dd", name[i]);
}

static const char *name_of_state(const layer_case *c, int state)
{
    return gan_params_name(c->params, c->graph->state[state].tensor / GAN_SLOTS);
}

static void build(layer_case *c, const json_t *row, bool training, bool gradients)
{
    gan_shape one = {.rank = (int)json_array_size(json_object_get(row, "shape"))}, batch = {.rank = one.rank + 1};
    gan_error err = {0};
    gan_node write[SINKS], label;
    *c = (layer_case){.kind = text(row, "kind"), .name = text(row, "name"), .values = json_object_get(row, "values"),
                      .rows = integer(row, "rows"), .classes = integer(row, "classes"), .params = gan_params_create(),
                      .graph = gan_graph_create()};
    batch.dim[0] = c->rows;
    for (int i = 0; i < one.rank; i++)
        one.dim[i] = batch.dim[i + 1] =
            (int)json_integer_value(json_array_get(json_object_get(row, "shape"), (size_t)i));
    if (gan_net_create_labelled(&c->net, "n", text(row, "layers"), one, c->classes, c->params, &err) != GAN_OK)
        fail_msg("%s: %s", c->name, err.message);
    c->x = gan_input(c->graph, "x", batch);
    gan_pass pass = {.graph = c->graph, .training = training, .write = gradients ? write : NULL, .writes_max = SINKS,
                     .given_noise = true};
    if (c->classes) {
        label = gan_input(c->graph, "label", GAN_SHAPE(c->rows));
        pass.label = &label;
    }
    const gan_node y = gan_net_run(c->net, &pass, c->x);
    ask(c, y, "y", "");
    if (gradients)
        ask_for_gradients(c, y);
    for (int i = 0; gradients && i < pass.writes; i++)
        ask(c, write[i], "next", name_of_state(c, c->graph->node[write[i].id].state));
    if (gan_graph_status(c->graph, &err) != GAN_OK)
        fail_msg("%s: %s", c->name, err.message);
}

static void release(layer_case *c)
{
    gan_graph_free(c->graph);
    gan_net_free(c->net);
    gan_params_free(c->params);
}

static size_t count_of(const layer_case *c, int sink)
{
    return gan__shape_count(gan_graph_shape(c->graph, c->sink[sink]));
}

static size_t count_all(const layer_case *c)
{
    size_t n = 0;
    for (int i = 0; i < c->sinks; i++)
        n += count_of(c, i);
    return n;
}

/* ---- the plan ------------------------------------------------------------------------------------------------ */

static void set_params(const layer_case *c)
{
    for (int t = 0; t < gan_params_count(c->params); t++) {
        const gan_shape s = gan_params_shape(c->params, t);
        float *v = malloc(gan__shape_count(s) * sizeof *v);
        number_tensor(c, gan_params_name(c->params, t), s, v);
        assert_int_equal(gan_params_set(c->params, t, GAN_VALUE, v), GAN_OK);
        free(v);
    }
}

static void set_inputs(const layer_case *c, gan_plan *plan)
{
    for (int i = 0; i < c->graph->count; i++) {
        const gan__node *n = &c->graph->node[i];
        float *x = n->op == GAN__OP_INPUT ? gan_plan_input(plan, n->name) : NULL;
        if (x)
            number_input(c, n->name, n->shape, x);
    }
}

/* All sinks' floats, one behind the other; the caller frees them. A write's are what its tensor holds afterwards. */
static float *run(const layer_case *c, int threads, bool plain)
{
    gan_plan_params p = gan_plan_defaults(c->graph, c->sink, c->sinks);
    gan_plan *plan;
    gan_error err = {0};
    float *all = malloc(count_all(c) * sizeof *all), *at = all;
    assert_int_equal(gan_team_create(&p.team, threads, &err), GAN_OK);
    p.plain = plain;
    if (gan_plan_create(&plan, &p, &err) != GAN_OK)
        fail_msg("%s: %s", c->name, err.message);
    set_params(c);
    set_inputs(c, plan);
    gan_plan_run(plan, (gan_step){.seed = SEED});
    for (int i = 0; i < c->sinks; i++) {
        const char *tensor = strncmp(c->key[i], "next ", 5) ? NULL : c->key[i] + 5;
        if (tensor)
            assert_int_equal(gan_params_get(c->params, gan_params_find(c->params, tensor), GAN_VALUE, at), GAN_OK);
        else
            memcpy(at, gan_plan_value(plan, c->sink[i]), count_of(c, i) * sizeof *at);
        at += count_of(c, i);
    }
    gan_plan_free(plan);
    gan_team_free(p.team);
    return all;
}

/* ---- against others -------------------------------------------------------------------------------------------- */

/* How far the results were at most, in parts of their norm, and whose. */
typedef struct furthest {
    const char *from;
    double share;
    char what[2 * KEY + 32];
} furthest;

/* A tensor that is `far` away: 1 where that is out of bounds. */
static int is_far(const layer_case *c, int sink, double far, double norm, furthest *most)
{
    if (norm > 0 && far / norm > most->share) {
        most->share = far / norm;
        snprintf(most->what, sizeof most->what, "%s, %s", c->name, c->key[sink]);
    }
    if (far <= bound * norm)
        return 0;
    printf("%s, %s: %.1e from %s, of %.1e\n", c->name, c->key[sink], far, most->from, norm);
    return 1;
}

/* Products of the difference with vectors of signs: their root mean square is its norm, but for chance. */
static int against_pytorch(const layer_case *c, const float *got, furthest *most)
{
    int missed = 0;
    if (json_object_size(c->values) != (size_t)c->sinks)
        fail_msg("%s: %d tensors, PyTorch has %zu", c->name, c->sinks, json_object_size(c->values));
    for (int i = 0; i < c->sinks; got += count_of(c, i++)) {
        const json_t *row = json_object_get(c->values, c->key[i]);
        const double norm = json_number_value(json_array_get(row, 0));
        double squares = 0;
        if (!row)
            fail_msg("%s: PyTorch has no '%s'", c->name, c->key[i]);
        uint32_t *sign = malloc(count_of(c, i) * sizeof *sign);
        for (uint32_t k = 0; k < VECTORS; k++) {
            double product = -json_number_value(json_array_get(row, k + 1));
            gan__random_words(sign, count_of(c, i), SEED, gan__stream("golden/sign"), 0, k, 0);
            for (size_t e = 0; e < count_of(c, i); e++)
                product += sign[e] & 1 ? -(double)got[e] : (double)got[e];
            squares += product * product;
        }
        free(sign);
        missed += is_far(c, i, sqrt(squares / VECTORS), norm, most);
    }
    return missed;
}

static void feed(void *ctx, const gan__node *n, int id, double *x)
{
    const layer_case *c = ctx;
    const size_t count = gan__shape_count(n->shape);
    float *v = malloc(count * sizeof *v);
    (void)id;
    if (n->op == GAN__OP_INPUT)
        number_input(c, n->name, n->shape, v);
    else
        number_tensor(c, name_of_state(c, n->state), n->shape, v);
    for (size_t i = 0; i < count; i++)
        x[i] = (double)v[i];
    free(v);
}

static int against_interpreter(layer_case *c, const float *got, furthest *most)
{
    int missed = 0;
    ref_values v = ref_eval(c->graph, c->graph->count - 1, feed, c);
    for (int i = 0; i < c->sinks; got += count_of(c, i++)) {
        const double *want = v.x[c->sink[i].id];
        double far = 0, norm = 0;
        for (size_t e = 0; e < count_of(c, i); e++) {
            far += ((double)got[e] - want[e]) * ((double)got[e] - want[e]);
            norm += want[e] * want[e];
        }
        missed += is_far(c, i, sqrt(far), sqrt(norm), most);
    }
    ref_free(&v);
    return missed;
}

static void same_everywhere(const layer_case *c, const float *first)
{
    static const char *const forms[GAN__ISA_COUNT] = {"portable", "avx2", "avx512"};
    const size_t bytes = count_all(c) * sizeof *first;
    for (int f = 0; f < GAN__ISA_COUNT; f++) {
        if (!gan__kernels_of((gan__isa)f))
            continue;
        setenv("GAN_ISA", forms[f], 1);
        for (int way = 0; way < 4; way++) {
            float *x = run(c, 1 + way % 2, way / 2);
            if (memcmp(first, x, bytes) != 0)
                fail_msg("%s: other bytes in form %s with %d threads, plain %d", c->name, forms[f], 1 + way % 2, way / 2);
            free(x);
        }
        unsetenv("GAN_ISA");
    }
}

static void every_case(void **state)
{
    (void)state;
    furthest most[2] = {{.from = "PyTorch"}, {.from = "the interpreter"}};
    int missed = 0;
    size_t i;
    json_t *row;
    json_array_foreach(golden, i, row) {
        layer_case c;
        build(&c, row, flag(row, "training"), true);
        float *got = run(&c, 1, false);
        const int missed_before = missed;
        missed += against_pytorch(&c, got, &most[0]) + against_interpreter(&c, got, &most[1]);
        if (missed == missed_before)
            same_everywhere(&c, got);
        free(got);
        release(&c);
    }
    for (int k = 0; k < 2; k++)
        printf("%zu cases, at most %.1e of the norm from %s: %s\n", json_array_size(golden), most[k].share, most[k].from,
               most[k].what);
    assert_int_equal(missed, 0);
}

/* ---- who sees whom ------------------------------------------------------------------------------------------------ */

/* Does another row of the result change with row 0 of the input? */
static bool mixes(const layer_case *c)
{
    layer_case changed = *c;
    changed.changed = true;
    const size_t numbers = count_of(c, 0) / (size_t)c->rows;
    float *before = run(c, 1, false), *after = run(&changed, 1, false);
    const bool others = memcmp(before + numbers, after + numbers, (count_of(c, 0) - numbers) * sizeof *before) != 0;
    free(before);
    free(after);
    return others;
}

/* A net that mixes says so; one that says so does, in one case of its kind at least (a group of one mixes nothing). */
static void rows_are_mixed_as_said(void **state)
{
    (void)state;
    for (int k = 0; k < gan_layer_kinds(); k++) {
        bool said[2] = {false, false}, seen[2] = {false, false};
        size_t i;
        json_t *row;
        json_array_foreach(golden, i, row) {
            if (strcspn(gan_layer_info(k).usage, " ") != strlen(text(row, "kind")) ||
                strncmp(gan_layer_info(k).usage, text(row, "kind"), strlen(text(row, "kind"))) != 0)
                continue;
            for (int training = 0; training < 2; training++) {
                layer_case c;
                build(&c, row, training, false);
                const bool mixed = mixes(&c),
                           says = training ? gan_net_mixes_rows(c.net) : gan_net_mixes_samples(c.net);
                if (mixed && !says)
                    fail_msg("%s mixes rows in %s, and says that it does not", c.name, training ? "training" : "sampling");
                said[training] |= says;
                seen[training] |= mixed;
                release(&c);
            }
        }
        for (int training = 0; training < 2; training++)
            if (said[training] != seen[training])
                fail_msg("`%s` says that it mixes rows in %s, and no case does", gan_layer_info(k).usage,
                         training ? "training" : "sampling");
    }
}

/* ---- nothing is left out -------------------------------------------------------------------------------------------- */

/* A case of that kind (any: NULL) with that word among its layers' words (any: NULL). */
static bool has_case(const char *kind, const char *word)
{
    size_t i;
    json_t *row;
    json_array_foreach(golden, i, row) {
        bool found = !word;
        char layers[1024], *rest = layers;
        snprintf(layers, sizeof layers, "%s", text(row, "layers"));
        for (const char *w; (w = strtok_r(rest, " \n", &rest));)
            found |= word && !strcmp(w, word);
        if (found && (!kind || !strcmp(kind, text(row, "kind"))))
            return true;
    }
    return false;
}

static void every_kind_option_and_activation_has_a_case(void **state)
{
    (void)state;
    for (int k = 0; k < gan_layer_kinds(); k++) {
        char name[GAN__WORD_MAX];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(gan_layer_info(k).usage, " "), gan_layer_info(k).usage);
        if (!has_case(name, name))
            fail_msg("layer %s has no case in make_layers.py", name);
        for (const gan__option_kind *o = gan__layer_find(name)->options; o && o->name; o++)
            if (strcmp(o->name, "init") != 0 && strstr(gan_layer_info(k).usage, o->name) && !has_case(name, o->name))
                fail_msg("layer %s has no case with '%s' in make_layers.py", name, o->name);
    }
    for (int i = 0; i < gan_activations(); i++)
        if (!has_case("act", gan_activation_info(i).usage))
            fail_msg("activation %s has no case in make_layers.py", gan_activation_info(i).usage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_option_and_activation_has_a_case),
                                       cmocka_unit_test(every_case), cmocka_unit_test(rows_are_mixed_as_said)};
    json_error_t e;
    golden = json_load_file(GAN_SOURCE_DIR "/tests/golden/layers.json", 0, &e);
    if (!golden) {
        printf("layers.json: %s, line %d\n", e.text, e.line);
        return 1;
    }
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(golden);
    return failed;
}
