/* form_conv.c - convolutions, slow and obvious: one result vector at a time, every tap looked up.
 *
 * Lanes are 16 output channels (conv, conv_dw) or 16 input channels (conv_dx). The order of each sum is
 * the definition that faster kernels will have to meet.
 */
#include "kernel/form.h"

/* Blocks of 1,024 terms. */
typedef struct sum {
    vf block, total;
    int terms;
    bool more; /* total holds earlier blocks */
} sum;

INLINE void sum_start(sum *s)
{
    *s = (sum){.block = v_zero(), .total = v_zero()};
}

INLINE void sum_term(sum *s, vf a, vf b)
{
    s->block = v_fma(a, b, s->block);
    if (++s->terms == GAN__SUM_BLOCK) {
        s->total = s->more ? v_add(s->total, s->block) : s->block;
        s->more = true;
        s->block = v_zero();
        s->terms = 0;
    }
}

INLINE vf sum_end(const sum *s)
{
    if (!s->more)
        return s->block;
    return s->terms ? v_add(s->total, s->block) : s->total;
}

static int volume(const int d[3])
{
    return d[0] * d[1] * d[2];
}

static void unravel(int i, const int d[3], int at[3])
{
    at[2] = i % d[2];
    at[1] = i / d[2] % d[1];
    at[0] = i / d[2] / d[1];
}

/* Place of input position at * stride + tap * dilation - low in the image, or -1 outside. */
static ptrdiff_t input_of(const gan__conv *g, const int at[3], const int tap[3])
{
    ptrdiff_t place = 0;
    for (int d = 0; d < 3; d++) {
        const int i = at[d] * g->stride[d] + tap[d] * g->dilation[d] - g->low[d];
        if (i < 0 || i >= g->x[d])
            return -1;
        place = place * g->x[d] + i;
    }
    return place;
}

void FORM(gan__conv)(const gan__conv *g, const float *x, const float *w, float *y, int first, int end)
{
    const int pixels = volume(g->y), taps = volume(g->k), cg = g->c / g->groups, og = g->o / g->groups;
    for (int n = first; n < end; n++)
        for (int p = 0; p < pixels; p++)
            for (int o = 0, lanes; o < g->o; o += lanes) {
                const int group = o / og, left = (group + 1) * og - o;
                lanes = left < GAN__LANES ? left : GAN__LANES;
                sum s;
                sum_start(&s);
                int at[3];
                unravel(p, g->y, at);
                for (int u = 0; u < taps; u++) {
                    int tap[3];
                    unravel(u, g->k, tap);
                    const ptrdiff_t q = input_of(g, at, tap);
                    for (int c = 0; c < cg; c++) {
                        const float v =
                            q < 0 ? 0 : x[((ptrdiff_t)n * volume(g->x) + q) * g->c + group * cg + c];
                        const float *k = w + ((ptrdiff_t)u * cg + c) * g->o + o;
                        sum_term(&s, v_set1(v), v_load_n(k, lanes));
                    }
                }
                v_store_n(y + ((ptrdiff_t)n * pixels + p) * g->o + o, sum_end(&s), lanes);
            }
}

/* Which y a tap reaches from x position at: false where the tap is not of at's phase; *place -1 where it
 * is, but falls outside. */
static bool output_of(const gan__conv *g, const int at[3], const int tap[3], ptrdiff_t *place)
{
    bool inside = true;
    *place = 0;
    for (int d = 0; d < 3; d++) {
        const int i = at[d] + g->low[d] - tap[d] * g->dilation[d];
        if (i % g->stride[d] != 0)
            return false;
        const int j = i / g->stride[d];
        inside = inside && i >= 0 && j < g->y[d];
        *place = *place * g->y[d] + j;
    }
    if (!inside)
        *place = -1;
    return true;
}

void FORM(gan__conv_dx)(const gan__conv *g, const float *y, const float *w, float *x, int first,
                        int end)
{
    const int pixels = volume(g->x), taps = volume(g->k), cg = g->c / g->groups, og = g->o / g->groups;
    for (int n = first; n < end; n++)
        for (int p = 0; p < pixels; p++)
            for (int c = 0, lanes; c < g->c; c += lanes) {
                const int group = c / cg, left = (group + 1) * cg - c;
                lanes = left < GAN__LANES ? left : GAN__LANES;
                sum s;
                sum_start(&s);
                int at[3];
                unravel(p, g->x, at);
                for (int u = 0; u < taps; u++) {
                    int tap[3];
                    ptrdiff_t q;
                    unravel(u, g->k, tap);
                    if (!output_of(g, at, tap, &q))
                        continue;
                    for (int o = group * og; o < (group + 1) * og; o++) {
                        float k[GAN__LANES];
                        for (int i = 0; i < lanes; i++)
                            k[i] = w[((ptrdiff_t)u * cg + (c - group * cg) + i) * g->o + o];
                        const float v = q < 0 ? 0 : y[((ptrdiff_t)n * volume(g->y) + q) * g->o + o];
                        sum_term(&s, v_set1(v), v_load_n(k, lanes));
                    }
                }
                v_store_n(x + ((ptrdiff_t)n * pixels + p) * g->c + c, sum_end(&s), lanes);
            }
}

void FORM(gan__conv_dw)(const gan__conv *g, const float *x, const float *y, float *w, int first,
                        int end)
{
    const int pixels = volume(g->y), cg = g->c / g->groups, og = g->o / g->groups;
    for (int u = first; u < end; u++)
        for (int c = 0; c < cg; c++)
            for (int o = 0, lanes; o < g->o; o += lanes) {
                const int group = o / og, left = (group + 1) * og - o;
                lanes = left < GAN__LANES ? left : GAN__LANES;
                sum s;
                sum_start(&s);
                int tap[3];
                unravel(u, g->k, tap);
                for (int n = 0; n < g->n; n++)
                    for (int p = 0; p < pixels; p++) {
                        int at[3];
                        unravel(p, g->y, at);
                        const ptrdiff_t q = input_of(g, at, tap);
                        const float v =
                            q < 0 ? 0 : x[((ptrdiff_t)n * volume(g->x) + q) * g->c + group * cg + c];
                        const float *gy = y + ((ptrdiff_t)n * pixels + p) * g->o + o;
                        sum_term(&s, v_set1(v), v_load_n(gy, lanes));
                    }
                v_store_n(w + ((ptrdiff_t)u * cg + c) * g->o + o, sum_end(&s), lanes);
            }
}
