/* op_rows.c - a small graph for each op, whose inputs "a" and "b" it is differentiated by. */
#include "reference/op_rows.h"

/* A table, a line each. */
/* clang-format off */
static gan_node in(gan_graph *g, const char *name, gan_shape s) { return gan_input(g, name, s); }
#define A in(g, "a", GAN_SHAPE(3, 4))
#define B in(g, "b", GAN_SHAPE(3, 4))

/* Linear ops are tested on a square, so that order 2 is not zero. */
static gan_node square(gan_graph *g, gan_node x) { return gan_mul(g, x, x); }

#define BUILD(name) static gan_node build_##name(gan_graph *g, int v)
#define UNARY_BUILD(name, call) BUILD(name) { (void)v; return call; }

BUILD(ADD) { return gan_add(g, square(g, A), v ? in(g, "b", GAN_SHAPE(4)) : B); }
BUILD(SUB) { return gan_sub(g, v ? in(g, "a", GAN_SHAPE(3, 1)) : A, square(g, B)); }
BUILD(MUL)
{
    static const gan_shape a[4] = {{2, {3, 4}}, {2, {3, 4}}, {2, {3, 1}}, {1, {4}}},
                           b[4] = {{2, {3, 4}}, {2, {1, 4}}, {3, {2, 1, 4}}, {3, {2, 3, 1}}};
    return gan_mul(g, in(g, "a", a[v]), in(g, "b", b[v]));
}
BUILD(DIV) { return gan_div(g, v ? in(g, "a", GAN_SHAPE(3, 1)) : A, B); }
UNARY_BUILD(AFFINE, gan_affine(g, square(g, A), 3, 2))
UNARY_BUILD(EXP, gan_exp(g, A))
UNARY_BUILD(LOG, gan_log(g, A))
UNARY_BUILD(SQRT, gan_sqrt(g, A))
UNARY_BUILD(TANH, gan_tanh(g, A))
UNARY_BUILD(SIGMOID, gan_sigmoid(g, A))
UNARY_BUILD(SOFTPLUS, gan_softplus(g, A))
BUILD(LRELU) { return gan_lrelu(g, square(g, v ? gan_affine(g, A, -1, 0) : A), 0.2f); }
BUILD(SLOPE) { return gan_mul(g, square(g, A), gan_slope(g, gan_affine(g, A, v ? 1 : -1, 0), 0.2f)); }
UNARY_BUILD(STOP, gan_mul(g, square(g, A), gan_stop(g, in(g, "c", GAN_SHAPE(3, 4)))))
UNARY_BUILD(RESHAPE, gan_reshape(g, square(g, A), GAN_SHAPE(2, 3, 2)))
UNARY_BUILD(PERMUTE, gan_permute(g, square(g, in(g, "a", GAN_SHAPE(2, 3, 4))), (int[]){2, 0, 1}))
UNARY_BUILD(BROADCAST, gan_broadcast(g, square(g, in(g, "a", GAN_SHAPE(3, 1))), GAN_SHAPE(2, 3, 4)))
UNARY_BUILD(SLICE, gan_slice(g, square(g, A), (int[]){1, 1}, (int[]){2, 2}))
UNARY_BUILD(PAD, gan_pad(g, square(g, A), (int[]){1, 0}, (int[]){0, 2}))
BUILD(CONCAT) { return gan_concat(g, square(g, A), square(g, in(g, "b", v ? GAN_SHAPE(3, 2) : GAN_SHAPE(2, 4))), v); }
UNARY_BUILD(GATHER, gan_gather(g, square(g, A), in(g, "index", GAN_SHAPE(5))))
UNARY_BUILD(SCATTER_ADD, gan_scatter_add(g, square(g, A), in(g, "index", GAN_SHAPE(3)), 3))
BUILD(SUM) { return gan_sum(g, square(g, in(g, "a", GAN_SHAPE(2, 3, 4))), v ? 5 : 2); }
BUILD(MAX) { return gan_max(g, square(g, in(g, "a", GAN_SHAPE(2, 3, 4))), v ? 6 : 1); }
BUILD(MATMUL)
{
    if (v >= 4) /* leading axes broadcast on both sides; on one */
        return gan_matmul(g, in(g, "a", v == 4 ? GAN_SHAPE(2, 1, 2, 3) : GAN_SHAPE(2, 3)),
                          in(g, "b", GAN_SHAPE(3, 3, 2)), false, false);
    return gan_matmul(g, in(g, "a", v & 1 ? GAN_SHAPE(2, 4, 3) : GAN_SHAPE(2, 3, 4)),
                      in(g, "b", v & 2 ? GAN_SHAPE(5, 4) : GAN_SHAPE(4, 5)), v & 1, v & 2);
}
static gan_conv_geometry geometry(int v)
{
    gan_conv_geometry c = gan_conv_defaults();
    if (v == 1)
        c = (gan_conv_geometry){{2, 1, 1}, {1, 2, 1}, {1, 2, 0}, {0, 1, 0}, 2};
    if (v == 2)
        c.low[0] = c.high[0] = 1;
    if (v == 3)
        c = (gan_conv_geometry){{1, 2, 1}, {2, 1, 1}, {0, 1, 0}, {1, 0, 1}, 2};
    if (v == 4) /* a stride that leaves a remainder, and padding beyond the kernel's reach */
        c = (gan_conv_geometry){{3, 1, 1}, {2, 1, 1}, {4, 0, 0}, {2, 0, 0}, 3};
    return c;
}
enum { CONVOLUTIONS = 5 };
static const gan_shape conv_x[CONVOLUTIONS] = {
    {4, {2, 5, 4, 2}}, {4, {1, 5, 6, 4}}, {3, {2, 5, 3}}, {5, {1, 3, 4, 3, 2}}, {3, {2, 7, 3}}};
static const gan_shape conv_w[CONVOLUTIONS] = {
    {4, {2, 3, 2, 3}}, {4, {3, 2, 2, 4}}, {3, {3, 3, 2}}, {5, {2, 2, 2, 1, 2}}, {3, {3, 1, 6}}};
static gan_shape conv_y(gan_graph *g, int v)
{
    return gan_graph_shape(g, gan_conv(g, in(g, "sx", conv_x[v]), in(g, "sw", conv_w[v]), geometry(v)));
}
BUILD(CONV) { return gan_conv(g, in(g, "a", conv_x[v]), in(g, "b", conv_w[v]), geometry(v)); }
BUILD(CONV_DX) { return gan_conv_dx(g, in(g, "a", conv_y(g, v)), in(g, "b", conv_w[v]), conv_x[v], geometry(v)); }
BUILD(CONV_DW) { return gan_conv_dw(g, in(g, "a", conv_x[v]), in(g, "b", conv_y(g, v)), conv_w[v], geometry(v)); }

const op_row op_rows[] = {
#define ROW(name, variants, inputs, low, high) {GAN__OP_##name, build_##name, variants, inputs, low, high}
    ROW(ADD, 2, 2, -1, 1),      ROW(SUB, 2, 2, -1, 1),    ROW(MUL, 4, 2, -1, 1),
    ROW(DIV, 2, 2, .5, 2),      ROW(AFFINE, 1, 1, -1, 1), ROW(EXP, 1, 1, -1, 1),
    ROW(LOG, 1, 1, .5, 2),      ROW(SQRT, 1, 1, .5, 2),   ROW(TANH, 1, 1, -1, 1),
    ROW(SIGMOID, 1, 1, -1, 1),  ROW(SOFTPLUS, 1, 1, -1, 1), ROW(LRELU, 2, 1, .1, 1),
    ROW(SLOPE, 2, 1, .1, 1),    ROW(STOP, 1, 1, -1, 1),   ROW(RESHAPE, 1, 1, -1, 1),
    ROW(PERMUTE, 1, 1, -1, 1),  ROW(BROADCAST, 1, 1, -1, 1), ROW(SLICE, 1, 1, -1, 1),
    ROW(PAD, 1, 1, -1, 1),      ROW(CONCAT, 2, 2, -1, 1), ROW(GATHER, 1, 1, -1, 1),
    ROW(SCATTER_ADD, 1, 1, -1, 1), ROW(SUM, 2, 1, -1, 1), ROW(MAX, 2, 1, .1, 1),
    ROW(MATMUL, 6, 2, -1, 1),   ROW(CONV, CONVOLUTIONS, 2, -1, 1),   ROW(CONV_DX, CONVOLUTIONS, 2, -1, 1),
    ROW(CONV_DW, CONVOLUTIONS, 2, -1, 1),
#undef ROW
};
/* clang-format on */

const int op_row_count = sizeof op_rows / sizeof *op_rows;
