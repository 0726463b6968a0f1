/* watch.c - a small evaluation again and again, while something trains. */
#include "base/error.h"
#include "measure/seen.h"

#include <stdlib.h>
#include <string.h>

static const char *const keys[GAN_WATCH_ROWS] = {"fid", "kid", "precision", "recall", "modes", "quality", "mode_kl"};

struct gan_watch {
    const gan_dataset *data;
    gan_model *net; /* NULL: points */
    gan_team *team;
    gan__seen real;
    double *shares; /* of the data's modes; NULL: pictures */
    int n;
};

int gan_watch_row(int i)
{
    for (int k = 0; k < gan_measures(); k++)
        if (!strcmp(gan_measure_at(k).key, keys[i]))
            return k;
    return -1;
}

/* Of all the data: 100,000 points take no time. */
static gan_status share_modes(gan_watch *w, gan_error *err)
{
    gan__seen all = {0};
    gan_status s = gan__seen_points_of(&all, w->data, gan_dataset_count(w->data), err);
    if (s == GAN_OK)
        s = gan__seen_shares(&w->shares, &all, gan_dataset_modes(w->data), err);
    gan__seen_forget(&all);
    return s;
}

gan_status gan_watch_create(gan_watch **out, const gan_dataset *data, gan_model *net, int n, gan_team *team, gan_error *err)
{
    *out = NULL;
    const int count = gan_dataset_count(data), real = n < count ? n : count;
    gan_watch *w = n > 0 ? calloc(1, sizeof *w) : NULL;
    if (!w)
        return n > 0 ? gan__fail_memory(err, "an evaluation") : gan__fail(err, GAN_EINVAL, "no samples to measure");
    *w = (gan_watch){.data = data, .net = net, .team = team, .n = n};
    gan_status s = gan_dataset_real(data) ? gan__seen_points_of(&w->real, data, real, err)
                                          : gan__seen_data(&w->real, net, data, real, false, err);
    if (s == GAN_OK && gan_dataset_real(data))
        s = share_modes(w, err);
    if (s != GAN_OK) {
        gan_watch_free(w);
        return s;
    }
    *out = w;
    return GAN_OK;
}

void gan_watch_free(gan_watch *w)
{
    if (!w)
        return;
    gan__seen_forget(&w->real);
    free(w->shares);
    free(w);
}

static gan_status look(const gan_watch *w, gan__seen *samples, const uint8_t *pixels, const float *points, gan_error *err)
{
    if (gan_dataset_real(w->data))
        return gan__seen_points(samples, w->data, points, w->n, w->real.features.dims, err);
    const gan_status s = gan__seen_prepare(samples, w->n, w->net, err);
    return s == GAN_OK ? gan__seen_look(samples, w->net, 0, w->n, pixels, err) : s;
}

gan_status gan_watch_measure(gan_watch *w, const uint8_t *pixels, const float *points, gan_measured out[GAN_WATCH_ROWS],
                             gan_error *err)
{
    gan__seen samples = {0};
    gan_status s = look(w, &samples, pixels, points, err);
    const gan_sides sides = {.real = &w->real.features,
                             .samples = &samples.features,
                             .modes = samples.modes ? gan_dataset_modes(w->data) : 0,
                             .sample_modes = samples.modes,
                             .sample_near = samples.near,
                             .real_shares = w->shares};
    for (int i = 0; i < GAN_WATCH_ROWS && s == GAN_OK; i++)
        s = gan_measure(keys[i], &sides, w->team, &out[i], err);
    gan__seen_forget(&samples);
    return s;
}
