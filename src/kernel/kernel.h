/* kernel.h - loops over pointers and sizes; knows no graph and no file.
 *
 * Every kernel is written once over vec.h and compiled once per instruction set; a table of function
 * pointers per form is chosen at start (gan__kernels_best, or GAN_ISA=portable|avx2|avx512). All forms
 * give identical bytes: the arithmetic of each function is part of its definition below. Rounding to
 * nearest, flush-to-zero and denormals-are-zero must be on in the calling thread (gan__fp_enter).
 *
 * "Rounded once" means: each named operation is one IEEE float operation; fma is fused.
 */
#ifndef GAN_KERNEL_H
#define GAN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GAN__LANES = 16,         /* floats in a vector; columns in a panel */
    GAN__SUM_BLOCK = 1024,   /* terms of a product that one accumulator takes */
    GAN__REDUCE_BLOCK = 4096, /* elements of one block of a contiguous sum */
    GAN__ROWS_BLOCK = 256    /* rows of one block of a sum over leading axes */
};

/* ---- products ---------------------------------------------------------------------------------
 *
 *     c(i,j) = sum_k a(i,k) b(k,j)        0 <= i < m, 0 <= j < n, 0 <= k < terms
 *
 * fma, k ascending, one accumulator per result, blocks of 1,024 terms added in ascending order.
 * Addresses, in floats:
 *
 *     a(i,k) = a[i * a_row + k * a_term]
 *     b(k,j) = turned ? b[j * b_term + (k/16) * b_panel + k%16]      rows run along j: b is read transposed
 *                     : b[k * b_term + (j/16) * b_panel + j%16]
 *     c(i,j) = c[i * c_row + (j/16) * c_panel + j%16]
 *
 * A row-major [K,N] matrix has b_term = N, b_panel = 16; one packed in panels [N/16][K][16] has
 * b_term = 16, b_panel = 16 K. b_whole says that all 16 columns of the last panel may be read (packed
 * matrices are padded with zeros). Columns j >= n of c are never written, except in a packed c
 * (c_panel != 16), whose last panel gets zeros in them. */
typedef struct gan__product {
    int m, n, terms;
    const float *a;
    size_t a_row, a_term;
    const float *b;
    size_t b_term, b_panel;
    bool turned, b_whole;
    float *c;
    size_t c_row, c_panel;
} gan__product;

/* Scratch that one thread needs for gan__kernels.product and .conv, floats (64-byte aligned). */
enum { GAN__PRODUCT_SCRATCH = 84 * 1024, GAN__CONV_SCRATCH = 152 * 1024 };

/* ---- pointwise --------------------------------------------------------------------------------
 * y(r,c) over rows x cols; y[r * ys + c]. An operand with inner = 1 is x[r * xs + c], with inner = 0
 * x[r * xs] for every c. y may be the very same memory as an operand (same pointer and strides). */
typedef struct gan__operand {
    const float *p;
    size_t row;  /* floats from row to row; 0 repeats */
    int inner;   /* 1 or 0 */
} gan__operand;

typedef enum gan__unary {
    GAN__UNARY_COPY,
    GAN__UNARY_AFFINE, /* fma(a, x, b) */
    GAN__UNARY_EXP,
    GAN__UNARY_LOG,
    GAN__UNARY_SQRT,
    GAN__UNARY_TANH,
    GAN__UNARY_SIGMOID,
    GAN__UNARY_SOFTPLUS,
    GAN__UNARY_LRELU, /* compare and blend: x > 0 ? x : a x */
    GAN__UNARY_SLOPE,
    GAN__UNARY_COUNT
} gan__unary;

typedef enum gan__binary {
    GAN__BINARY_ADD,
    GAN__BINARY_SUB,
    GAN__BINARY_MUL,
    GAN__BINARY_DIV,
    GAN__BINARY_COUNT
} gan__binary;

typedef void gan__unary_fn(float *y, size_t ys, const gan__operand *x, int rows, int cols, float a, float b);
typedef void gan__binary_fn(float *y, size_t ys, const gan__operand *x, const gan__operand *z, int rows, int cols);

/* ---- convolutions, as geometry -----------------------------------------------------------------
 * Always three spatial axes (unused ones, the first, are 1). x [n][x0][x1][x2][c], y [n][y0][y1][y2][o],
 * w [k0][k1][k2][c/groups][o], all contiguous, row-major. */
typedef struct gan__conv {
    int n, c, o, groups;
    int x[3], y[3], k[3];
    int stride[3], dilation[3], low[3];
} gan__conv;

typedef struct gan__adam {
    float beta1, beta2, epsilon;
    float one_minus_beta1, one_minus_beta2;
} gan__adam;

/* One step down: a tensor's storage, its moments, and the moving average taken behind it (NULL: none). */
typedef struct gan__descent {
    float *w, *m, *v, *average;
    gan__adam adam;
    float rate, correction, decay;
} gan__descent;

/* y from x and packed weights (conv), x from y and packed weights (conv_dx), w from x and y (conv_dw). */
typedef void gan__conv_fn(const gan__conv *g, const float *a, const void *b, float *out, int first, int end, float *scratch);

/* ---- one form's table -------------------------------------------------------------------------- */
typedef struct gan__kernels {
    const char *name; /* "portable", "avx2", "avx512" */
    int strip;        /* panels that the widest register tile takes: a good unit to split columns by */

    /* Columns of panels [panel, panel_end) of c, all m rows. */
    void (*product)(const gan__product *p, int panel, int panel_end, float *scratch);

    gan__unary_fn *const *unary;   /* by gan__unary */
    gan__binary_fn *const *binary; /* by gan__binary */

    /* y[i] = fma(scale, (float)x[i], shift) */
    void (*from_u8)(float *y, const uint8_t *x, size_t n, float scale, float shift);

    /* Sum of n <= 4,096 contiguous floats: lane i%16 adds x[i] ascending (missing lanes add nothing),
     * then lanes 8 apart are added, then 4, 2, 1. */
    float (*sum_block)(const float *x, size_t n);
    /* y[c] = sum over rows <= 256 of x[r * xs + c], r ascending, starting from +0. */
    void (*sum_rows)(float *y, const float *x, size_t xs, int rows, int cols);
    /* Greatest of n contiguous floats / of rows per column; n, rows >= 1. NaN in gives NaN out. */
    float (*max_block)(const float *x, size_t n);
    void (*max_rows)(float *y, const float *x, size_t xs, int rows, int cols);

    /* gan_update, and gan_average where asked for, of graph.h over n floats (any n). */
    void (*adam)(const gan__descent *d, const float *g, size_t n);
    void (*average)(float *average, const float *w, size_t n, float decay);
    /* The same with the sum of `count` products' c, in their order, as gradient, which is not written. All
     * have the same m, n and c_panel; element (i,j) of every array of d is at i * 16 + (j/16) * c_panel +
     * j%16. At most 1,024 terms, a_row = 1 (or m = 1), b whole and not turned. Scratch: 24 vectors. */
    void (*descend)(const gan__product *p, int count, int panel, int panel_end, const gan__descent *d,
                    float *scratch);

    /* n standard normals: elements first .. first + n - 1 (first a multiple of 64) of one row of a
     * stream. Elements come in groups of 64: group q holds Philox blocks 16q .. 16q + 15, one a lane;
     * words (0,1) and (2,3) of a block are Box-Muller pairs, u = (word >> 8) 2^-24 + 2^-25; word w of
     * lane l is element 64q + 16w + l. */
    void (*normal)(float *y, size_t n, uint64_t seed, uint32_t stream, uint32_t step,
                   uint32_t sample, uint32_t first);

    /* The order of each sum is graph.h's, blocks of 1,024 terms. What a tap reads outside the image adds nothing, but keeps its
     * place in its block; conv_dx sums over the taps of its phase: those u for which (i + low - u dilation) is a multiple of stride.
     * conv and conv_dx read their weights packed (below), conv_dw writes plain ones. `first`, `end` are results of
     * n x y0 x y1 x y2 (conv), a share of n x x0 x x1 x x2 (conv_dx), rows (k0,k1,k2,c/groups) (conv_dw). Scratch:
     * GAN__CONV_SCRATCH. */
    gan__conv_fn *conv, *conv_dx, *conv_dw;
    /* Panels first .. end - 1 of gan__conv_panels; the room that all take, in floats. What they are made of is the table's own
     * affair: nobody else reads them. */
    void (*conv_pack)(const gan__conv *g, bool dx, const float *w, void *panels, int first, int end);
    size_t (*conv_room)(const gan__conv *g, bool dx);

    /* `rounds` rounds of independent FMA chains; returns their number of float operations. */
    double (*fma_peak)(long rounds);
    /* The sum of n floats (a multiple of 128), as fast as they can be read. */
    float (*read_peak)(const float *x, size_t n);
} gan__kernels;

typedef enum gan__isa { GAN__ISA_PORTABLE, GAN__ISA_AVX2, GAN__ISA_AVX512, GAN__ISA_COUNT } gan__isa;

/* gan__kernels_of - NULL where this CPU or build has not got it. gan__kernels_best - what GAN_ISA names,
 * or the widest the CPU has; NULL if GAN_ISA names an unknown or missing one. */
const gan__kernels *gan__kernels_of(gan__isa isa);
const gan__kernels *gan__kernels_best(void);

/* gan__fp_enter - set rounding to nearest, flush-to-zero, denormals-are-zero; returns what was set
 * before, for gan__fp_leave. Per thread. */
unsigned gan__fp_enter(void);
void gan__fp_leave(unsigned before);

/* Packed weights of a convolution come in panels of 16 results' channels, group after group; results are outputs and terms inputs
 * (conv), or the other way round (dx). Where each channel is a group of its own they stay as they are (gan__conv_is_packed).
 * gan__conv_panels - how many panels. */
bool gan__conv_is_packed(const gan__conv *g);
int gan__conv_panels(const gan__conv *g, bool dx);

/* Packed storage of a [K,N] matrix, floats; and to and from row-major. Padding columns are zero. */
size_t gan__panels_size(int k, int n);
void gan__panels_pack(float *panels, const float *rows, int k, int n);
void gan__panels_unpack(float *rows, const float *panels, int k, int n);

#endif
