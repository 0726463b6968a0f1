/* form_table.c - this form's table of kernels. */
#include "kernel/form.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

extern const gan__kernels FORM(gan__kernels);

const gan__kernels FORM(gan__kernels) = {
    .name = TEXT(GAN_FORM),
    .strip = TILE_VECTORS,
    .product = FORM(gan__product),
    .unary = FORM(gan__unary_table),
    .binary = FORM(gan__binary_table),
    .from_u8 = FORM(gan__from_u8),
    .sum_block = FORM(gan__sum_block),
    .sum_rows = FORM(gan__sum_rows),
    .max_block = FORM(gan__max_block),
    .max_rows = FORM(gan__max_rows),
    .adam = FORM(gan__adam),
    .descend = FORM(gan__descend),
    .average = FORM(gan__average),
    .normal = FORM(gan__normal),
    .conv = FORM(gan__conv),
    .conv_dx = FORM(gan__conv_dx),
    .conv_dw = FORM(gan__conv_dw),
    .conv_pack = FORM(gan__conv_pack),
    .conv_room = FORM(gan__conv_room),
    .fma_peak = FORM(gan__fma_peak),
    .read_peak = FORM(gan__read_peak),
};
