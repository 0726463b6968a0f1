/* test_graph_shapes.c - every constructor: the shape that it gives, and what it refuses, in words.
 */
#include "graph/dims.h"
#include "graph/graph_internal.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define S(...) GAN_SHAPE(__VA_ARGS__)
#define I(...) ((const int[]){__VA_ARGS__})

/* The same tensor of ones wherever a row wants one of that shape. */
static gan_node t(gan_graph *g, gan_shape s)
{
    return gan_const(g, s, 1);
}

static gan_conv_geometry geo(int stride, int dilation, int low, int high, int groups)
{
    return (gan_conv_geometry){{stride, stride, stride},
                               {dilation, dilation, dilation},
                               {low, low, low},
                               {high, high, high},
                               groups};
}

static gan_node input_twice(gan_graph *g, gan_shape a, gan_shape b)
{
    gan_input(g, "x", a);
    return gan_input(g, "x", b);
}

static gan_node bytes_twice(gan_graph *g, float scale)
{
    gan_input_u8(g, "x", S(2), 1, 0);
    return gan_input_u8(g, "x", S(2), scale, 0);
}

static gan_node noise_too(gan_graph *g)
{
    gan_input(g, "x", S(2));
    return gan_noise(g, "x", S(2));
}

static gan_node state_twice(gan_graph *g, gan_shape a, gan_shape b)
{
    gan_state(g, NULL, 3, a);
    return gan_param(g, gan_state(g, NULL, 3, b));
}

static gan_node update(gan_graph *g, gan_shape state, gan_shape grad, gan_shape rate)
{
    return gan_update(g, gan_state(g, NULL, 0, state), t(g, grad), t(g, rate), t(g, GAN_SCALAR),
                      gan_adam_of(0.5, 0.9, 1e-8));
}

static gan_node assign(gan_graph *g, gan_shape state, gan_shape x)
{
    return gan_assign(g, gan_state(g, NULL, 0, state), t(g, x));
}

static gan_node average_of_other(gan_graph *g)
{
    const int a = gan_state(g, NULL, 0, S(2)), b = gan_state(g, NULL, 1, S(2));
    return gan_average(g, a, gan_param(g, b), t(g, GAN_SCALAR));
}

static gan_node reads_a_write(gan_graph *g)
{
    return gan_exp(g, assign(g, S(2), S(2)));
}

/* A table, a line each. */
/* clang-format off */
/* X(expression, what the message must be) */
#define REFUSED(X)                                                                                 \
    X(gan_const(g, S(2, 0), 1), "const: a tensor of shape [2,0] cannot be")                        \
    X(gan_const(g, S(-3), 1), "const: a tensor of shape [-3] cannot be")                           \
    X(gan_const(g, ((gan_shape){7, {1, 1, 1, 1, 1, 1}}), 1), "const: a tensor of shape")           \
    X(gan_const(g, ((gan_shape){-1, {0}}), 1), "const: a tensor of shape [] cannot be")            \
    X(gan_input(g, "x", S(1 << 30, 1 << 30)), "input: a tensor of shape [1073741824,1073741824]")  \
    X(input_twice(g, S(2), S(3)), "input x: asked for again with another shape, kind, scale")           \
    X(noise_too(g), "input x: asked for again with another shape, kind, scale")                         \
    X(bytes_twice(g, 2), "input x: asked for again with another shape, kind, scale")                   \
    X(state_twice(g, S(2), S(3)), "state: tensor 3 is of shape [2], asked for as [3]")             \
    X(gan_param(g, gan_state(g, NULL, 0, S(0))), "state: a tensor of shape [0] cannot be")         \
    X(gan_param(g, 5), "param: 5 is not a state of this graph")                                    \
    X(gan_param(g, -1), "param: -1 is not a state of this graph")                                  \
    X(update(g, S(2, 3), S(3, 2), GAN_SCALAR), "update: state of shape [2,3], value of shape [3,2]") \
    X(update(g, S(2), S(2), S(2)), "update: a rate, correction or decay is one number")            \
    X(assign(g, S(2), S(2, 1)), "assign: state of shape [2], value of shape [2,1]")                \
    X(average_of_other(g), "average: takes what gan_param gave for the same state")                \
    X(reads_a_write(g), "exp: operand 1 is a write of state (assign); read it by gan_param")       \
    X(gan_add(g, t(g, S(2, 3)), t(g, S(2))), "add: [2,3] and [2] do not broadcast")              \
    X(gan_sub(g, t(g, S(2, 3)), t(g, S(4, 3))), "sub: [2,3] and [4,3] do not broadcast")           \
    X(gan_mul(g, t(g, S(2)), t(g, S(3))), "mul: [2] and [3] do not broadcast")                     \
    X(gan_div(g, t(g, S(2)), t(g, S(3))), "div: [2] and [3] do not broadcast")                     \
    X(gan_add(g, t(g, S(1 << 30, 1)), t(g, S(1, 1 << 30))), "add: a tensor of shape")              \
    X(gan_affine(g, (gan_node){9}, 1, 0), "affine: operand 9 is not a node of this graph")         \
    X(gan_tanh(g, (gan_node){-1}), "tanh: operand -1 is not a node of this graph")                 \
    X(gan_reshape(g, t(g, S(2, 3)), S(7)), "reshape: [2,3] does not become [7]")                   \
    X(gan_reshape(g, t(g, S(2, 3)), S(-2, -3)), "reshape: [2,3] does not become [-2,-3]")          \
    X(gan_permute(g, t(g, S(2, 3)), I(0, 0)), "permute: the axes are not a permutation of 0 to 1") \
    X(gan_permute(g, t(g, S(2, 3)), I(0, 2)), "permute: the axes are not a permutation of 0 to 1") \
    X(gan_permute(g, t(g, S(2, 3)), I(-1, 0)), "permute: the axes are not")                        \
    X(gan_broadcast(g, t(g, S(2)), S(2, 3)), "broadcast: [2] does not become [2,3]")               \
    X(gan_broadcast(g, t(g, S(2, 3)), S(3)), "broadcast: [2,3] does not become [3]")               \
    X(gan_broadcast(g, t(g, S(1)), S(0)), "broadcast: [1] does not become [0]")                    \
    X(gan_sum(g, t(g, S(2, 3)), 4), "sum: an axis beyond the 2 there are")                         \
    X(gan_mean(g, t(g, S(2, 3)), 4), "sum: an axis beyond the 2 there are")                        \
    X(gan_max(g, t(g, GAN_SCALAR), 1), "max: an axis beyond the 0 there are")                      \
    X(gan_pad(g, t(g, S(2, 3)), I(0, -1), I(0, 0)), "pad: -1 before and 0 after 3 on axis 1")      \
    X(gan_pad(g, t(g, S(2)), I(INT_MAX), I(INT_MAX)), "pad: 2147483647 before and 2147483647")     \
    X(gan_slice(g, t(g, S(2, 3)), I(0, 1), I(2, 3)), "slice: 3 from 1 on, of 3 on axis 1")         \
    X(gan_slice(g, t(g, S(3)), I(-1), I(2)), "slice: 2 from -1 on, of 3 on axis 0")                \
    X(gan_slice(g, t(g, S(3)), I(1), I(0)), "slice: 0 from 1 on, of 3 on axis 0")                  \
    X(gan_slice(g, t(g, S(3)), I(INT_MAX), I(INT_MAX)), "slice: 2147483647 from")                  \
    X(gan_concat(g, t(g, S(2, 3)), t(g, S(2, 4)), 0), "concat: [2,3] and [2,4] do not meet along axis 0") \
    X(gan_concat(g, t(g, S(2)), t(g, S(2)), 1), "concat: [2] and [2] do not meet along axis 1")    \
    X(gan_concat(g, t(g, S(2)), t(g, S(2)), -1), "concat: [2] and [2] do not meet along axis -1")  \
    X(gan_concat(g, t(g, S(2)), t(g, S(2, 1)), 0), "concat: [2] and [2,1] do not meet")            \
    X(gan_concat(g, t(g, S(INT_MAX)), t(g, S(INT_MAX)), 0), "concat: [2147483647] and")            \
    X(gan_gather(g, t(g, GAN_SCALAR), t(g, S(2))), "gather: needs rows, and an index of rank 1")   \
    X(gan_gather(g, t(g, S(2, 3)), t(g, S(2, 1))), "gather: needs rows, and an index of rank 1")   \
    X(gan_scatter_add(g, t(g, S(2, 3)), t(g, S(3)), 4), "scatter_add: 2 rows and 3 indices")       \
    X(gan_scatter_add(g, t(g, S(2, 3)), t(g, S(2)), 0), "scatter_add: a tensor of shape [0,3]")    \
    X(gan_matmul(g, t(g, S(16, 100)), t(g, S(128, 784)), false, false),                            \
      "matmul: [16,100] x [128,784]: inner dimensions 100 and 128 differ")                         \
    X(gan_matmul(g, t(g, S(4, 3)), t(g, S(4, 5)), true, true),                                     \
      "matmul: [4,3] transposed x [4,5] transposed: inner dimensions 4 and 5 differ")              \
    X(gan_matmul(g, t(g, S(3)), t(g, S(3, 4)), false, false), "both must have rows and columns")   \
    X(gan_matmul(g, t(g, S(2, 3, 4)), t(g, S(5, 4, 6)), false, false),                             \
      "matmul: [2,3,4] and [5,4,6]: the leading dimensions do not broadcast")                      \
    X(gan_conv(g, t(g, S(1, 8)), t(g, S(3, 8)), geo(1, 1, 0, 0, 1)), "conv: [1,8] and [3,8]: x is [N,") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 3, 2, 4)), geo(1, 1, 0, 0, 1)), "1 to 3 spatial axes") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 4, 4)), geo(1, 1, 0, 0, 1)),                         \
      "conv: [1,8,2] and [3,4,4]: the kernel takes another number of channels")                    \
    X(gan_conv(g, t(g, S(1, 8, 3)), t(g, S(3, 1, 4)), geo(1, 1, 0, 0, 2)), "the groups do not divide") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 1, 3)), geo(1, 1, 0, 0, 2)), "the groups do not divide") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 2, 4)), geo(1, 1, 0, 0, 0)), "the groups do not divide") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 2, 4)), geo(0, 1, 0, 0, 1)), "strides and dilations start") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 2, 4)), geo(1, 0, 0, 0, 1)), "strides and dilations start") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 2, 4)), geo(1, 1, -1, 0, 1)), "padding at 0")        \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 2, 4)), geo(1, 1, 0, -1, 1)), "padding at 0")        \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 2, 4)), geo(1, 4, 0, 0, 1)), "larger than the padded input") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 2, 4)), geo(1, INT_MAX, 0, 0, 1)), "larger than the padded") \
    X(gan_conv(g, t(g, S(1, 8, 2)), t(g, S(3, 2, 4)), geo(1, 1, INT_MAX, INT_MAX, 1)), "input is too large") \
    X(gan_conv_dx(g, t(g, S(1, 6, 4)), t(g, S(3, 2, 4)), S(1, 9, 2), geo(1, 1, 0, 0, 1)),          \
      "conv_dx: [1,7,4] and [1,6,4]: a convolution of that input gives the first, not the second") \
    X(gan_conv_dx(g, t(g, S(1, 6, 4)), t(g, S(3, 2, 4)), S(0, 8, 2), geo(1, 1, 0, 0, 1)), "conv_dx: [0,8,2]") \
    X(gan_conv_dx(g, t(g, S(1, 6, 4)), t(g, S(3, 2, 4)), ((gan_shape){9, {1}}), geo(1, 1, 0, 0, 1)), "conv_dx: ") \
    X(gan_conv_dw(g, t(g, S(1, 8, 2)), t(g, S(1, 6, 4)), S(4, 2, 4), geo(1, 1, 0, 0, 1)),          \
      "conv_dw: [1,5,4] and [1,6,4]: a convolution by that kernel gives the first, not the second") \
    X(gan_conv_dw(g, t(g, S(1, 8, 2)), t(g, S(1, 6, 4)), S(0, 2, 4), geo(1, 1, 0, 0, 1)), "conv_dw: [1,8,2]")
/* clang-format on */

/* Each refusal: the invalid node, one line, and from then on only the invalid node and that line.
 */
static void refusals(void **state)
{
    (void)state;
    gan_graph *g;
    gan_error err;
    gan_node y;
#define X(expression, text)                                                                        \
    g = gan_graph_create();                                                                        \
    y = expression;                                                                                \
    assert_int_not_equal(gan_graph_status(g, &err), GAN_OK);                                       \
    if (y.id != -1 || !strstr(err.message, text) || strchr(err.message, '\n'))                     \
        fail_msg("%s: node %d, '%s'", #expression, y.id, err.message);                             \
    assert_int_equal(gan_const(g, GAN_SCALAR, 0).id, -1);                                          \
    assert_int_equal(gan_reshape(g, y, S(17)).id, -1);                                             \
    assert_non_null(strstr(g->error.message, text));                                               \
    gan_graph_free(g);
    REFUSED(X)
#undef X
}

/* A table, a line each. */
/* clang-format off */
/* X(expression, its shape) */
#define GIVEN(X)                                                                                   \
    X(gan_add(g, t(g, S(2, 3)), t(g, S(3))), S(2, 3))                                              \
    X(gan_mul(g, t(g, S(3)), t(g, S(2, 1))), S(2, 3))                                              \
    X(gan_div(g, t(g, GAN_SCALAR), t(g, S(4))), S(4))                                              \
    X(gan_sub(g, t(g, S(2, 1, 4)), t(g, S(3, 1))), S(2, 3, 4))                                     \
    X(gan_add(g, t(g, GAN_SCALAR), t(g, GAN_SCALAR)), GAN_SCALAR)                                  \
    X(gan_reshape(g, t(g, S(2, 3)), S(3, 1, 2)), S(3, 1, 2))                                       \
    X(gan_reshape(g, t(g, S(1, 1)), GAN_SCALAR), GAN_SCALAR)                                       \
    X(gan_permute(g, t(g, S(2, 3, 4)), I(2, 0, 1)), S(4, 2, 3))                                    \
    X(gan_broadcast(g, t(g, S(3, 1)), S(2, 3, 4)), S(2, 3, 4))                                     \
    X(gan_sum(g, t(g, S(2, 3, 4)), 5), S(1, 3, 1))                                                 \
    X(gan_max(g, t(g, S(2, 3, 4)), 6), S(2, 1, 1))                                                 \
    X(gan_mean(g, t(g, S(2, 3)), 3), S(1, 1))                                                      \
    X(gan_pad(g, t(g, S(2, 3)), I(1, 0), I(0, 5)), S(3, 8))                                        \
    X(gan_slice(g, t(g, S(4, 3)), I(1, 2), I(3, 1)), S(3, 1))                                      \
    X(gan_concat(g, t(g, S(2, 3)), t(g, S(2, 4)), 1), S(2, 7))                                     \
    X(gan_gather(g, t(g, S(9, 3, 2)), t(g, S(4))), S(4, 3, 2))                                     \
    X(gan_scatter_add(g, t(g, S(4, 3)), t(g, S(4)), 9), S(9, 3))                                   \
    X(gan_matmul(g, t(g, S(2, 3)), t(g, S(3, 5)), false, false), S(2, 5))                          \
    X(gan_matmul(g, t(g, S(3, 2)), t(g, S(5, 3)), true, true), S(2, 5))                            \
    X(gan_matmul(g, t(g, S(7, 1, 2, 3)), t(g, S(6, 3, 5)), false, false), S(7, 6, 2, 5))           \
    X(gan_conv(g, t(g, S(2, 8, 3)), t(g, S(3, 3, 5)), geo(1, 1, 0, 0, 1)), S(2, 6, 5))             \
    X(gan_conv(g, t(g, S(2, 8, 8, 4)), t(g, S(3, 3, 2, 6)), geo(2, 1, 1, 1, 2)), S(2, 4, 4, 6))    \
    X(gan_conv(g, t(g, S(1, 9, 9, 9, 1)), t(g, S(3, 3, 3, 1, 2)), geo(2, 2, 1, 0, 1)), S(1, 3, 3, 3, 2)) \
    X(gan_conv_dx(g, t(g, S(2, 4, 4, 6)), t(g, S(4, 4, 3, 6)), S(2, 8, 8, 3), geo(2, 1, 1, 1, 1)), S(2, 8, 8, 3)) \
    X(gan_conv_dw(g, t(g, S(2, 8, 3)), t(g, S(2, 6, 5)), S(3, 3, 5), geo(1, 1, 0, 0, 1)), S(3, 3, 5))
/* clang-format on */

static void shapes(void **state)
{
    (void)state;
    gan_graph *g = gan_graph_create();
    gan_error err = {0};
#define X(expression, shape)                                                                       \
    if (!gan__shape_equal(gan_graph_shape(g, expression), shape))                                  \
        fail_msg("%s is not %s: %s", #expression, #shape,                                          \
                 gan_graph_status(g, &err) == GAN_OK ? "other shape" : err.message);
    GIVEN(X)
#undef X
    assert_int_equal(gan_graph_shape(g, (gan_node){-1}).rank, 0);
    gan_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
