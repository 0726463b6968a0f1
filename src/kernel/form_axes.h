/* form_axes.h - which inputs a result of a convolution sums, axis by axis.
 *
 * Along each axis the results of one kind and the taps that reach them are arithmetic sequences, and so is where a tap
 * reads:
 *
 *     result m is at  out0 + m out_step        tap j is kernel index  tap0 + j tap_step
 *     reads           base + m by_out + j by_tap        outside 0 .. extent - 1: a zero
 *
 * A convolution has one kind of result; its adjoint one for each phase of the stride (parity phases for 2), since only
 * every stride-th tap falls on an input there.
 */
#ifndef GAN_KERNEL_FORM_AXES_H
#define GAN_KERNEL_FORM_AXES_H

#include "kernel/form.h"

typedef struct axis {
    int out0, out_step, outs;
    int tap0, tap_step, taps;
    int base, by_out, by_tap, extent;
} axis;

/* Scratch, in floats from its start; pointers take the room of two floats. */
enum {
    CONV_POINTERS = 8192,
    CONV_ZEROS = 4096,
    CONV_PATCHES = 32 * 1024,
    CONV_REST = 64 * 1024,
    CONV_STRIP = 32 * 1024,
    AT_ZEROS = 0,
    AT_POINTERS = AT_ZEROS + CONV_ZEROS,
    AT_PATCHES = AT_POINTERS + 2 * CONV_POINTERS,
    AT_REST = AT_PATCHES + CONV_PATCHES,
    AT_STRIP = AT_REST + CONV_REST,
    CONV_SCRATCH = AT_STRIP + CONV_STRIP
};
_Static_assert((int)CONV_SCRATCH <= (int)GAN__CONV_SCRATCH, "a thread's scratch is too small");

/* A result, decoded: image, and which of its kind along each axis. */
typedef struct spot {
    int n, m[3];
} spot;

INLINE int product_of(const int d[3])
{
    return d[0] * d[1] * d[2];
}

/* Result r of n images with outs of the axes. */
INLINE spot spot_of(const axis a[3], int r)
{
    spot s;
    s.m[2] = r % a[2].outs;
    r /= a[2].outs;
    s.m[1] = r % a[1].outs;
    r /= a[1].outs;
    s.m[0] = r % a[0].outs;
    s.n = r / a[0].outs;
    return s;
}

INLINE void next_spot(const axis a[3], spot *s)
{
    for (int d = 2; d >= 0; d--) {
        if (++s->m[d] < a[d].outs)
            return;
        s->m[d] = 0;
    }
    s->n++;
}

/* Where tap j of an axis reads for result m, or -1: outside. */
INLINE int reads(const axis *a, int m, int j)
{
    const int i = a->base + m * a->by_out + j * a->by_tap;
    return i >= 0 && i < a->extent ? i : -1;
}

/* gan__conv_axis - of a convolution: every result, every tap. */
INLINE axis conv_axis(const gan__conv *g, int d)
{
    return (axis){.out_step = 1, .outs = g->y[d], .tap_step = 1, .taps = g->k[d], .base = -g->low[d],
                  .by_out = g->stride[d], .by_tap = g->dilation[d], .extent = g->x[d]};
}

/* For taps first .. end - 1 (of all axes together, the last one fastest) of one result: pointers to the channels that they
 * read, `step` apart in out. */
INLINE void point(const axis a[3], const spot *s, const float *src, int channels, const float *zeros, int first, int end,
                  const float **out, int step)
{
    const ptrdiff_t image = (ptrdiff_t)s->n * a[0].extent * a[1].extent * a[2].extent;
    const int row = a[2].taps, plane = a[1].taps * row;
    for (int t = first; t < end;) {
        const int i0 = reads(&a[0], s->m[0], t / plane), i1 = reads(&a[1], s->m[1], t % plane / row);
        const float *line = src + (image + ((ptrdiff_t)i0 * a[1].extent + i1) * a[2].extent) * channels;
        const int from = t % row, stop = end - t < row - from ? from + (end - t) : row;
        for (int j = from; j < stop; j++, t++, out += step) {
            const int i2 = i0 < 0 || i1 < 0 ? -1 : reads(&a[2], s->m[2], j);
            *out = i2 < 0 ? zeros : line + (ptrdiff_t)i2 * channels;
        }
    }
}

/* Do all taps of the result read inside the image? Then they read at first_read + one offset each. */
INLINE bool all_inside(const axis a[3], const spot *s)
{
    for (int d = 0; d < 3; d++) {
        const int begin = a[d].base + s->m[d] * a[d].by_out, end = begin + (a[d].taps - 1) * a[d].by_tap;
        if (begin < 0 || begin >= a[d].extent || end < 0 || end >= a[d].extent)
            return false;
    }
    return true;
}

/* Does this one? */
INLINE bool reads_inside(const axis a[3], const spot *s, int tap)
{
    const int row = a[2].taps, plane = a[1].taps * row;
    return reads(&a[0], s->m[0], tap / plane) >= 0 && reads(&a[1], s->m[1], tap % plane / row) >= 0 &&
           reads(&a[2], s->m[2], tap % row) >= 0;
}

/* Floats from src to what the first tap of a result reads, or would, were the image larger. */
INLINE ptrdiff_t first_read(const axis a[3], const spot *s, int channels)
{
    ptrdiff_t at = s->n;
    for (int d = 0; d < 3; d++)
        at = at * a[d].extent + a[d].base + s->m[d] * a[d].by_out;
    return at * channels;
}

/* Offsets of taps first .. end - 1 from the first tap's. */
INLINE void tap_offsets(const axis a[3], int channels, int first, int end, ptrdiff_t *out)
{
    const int row = a[2].taps, plane = a[1].taps * row;
    for (int t = first; t < end; t++) {
        const ptrdiff_t i0 = t / plane * a[0].by_tap, i1 = t % plane / row * a[1].by_tap, i2 = t % row * a[2].by_tap;
        *out++ = ((i0 * a[1].extent + i1) * a[2].extent + i2) * channels;
    }
}

INLINE void copy_few(float *out, const float *from, int n)
{
    enum { SOME = 4 };
    for (; n >= SOME; n -= SOME, out += SOME, from += SOME)
        memcpy(out, from, SOME * sizeof *out);
    for (int c = 0; c < n; c++)
        out[c] = from[c];
}

/* What the taps of axis 2 read on a line of the image (NULL: outside) for `count` results that follow each other, `size` apart. */
INLINE void patch_line(const axis *a, int m, int count, const float *line, int channels, float *out, int size)
{
    const int row = a->taps * channels, back = (a->taps - 1) * a->by_tap;
    int begin = a->base + m * a->by_out;
    for (int i = 0; i < count; i++, begin += a->by_out, out += size) {
        if (line && a->by_tap == 1 && begin >= 0 && begin + back < a->extent) {
            copy_few(out, line + (ptrdiff_t)begin * channels, row);
            continue;
        }
        for (int c = 0; c < row; c++)
            out[c] = 0;
        for (int j = 0, at = begin; line && j < a->taps; j++, at += a->by_tap)
            if (at >= 0 && at < a->extent)
                copy_few(out + j * channels, line + (ptrdiff_t)at * channels, channels);
    }
}

/* All terms of `count` results from s on, taps x channels floats each, side by side; for few channels. */
INLINE void patches_of(const axis a[3], spot s, int count, const float *src, int channels, float *out)
{
    const int row = a[2].taps * channels, size = a[0].taps * a[1].taps * row;
    for (int run; count > 0; count -= run, out += run * size, s.m[2] += run - 1, next_spot(a, &s)) {
        const int left = a[2].outs - s.m[2];
        run = left < count ? left : count;
        for (int j0 = 0, at = 0; j0 < a[0].taps; j0++)
            for (int j1 = 0; j1 < a[1].taps; j1++, at += row) {
                const int i0 = reads(&a[0], s.m[0], j0), i1 = reads(&a[1], s.m[1], j1);
                const ptrdiff_t line = (((ptrdiff_t)s.n * a[0].extent + i0) * a[1].extent + i1) * a[2].extent;
                patch_line(&a[2], s.m[2], run, i0 >= 0 && i1 >= 0 ? src + line * channels : NULL, channels, out + at, size);
            }
    }
}

#endif
