/* dataset.c - the set itself: bytes in memory, a digest, a shuffled stream.
 *
 * Pixels stay uint8 as they were decoded (47 MB for MNIST); what makes floats of them is the plan's
 * first step. The shuffle is a keyed permutation that answers for any position, so a batch is a
 * pure function of (seed, position) and a resumed run needs to remember nothing.
 */
#include "data/dataset.h"

#include "base/error.h"
#include "base/random.h"
#include "base/sha256.h"
#include "data/sets.h"

#include <stdlib.h>
#include <string.h>

struct gan_dataset {
    char *name, *source;
    char sha256[GAN__SHA256_HEX];
    int count, height, width, channels, classes;
    size_t item; /* bytes an image */
    gan__idx images, labels;
};

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
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

static gan_status name_it(gan_dataset *d, const char *name, const char *source, gan_error *err)
{
    const gan_status s = gan__sha256_of(d->images.bytes, d->images.size, d->sha256, err);
    if (s != GAN_OK)
        return s;
    if (!name)
        name = gan__set_by_pixels(d->sha256);
    d->name = strdup(name ? name : last_part(source));
    d->source = strdup(source);
    return d->name && d->source ? GAN_OK : gan__fail_memory(err, source);
}

gan_status gan__dataset_build(gan_dataset **out, const char *name, const char *source,
                              gan__idx *images, gan__idx *labels, gan_error *err)
{
    *out = NULL;
    gan_dataset *d = calloc(1, sizeof *d);
    gan_status s = d ? GAN_OK : gan__fail_memory(err, source);
    if (s == GAN_OK && images->rank == 1)
        s = gan__fail(err, GAN_EFORMAT, "%s: holds labels; give the file of images", source);
    if (s == GAN_OK && labels->block)
        s = check_labels(images, labels, source, err);
    if (s != GAN_OK) {
        gan__idx_release(images);
        gan__idx_release(labels);
        free(d);
        return s;
    }
    d->images = *images;
    d->labels = *labels;
    *images = *labels = (gan__idx){0};
    d->count = d->images.dim[0];
    d->height = d->images.dim[1];
    d->width = d->images.dim[2];
    d->channels = d->images.dim[3];
    d->item = d->images.size / (size_t)d->count;
    for (size_t i = 0; i < d->labels.size; i++)
        if (d->labels.bytes[i] >= d->classes)
            d->classes = d->labels.bytes[i] + 1;
    s = name_it(d, name, source, err);
    if (s != GAN_OK)
        gan_dataset_free(d);
    else
        *out = d;
    return s;
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
    gan__idx_release(&d->images);
    gan__idx_release(&d->labels);
    free(d->name);
    free(d->source);
    free(d);
}

const char *gan_dataset_name(const gan_dataset *d)
{
    return d->name;
}

const char *gan_dataset_source(const gan_dataset *d)
{
    return d->source;
}

const char *gan_dataset_sha256(const gan_dataset *d)
{
    return d->sha256;
}

int gan_dataset_count(const gan_dataset *d)
{
    return d->count;
}

void gan_dataset_shape(const gan_dataset *d, int *height, int *width, int *channels)
{
    *height = d->height;
    *width = d->width;
    *channels = d->channels;
}

const uint8_t *gan_dataset_labels(const gan_dataset *d)
{
    return d->labels.bytes;
}

int gan_dataset_classes(const gan_dataset *d)
{
    return d->classes;
}

void gan_dataset_get(const gan_dataset *d, int i, uint8_t *out)
{
    memcpy(out, d->images.bytes + (size_t)i * d->item, d->item);
}

void gan_dataset_batch(const gan_dataset *d, uint64_t seed, uint64_t first, int n, uint8_t *out)
{
    enum { AHEAD = 16, LINE = 64 };
    const uint32_t stream = gan__stream("shuffle");
    const uint64_t count = (uint64_t)d->count;
    int index[AHEAD]; /* shuffled images are in no cache: several are fetched at a time */
    for (int at = 0; at < n; at += AHEAD) {
        const int some = n - at < AHEAD ? n - at : AHEAD;
        for (int i = 0; i < some; i++) {
            const uint64_t p = first + (uint64_t)(at + i);
            index[i] = (int)gan__permute(p % count, count, seed, stream, (uint32_t)(p / count));
            const uint8_t *image = d->images.bytes + (size_t)index[i] * d->item;
            for (size_t b = 0; b < d->item && b < 4096; b += LINE)
                __builtin_prefetch(image + b);
        }
        for (int i = 0; i < some; i++, out += d->item)
            gan_dataset_get(d, index[i], out);
    }
}
