/* test_interpreter.c - the oracle itself, against numbers worked out by hand. */
#include "graph/dims.h"
#include "reference/interpret.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#define S(...) GAN_SHAPE(__VA_ARGS__)
#define I(...) ((const int[]){__VA_ARGS__})

/* Every leaf counts: 1, 2, 3 ...; one that is named "index": 1, 0, 1, 0 ... */
static void count_up(void *ctx, const gan__node *n, int id, double *x)
{
    (void)ctx;
    (void)id;
    for (size_t i = 0; i < gan__shape_count(n->shape); i++)
        x[i] = n->name && n->name[0] == 'i' ? (double)((i + 1) % 2) : (double)(i + 1);
}

static gan_node x(gan_graph *g, gan_shape s)
{
    return gan_input(g, "x", s);
}

static gan_node y(gan_graph *g, gan_shape s)
{
    return gan_input(g, "y", s);
}

static gan_node index_of(gan_graph *g, int n)
{
    return gan_input(g, "index", S(n));
}

static gan_conv_geometry geo(int stride, int dilation, int low, int high, int groups)
{
    return (gan_conv_geometry){{stride, 1, 1}, {dilation, 1, 1}, {low}, {high}, groups};
}

static gan_node conv1(gan_graph *g, int stride, int dilation, int low, int high)
{
    return gan_conv(g, x(g, S(1, 4, 1)), y(g, S(2, 1, 1)), geo(stride, dilation, low, high, 1));
}

/* A table, a line each. */
/* clang-format off */
/* X(expression, its values) */
#define ROWS(X)                                                                                    \
    X(gan_add(g, x(g, S(2, 2)), y(g, S(2))), 2, 4, 4, 6)                                           \
    X(gan_sub(g, x(g, S(2, 1)), y(g, S(2))), 0, -1, 1, 0)                                          \
    X(gan_mul(g, x(g, S(2)), y(g, S(2, 1))), 1, 2, 2, 4)                                           \
    X(gan_div(g, x(g, S(4)), gan_const(g, GAN_SCALAR, 2)), .5, 1, 1.5, 2)                          \
    X(gan_affine(g, x(g, S(2)), -2, 1), -1, -3)                                                    \
    X(gan_exp(g, x(g, S(1))), 2.718281828459045)                                                   \
    X(gan_log(g, x(g, S(2))), 0, .6931471805599453)                                                \
    X(gan_sqrt(g, x(g, S(4))), 1, 1.4142135623730951, 1.7320508075688772, 2)                       \
    X(gan_tanh(g, x(g, S(1))), .7615941559557649)                                                  \
    X(gan_sigmoid(g, x(g, S(1))), .7310585786300049)                                               \
    X(gan_softplus(g, gan_affine(g, x(g, S(2)), 2, -3)), .31326168751822286, 1.3132616875182228)   \
    X(gan_lrelu(g, gan_affine(g, x(g, S(3)), 1, -2), .25f), -.25, 0, 1)                            \
    X(gan_slope(g, gan_affine(g, x(g, S(3)), 1, -2), .25f), .25, .25, 1)                           \
    X(gan_stop(g, x(g, S(2))), 1, 2)                                                               \
    X(gan_reshape(g, x(g, S(2, 2)), S(4)), 1, 2, 3, 4)                                             \
    X(gan_permute(g, x(g, S(2, 3)), I(1, 0)), 1, 4, 2, 5, 3, 6)                                    \
    X(gan_permute(g, x(g, S(2, 1, 3)), I(2, 0, 1)), 1, 4, 2, 5, 3, 6)                              \
    X(gan_broadcast(g, x(g, S(2, 1)), S(2, 2)), 1, 1, 2, 2)                                        \
    X(gan_slice(g, x(g, S(2, 3)), I(0, 1), I(2, 2)), 2, 3, 5, 6)                                   \
    X(gan_pad(g, x(g, S(1, 2)), I(1, 0), I(0, 1)), 0, 0, 0, 1, 2, 0)                               \
    X(gan_concat(g, x(g, S(2, 1)), y(g, S(2, 2)), 1), 1, 1, 2, 2, 3, 4)                            \
    X(gan_gather(g, x(g, S(2, 2)), index_of(g, 3)), 3, 4, 1, 2, 3, 4)                              \
    X(gan_scatter_add(g, x(g, S(3, 1)), index_of(g, 3), 3), 2, 4, 0)                               \
    X(gan_sum(g, x(g, S(2, 3)), 1), 5, 7, 9)                                                       \
    X(gan_sum(g, x(g, S(2, 3)), 2), 6, 15)                                                         \
    X(gan_mean(g, x(g, S(2, 2, 2)), 5), 3.5, 5.5)                                                  \
    X(gan_max(g, gan_affine(g, x(g, S(2, 2)), -1, 0), 1), -1, -2)                                  \
    X(gan_matmul(g, x(g, S(2, 2)), y(g, S(2, 2)), false, false), 7, 10, 15, 22)                    \
    X(gan_matmul(g, x(g, S(2, 2)), y(g, S(2, 2)), true, false), 10, 14, 14, 20)                    \
    X(gan_matmul(g, x(g, S(2, 2)), y(g, S(2, 2)), false, true), 5, 11, 11, 25)                     \
    X(gan_matmul(g, x(g, S(2, 1, 1)), y(g, S(1, 2)), false, false), 1, 2, 2, 4)                    \
    X(conv1(g, 1, 1, 0, 0), 5, 8, 11)                                                              \
    X(conv1(g, 2, 1, 0, 0), 5, 11)                                                                 \
    X(conv1(g, 1, 2, 0, 0), 7, 10)                                                                 \
    X(conv1(g, 1, 1, 1, 0), 2, 5, 8, 11)                                                           \
    X(conv1(g, 1, 1, 0, 1), 5, 8, 11, 4)                                                           \
    X(gan_conv(g, x(g, S(1, 1, 2)), y(g, S(1, 2, 2)), geo(1, 1, 0, 0, 1)), 7, 10)                  \
    X(gan_conv(g, x(g, S(1, 1, 2)), y(g, S(1, 1, 2)), geo(1, 1, 0, 0, 2)), 1, 4)                   \
    X(gan_conv(g, x(g, S(1, 2, 2, 1)), y(g, S(2, 2, 1, 1)), geo(1, 1, 0, 0, 1)), 30)               \
    X(gan_conv_dx(g, x(g, S(1, 2, 1)), y(g, S(2, 1, 1)), S(1, 4, 1), geo(2, 1, 0, 0, 1)), 1, 2, 2, 4) \
    X(gan_conv_dx(g, x(g, S(1, 3, 1)), y(g, S(2, 1, 1)), S(1, 4, 1), geo(1, 1, 0, 0, 1)), 1, 4, 7, 6) \
    X(gan_conv_dw(g, x(g, S(1, 4, 1)), y(g, S(1, 3, 1)), S(2, 1, 1), geo(1, 1, 0, 0, 1)), 14, 20)
/* clang-format on */

static void values_by_hand(void **state)
{
    (void)state;
#define X(expression, ...)                                                                         \
    {                                                                                              \
        gan_graph *g = gan_graph_create();                                                         \
        const gan_node node = expression;                                                          \
        const double want[] = {__VA_ARGS__};                                                       \
        const size_t count = sizeof want / sizeof *want;                                           \
        assert_int_equal(gan_graph_status(g, NULL), GAN_OK);                                       \
        assert_int_equal(gan__shape_count(gan_graph_shape(g, node)), count);                       \
        ref_values v = ref_eval(g, node.id, count_up, NULL);                                       \
        for (size_t i = 0; i < count; i++)                                                         \
            if (!(fabs(v.x[node.id][i] - want[i]) < 1e-7))                                         \
                fail_msg("%s: element %zu is %.9g", #expression, i, v.x[node.id][i]);              \
        ref_free(&v);                                                                              \
        gan_graph_free(g);                                                                         \
    }
    ROWS(X)
#undef X
}

/* Two steps of Adam in one graph, as PyTorch counts them, and an average and an assignment. */
static void state_by_hand(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    const int s = gan_state(g, g, 0, S(1));
    const gan_node first = gan_param(g, s), grad = gan_const(g, S(1), 4),
                   half = gan_const(g, GAN_SCALAR, 0.5f), one = gan_const(g, GAN_SCALAR, 1);
    const gan_adam adam = gan_adam_of(0.5, 0.75, 1);
    gan_update(g, s, grad, one, half, adam); /* m 2, v 4: w 1 - 2 / (2/2 + 1) = 0 */
    const gan_node second = gan_param(g, s);
    gan_update(g, s, grad, one, one, adam); /* m 3, v 7 */
    const gan_node third = gan_param(g, s);
    const gan_node average = gan_average(g, s, first, half);
    gan_assign(g, s, grad);
    const gan_node fourth = gan_param(g, s);
    assert_int_equal(gan_graph_status(g, NULL), GAN_OK);
    ref_values v = ref_eval(g, fourth.id, count_up, NULL);
    assert_true(v.x[first.id][0] == 1);
    assert_true(v.x[second.id][0] == 0);
    assert_true(fabs(v.x[third.id][0] + 3 / (sqrt(7) + 1)) < 1e-12);
    assert_true(v.x[average.id][0] == 0.5);
    assert_true(v.x[fourth.id][0] == 4);
    ref_free(&v);
    gan_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_hand),
        cmocka_unit_test(state_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
