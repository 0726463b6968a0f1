/* dataset_refit.c - a set that is in memory already as items of another shape: what a folder's pictures go through as they are read. */
#include "base/error.h"
#include "data/dataset.h"
#include "data/picture_fit.h"

#include <stdlib.h>
#include <string.h>

/* Is there anything to do? */
static bool differs(const gan_dataset *d, const gan_pictures *how)
{
    int h, w, c;
    gan_dataset_shape(d, &h, &w, &c);
    return (how->height && (how->height != h || how->width != w)) || (how->channels && how->channels != c) ||
           (how->gray == GAN_GRAY_ON && c >= 3) || (how->gray == GAN_GRAY_OFF && c < 3) || (how->alpha != GAN_ALPHA_KEEP && c % 2 == 0);
}

/* All items, RGBA, then as many channels as they need: *images. */
static gan_status fit(gan__idx *images, const gan_dataset *d, const gan_pictures *how, gan_error *err)
{
    gan_image in = {0};
    gan_dataset_shape(d, &in.height, &in.width, &in.channels);
    const int count = d->count, h = how->height ? how->height : in.height, w = how->width ? how->width : in.width;
    const size_t pixels = (size_t)h * (size_t)w;
    uint8_t *all = malloc((size_t)count * pixels * 4);
    in.pixels = malloc(d->field[GAN__IMAGE].bytes);
    gan_status s = all && in.pixels ? GAN_OK : gan__fail_memory(err, d->name);
    unsigned has = 0;
    for (int i = 0; i < count && s == GAN_OK; i++) {
        unsigned of;
        gan_dataset_get(d, i, in.pixels);
        s = gan__picture_fit(&in, how, h, w, all + (size_t)i * pixels * 4, &of, err);
        has |= of;
    }
    free(in.pixels);
    if (s != GAN_OK) {
        free(all);
        return s;
    }
    const int channels = gan__picture_channels(how, has);
    gan__picture_narrow(all, all, (size_t)count * pixels, channels, how);
    *images = (gan__idx){4, {count, h, w, channels}, all, (size_t)count * pixels * (size_t)channels, all};
    return GAN_OK;
}

static gan_status copy_labels(gan__idx *labels, const gan_dataset *d, gan_error *err)
{
    *labels = (gan__idx){0};
    if (!gan_dataset_labels(d))
        return GAN_OK;
    uint8_t *of = malloc((size_t)d->count);
    if (!of)
        return gan__fail_memory(err, d->name);
    memcpy(of, gan_dataset_labels(d), (size_t)d->count);
    *labels = (gan__idx){1, {d->count, 1, 1, 1}, of, (size_t)d->count, of};
    return GAN_OK;
}

gan_status gan__dataset_refit(gan_dataset **d, const gan_pictures *how, gan_error *err)
{
    gan_dataset *old = *d, *made = NULL;
    if (old->mixture || !differs(old, how))
        return GAN_OK;
    gan__idx images, labels;
    gan_status s = fit(&images, old, how, err);
    if (s == GAN_OK && (s = copy_labels(&labels, old, err)) != GAN_OK)
        gan__idx_release(&images);
    if (s == GAN_OK)
        s = gan__dataset_build(&made, old->name, old->store->source, &images, &labels, err);
    if (s == GAN_OK) {
        made->store->how = *how;
        made->store->refitted = true;
        made->store->known = old->store->known;
    }
    gan_dataset_free(old);
    *d = made;
    return s;
}
