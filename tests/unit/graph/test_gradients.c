/* test_gradients.c - every op against central differences at orders 1 and 2, in double. */
#include "graph/dims.h"
#include "graph/graph_internal.h"
#include "reference/interpret.h"
#include "reference/op_rows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A counter-based value in [low, high] for element i of node id. */
static double value_of(int id, size_t i, double low, double high)
{
    uint64_t h = ((uint64_t)id * 1000003u + i + 1) * 0x9E3779B97F4A7C15u;
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9u;
    h ^= h >> 32;
    return low + (high - low) * (double)(h >> 11) * 0x1p-53;
}

typedef struct feed_ctx {
    double low, high;
    int index_rows; /* inputs named "index" hold integers below it */
    int node;       /* this element ... */
    size_t element;
    double change; /* ... is moved by so much */
} feed_ctx;

static void feed(void *ctx, const gan__node *n, int id, double *x)
{
    const feed_ctx *f = ctx;
    for (size_t i = 0; i < gan__shape_count(n->shape); i++) {
        if (n->name && !strcmp(n->name, "index"))
            x[i] = floor(value_of(id, i, 0, f->index_rows));
        else if (n->name && !strncmp(n->name, "probe", 5))
            x[i] = value_of(id, i, -1, 1);
        else
            x[i] = value_of(id, i, f->low, f->high);
        if (id == f->node && i == f->element)
            x[i] += f->change;
    }
}

/* <x, fixed weights>: a number that sees every element. */
static gan_node probe(gan_graph *g, gan_node x)
{
    char name[32];
    snprintf(name, sizeof name, "probe%d", x.id);
    const gan_shape s = gan_graph_shape(g, x);
    return gan_sum(g, gan_mul(g, x, gan_input(g, name, s)), (1u << s.rank) - 1);
}

static double number(const gan_graph *g, gan_node y, feed_ctx *f)
{
    ref_values v = ref_eval(g, y.id, feed, f);
    const double x = v.x[y.id][0];
    ref_free(&v);
    return x;
}

static double worst_error(gan_graph *g, gan_node y, int n, const gan_node *wrt, feed_ctx f)
{
    gan_node d[4];
    double worst = 0;
    gan_grad(g, y, n, wrt, d);
    assert_int_equal(gan_graph_status(g, NULL), GAN_OK);
    f.node = -1;
    ref_values v = ref_eval(g, g->count - 1, feed, &f);
    for (int k = 0; k < n; k++) {
        assert_true(gan__shape_equal(gan_graph_shape(g, d[k]), gan_graph_shape(g, wrt[k])));
        for (size_t i = 0; i < gan__shape_count(gan_graph_shape(g, wrt[k])); i++) {
            const double h = 1e-5;
            f.node = wrt[k].id;
            f.element = i;
            f.change = h;
            const double high = number(g, y, &f);
            f.change = -h;
            const double low = number(g, y, &f);
            const double want = (high - low) / (2 * h), got = v.x[d[k].id][i];
            worst = fmax(worst, fabs(got - want) / fmax(1, fabs(want)));
        }
    }
    ref_free(&v);
    return worst;
}

static void check(gan_graph *g, const char *what, gan_node r, int n, const gan_node *wrt,
                  feed_ctx f)
{
    for (int order = 1; order <= 2; order++) {
        gan_node d[4];
        const gan_node s = probe(g, r);
        const double e = worst_error(g, s, n, wrt, f);
        if (!(e < 1e-6))
            fail_msg("%s, order %d: error %.1e", what, order, e);
        gan_grad(g, s, n, wrt, d);
        r = probe(g, d[0]);
        for (int k = 1; k < n; k++)
            r = gan_add(g, r, probe(g, d[k]));
    }
}

static gan_node find(gan_graph *g, const char *name)
{
    for (int i = 0; i < g->count; i++)
        if (g->node[i].op == GAN__OP_INPUT && !strcmp(g->node[i].name, name))
            return (gan_node){i};
    fail_msg("no input %s", name);
    return (gan_node){-1};
}

static void every_op_at_orders_1_and_2(void **state)
{
    (void)state;
    for (int i = 0; i < op_row_count; i++)
        for (int v = 0; v < op_rows[i].variants; v++) {
            gan_graph *g = gan_graph_create();
            const gan_node r = op_rows[i].build(g, v);
            gan_error err = {0};
            if (gan_graph_status(g, &err) != GAN_OK)
                fail_msg("%s: %s", gan__ops[op_rows[i].op].name, err.message);
            gan_node wrt[2] = {find(g, "a"), {-1}};
            if (op_rows[i].inputs > 1)
                wrt[1] = find(g, "b");
            check(g, gan__ops[op_rows[i].op].name, r, op_rows[i].inputs, wrt,
                  (feed_ctx){.low = op_rows[i].low, .high = op_rows[i].high, .index_rows = 3});
            gan_graph_free(g);
        }
}

/* An op that is added without a row here fails this test. */
static void every_op_has_a_row(void **state)
{
    (void)state;
    for (int op = 0; op < GAN__OP_COUNT; op++) {
        bool found = gan__ops[op].kind == GAN__KIND_LEAF || gan__ops[op].kind == GAN__KIND_STATE;
        for (int i = 0; i < op_row_count; i++)
            found = found || (int)op_rows[i].op == op;
        if (!found)
            fail_msg("%s has no row", gan__ops[op].name);
    }
}

static gan_node in(gan_graph *g, const char *name, gan_shape s)
{
    return gan_input(g, name, s);
}
static gan_node square(gan_graph *g, gan_node x)
{
    return gan_mul(g, x, x);
}

static void stop_stops(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node x = in(g, "x", GAN_SHAPE(2));
    gan_node d;
    gan_grad(g, gan_stop(g, square(g, x)), 1, &x, &d);
    assert_int_equal(g->node[d.id].op, GAN__OP_CONST);
    assert_true(g->node[d.id].a == 0);
    gan_graph_free(g);
}

/* D with SiLU and R1 on its input gradient: the penalty's own gradient is of second order. */
static void r1_of_a_silu_net(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node x = in(g, "x", GAN_SHAPE(3, 5)),
                   w[4] = {in(g, "w1", GAN_SHAPE(5, 4)), in(g, "b1", GAN_SHAPE(4)),
                           in(g, "w2", GAN_SHAPE(4, 1)), in(g, "b2", GAN_SHAPE(1))};
    const gan_node h = gan_add(g, gan_matmul(g, x, w[0], false, false), w[1]);
    const gan_node a = gan_mul(g, h, gan_sigmoid(g, h));
    const gan_node y = gan_add(g, gan_matmul(g, a, w[2], false, false), w[3]);
    gan_node gx;
    gan_grad(g, y, 1, &x, &gx);
    const gan_node penalty = gan_mean(g, gan_sum(g, square(g, gx), 2), 1);
    assert_true(worst_error(g, gan_reshape(g, penalty, GAN_SCALAR), 4, w,
                            (feed_ctx){.low = -1, .high = 1}) < 1e-7);
    gan_graph_free(g);
}

static gan_node mean_last(gan_graph *g, gan_node x)
{
    return gan_mean(g, x, 1u << (gan_graph_shape(g, x).rank - 1));
}

static void layer_norm(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node p[3] = {in(g, "x", GAN_SHAPE(3, 5)), in(g, "gain", GAN_SHAPE(5)),
                           in(g, "shift", GAN_SHAPE(5))};
    const gan_node centred = gan_sub(g, p[0], mean_last(g, p[0]));
    const gan_node spread = gan_sqrt(g, gan_affine(g, mean_last(g, square(g, centred)), 1, 0.01f));
    const gan_node y = gan_add(g, gan_mul(g, gan_div(g, centred, spread), p[1]), p[2]);
    check(g, "layer norm", y, 3, p, (feed_ctx){.low = -1, .high = 1});
    gan_graph_free(g);
}

/* The maximum that keeps a softmax finite is a constant to its gradient, and that is exact. */
static void softmax_with_its_maximum_stopped(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node x = in(g, "x", GAN_SHAPE(3, 5));
    const gan_node e = gan_exp(g, gan_sub(g, x, gan_stop(g, gan_max(g, x, 2))));
    check(g, "softmax", gan_div(g, e, gan_sum(g, e, 2)), 1, &x, (feed_ctx){.low = -3, .high = 3});
    gan_graph_free(g);
}

/* A strided convolution, its transpose, and the penalty on the gradient by the image. */
static void r1_of_a_convolutional_net(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    gan_conv_geometry c = gan_conv_defaults();
    c.stride[0] = c.stride[1] = 2;
    c.low[0] = c.low[1] = c.high[0] = c.high[1] = 1;
    const gan_node z = in(g, "z", GAN_SHAPE(1, 2, 2, 2)),
                   w[2] = {in(g, "up", GAN_SHAPE(4, 4, 1, 2)),
                           in(g, "down", GAN_SHAPE(4, 4, 1, 3))};
    const gan_node x = gan_tanh(g, gan_conv_dx(g, z, w[0], GAN_SHAPE(1, 4, 4, 1), c));
    const gan_node y = gan_softplus(g, gan_conv(g, x, w[1], c));
    gan_node gx;
    gan_grad(g, y, 1, &x, &gx);
    check(g, "r1", gan_sum(g, square(g, gx), 15), 2, w, (feed_ctx){.low = -1, .high = 1});
    gan_graph_free(g);
}

static void third_order(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node x = in(g, "x", GAN_SHAPE(2, 3));
    gan_node d, y = gan_mul(g, gan_tanh(g, x), gan_softplus(g, gan_mul(g, x, gan_exp(g, x))));
    for (int order = 1; order <= 3; order++) {
        assert_true(worst_error(g, probe(g, y), 1, &x, (feed_ctx){.low = -1, .high = 1}) < 1e-7);
        gan_grad(g, y, 1, &x, &d);
        y = d;
    }
    gan_graph_free(g);
}

/* What the numbers of a gradient are where central differences cannot say: y = f(x), by hand. */
static void expect_gradient(gan_graph *g, gan_node y, gan_node x, const double *want)
{
    gan_node d;
    gan_grad(g, y, 1, &x, &d);
    assert_int_equal(gan_graph_status(g, NULL), GAN_OK);
    feed_ctx f = {.low = 0, .high = 0, .node = -1};
    ref_values v = ref_eval(g, d.id, feed, &f);
    for (size_t i = 0; i < gan__shape_count(gan_graph_shape(g, x)); i++)
        assert_true(v.x[d.id][i] == want[i]);
    ref_free(&v);
}

/* As PyTorch's amax: the elements that reach the maximum share its gradient. x is zero: all tie. */
static void a_tied_maximum_shares_its_gradient(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node x = in(g, "x", GAN_SHAPE(2, 2));
    expect_gradient(g, gan_max(g, x, 3), x, (double[]){.25, .25, .25, .25});
    const gan_node lower =
        gan_add(g, x, gan_pad(g, gan_const(g, GAN_SHAPE(1, 1), -1), (int[]){0, 0}, (int[]){1, 1}));
    expect_gradient(g, gan_max(g, lower, 2), x, (double[]){0, 1, .5, .5});
    gan_graph_free(g);
}

/* At 0 itself: lrelu has slope `slope` there, as its definition x > 0 ? x : slope x says. */
static void the_corner_of_lrelu(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node x = in(g, "x", GAN_SHAPE(2));
    expect_gradient(g, gan_lrelu(g, x, 0.25f), x, (double[]){.25, .25});
    expect_gradient(g, gan_lrelu(g, x, 0), x, (double[]){0, 0});
    gan_graph_free(g);
}

/* A y of several elements stands for their sum; a node may be its own gradient's object; an inner
 * node too; a node that y does not see has gradient 0, in its own shape. */
static void what_grad_promises(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const gan_node x = in(g, "x", GAN_SHAPE(2)), other = in(g, "other", GAN_SHAPE(3, 1)),
                   later_input = gan_affine(g, x, 3, 0), y = gan_affine(g, later_input, 2, 0),
                   later = gan_exp(g, y);
    expect_gradient(g, y, x, (double[]){6, 6});
    expect_gradient(g, y, later_input, (double[]){2, 2});
    expect_gradient(g, y, y, (double[]){1, 1});
    expect_gradient(g, y, other, (double[]){0, 0, 0});
    expect_gradient(g, y, later, (double[]){0, 0});
    expect_gradient(g, gan_add(g, x, x), x, (double[]){2, 2});
    gan_grad(g, y, 0, NULL, NULL);
    assert_int_equal(gan_graph_status(g, NULL), GAN_OK);
    gan_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_has_a_row),
        cmocka_unit_test(every_op_at_orders_1_and_2),
        cmocka_unit_test(stop_stops),
        cmocka_unit_test(r1_of_a_silu_net),
        cmocka_unit_test(layer_norm),
        cmocka_unit_test(softmax_with_its_maximum_stopped),
        cmocka_unit_test(r1_of_a_convolutional_net),
        cmocka_unit_test(third_order),
        cmocka_unit_test(a_tied_maximum_shares_its_gradient),
        cmocka_unit_test(the_corner_of_lrelu),
        cmocka_unit_test(what_grad_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
