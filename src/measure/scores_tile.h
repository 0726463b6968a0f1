/* scores_tile.h - scores of a few rows and one panel; scores.c includes it once for each instruction set.
 *
 * FORM         end of the name
 * FORM_TARGET  attribute, or empty
 * FORM_WIDTH   floats of a register
 * FORM_PARTS   registers of a panel's columns at once, for each row
 * FORM_STEP    sum - y x, rounded once or twice: it does not show (scores.h)
 */
#define NAME_(a, b) a##b
#define NAME(a, b) NAME_(a, b)
#define VECTOR NAME(floats_, FORM)

typedef float VECTOR __attribute__((vector_size(FORM_WIDTH * sizeof(float))));

FORM_TARGET static void NAME(scores_, FORM)(const float *const x[ROWS], const float *panel, int dims, float *out, size_t stride)
{
    for (int part = 0; part < LANES / FORM_WIDTH; part += FORM_PARTS) {
        VECTOR sum[ROWS][FORM_PARTS];
        for (int r = 0; r < ROWS; r++)
            memcpy(sum[r], panel + (size_t)dims * LANES + (size_t)part * FORM_WIDTH, sizeof sum[r]);
        for (int k = 0; k < dims; k++)
#pragma GCC unroll 8
            for (int p = 0; p < FORM_PARTS; p++) {
                const VECTOR y = *(const VECTOR *)(panel + (size_t)k * LANES + (size_t)(part + p) * FORM_WIDTH);
#pragma GCC unroll 8
                for (int r = 0; r < ROWS; r++)
                    sum[r][p] = FORM_STEP(sum[r][p], y, x[r][k]);
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
#undef FORM_STEP
