/* dataset_named.c - a data set by its name: drawn, made of another one, or found on this machine and verified. And which words
 * are a name, which a path. */
#include "base/error.h"
#include "base/random.h"
#include "data/dataset.h"
#include "data/dataset_open.h"
#include "data/sets.h"
#include "data/strokes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the program draws: item i by its number alone, of class i mod classes. */
static gan_status draw(gan_dataset **out, const gan__set *set, const gan__set_split *split, gan_error *err)
{
    enum { SIDE = GAN__STROKES_SIDE };
    const gan__mixture *points = set->mixture;
    const size_t count = (size_t)split->count, item = points ? 2 * sizeof(float) : (size_t)SIDE * SIDE;
    const int classes_of = points ? points->modes : GAN__STROKES_CLASSES;
    uint8_t *pixels = malloc(count * item), *labels = malloc(count);
    if (!pixels || !labels) {
        free(pixels);
        free(labels);
        return gan__fail_memory(err, split->name);
    }
    for (int k = 0; k < split->count; k++) {
        const uint32_t i = (uint32_t)(split->first + k);
        if (points)
            gan__mixture_draw(points, i, (float *)(void *)pixels + 2 * (size_t)k);
        else
            gan__strokes_draw(i, pixels + (size_t)k * item);
        labels[k] = (uint8_t)(i % (uint32_t)classes_of);
    }
    gan__idx images = {.rank = 3, .dim = {split->count, SIDE, SIDE, 1}, .size = count * item};
    gan__idx classes = {.rank = 1, .dim = {split->count, 1, 1, 1}, .size = count};
    if (points)
        images.dim[1] = 1, images.dim[2] = 2;
    images.bytes = images.block = pixels;
    classes.bytes = classes.block = labels;
    const gan_status s = gan__dataset_build(out, split->name, "drawn by the program", &images, &classes, err);
    if (s == GAN_OK && points)
        gan__dataset_of_points(*out, points);
    return s;
}

/* Picture i: three pictures of the other set as red, green and blue, chosen by i alone. */
static gan_status stack(gan_dataset **out, const gan__set *set, const gan__set_split *split, gan_error *err)
{
    enum { CHANNELS = 3 };
    const gan__set_split *of;
    const gan__set *other = gan__set_find(set->stacked, &of);
    gan_dataset *single;
    int h, w, c;
    gan_status s = gan_dataset_named(&single, other->split[split == set->split ? 0 : 1].name, err);
    if (s != GAN_OK)
        return s;
    gan_dataset_shape(single, &h, &w, &c);
    const size_t numbers = (size_t)h * (size_t)w, count = (size_t)split->count;
    const uint32_t stream = gan__stream("stacked");
    uint8_t *pixels = malloc(count * numbers * CHANNELS), *one = malloc(numbers);
    s = pixels && one ? GAN_OK : gan__fail_memory(err, split->name);
    for (size_t k = 0; k < count && s == GAN_OK; k++)
        for (uint32_t channel = 0; channel < CHANNELS; channel++) {
            const uint32_t i = (uint32_t)split->first + (uint32_t)k, number = gan__random_u32(0, stream, 0, i, channel);
            gan_dataset_get(single, (int)(number % (uint32_t)gan_dataset_count(single)), one);
            for (size_t p = 0; p < numbers; p++)
                pixels[(k * numbers + p) * CHANNELS + channel] = one[p];
        }
    free(one);
    gan_dataset_free(single);
    gan__idx images = {.rank = 4, .dim = {split->count, h, w, CHANNELS}, .size = count * numbers * CHANNELS}, none = {0};
    images.bytes = images.block = pixels;
    if (s != GAN_OK) {
        free(pixels);
        return s;
    }
    s = gan__dataset_build(out, split->name, "made of mnist", &images, &none, err);
    if (s == GAN_OK)
        (*out)->stacked = set->stacked;
    return s;
}

/* What is not the set's: "pixels", "labels", or NULL. */
static const char *other(const gan_dataset *d, const gan__set_split *split)
{
    if (strcmp(d->store->sha256[GAN__IMAGE], split->pixels) != 0)
        return "pixels";
    if (d->fields > GAN__LABEL && strcmp(d->store->sha256[GAN__LABEL], split->labels) != 0)
        return "labels";
    return NULL;
}

/* Open what is said to be the split, and see that it is. */
static gan_status open_known(gan_dataset **out, const gan__set *set, const gan__set_split *split,
                             const char *path, gan_error *err)
{
    gan_status s = gan_dataset_open(out, path, NULL, err);
    const char *wrong = s == GAN_OK ? other(*out, split) : NULL;
    if (wrong) {
        gan_dataset_free(*out);
        *out = NULL;
        s = gan__fail(err, GAN_EFORMAT,
                      "%s: is not %s (its %s have another SHA-256); run: gander data fetch %s",
                      path, split->name, wrong, set->info->name);
    }
    return s;
}

/* What to open in a folder for a split: of the training images the folder, of others their file.
 * malloc'd; NULL: it is not there, or out of memory. */
static char *held(const char *folder, const gan__set *set, const gan__set_split *split)
{
    char *images = folder ? gan__plain_or_packed(folder, set->file[split->file].name) : NULL;
    if (!images || split != set->split)
        return images;
    free(images);
    return strdup(folder);
}

gan_status gan_dataset_named(gan_dataset **out, const char *name, gan_error *err)
{
    *out = NULL;
    const gan__set_split *split;
    const gan__set *set = gan__set_find(name, &split);
    if (!split)
        return gan__set_unknown(name, "", err);
    if (set->stacked)
        return stack(out, set, split, err);
    if (!set->file[0].name)
        return draw(out, set, split, err);
    char *folder = NULL;
    gan_status s = gan__set_folder(set, &folder, err);
    char *path = held(folder, set, split);
    if (!path) /* a machine without a HOME may still have the package */
        path = held(set->debian, set, split);
    if (path)
        s = open_known(out, set, split, path, err);
    else if (s == GAN_OK)
        s = gan__fail(err, GAN_ENOTFOUND,
                      "%s: is not on this machine; get it with: gander data fetch %s", name,
                      set->info->name);
    free(path);
    free(folder);
    return s;
}

gan_status gan_dataset_find(gan_dataset **out, const char *where, const gan_pictures *how, gan_error *err)
{
    *out = NULL;
    const gan__set_split *split;
    const gan__set *set = gan__set_find(where, &split);
    if (access(where, F_OK) == 0 && !(split && gan__is_run(where)))
        return gan_dataset_open(out, where, how, err);
    if (!set && strchr(where, '/'))
        return gan_dataset_open(out, where, how, err); /* which says why there is nothing */
    if (!split)
        return gan__set_unknown(where, "no file or folder, and ", err);
    const gan_status s = gan_dataset_named(out, where, err);
    return s == GAN_OK && how ? gan__dataset_refit(out, how, err) : s;
}
