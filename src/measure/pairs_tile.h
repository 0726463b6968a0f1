/* pairs_tile.h - a few rows and one panel; pairs.c includes it once for each instruction set.
 *
 * FORM         end of the names
 * FORM_TARGET  attribute, or empty
 * FORM_WIDTH   doubles of a register
 * FORM_PARTS   registers of a panel's columns at once, for each row: what fits beside the operands
 */
#define NAME_(a, b) a##b
#define NAME(a, b) NAME_(a, b)
#define VECTOR NAME(vector_, FORM)

typedef double VECTOR __attribute__((vector_size(FORM_WIDTH * sizeof(double))));

FORM_TARGET static void NAME(dots_, FORM)(const double *const x[ROWS], const double *panel, int dims, double *out, size_t stride)
{
    enum { PARTS = LANES / FORM_WIDTH };
    for (int part = 0; part < PARTS; part += FORM_PARTS) {
        VECTOR sum[ROWS][FORM_PARTS] = {{{0}}};
        for (int k = 0; k < dims; k++)
#pragma GCC unroll 8
            for (int p = 0; p < FORM_PARTS; p++) {
                const VECTOR y = *(const VECTOR *)(panel + (size_t)k * LANES + (size_t)(part + p) * FORM_WIDTH);
#pragma GCC unroll 8
                for (int r = 0; r < ROWS; r++)
                    sum[r][p] += y * x[r][k];
            }
        for (int r = 0; r < ROWS; r++)
            memcpy(out + (size_t)r * stride + (size_t)part * FORM_WIDTH, sum[r], sizeof sum[r]);
    }
}

#undef NAME_
#undef NAME
#undef VECTOR
#undef FORM
#undef FORM_TARGET
#undef FORM_WIDTH
#undef FORM_PARTS
