/* form_conv_job.h - one kind of results of a convolution or of its adjoint, and where its numbers lie. */
#ifndef GAN_KERNEL_FORM_CONV_JOB_H
#define GAN_KERNEL_FORM_CONV_JOB_H

#include "kernel/form_axes.h"

typedef struct gan__gather {
    axis a[3];
    int groups, terms, cols, taps; /* terms: of a tap; cols: of a group */
    const float *src, *w;
    int src_channels, dst_channels, dst_extent[3];
    int k[3];
    size_t w_tap, w_panel, w_group; /* of packed weights: a row is 16 floats */
    float *dst;
} gan__gather;

INLINE float *gan__gather_result(const gan__gather *j, const spot *s)
{
    ptrdiff_t place = s->n;
    for (int d = 0; d < 3; d++)
        place = place * j->dst_extent[d] + j->a[d].out0 + s->m[d] * j->a[d].out_step;
    return j->dst + place * j->dst_channels;
}

/* The weights of tap t of the kind. */
INLINE const float *gan__gather_weights(const gan__gather *j, int t)
{
    const int row = j->a[2].taps, plane = j->a[1].taps * row;
    const int at[3] = {t / plane, t % plane / row, t % row};
    ptrdiff_t place = 0;
    for (int d = 0; d < 3; d++)
        place = place * j->k[d] + j->a[d].tap0 + at[d] * j->a[d].tap_step;
    return j->w + place * (ptrdiff_t)j->w_tap;
}

enum { CONV_JOBS = 8 };

/* gan__conv_few - the results of 1 to CONV_JOBS jobs that read the same, first[i] .. end[i] - 1 of job i, where they have few
 * channels; false: not of that kind, nothing done. */
#define gan__conv_few FORM(gan__conv_few)
bool gan__conv_few(const gan__gather *jobs, int count, const int *first, const int *end, float *scratch);

#endif
