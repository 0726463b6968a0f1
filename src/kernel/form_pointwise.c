/* form_pointwise.c - one loop for each pointwise operation, generated from one expression a line. */
#include "kernel/form.h"
#include "kernel/form_math.h"

/* Rows that lie one behind the other are one row. */
static bool joined(size_t row, int inner, int cols)
{
    return inner && row == (size_t)cols;
}

#define UNARY(name, expression)                                                                   \
    INLINE vf name##_one(vf x, vf a, vf b)                                                        \
    {                                                                                             \
        (void)a, (void)b;                                                                         \
        return expression;                                                                        \
    }                                                                                             \
    static void name(float *y, size_t ys, gan__operand x, int rows, int cols, float pa, float pb) \
    {                                                                                             \
        const vf a = v_set1(pa), b = v_set1(pb);                                                  \
        if (ys == (size_t)cols && joined(x.row, x.inner, cols)) {                                 \
            cols *= rows;                                                                         \
            rows = 1;                                                                             \
        }                                                                                         \
        for (int r = 0; r < rows; r++, y += ys, x.p += x.row) {                                   \
            if (!x.inner) {                                                                       \
                const vf one = name##_one(v_set1(*x.p), a, b);                                    \
                for (int c = 0; c < cols; c += GAN__LANES)                                        \
                    v_store_n(y + c, one, cols - c);                                              \
                continue;                                                                         \
            }                                                                                     \
            int c = 0;                                                                            \
            for (; c + GAN__LANES <= cols; c += GAN__LANES)                                       \
                v_store(y + c, name##_one(v_load(x.p + c), a, b));                                \
            if (c < cols)                                                                         \
                v_store_n(y + c, name##_one(v_load_n(x.p + c, cols - c), a, b), cols - c);        \
        }                                                                                         \
    }

#define BINARY(name, op)                                                                          \
    static void name(float *y, size_t ys, gan__operand x, gan__operand z, int rows, int cols)     \
    {                                                                                             \
        if (ys == (size_t)cols && joined(x.row, x.inner, cols) && joined(z.row, z.inner, cols)) { \
            cols *= rows;                                                                         \
            rows = 1;                                                                             \
        }                                                                                         \
        for (int r = 0; r < rows; r++, y += ys, x.p += x.row, z.p += z.row) {                     \
            const vf x1 = v_set1(*x.p), z1 = v_set1(*z.p);                                        \
            int c = 0;                                                                            \
            for (; c + GAN__LANES <= cols; c += GAN__LANES)                                       \
                v_store(y + c, op(x.inner ? v_load(x.p + c) : x1, z.inner ? v_load(z.p + c) : z1)); \
            const int n = cols - c;                                                               \
            if (n > 0)                                                                            \
                v_store_n(y + c,                                                                  \
                          op(x.inner ? v_load_n(x.p + c, n) : x1,                                 \
                             z.inner ? v_load_n(z.p + c, n) : z1),                                \
                          n);                                                                     \
        }                                                                                         \
    }

UNARY(copy, x)
UNARY(affine, v_fma(a, x, b))
UNARY(exponential, v_exp(x))
UNARY(logarithm, v_log(x))
UNARY(square_root, v_sqrt(x))
UNARY(tangent, v_tanh(x))
UNARY(sigmoid, v_sigmoid(x))
UNARY(softplus, v_softplus(x))
UNARY(lrelu, v_select(v_gt(x, v_zero()), x, v_mul(a, x)))
UNARY(slope, v_select(v_gt(x, v_zero()), v_set1(1), a))
BINARY(add, v_add)
BINARY(subtract, v_sub)
BINARY(multiply, v_mul)
BINARY(divide, v_div)

gan__unary_fn *const FORM(gan__unary_table)[GAN__UNARY_COUNT] = {
    [GAN__UNARY_COPY] = copy,         [GAN__UNARY_AFFINE] = affine,
    [GAN__UNARY_EXP] = exponential,   [GAN__UNARY_LOG] = logarithm,
    [GAN__UNARY_SQRT] = square_root,  [GAN__UNARY_TANH] = tangent,
    [GAN__UNARY_SIGMOID] = sigmoid,   [GAN__UNARY_SOFTPLUS] = softplus,
    [GAN__UNARY_LRELU] = lrelu,       [GAN__UNARY_SLOPE] = slope,
};

gan__binary_fn *const FORM(gan__binary_table)[GAN__BINARY_COUNT] = {
    [GAN__BINARY_ADD] = add,
    [GAN__BINARY_SUB] = subtract,
    [GAN__BINARY_MUL] = multiply,
    [GAN__BINARY_DIV] = divide,
};

void FORM(gan__from_u8)(float *y, const uint8_t *x, size_t n, float scale, float shift)
{
    const vf a = v_set1(scale), b = v_set1(shift);
    size_t i = 0;
    for (; i + GAN__LANES <= n; i += GAN__LANES)
        v_store(y + i, v_fma(a, v_from_u8(x + i), b));
    if (i < n) {
        uint8_t rest[GAN__LANES] = {0};
        memcpy(rest, x + i, n - i);
        v_store_n(y + i, v_fma(a, v_from_u8(rest), b), (int)(n - i));
    }
}
