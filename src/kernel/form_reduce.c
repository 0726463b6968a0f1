/* form_reduce.c - sums and maxima of one block; the plan adds blocks in ascending order. */
#include "kernel/form.h"

#include <math.h>

/* Lanes 8 apart, then 4, 2, 1. */
static float tree(vf sum)
{
    float lane[GAN__LANES];
    v_store(lane, sum);
    for (int half = GAN__LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

/* Lanes that a last, short vector does not have add nothing: x + 0 would turn -0 into 0. */
float FORM(gan__sum_block)(const float *x, size_t n)
{
    vf sum = v_zero();
    size_t i = 0;
    for (; i + GAN__LANES <= n; i += GAN__LANES)
        sum = v_add(sum, v_load(x + i));
    float lane[GAN__LANES];
    v_store(lane, sum);
    for (size_t k = 0; i + k < n; k++)
        lane[k] += x[i + k];
    return tree(v_load(lane));
}

/* Four vectors of columns at a time: their sums do not wait for each other. */
void FORM(gan__sum_rows)(float *y, const float *x, size_t xs, int rows, int cols)
{
    enum { WIDE = 4 };
    int c = 0;
    for (; c + WIDE * GAN__LANES <= cols; c += WIDE * GAN__LANES) {
        vf sum[WIDE];
        UNROLL for (int j = 0; j < WIDE; j++) sum[j] = v_zero();
        for (int r = 0; r < rows; r++)
            UNROLL for (int j = 0; j < WIDE; j++)
                sum[j] = v_add(sum[j], v_load(x + (size_t)r * xs + c + j * GAN__LANES));
        UNROLL for (int j = 0; j < WIDE; j++) v_store(y + c + j * GAN__LANES, sum[j]);
    }
    for (; c < cols; c += GAN__LANES) {
        const int n = cols - c;
        vf sum = v_zero();
        for (int r = 0; r < rows; r++) {
            const float *p = x + (size_t)r * xs + c;
            sum = v_add(sum, n >= GAN__LANES ? v_load(p) : v_load_n(p, n));
        }
        v_store_n(y + c, sum, n < GAN__LANES ? n : GAN__LANES);
    }
}

/* The greater; the first of the two where they are equal; NaN once there was one. */
static float greater(float a, float b)
{
    return isnan(a) ? a : b > a || isnan(b) ? b : a;
}

float FORM(gan__max_block)(const float *x, size_t n)
{
    float most = x[0];
    for (size_t i = 1; i < n; i++)
        most = greater(most, x[i]);
    return most;
}

void FORM(gan__max_rows)(float *y, const float *x, size_t xs, int rows, int cols)
{
    for (int c = 0; c < cols; c++) {
        float most = x[c];
        for (int r = 1; r < rows; r++)
            most = greater(most, x[(size_t)r * xs + (size_t)c]);
        y[c] = most;
    }
}
