/* dataset_named.c - a data set by its name: drawn, or found on this machine and verified. */
#include "base/error.h"
#include "data/dataset.h"
#include "data/dataset_open.h"
#include "data/sets.h"
#include "data/strokes.h"

#include <stdlib.h>
#include <string.h>

static gan_status draw_strokes(gan_dataset **out, gan_error *err)
{
    enum { SIDE = GAN__STROKES_SIDE, ITEM = SIDE * SIDE, COUNT = GAN__STROKES_COUNT };
    uint8_t *pixels = malloc((size_t)COUNT * ITEM), *labels = malloc(COUNT);
    if (!pixels || !labels) {
        free(pixels);
        free(labels);
        return gan__fail_memory(err, "strokes");
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        gan__strokes_draw(i, pixels + (size_t)i * ITEM);
        labels[i] = (uint8_t)(i % GAN__STROKES_CLASSES);
    }
    gan__idx images = {.rank = 3, .dim = {COUNT, SIDE, SIDE, 1}, .size = (size_t)COUNT * ITEM};
    gan__idx classes = {.rank = 1, .dim = {COUNT, 1, 1, 1}, .size = COUNT};
    images.bytes = images.block = pixels;
    classes.bytes = classes.block = labels;
    return gan__dataset_build(out, "strokes", "drawn by the program", &images,
                              &classes, err);
}

/* Open a folder that is said to hold the set, and see that it does. */
static gan_status open_known(gan_dataset **out, const gan__set *set, const char *folder,
                             gan_error *err)
{
    gan_status s = gan_dataset_open(out, folder, err);
    if (s == GAN_OK && strcmp(gan_dataset_sha256(*out), set->pixels) != 0) {
        gan_dataset_free(*out);
        *out = NULL;
        s = gan__fail(err, GAN_EFORMAT,
                      "%s: is not %s (its pixels have another SHA-256); run: gander data fetch %s",
                      folder, set->info->name, set->info->name);
    }
    return s;
}

static bool holds(const char *folder, const gan__set *set)
{
    char *images = folder ? gan__plain_or_packed(folder, set->file[0].name) : NULL;
    free(images);
    return images != NULL;
}

gan_status gan_dataset_named(gan_dataset **out, const char *name, gan_error *err)
{
    *out = NULL;
    const gan__set *set = gan__set_find(name, err);
    if (!set)
        return GAN_ENOTFOUND;
    if (!set->file[0].name)
        return draw_strokes(out, err);
    char *folder = NULL;
    gan_status s = gan__set_folder(set, &folder, err);
    if (s == GAN_OK && holds(folder, set))
        s = open_known(out, set, folder, err);
    else if (holds(set->debian, set)) /* a machine without a HOME may still have the package */
        s = open_known(out, set, set->debian, err);
    else if (s == GAN_OK)
        s = gan__fail(err, GAN_ENOTFOUND, "%s: is not on this machine; get it with: gander data fetch %s",
                      name, name);
    free(folder);
    return s;
}
