/* form_pointwise.c - one loop for each pointwise operation, generated from one expression a line. */
#include "kernel/form.h"
#include "kernel/form_math.h"

/* Rows that lie one behind the other are one row. */
static bool joined(const gan__operand *x, int cols)
{
    return x->inner && x->row == (size_t)cols;
}

#define UNARY(name, expression)                                                                   \
    INLINE vf name##_one(vf x, vf a, vf b)                                                        \
    {                                                                                             \
        (void)a, (void)b;                                                                         \
        return expression;                                                                        \
    }                                                                                             \
    static void name(float *y, size_t ys, const gan__operand *of, int rows, int cols, float pa, float pb) \
    {                                                                                             \
        const vf a = v_set1(pa), b = v_set1(pb);                                                  \
        const float *x = of->p;                                                                   \
        if (ys == (size_t)cols && joined(of, cols)) {                                             \
            cols *= rows;                                                                         \
            rows = 1;                                                                             \
        }                                                                                         \
        for (int r = 0; r < rows; r++, y += ys, x += of->row) {                                   \
            if (!of->inner) {                                                                     \
                const vf one = name##_one(v_set1(*x), a, b);                                      \
                for (int c = 0; c < cols; c += GAN__LANES)                                        \
                    v_store_n(y + c, one, cols - c);                                              \
                continue;                                                                         \
            }                                                                                     \
            int c = 0;                                                                            \
            for (; c + GAN__LANES <= cols; c += GAN__LANES)                                       \
                v_store(y + c, name##_one(v_load(x + c), a, b));                                  \
            if (c < cols)                                                                         \
                v_store_n(y + c, name##_one(v_load_n(x + c, cols - c), a, b), cols - c);          \
        }                                                                                         \
    }

/* One row: operands of columns side by side, or of one number for all of them. */
#define BINARY_ROW(op, load_x, load_x_n, load_z, load_z_n)                                        \
    {                                                                                             \
        int c = 0;                                                                                \
        for (; c + GAN__LANES <= cols; c += GAN__LANES)                                           \
            v_store(y + c, op(load_x, load_z));                                                   \
        const int n = cols - c;                                                                   \
        if (n > 0)                                                                                \
            v_store_n(y + c, op(load_x_n, load_z_n), n);                                          \
    }

#define BINARY(name, op)                                                                          \
    static void name(float *y, size_t ys, const gan__operand *of_x, const gan__operand *of_z, int rows, int cols) \
    {                                                                                             \
        const float *x = of_x->p, *z = of_z->p;                                                   \
        if (ys == (size_t)cols && joined(of_x, cols) && joined(of_z, cols)) {                     \
            cols *= rows;                                                                         \
            rows = 1;                                                                             \
        }                                                                                         \
        for (int r = 0; r < rows; r++, y += ys, x += of_x->row, z += of_z->row) {                 \
            const vf x1 = v_set1(*x), z1 = v_set1(*z);                                            \
            if (of_x->inner && of_z->inner)                                                       \
                BINARY_ROW(op, v_load(x + c), v_load_n(x + c, n), v_load(z + c), v_load_n(z + c, n)) \
            else if (of_x->inner)                                                                 \
                BINARY_ROW(op, v_load(x + c), v_load_n(x + c, n), z1, z1)                         \
            else if (of_z->inner)                                                                 \
                BINARY_ROW(op, x1, x1, v_load(z + c), v_load_n(z + c, n))                         \
            else                                                                                  \
                BINARY_ROW(op, x1, x1, z1, z1)                                                    \
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
