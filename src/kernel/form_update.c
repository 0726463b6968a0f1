/* form_update.c - Adam and the moving average, element by element. */
#include "kernel/form_adam.h"

/* A last, short vector goes through copies: masked stores keep the next load of the same place waiting. */
static void adam_rest(const gan__descent *d, const float *g, size_t i, size_t n, const adam_constants *k)
{
    float *const all[] = {d->w + i, d->m + i, d->v + i};
    float rest[4][GAN__LANES] = {{0}};
    for (int s = 0; s < 3; s++)
        memcpy(rest[s], all[s], n * sizeof *g);
    memcpy(rest[3], g + i, n * sizeof *g);
    adam_one(rest[0], rest[1], rest[2], v_load(rest[3]), k);
    for (int s = 0; s < 3; s++)
        memcpy(all[s], rest[s], n * sizeof *g);
}

void FORM(gan__adam)(const gan__descent *d, const float *g, size_t n)
{
    const adam_constants k = constants_of(d);
    size_t i = 0;
    if (d->average)
        for (; i + GAN__LANES <= n; i += GAN__LANES) {
            adam_one(d->w + i, d->m + i, d->v + i, v_load(g + i), &k);
            average_one(d->average + i, d->w + i, &k);
        }
    else
        for (; i + GAN__LANES <= n; i += GAN__LANES)
            adam_one(d->w + i, d->m + i, d->v + i, v_load(g + i), &k);
    if (i < n)
        adam_rest(d, g, i, n - i, &k);
    if (i < n && d->average)
        FORM(gan__average)(d->average + i, d->w + i, n - i, d->decay);
}

void FORM(gan__average)(float *average, const float *w, size_t n, float decay)
{
    const vf a = v_set1(decay), b = v_sub(v_set1(1), a);
    size_t i = 0;
    for (; i + GAN__LANES <= n; i += GAN__LANES)
        v_store(average + i, v_fma(a, v_load(average + i), v_mul(b, v_load(w + i))));
    if (i < n) {
        const int k = (int)(n - i);
        v_store_n(average + i, v_fma(a, v_load_n(average + i, k), v_mul(b, v_load_n(w + i, k))), k);
    }
}
