/* form_conv_pack.c - a convolution's weights in panels: see kernel.h. */
#include "kernel/form.h"

/* One panel: `lanes` results' channels from `result` on of a group. */
typedef struct panel {
    const gan__conv *g;
    const float *w; /* of the group's first input and output channel, at tap 0 */
    int result, lanes;
    float *out;
} panel;

/* Rows of outputs, as they lie. */
static void rows(const panel *p)
{
    const gan__conv *g = p->g;
    const int all = g->k[0] * g->k[1] * g->k[2] * (g->c / g->groups);
    const float *from = p->w + p->result;
    for (int i = 0; i < all; i++)
        v_store(p->out + (size_t)i * GAN__LANES, v_load_n(from + (size_t)i * (size_t)g->o, p->lanes));
}

/* For the adjoint: [c][o] of each tap turned to [o][c]. */
static void turned(const panel *p)
{
    const gan__conv *g = p->g;
    const int taps = g->k[0] * g->k[1] * g->k[2], terms = g->o / g->groups;
    const size_t o = (size_t)g->o, tap = (size_t)(g->c / g->groups) * o;
    float *out = p->out;
    for (int u = 0; u < taps; u++)
        for (int t = 0, some; t < terms; t += some, out += (size_t)some * GAN__LANES) {
            some = terms - t < GAN__LANES ? terms - t : GAN__LANES;
            gan__turn(out, GAN__LANES, p->w + (size_t)u * tap + (size_t)p->result * o + t, o, p->lanes, some);
        }
}

static size_t panel_size(const gan__conv *g, bool dx)
{
    const int taps = g->k[0] * g->k[1] * g->k[2], terms = (dx ? g->o : g->c) / g->groups;
    return (size_t)taps * (size_t)terms * GAN__LANES;
}

size_t FORM(gan__conv_room)(const gan__conv *g, bool dx)
{
    return (size_t)gan__conv_panels(g, dx) * panel_size(g, dx);
}

void FORM(gan__conv_pack)(const gan__conv *g, bool dx, const float *w, void *panels, int first, int end)
{
    const int cg = g->c / g->groups, og = g->o / g->groups, results = dx ? cg : og,
              in_group = (results + GAN__LANES - 1) / GAN__LANES;
    const size_t size = panel_size(g, dx);
    for (int i = first; i < end; i++) {
        const int group = i / in_group, result = i % in_group * GAN__LANES, left = results - result;
        const panel p = {g, w + (size_t)group * (size_t)og, result, left < GAN__LANES ? left : GAN__LANES,
                         (float *)panels + (size_t)i * size};
        if (dx)
            turned(&p);
        else
            rows(&p);
    }
}
