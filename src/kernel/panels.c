/* panels.c - a [K,N] matrix as [ceil(N/16)][K][16]: 16 columns are one cache line. */
#include "kernel/kernel.h"

#include <string.h>

bool gan__conv_is_packed(const gan__conv *g)
{
    return g->groups == 1 || g->groups != g->c || g->groups != g->o;
}

int gan__conv_panels(const gan__conv *g, bool dx)
{
    const int results = (dx ? g->c : g->o) / g->groups;
    return g->groups * ((results + GAN__LANES - 1) / GAN__LANES);
}

size_t gan__panels_size(int k, int n)
{
    return (size_t)(n + GAN__LANES - 1) / GAN__LANES * (size_t)k * GAN__LANES;
}

void gan__panels_pack(float *panels, const float *rows, int k, int n)
{
    for (int j = 0; j < n; j += GAN__LANES) {
        const size_t cols = (size_t)(n - j < GAN__LANES ? n - j : GAN__LANES);
        for (int i = 0; i < k; i++, panels += GAN__LANES) {
            memset(panels, 0, GAN__LANES * sizeof *panels);
            memcpy(panels, rows + (size_t)i * (size_t)n + (size_t)j, cols * sizeof *panels);
        }
    }
}

void gan__panels_unpack(float *rows, const float *panels, int k, int n)
{
    for (int j = 0; j < n; j += GAN__LANES) {
        const size_t cols = (size_t)(n - j < GAN__LANES ? n - j : GAN__LANES);
        for (int i = 0; i < k; i++, panels += GAN__LANES)
            memcpy(rows + (size_t)i * (size_t)n + (size_t)j, panels, cols * sizeof *panels);
    }
}
