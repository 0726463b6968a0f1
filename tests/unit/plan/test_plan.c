/* test_plan.c - plans against the interpreter, and against themselves: every op, its first and second
 * gradient, in every form, with and without fusion, for several numbers of threads. */
#include "graph/dims.h"
#include "graph/graph_internal.h"
#include "kernel/kernel.h"
#include "reference/interpret.h"
#include "reference/op_rows.h"

#include <gan/plan.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float value_of(const char *name, size_t i, double low, double high)
{
    uint64_t h = 14695981039346656037u;
    for (const char *c = name; *c; c++)
        h = (h ^ (unsigned char)*c) * 1099511628211u;
    h = (h + i + 1) * 0x9E3779B97F4A7C15u;
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9u;
    h ^= h >> 32;
    if (!strcmp(name, "index"))
        return (float)(h % 3);
    return (float)(low + (high - low) * (double)(h >> 11) * 0x1p-53);
}

typedef struct range {
    double low, high;
} range;

static void feed(void *ctx, const gan__node *n, int id, double *x)
{
    const range *r = ctx;
    (void)id;
    for (size_t i = 0; i < gan__shape_count(n->shape); i++)
        x[i] = (double)value_of(n->name, i, r->low, r->high);
}

static gan_team *team_of(int threads)
{
    gan_team *t;
    assert_int_equal(gan_team_create(&t, threads, NULL), GAN_OK);
    return t;
}

static gan_plan *plan_of(gan_graph *g, const gan_node *sinks, int n, gan_team *team, bool plain)
{
    gan_plan_params p = gan_plan_defaults(g, sinks, n);
    gan_plan *plan;
    gan_error err = {0};
    p.team = team;
    p.plain = plain;
    if (gan_plan_create(&plan, &p, &err) != GAN_OK)
        fail_msg("%s", err.message);
    return plan;
}

static void fill_inputs(gan_graph *g, gan_plan *plan, range r)
{
    for (int i = 0; i < g->count; i++) {
        const gan__node *n = &g->node[i];
        float *x = n->op == GAN__OP_INPUT ? gan_plan_input(plan, n->name) : NULL;
        for (size_t k = 0; x && k < gan__shape_count(n->shape); k++)
            x[k] = value_of(n->name, k, r.low, r.high);
    }
}

/* All sinks' bytes of one way to run, one behind the other. */
static float *run(gan_graph *g, const gan_node *sinks, int n, int threads, bool plain, range r,
                  size_t *count)
{
    gan_team *team = threads ? team_of(threads) : NULL;
    gan_plan *plan = plan_of(g, sinks, n, team, plain);
    float *all = NULL;
    *count = 0;
    fill_inputs(g, plan, r);
    for (int i = 0; i < 2; i++) /* a second run must not see the first */
        gan_plan_run(plan, (gan_step){.seed = 7, .step = 3});
    for (int i = 0; i < n; i++) {
        const size_t c = gan__shape_count(gan_graph_shape(g, sinks[i]));
        all = realloc(all, (*count + c) * sizeof *all);
        memcpy(all + *count, gan_plan_value(plan, sinks[i]), c * sizeof *all);
        *count += c;
    }
    gan_plan_free(plan);
    gan_team_free(team);
    return all;
}

static void against_reference(gan_graph *g, const char *what, const gan_node *sinks, int n, range r,
                              const float *got)
{
    int last = 0;
    for (int i = 0; i < n; i++)
        last = sinks[i].id > last ? sinks[i].id : last;
    ref_values v = ref_eval(g, last, feed, &r);
    size_t at = 0;
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < gan__shape_count(gan_graph_shape(g, sinks[i])); k++, at++) {
            const double want = v.x[sinks[i].id][k];
            if (!(fabs((double)got[at] - want) <= 2e-5 * fmax(1, fabs(want))))
                fail_msg("%s: sink %d element %zu is %g, not %g", what, i, k, (double)got[at], want);
        }
    ref_free(&v);
}

static void same_everywhere(gan_graph *g, const char *what, const gan_node *sinks, int n, range r)
{
    static const char *const forms[] = {"portable", "avx2", "avx512"};
    size_t count, other;
    gan_error err = {0};
    if (gan_graph_status(g, &err) != GAN_OK)
        fail_msg("%s: %s", what, err.message);
    float *first = run(g, sinks, n, 0, false, r, &count);
    against_reference(g, what, sinks, n, r, first);
    for (int threads = 1; threads <= 3; threads++)
        for (int plain = 0; plain < 2; plain++) {
            float *x = run(g, sinks, n, threads, plain, r, &other);
            if (memcmp(first, x, count * sizeof *x) != 0)
                fail_msg("%s: other bytes with %d threads, plain %d", what, threads, plain);
            free(x);
        }
    for (int f = 0; f < 3; f++) {
        if (!gan__kernels_of((gan__isa)f))
            continue;
        setenv("GAN_ISA", forms[f], 1);
        float *x = run(g, sinks, n, 2, false, r, &other);
        unsetenv("GAN_ISA");
        if (memcmp(first, x, count * sizeof *x) != 0)
            fail_msg("%s: other bytes in form %s", what, forms[f]);
        free(x);
    }
    free(first);
}

static void every_op_and_its_gradients(void **state)
{
    (void)state;
    for (int i = 0; i < op_row_count; i++)
        for (int v = 0; v < op_rows[i].variants; v++) {
            gan_graph *g = gan_graph_create();
            gan_node sinks[8], wrt[2] = {{-1}, {-1}};
            int n = 0;
            sinks[n++] = op_rows[i].build(g, v);
            for (int k = 0; k < g->count; k++)
                if (g->node[k].op == GAN__OP_INPUT && strlen(g->node[k].name) == 1 &&
                    g->node[k].name[0] <= 'b')
                    wrt[g->node[k].name[0] - 'a'] = (gan_node){k};
            gan_grad(g, gan_mul(g, sinks[0], sinks[0]), op_rows[i].inputs, wrt, &sinks[n]);
            gan_grad(g, gan_mul(g, sinks[n], sinks[n]), op_rows[i].inputs, wrt,
                     &sinks[n + op_rows[i].inputs]);
            n += 2 * op_rows[i].inputs;
            char what[64];
            snprintf(what, sizeof what, "%s, variant %d", gan__ops[op_rows[i].op].name, v);
            same_everywhere(g, what, sinks, n, (range){op_rows[i].low, op_rows[i].high});
            gan_graph_free(g);
        }
}

/* Products of awkward sizes, all four transpositions, with an epilogue. */
static void awkward_products(void **state)
{
    (void)state;
    static const int sizes[][3] = {{1, 1, 1},   {7, 129, 37}, {16, 784, 1025}, {48, 100, 128},
                                   {37, 1, 300}, {13, 64, 2300}, {2, 33, 1024}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int v = 0; v < 4; v++) {
            const int m = sizes[i][0], n = sizes[i][1], k = sizes[i][2];
            gan_graph *g = gan_graph_create();
            const gan_node a = gan_input(g, "a", v & 1 ? GAN_SHAPE(k, m) : GAN_SHAPE(m, k)),
                           b = gan_input(g, "b", v & 2 ? GAN_SHAPE(n, k) : GAN_SHAPE(k, n)),
                           c = gan_input(g, "c", GAN_SHAPE(n));
            const gan_node h = gan_add(g, gan_affine(g, gan_matmul(g, a, b, v & 1, v & 2), 1.0f / (float)k, 0), c);
            const gan_node sinks[2] = {gan_mul(g, h, gan_sigmoid(g, h)), gan_sum(g, h, 3)};
            same_everywhere(g, "product", sinks, 1, (range){-1, 1});
            gan_graph_free(g);
        }
}

static void big_sums(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node x = gan_input(g, "x", GAN_SHAPE(700, 37)), y = gan_input(g, "y", GAN_SHAPE(3, 9001));
    const gan_node sinks[5] = {gan_mean(g, x, 1), gan_mean(g, x, 2), gan_mean(g, x, 3),
                               gan_mean(g, y, 2), gan_max(g, y, 1)};
    same_everywhere(g, "sums", sinks, 5, (range){-1, 1});
    gan_graph_free(g);
}

/* ---- state ------------------------------------------------------------------------------------ */

typedef struct net {
    gan_params *p;
    int w, b;
} net;

static net make_net(int k, int n)
{
    net t = {.p = gan_params_create()};
    float *v = malloc((size_t)(k * n) * sizeof *v);
    assert_int_equal(gan_params_add(t.p, "w", GAN_SHAPE(k, n), true, &t.w, NULL), GAN_OK);
    assert_int_equal(gan_params_add(t.p, "b", GAN_SHAPE(n), false, &t.b, NULL), GAN_OK);
    for (int i = 0; i < k * n; i++)
        v[i] = value_of("w", (size_t)i, -1, 1);
    gan_params_set(t.p, t.w, GAN_VALUE, v);
    free(v);
    return t;
}

/* Two updates in one plan; the loss of each reads its own version; the average follows the last. */
static float *train(int threads, bool plain, size_t *count)
{
    enum { K = 37, N = 21, ROWS = 11 };
    net t = make_net(K, N);
    gan_graph *g = gan_graph_create();
    gan_node sinks[8];
    int n = 0;
    const gan_node rate = gan_input(g, "rate", GAN_SCALAR), one = gan_input(g, "one", GAN_SCALAR),
                   x = gan_input(g, "x", GAN_SHAPE(ROWS, K));
    const gan_node first = gan_params_read(t.p, g, t.w);
    for (int i = 0; i < 2; i++) {
        const gan_node w[2] = {gan_params_read(t.p, g, t.w), gan_params_read(t.p, g, t.b)};
        const gan_node h = gan_tanh(g, gan_add(g, gan_matmul(g, x, w[0], false, false), w[1]));
        gan_node d[2];
        sinks[n++] = gan_mean(g, gan_mul(g, h, h), 3);
        gan_grad(g, sinks[n - 1], 2, w, d);
        for (int k = 0; k < 2; k++)
            sinks[n++] = gan_update(g, gan_params_state(t.p, g, k), d[k], rate, one,
                                    gan_adam_of(0.5, 0.9, 1e-8));
    }
    sinks[n++] = gan_average(g, gan_params_state(t.p, g, t.w), gan_params_read(t.p, g, t.w), one);
    sinks[n++] = gan_sum(g, first, 3); /* built from version 0, whenever it runs */
    gan_team *team = team_of(threads);
    gan_plan *plan = plan_of(g, sinks, n, team, plain);
    fill_inputs(g, plan, (range){-1, 1});
    *gan_plan_input(plan, "rate") = 0.01f;
    *gan_plan_input(plan, "one") = 0.75f;
    range r = {-1, 1};
    gan_plan_run(plan, (gan_step){.seed = 1});
    assert_true(fabs((double)gan_plan_value(plan, sinks[0])[0] - (double)gan_plan_value(plan, sinks[3])[0]) > 1e-6);
    float *all = calloc(4 * K * N + 2, sizeof *all);
    for (int s = 0; s < GAN_SLOTS; s++)
        gan_params_get(t.p, t.w, (gan_slot)s, all + s * K * N);
    all[4 * K * N] = *gan_plan_value(plan, sinks[n - 1]);
    double sum = 0;
    for (int i = 0; i < K * N; i++)
        sum += (double)value_of("w", (size_t)i, r.low, r.high);
    assert_true(fabs((double)all[4 * K * N] - sum) < 1e-3);
    *count = 4 * K * N + 1;
    gan_plan_free(plan);
    gan_team_free(team);
    gan_graph_free(g);
    gan_params_free(t.p);
    return all;
}

static void versions_and_updates(void **state)
{
    (void)state;
    size_t n;
    float *first = train(1, false, &n);
    for (int threads = 1; threads <= 3; threads++)
        for (int plain = 0; plain < 2; plain++) {
            float *x = train(threads, plain, &n);
            assert_memory_equal(first, x, n * sizeof *x);
            free(x);
        }
    free(first);
}

static void too_late_a_reader_is_refused(void **state)
{
    (void)state;
    net t = make_net(4, 4);
    gan_graph *g = gan_graph_create();
    const gan_node w = gan_params_read(t.p, g, t.w), one = gan_input(g, "one", GAN_SCALAR);
    const gan_node u = gan_update(g, gan_params_state(t.p, g, t.w), w, one, one, gan_adam_of(0, 0, 1));
    const gan_node both = gan_mul(g, gan_params_read(t.p, g, t.w), w); /* needs both versions at once */
    const gan_node sinks[2] = {u, both};
    gan_plan_params p = gan_plan_defaults(g, sinks, 2);
    gan_plan *plan;
    gan_error err = {0};
    assert_int_equal(gan_plan_create(&plan, &p, &err), GAN_EINVAL);
    assert_non_null(strstr(err.message, "version"));
    gan_graph_free(g);
    gan_params_free(t.p);
}

/* A row's bytes do not depend on the rows around it: noise, product, epilogue. */
static void rows_do_not_see_each_other(void **state)
{
    (void)state;
    net t = make_net(100, 50);
    float first[50];
    for (int rows = 1; rows <= 64; rows = rows * 2 + 1) {
        gan_graph *g = gan_graph_create();
        const gan_node z = gan_noise(g, "z", GAN_SHAPE(rows, 100));
        const gan_node y = gan_tanh(g, gan_matmul(g, z, gan_params_read(t.p, g, t.w), false, false));
        gan_plan *plan = plan_of(g, &y, 1, NULL, false);
        gan_plan_run(plan, (gan_step){.seed = 5, .step = 2, .sample = 9});
        if (rows == 1)
            memcpy(first, gan_plan_value(plan, y), sizeof first);
        assert_memory_equal(first, gan_plan_value(plan, y), sizeof first);
        gan_plan_free(plan);
        gan_graph_free(g);
    }
    gan_params_free(t.p);
}

/* What the headers promise for arguments that cannot be. */
static void impossible_arguments(void **state)
{
    static const struct {
        gan_shape shape;
        gan_status want;
    } rows[] = {{{.rank = 7}, GAN_ESHAPE},
                {{.rank = -1}, GAN_ESHAPE},
                {{.rank = 2, .dim = {3, 0}}, GAN_ESHAPE},
                {{.rank = 2, .dim = {-3, 5}}, GAN_ESHAPE},
                {{.rank = 2, .dim = {65536, 65536}}, GAN_ESHAPE},
                {{.rank = 2, .dim = {3, 5}}, GAN_OK},
                {{.rank = 0}, GAN_OK}};
    (void)state;
    gan_params *p = gan_params_create();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[16];
        int tensor;
        gan_error err = {0};
        snprintf(name, sizeof name, "t%zu", i);
        assert_int_equal(gan_params_add(p, name, rows[i].shape, false, &tensor, &err), rows[i].want);
        assert_int_equal(*err.message != 0, rows[i].want != GAN_OK);
    }
    gan_params_free(p);
    gan_graph *g = gan_graph_create();
    gan_plan *plan;
    gan_error err = {0};
    const gan_node sink = gan_const(g, GAN_SCALAR, 1);
    gan_plan_params d = gan_plan_defaults(g, &sink, -1);
    assert_int_equal(gan_plan_create(&plan, &d, &err), GAN_EINVAL);
    assert_non_null(strstr(err.message, "-1 nodes"));
    d = gan_plan_defaults(g, NULL, 1);
    assert_int_equal(gan_plan_create(&plan, &d, &err), GAN_EINVAL);
    d = gan_plan_defaults(NULL, &sink, 1);
    assert_int_equal(gan_plan_create(&plan, &d, &err), GAN_EINVAL);
    setenv("GAN_ISA", "foo", 1);
    d = gan_plan_defaults(g, &sink, 1);
    assert_int_equal(gan_plan_create(&plan, &d, &err), GAN_EUNSUPPORTED);
    unsetenv("GAN_ISA");
    gan_graph_free(g);
}

/* Four panels of 16 columns can be split into four parts, whoever runs them. */
static void profile_counts_parts(void **state)
{
    gan_graph *g = gan_graph_create();
    gan_error err = {0};
    gan_plan *plan;
    char *text = NULL;
    size_t size = 0;
    const gan_node x = gan_input(g, "x", GAN_SHAPE(60, 64)), w = gan_input(g, "w", GAN_SHAPE(64, 64)),
                   y = gan_matmul(g, x, w, false, false);
    const gan_plan_params d = gan_plan_defaults(g, &y, 1);
    (void)state;
    assert_int_equal(gan_plan_create(&plan, &d, &err), GAN_OK);
    assert_int_equal(gan_plan_profile(plan, &err), GAN_OK);
    gan_plan_run(plan, (gan_step){0});
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    gan_plan_profile_print(plan, 0, out);
    fclose(out);
    assert_non_null(strstr(text, "     4  product  [60,64] x [64,64]"));
    assert_non_null(strstr(text, "16 threads would find work for 4.0 of them at a time"));
    free(text);
    gan_plan_free(plan);
    gan_graph_free(g);
}

/* A 3 x 3 on 4 x 4 places, padded: 10 of 12 taps an axis read inside. */
/* Some products of n x n matrices: results that live within a run, and a sum that is kept. */
static gan_plan *long_sum(gan_team *team, int n, gan_node *sink)
{
    gan_graph *g = gan_graph_create();
    gan_plan *plan = NULL;
    const gan_node x = gan_input(g, "x", GAN_SHAPE(n, n)), y = gan_matmul(g, gan_exp(g, x), gan_tanh(g, x), false, false);
    *sink = gan_sum(g, gan_matmul(g, y, y, false, false), 1);
    gan_plan_params d = gan_plan_defaults(g, sink, 1);
    d.team = team;
    assert_int_equal(gan_plan_create(&plan, &d, NULL), GAN_OK);
    gan_graph_free(g);
    for (int i = 0; i < n * n; i++)
        gan_plan_input(plan, "x")[i] = (float)(i % 7) / 8;
    return plan;
}

/* Plans of a team run in turn in one room, which a later plan makes larger; what they keep stays theirs. */
static void plans_share_a_room(void **state)
{
    enum { SMALL = 20, LARGE = 90 };
    (void)state;
    gan_node sink[3];
    gan_team *team = team_of(2);
    gan_plan *small = long_sum(team, SMALL, &sink[0]), *alone = long_sum(NULL, SMALL, &sink[2]);
    gan_plan_run(small, (gan_step){0});
    gan_plan *large = long_sum(team, LARGE, &sink[1]);
    for (int round = 0; round < 2; round++) {
        gan_plan_run(alone, (gan_step){0});
        gan_plan_run(large, (gan_step){0});
        assert_memory_equal(gan_plan_value(small, sink[0]), gan_plan_value(alone, sink[2]), SMALL * sizeof(float));
        gan_plan_run(small, (gan_step){0});
    }
    const gan_plan_memory a = gan_plan_memory_of(small), b = gan_plan_memory_of(large), both = gan_plan_memory_of_both(a, b);
    assert_true(a.shared < b.shared && both.shared == b.shared && both.own == a.own + b.own);
    assert_true(a.own >= (SMALL * SMALL + SMALL) * sizeof(float));
    gan_plan_free(small);
    gan_plan_free(large);
    gan_plan_free(alone);
    gan_team_free(team);
}

static void flops_without_borders(void **state)
{
    gan_graph *g = gan_graph_create();
    gan_error err = {0};
    gan_plan *plan;
    gan_conv_geometry c = gan_conv_defaults();
    for (int i = 1; i < GAN_SPATIAL_MAX; i++)
        c.low[i] = c.high[i] = 1;
    const gan_node x = gan_input(g, "x", GAN_SHAPE(2, 1, 4, 4, 5)), w = gan_input(g, "w", GAN_SHAPE(1, 3, 3, 5, 7)),
                   y = gan_conv(g, x, w, c);
    const gan_plan_params d = gan_plan_defaults(g, &y, 1);
    (void)state;
    assert_int_equal(gan_plan_create(&plan, &d, &err), GAN_OK);
    assert_int_equal((int)gan_plan_flops(plan), 2 * 2 * 10 * 10 * 5 * 7);
    gan_plan_free(plan);
    gan_graph_free(g);
}

int main(void)
{
    setenv("GAN_CROWDED", "1", 1); /* three threads on two processors */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_and_its_gradients),
        cmocka_unit_test(awkward_products),
        cmocka_unit_test(big_sums),
        cmocka_unit_test(versions_and_updates),
        cmocka_unit_test(too_late_a_reader_is_refused),
        cmocka_unit_test(rows_do_not_see_each_other),
        cmocka_unit_test(impossible_arguments),
        cmocka_unit_test(profile_counts_parts),
        cmocka_unit_test(plans_share_a_room), cmocka_unit_test(flops_without_borders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
