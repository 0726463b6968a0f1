/* test_graph_nodes.c - which nodes are made: equal ones once, simpler ones where no byte changes,
 * versions of state, the first error kept. */
#include "graph/dims.h"
#include "graph/graph_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define S(...) GAN_SHAPE(__VA_ARGS__)
#define I(...) ((const int[]){__VA_ARGS__})

static gan_graph *make(void **state)
{
    gan_graph *g = gan_graph_create();
    assert_non_null(g);
    *state = g;
    return g;
}

static int done(void **state)
{
    gan_graph_free(*state);
    return 0;
}

static gan__op op_of(const gan_graph *g, gan_node x)
{
    assert_in_range(x.id, 0, g->count - 1);
    return g->node[x.id].op;
}

static void equal_nodes_are_one(void **state)
{
    gan_graph *g = make(state);
    const gan_node x = gan_input(g, "x", S(2, 3)), w = gan_input(g, "w", S(3, 4));
    const gan_conv_geometry c = gan_conv_defaults();
    int count[2];
    for (int i = 0; i < 2; i++) {
        const gan_node h = gan_matmul(g, gan_input(g, "x", S(2, 3)), w, false, false);
        gan_node d;
        gan_grad(g, gan_mul(g, gan_tanh(g, h), gan_const(g, S(4), 2)), 1, &x, &d);
        gan_conv(g, gan_reshape(g, x, S(2, 3, 1)), gan_const(g, S(2, 1, 5), 1), c);
        gan_max(g, gan_affine(g, x, 2, 1), 3);
        gan_noise(g, "z", S(2, 3));
        gan_input_u8(g, "u", S(2), 0.5f, -1);
        gan_param(g, gan_state(g, g, 0, S(2)));
        count[i] = g->count;
    }
    assert_int_equal(count[0], count[1]);
    assert_int_equal(gan_graph_status(g, NULL), GAN_OK);
}

static void other_attributes_are_other_nodes(void **state)
{
    gan_graph *g = make(state);
    const gan_node x = gan_input(g, "x", S(3, 3));
    const gan_node other[] = {gan_affine(g, x, 1, 2),
                              gan_affine(g, x, 2, 1),
                              gan_lrelu(g, x, 0.1f),
                              gan_lrelu(g, x, 0.2f),
                              gan_slope(g, x, 0.1f),
                              gan_const(g, S(2), 0.0f),
                              gan_const(g, S(2), -0.0f), /* other bytes */
                              gan_const(g, S(2, 1), 0.0f),
                              gan_matmul(g, x, x, false, false),
                              gan_matmul(g, x, x, true, false),
                              gan_matmul(g, x, x, false, true),
                              gan_sum(g, x, 1),
                              gan_sum(g, x, 2),
                              gan_max(g, x, 1),
                              gan_noise(g, "a", S(3, 3)),
                              gan_noise(g, "b", S(3, 3)),
                              gan_sub(g, x, gan_const(g, S(1), 1)),
                              gan_sub(g, gan_const(g, S(1), 1), x)};
    const int n = sizeof other / sizeof *other;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            assert_int_not_equal(other[i].id, other[k].id);
}

/* What a caller's shape holds behind its rank is no part of it. */
static void unused_dimensions_do_not_count(void **state)
{
    gan_graph *g = make(state);
    const gan_shape dirty = {1, {3, 9, -1}};
    const gan_node x = gan_const(g, dirty, 1);
    assert_int_equal(x.id, gan_const(g, S(3), 1).id);
    assert_int_equal(gan_graph_shape(g, x).dim[1], 0);
}

/* The graph is larger than its first arrays here: what was made early is still found. */
static void finding_survives_growth(void **state)
{
    enum { NODES = 5000 };
    gan_graph *g = make(state);
    static int id[NODES];
    for (int i = 0; i < NODES; i++)
        id[i] = gan_const(g, GAN_SCALAR, (float)i).id;
    for (int i = 0; i < NODES; i++)
        assert_int_equal(gan_const(g, GAN_SCALAR, (float)i).id, id[i]);
    assert_int_equal(g->count, NODES);
}

static void what_changes_nothing_is_left_out(void **state)
{
    gan_graph *g = make(state);
    const gan_node x = gan_input(g, "x", S(2, 3, 1));
    assert_int_equal(gan_reshape(g, x, S(2, 3, 1)).id, x.id);
    assert_int_equal(gan_reshape(g, gan_reshape(g, x, S(6)), S(2, 3, 1)).id, x.id);
    assert_int_equal(gan_permute(g, x, I(0, 1, 2)).id, x.id);
    assert_int_equal(gan_broadcast(g, x, S(2, 3, 1)).id, x.id);
    assert_int_equal(gan_slice(g, x, I(0, 0, 0), I(2, 3, 1)).id, x.id);
    assert_int_equal(gan_pad(g, x, I(0, 0, 0), I(0, 0, 0)).id, x.id);
    assert_int_equal(gan_sum(g, x, 0).id, x.id);
    assert_int_equal(gan_sum(g, x, 4).id, x.id); /* over an axis of one element */
    assert_int_equal(gan_max(g, x, 4).id, x.id);
    assert_int_equal(op_of(g, gan_broadcast(g, x, S(1, 2, 3, 1))), GAN__OP_RESHAPE);
    const gan_node twice = gan_reshape(g, gan_reshape(g, x, S(6)), S(3, 2));
    assert_int_equal(g->node[twice.id].in[0], x.id);
    /* fma(1, x, 0) turns -0 into +0, and x + 0 does too: these stay. */
    assert_int_not_equal(gan_affine(g, x, 1, 0).id, x.id);
    assert_int_not_equal(gan_add(g, x, gan_const(g, GAN_SCALAR, 0)).id, x.id);
    assert_int_not_equal(gan_stop(g, x).id, x.id);
}

/* Operands of one pointwise node agree in rank; each axis is the result's or 1. */
static void operands_agree_in_rank(void **state)
{
    gan_graph *g = make(state);
    const gan_node y = gan_mul(g, gan_input(g, "x", S(3)), gan_input(g, "s", S(2, 1)));
    const gan__node *n = &g->node[y.id];
    assert_true(gan__shape_equal(g->node[n->in[0]].shape, S(1, 3)));
    assert_true(gan__shape_equal(g->node[n->in[1]].shape, S(2, 1)));
    const gan_node b = gan_broadcast(g, gan_input(g, "x", S(3)), S(2, 3));
    assert_int_equal(g->node[g->node[b.id].in[0]].shape.rank, 2);
}

/* One node for each run of adjacent axes, the last run first. */
static void sums_over_runs_of_axes(void **state)
{
    gan_graph *g = make(state);
    const gan_node x = gan_input(g, "x", S(2, 3, 4, 5));
    const gan_node y = gan_sum(g, x, 1 | 4 | 8);
    const gan__node *outer = &g->node[y.id], *inner = &g->node[outer->in[0]];
    assert_int_equal(outer->op, GAN__OP_SUM);
    assert_int_equal(outer->p[0], 0);
    assert_int_equal(outer->p[1], 1);
    assert_int_equal(inner->op, GAN__OP_SUM);
    assert_int_equal(inner->p[0], 2);
    assert_int_equal(inner->p[1], 2);
    assert_int_equal(inner->in[0], x.id);
}

static void inputs_come_before_their_users(void **state)
{
    gan_graph *g = make(state);
    const gan_node x = gan_input(g, "x", S(2, 5, 5, 2)), w = gan_input(g, "w", S(3, 3, 2, 4));
    gan_node d[2];
    gan_grad(g, gan_softplus(g, gan_conv(g, x, w, gan_conv_defaults())), 2, (gan_node[]){x, w}, d);
    gan_grad(g, gan_mul(g, d[0], d[0]), 2, (gan_node[]){x, w}, d);
    assert_int_equal(gan_graph_status(g, NULL), GAN_OK);
    for (int i = 0; i < g->count; i++)
        for (int k = 0; k < GAN__INPUTS_MAX; k++)
            assert_in_range(g->node[i].in[k] + 1, 0, i);
}

static void state_has_versions(void **state)
{
    gan_graph *g = make(state);
    const int owner[2] = {0};
    const int s = gan_state(g, owner, 7, S(2, 3));
    assert_int_equal(gan_state(g, owner, 7, S(2, 3)), s);
    assert_int_not_equal(gan_state(g, owner, 8, S(2, 3)), s);
    assert_int_not_equal(gan_state(g, owner + 1, 7, S(2, 3)), s);

    const gan_node one = gan_const(g, GAN_SCALAR, 1), v0 = gan_param(g, s);
    assert_int_equal(gan_param(g, s).id, v0.id);
    assert_int_equal(g->node[v0.id].version, 0);
    assert_int_equal(g->node[v0.id].in[0], -1);

    const gan_node u = gan_update(g, s, v0, one, one, gan_adam_of(0.5, 0.9, 1e-8));
    assert_int_equal(g->node[u.id].version, 1);
    const gan_node v1 = gan_param(g, s);
    assert_int_not_equal(v1.id, v0.id);
    assert_int_equal(g->node[v1.id].version, 1);
    assert_int_equal(g->node[v1.id].in[0], u.id); /* ordered behind the write */

    const gan_node a = gan_assign(g, s, v0);
    assert_int_equal(g->node[gan_param(g, s).id].in[0], a.id);
    assert_int_equal(g->node[gan_param(g, s).id].version, 2);
    assert_int_equal(gan_graph_status(g, NULL), GAN_OK);
}

static void writes_are_never_shared(void **state)
{
    gan_graph *g = make(state);
    const int s = gan_state(g, g, 0, S(2));
    const gan_node x = gan_input(g, "x", S(2)), w = gan_param(g, s),
                   d = gan_const(g, GAN_SCALAR, 0.9f);
    assert_int_not_equal(gan_average(g, s, w, d).id, gan_average(g, s, w, d).id);
    assert_int_not_equal(gan_assign(g, s, x).id, gan_assign(g, s, x).id);
    assert_int_equal(g->state[s].version, 2);
    assert_int_equal(g->node[gan_average(g, s, w, d).id].state,
                     s); /* an old version may be averaged */
    assert_int_equal(gan_graph_status(g, NULL), GAN_OK);
}

/* A refused write makes no version. */
static void a_refused_write_changes_nothing(void **state)
{
    gan_graph *g = make(state);
    const int s = gan_state(g, g, 0, S(2));
    assert_int_equal(gan_assign(g, s, gan_const(g, S(3), 1)).id, -1);
    assert_int_equal(g->state[s].version, 0);
    assert_int_equal(g->state[s].write, -1);
}

static void no_gradient_crosses_a_write(void **state)
{
    gan_graph *g = make(state);
    const int s = gan_state(g, g, 0, S(2));
    const gan_node v0 = gan_param(g, s);
    gan_assign(g, s, gan_mul(g, v0, v0));
    const gan_node v1 = gan_param(g, s), wrt[2] = {v0, v1};
    gan_node d[2];
    gan_grad(g, gan_mul(g, v1, v1), 2, wrt, d);
    assert_int_equal(op_of(g, d[0]), GAN__OP_CONST);
    assert_true(g->node[d[0].id].a == 0);
    assert_int_not_equal(op_of(g, d[1]), GAN__OP_CONST);
}

static void the_first_error_stays(void **state)
{
    gan_graph *g = make(state);
    gan_error err = {.message = "untouched"};
    const gan_node x = gan_input(g, "x", S(2)), y = gan_input(g, "y", S(3));
    assert_int_equal(gan_graph_status(g, &err), GAN_OK);
    assert_string_equal(err.message, "untouched");
    gan_node bad = gan_add(g, x, y), d[2] = {x, x};
    const int count = g->count;
    bad = gan_matmul(g, bad, gan_sum(g, bad, 77), true, true);
    gan_grad(g, x, 2, (gan_node[]){x, y}, d);
    assert_int_equal(bad.id, -1);
    assert_int_equal(d[0].id, -1);
    assert_int_equal(d[1].id, -1);
    assert_int_equal(gan_state(g, g, 0, S(2)), -1);
    assert_int_equal(gan_param(g, 0).id, -1);
    assert_int_equal(g->count, count);
    assert_int_equal(gan_graph_status(g, &err), GAN_ESHAPE);
    assert_string_equal(err.message, "add: [2] and [3] do not broadcast");
    gan_graph_free(NULL);
}

/* Nothing of a refused call is left behind: who looks for "x" finds the first. */
static void an_input_is_refused_whole(void **state)
{
    gan_graph *g = make(state);
    gan_input_u8(g, "x", S(2), 1, 0.0f);
    const int count = g->count;
    gan_input_u8(g, "x", S(2), 1, -0.0f);
    assert_int_equal(gan_graph_status(g, NULL), GAN_EINVAL);
    assert_int_equal(g->count, count);
}

static void a_gradient_names_its_bad_operand(void **state)
{
    gan_graph *g = make(state);
    const gan_node x = gan_input(g, "x", S(2)), bad = {12};
    gan_node d;
    gan_grad(g, x, 1, &bad, &d);
    gan_error err;
    assert_int_equal(gan_graph_status(g, &err), GAN_EINVAL);
    assert_string_equal(err.message, "grad: operand 12 is not a node of this graph");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(equal_nodes_are_one, done),
        cmocka_unit_test_teardown(other_attributes_are_other_nodes, done),
        cmocka_unit_test_teardown(unused_dimensions_do_not_count, done),
        cmocka_unit_test_teardown(finding_survives_growth, done),
        cmocka_unit_test_teardown(what_changes_nothing_is_left_out, done),
        cmocka_unit_test_teardown(operands_agree_in_rank, done),
        cmocka_unit_test_teardown(sums_over_runs_of_axes, done),
        cmocka_unit_test_teardown(inputs_come_before_their_users, done),
        cmocka_unit_test_teardown(state_has_versions, done),
        cmocka_unit_test_teardown(writes_are_never_shared, done),
        cmocka_unit_test_teardown(a_refused_write_changes_nothing, done),
        cmocka_unit_test_teardown(no_gradient_crosses_a_write, done),
        cmocka_unit_test_teardown(the_first_error_stays, done),
        cmocka_unit_test_teardown(an_input_is_refused_whole, done),
        cmocka_unit_test_teardown(a_gradient_names_its_bad_operand, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
