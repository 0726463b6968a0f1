/* page_ways.c - the directions of latent space that change samples most: their share, and one sample moved along each. */
#include "page/page_internal.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 7 /* along each way, the sample itself in the middle */ };
static const double FAR = 3; /* standard deviations of a latent number, each way */

/* The ways of a kind, found when they are first asked for of a checkpoint. */
static gan_status find_ways(gan_page *p, int kind, gan_error *err)
{
    gan__page_ways *w = &p->ways[kind];
    if (w->way && w->of == p->state_was)
        return GAN_OK;
    const size_t latent = (size_t)gan_inspector_latent(p->inside);
    free(w->way);
    *w = (gan__page_ways){.way = malloc(GAN__PAGE_WAYS * latent * sizeof(float)), .of = p->state_was};
    gan_status s = w->way ? gan_inspector_ways(p->inside, kind ? GAN_WAYS_RESULTS : GAN_WAYS_WEIGHTS, GAN__PAGE_WAYS, w->way, w->strength, &w->count, err)
                          : gan__fail_memory(err, "ways");
    if (s == GAN_OK && w->count < 1)
        s = gan__fail(err, GAN_EUNSUPPORTED, "its first layer changes nothing");
    if (s != GAN_OK) {
        free(w->way);
        w->way = NULL;
    }
    return s;
}

gan_status gan__page_need_ways(gan_page *p, gan_error *err)
{
    gan_status s = gan__page_need_pictures(p, err);
    if (s == GAN_OK)
        s = gan__page_need_inside(p, err);
    if (s == GAN_OK && gan_inspector_latent(p->inside) != gan_model_latent(p->model)) /* files of two runs in one folder, or one that is being replaced */
        s = gan__fail(err, GAN_ENOTFOUND, "its model and its checkpoint are not of one recipe");
    return s == GAN_OK ? find_ways(p, 0, err) : s;
}

gan_status gan__page_ways_facts(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    int kind;
    gan_status s = gan__page_whole(q, "kind", 0, 1, &kind, err);
    if (s == GAN_OK)
        s = find_ways(p, kind, err);
    if (s != GAN_OK)
        return s;
    json_t *list = json_array();
    for (int i = 0; i < p->ways[kind].count; i++)
        json_array_append_new(list, gan__page_real(p->ways[kind].strength[i]));
    return gan__page_json(list, a, err);
}

/* A row for each way. */
gan_status gan__page_ways_picture(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    int kind = 0, first = 0;
    gan_status s = gan__page_whole(q, "kind", 0, 1, &kind, err);
    if (s == GAN_OK)
        s = gan__page_whole(q, "first", 0, 1000000000, &first, err);
    if (s == GAN_OK)
        s = find_ways(p, kind, err);
    if (s != GAN_OK)
        return s;
    const gan__page_ways *w = &p->ways[kind];
    const size_t latent = (size_t)gan_model_latent(p->model);
    const int n = w->count * STEPS;
    float *z = malloc((size_t)(n + 1) * latent * sizeof *z), *from = z ? z + (size_t)n * latent : NULL;
    uint8_t *pixels = malloc((size_t)n * gan__page_item(p->model));
    s = z && pixels ? gan_model_latents(p->model, 1, (uint32_t)first, 1, from, err) : gan__fail_memory(err, "samples");
    for (int i = 0; i < n && s == GAN_OK; i++) {
        const float by = (float)(FAR * (2.0 * (i % STEPS) / (STEPS - 1) - 1));
        for (size_t k = 0; k < latent; k++)
            z[(size_t)i * latent + k] = from[k] + by * w->way[(size_t)(i / STEPS) * latent + k];
    }
    if (s == GAN_OK)
        s = gan__page_draw(p, n, z, 1, -1, pixels, err);
    if (s == GAN_OK)
        s = gan__page_sheet(p->model, n, STEPS, 1, pixels, a, err);
    free(pixels);
    free(z);
    return s;
}
