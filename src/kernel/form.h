/* form.h - what the kernels' sources share with each other within one form. */
#ifndef GAN_KERNEL_FORM_H
#define GAN_KERNEL_FORM_H

#include "kernel/kernel.h"
#include "kernel/vec.h"

/* dst[k * dst_step + j] = src[j * stride + k] for j < rows, k < cols (both at most 16); lanes j >= rows become zero.
 * Rows k >= cols of dst are left alone. */
#define gan__turn FORM(gan__turn)
void gan__turn(float *dst, size_t dst_step, const float *src, size_t stride, int rows, int cols);

/* Where p->turned; clears no padding. */
#define gan__product_turned FORM(gan__product_turned)
void gan__product_turned(const gan__product *p, int panel, int panel_end, float *scratch);

void FORM(gan__product)(const gan__product *p, int panel, int panel_end, float *scratch);

extern gan__unary_fn *const FORM(gan__unary_table)[GAN__UNARY_COUNT];
extern gan__binary_fn *const FORM(gan__binary_table)[GAN__BINARY_COUNT];
void FORM(gan__from_u8)(float *y, const uint8_t *x, size_t n, float scale, float shift);

float FORM(gan__sum_block)(const float *x, size_t n);
void FORM(gan__sum_rows)(float *y, const float *x, size_t xs, int rows, int cols);
float FORM(gan__max_block)(const float *x, size_t n);
void FORM(gan__max_rows)(float *y, const float *x, size_t xs, int rows, int cols);

void FORM(gan__adam)(const gan__descent *d, const float *g, size_t n);
void FORM(gan__descend)(const gan__product *p, int count, int panel, int panel_end,
                        const gan__descent *d, float *scratch);
void FORM(gan__average)(float *average, const float *w, size_t n, float decay);

void FORM(gan__normal)(float *y, size_t n, uint64_t seed, uint32_t stream, uint32_t step,
                       uint32_t sample, uint32_t first);

gan__conv_fn FORM(gan__conv), FORM(gan__conv_dx), FORM(gan__conv_dw);
/* Panels of floats: [group][panel][k0][k1][k2][term][16], zeros beyond the group's channels. */
void FORM(gan__conv_pack)(const gan__conv *g, bool dx, const float *w, void *panels, int first, int end);
size_t FORM(gan__conv_room)(const gan__conv *g, bool dx);
double FORM(gan__fma_peak)(long rounds);
float FORM(gan__read_peak)(const float *x, size_t n);

#endif
