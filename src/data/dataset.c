/* dataset.c - the set itself: bytes in memory, their fields, a digest of each.
 *
 * Pixels stay uint8 as they were decoded (47 MB for MNIST); what makes floats of them is the plan's
 * first step.
 */
#include "data/dataset.h"

#include "base/error.h"
#include "base/sha256.h"
#include "data/sets.h"

#include <stdlib.h>
#include <string.h>

/* Where the path's last part begins, of path's first n bytes. */
static size_t last_part(const char *path, size_t n)
{
    while (n > 0 && path[n - 1] != '/')
        n--;
    return n;
}

/* A set's name from where it lies: a/emoji is emoji, a/emoji/train too; a/emoji/test is emoji/test. malloc'd. */
static char *name_of(const char *path)
{
    static const char *const parts[] = {"train", "test", "val", "valid", "validation"};
    const size_t n = strlen(path), last = last_part(path, n);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && last > 1; i++) {
        const size_t parent = last_part(path, last - 1);
        if (!strcmp(path + last, parts[i]) && parent < last - 1)
            return strndup(path + parent, i ? n - parent : last - 1 - parent);
    }
    return strdup(last < n ? path + last : path);
}

static gan_status check_labels(const gan__idx *images, const gan__idx *labels, const char *source,
                               gan_error *err)
{
    if (labels->rank != 1)
        return gan__fail(err, GAN_EFORMAT, "%s: the file of labels beside it holds images", source);
    if (labels->dim[0] != images->dim[0])
        return gan__fail(err, GAN_EFORMAT, "%s: %d images, but %d labels beside it", source,
                         images->dim[0], labels->dim[0]);
    return GAN_OK;
}

static void release_store(gan__store *store)
{
    if (!store || atomic_fetch_sub(&store->users, 1) > 1)
        return;
    gan__idx_release(&store->images);
    gan__idx_release(&store->labels);
    gan__region_release(&store->region);
    for (int c = 0; c < GAN__CLASSES_MAX; c++)
        free(store->class_name[c]);
    free(store->notes);
    free(store->source);
    free(store);
}

static void list_fields(gan_dataset *d)
{
    const gan__idx *images = &d->store->images, *labels = &d->store->labels;
    d->count = images->dim[0];
    d->field[d->fields] = (gan_dataset_field){"image",
                                              3,
                                              {images->dim[1], images->dim[2], images->dim[3]},
                                              images->size / (size_t)d->count,
                                              false};
    d->at[d->fields++].bytes = images->bytes;
    if (!labels->block)
        return;
    d->field[d->fields] = (gan_dataset_field){"label", 0, {1, 1, 1}, 1, false};
    d->at[d->fields++].bytes = labels->bytes;
    for (size_t i = 0; i < labels->size; i++)
        if (labels->bytes[i] >= d->classes)
            d->classes = labels->bytes[i] + 1;
}

/* pixels: their SHA-256 where the caller has just computed it, or NULL. */
static gan_status name_it(gan_dataset *d, const char *name, const char *source, const char *pixels, gan_error *err)
{
    if (pixels)
        strcpy(d->store->sha256[GAN__IMAGE], pixels);
    for (int f = pixels ? GAN__IMAGE + 1 : GAN__IMAGE; f < d->fields; f++) {
        const size_t bytes = (size_t)d->count * d->field[f].bytes;
        const gan_status s = gan__sha256_of(d->at[f].bytes, bytes, d->store->sha256[f], err);
        if (s != GAN_OK)
            return s;
    }
    strcpy(d->sha256, d->store->sha256[GAN__IMAGE]);
    d->store->known = gan__set_by_pixels(d->sha256);
    if (!name)
        name = d->store->known;
    d->name = name ? strdup(name) : name_of(source);
    d->store->source = strdup(source);
    return d->name && d->store->source ? GAN_OK : gan__fail_memory(err, source);
}

gan_status gan__dataset_build(gan_dataset **out, const char *name, const char *source,
                              gan__idx *images, gan__idx *labels, gan_error *err)
{
    return gan__dataset_build_known(out, name, source, images, labels, NULL, err);
}

gan_status gan__dataset_build_known(gan_dataset **out, const char *name, const char *source, gan__idx *images, gan__idx *labels,
                                    const char *pixels, gan_error *err)
{
    *out = NULL;
    gan_dataset *d = calloc(1, sizeof *d);
    gan__store *store = d ? d->store = calloc(1, sizeof *store) : NULL;
    if (store) {
        atomic_init(&store->users, 1);
        store->region.fd = -1;
    }
    gan_status s = store ? GAN_OK : gan__fail_memory(err, source);
    if (s == GAN_OK && images->rank == 1)
        s = gan__fail(err, GAN_EFORMAT, "%s: holds labels; give the file of images", source);
    if (s == GAN_OK && labels->block)
        s = check_labels(images, labels, source, err);
    if (s != GAN_OK) {
        gan__idx_release(images);
        gan__idx_release(labels);
        gan_dataset_free(d);
        return s;
    }
    store->images = *images;
    store->labels = *labels;
    *images = *labels = (gan__idx){0};
    list_fields(d);
    s = name_it(d, name, source, pixels, err);
    if (s != GAN_OK)
        gan_dataset_free(d);
    else
        *out = d;
    return s;
}

gan_status gan__dataset_relabel(gan_dataset *d, gan__idx *labels, const gan_dataset *like, gan_error *err)
{
    for (int c = 0; c < GAN__CLASSES_MAX; c++) {
        char *name = like->store->class_name[c] ? strdup(like->store->class_name[c]) : NULL;
        if (like->store->class_name[c] && !name)
            return gan__fail_memory(err, d->name);
        free(d->store->class_name[c]);
        d->store->class_name[c] = name;
    }
    const gan_status s = gan__sha256_of(labels->bytes, labels->size, d->store->sha256[GAN__LABEL], err);
    if (s != GAN_OK)
        return s;
    gan__idx_release(&d->store->labels);
    d->store->labels = *labels;
    *labels = (gan__idx){0};
    d->at[GAN__LABEL].bytes = d->store->labels.bytes;
    d->classes = like->classes;
    return s;
}

void gan__dataset_of_points(gan_dataset *d, const gan__mixture *mixture)
{
    d->mixture = mixture;
    d->field[GAN__IMAGE].real = true;
}

static gan_status copy_bytes(gan__idx *out, int rank, const int dim[], const uint8_t *bytes,
                             gan_error *err)
{
    *out = (gan__idx){.rank = rank, .dim = {1, 1, 1, 1}, .size = 1};
    for (int i = 0; i < rank; i++) {
        out->dim[i] = dim[i];
        out->size *= (size_t)dim[i];
    }
    uint8_t *copy = malloc(out->size);
    if (!copy)
        return gan__fail_memory(err, "a data set");
    out->bytes = out->block = memcpy(copy, bytes, out->size);
    return GAN_OK;
}

gan_status gan__shape_check(const int shape[4], gan_error *err)
{
    size_t size = 1;
    for (int i = 0; i < 4; i++)
        if (shape[i] < 1 || __builtin_mul_overflow(size, (size_t)shape[i], &size))
            return gan__fail(err, GAN_EINVAL, "images of %d x %d x %d x %d (N, H, W, C)", shape[0],
                             shape[1], shape[2], shape[3]);
    return GAN_OK;
}

gan_status gan_dataset_from_bytes(gan_dataset **out, const char *name, const int shape_nhwc[4],
                                  const uint8_t *pixels, const uint8_t *labels, gan_error *err)
{
    *out = NULL;
    gan__idx images = {0}, classes = {0};
    gan_status s = gan__shape_check(shape_nhwc, err);
    if (s == GAN_OK)
        s = copy_bytes(&images, 4, shape_nhwc, pixels, err);
    if (s == GAN_OK && labels)
        s = copy_bytes(&classes, 1, shape_nhwc, labels, err);
    if (s == GAN_OK)
        return gan__dataset_build(out, name, "memory", &images, &classes, err);
    gan__idx_release(&images);
    return s;
}

void gan_dataset_free(gan_dataset *d)
{
    if (!d)
        return;
    release_store(d->store);
    free(d->places);
    free(d->labels);
    free(d->part);
    free(d->name);
    free(d);
}

const char *gan_dataset_name(const gan_dataset *d)
{
    return d->name;
}

const char *gan_dataset_source(const gan_dataset *d)
{
    return d->store->source;
}

const char *gan_dataset_sha256(const gan_dataset *d)
{
    return d->sha256;
}

int gan_dataset_count(const gan_dataset *d)
{
    return d->count;
}

int gan_dataset_fields(const gan_dataset *d, const gan_dataset_field **fields)
{
    *fields = d->field;
    return d->fields;
}

int gan_dataset_field_find(const gan_dataset *d, const char *name)
{
    for (int f = 0; f < d->fields; f++)
        if (strcmp(d->field[f].name, name) == 0)
            return f;
    return -1;
}

gan_status gan_dataset_field_need(const gan_dataset *d, const char *name, int *field,
                                  gan_error *err)
{
    *field = gan_dataset_field_find(d, name);
    if (*field >= 0)
        return GAN_OK;
    if (strcmp(name, "label") == 0)
        return gan__fail(err, GAN_ENOTFOUND,
                         "%s: has no labels, and they are needed; put their IDX file beside the "
                         "images (images-idx3-ubyte: labels-idx1-ubyte)",
                         d->store->source);
    return gan__fail(err, GAN_ENOTFOUND, "%s: has no field '%s'; there is %s", d->store->source,
                     name, d->fields > 1 ? "image, label" : "image");
}

void gan_dataset_shape(const gan_dataset *d, int *height, int *width, int *channels)
{
    *height = d->field[GAN__IMAGE].dim[0];
    *width = d->field[GAN__IMAGE].dim[1];
    *channels = d->field[GAN__IMAGE].dim[2];
}

const uint8_t *gan_dataset_labels(const gan_dataset *d)
{
    return d->at[GAN__LABEL].bytes;
}

int gan_dataset_classes(const gan_dataset *d)
{
    return d->classes;
}

const char *gan_dataset_class(const gan_dataset *d, int c)
{
    return c >= 0 && c < GAN__CLASSES_MAX ? d->store->class_name[c] : NULL;
}

bool gan_dataset_from_pictures(const gan_dataset *d)
{
    return d->store->region.at != NULL;
}

const char *gan_dataset_notes(const gan_dataset *d)
{
    return d->store->notes ? d->store->notes : "";
}

bool gan_dataset_real(const gan_dataset *d)
{
    return d->field[GAN__IMAGE].real;
}

const char *gan_dataset_stacked(const gan_dataset *d)
{
    return d->stacked;
}

int gan_dataset_modes(const gan_dataset *d)
{
    return d->mixture ? d->mixture->modes : 0;
}

int gan_dataset_mode(const gan_dataset *d, const float *item, bool *near)
{
    return gan__mixture_mode(d->mixture, item, near);
}
