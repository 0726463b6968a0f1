/* cifar.c - see cifar.h. */
#include "file/cifar.h"

#include "base/error.h"
#include "base/fileio.h"
#include "file/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 32, CHANNELS = 3, PIXELS = SIDE * SIDE, ITEM = PIXELS * CHANNELS, RECORD = 1 + ITEM, CLASSES = 10, FILE_MAX = INT_MAX };

static gan_status room(gan__idx *images, gan__idx *labels, size_t n, const char *name, gan_error *err)
{
    *images = (gan__idx){4, {(int)n, SIDE, SIDE, CHANNELS}, NULL, n * ITEM, malloc(n * ITEM)};
    *labels = (gan__idx){1, {(int)n, 1, 1, 1}, NULL, n, malloc(n)};
    images->bytes = images->block;
    labels->bytes = labels->block;
    if (images->block && labels->block)
        return GAN_OK;
    gan__idx_release(images);
    gan__idx_release(labels);
    return gan__fail_memory(err, name);
}

/* Record by record, whole planes become pixels. */
static gan_status take_apart(gan__idx *images, gan__idx *labels, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    if (!bytes || bytes % RECORD != 0)
        return gan__fail(err, GAN_EFORMAT, "%s: has %zu bytes, no whole number of CIFAR-10's records of %d", name, bytes, RECORD);
    for (size_t i = 0; i < bytes / RECORD; i++)
        if (file[i * RECORD] >= CLASSES)
            return gan__fail(err, GAN_EFORMAT, "%s: record %zu is of class %d; CIFAR-10 has 0 to 9", name, i, file[i * RECORD]);
    const gan_status s = room(images, labels, bytes / RECORD, name, err);
    uint8_t *pixel = images->block, *label = labels->block;
    for (size_t i = 0; s == GAN_OK && i < bytes / RECORD; i++, file += RECORD) {
        *label++ = file[0];
        for (int p = 0; p < PIXELS; p++)
            for (int c = 0; c < CHANNELS; c++)
                *pixel++ = file[1 + c * PIXELS + p];
    }
    return s;
}

/* All of a gzip stream; *out is malloc'd. */
static gan_status unpack(uint8_t **out, size_t *size, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    enum { PIECE = 1 << 22 };
    gan__gzip *z;
    size_t got = PIECE;
    gan_error why = {0};
    *out = NULL;
    *size = 0;
    gan_status s = gan__gzip_begin(&z, file, bytes, err);
    if (s != GAN_OK)
        return s;
    while (s == GAN_OK && got == PIECE) {
        uint8_t *more = *size < FILE_MAX ? realloc(*out, *size + PIECE) : NULL;
        if (!more) {
            s = gan__fail_memory(&why, "its content");
            break;
        }
        *out = more;
        s = gan__gzip_read(z, *out + *size, PIECE, &got, &why);
        *size += s == GAN_OK ? got : 0;
    }
    gan__gzip_end(z);
    if (s == GAN_OK)
        return s;
    free(*out);
    *out = NULL;
    return gan__fail(err, s, "%s: %s", name, why.message);
}

gan_status gan__cifar_parse(gan__idx *images, gan__idx *labels, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    *images = *labels = (gan__idx){0};
    if (!gan__gzip_is(file, bytes))
        return take_apart(images, labels, name, file, bytes, err);
    uint8_t *whole;
    size_t size;
    gan_status s = unpack(&whole, &size, name, file, bytes, err);
    if (s == GAN_OK)
        s = take_apart(images, labels, name, whole, size, err);
    free(whole);
    return s;
}

/* b's items behind a's; both are taken over. */
static gan_status join(gan__idx *a, gan__idx *b, const char *name, gan_error *err)
{
    if (!a->block) {
        *a = *b;
        *b = (gan__idx){0};
        return GAN_OK;
    }
    uint8_t *both = realloc(a->block, a->size + b->size);
    if (!both)
        return gan__fail_memory(err, name);
    memcpy(both + a->size, b->bytes, b->size);
    a->block = both;
    a->bytes = both;
    a->size += b->size;
    a->dim[0] += b->dim[0];
    gan__idx_release(b);
    return GAN_OK;
}

gan_status gan__cifar_read(gan__idx *images, gan__idx *labels, const char *const *paths, int n, gan_error *err)
{
    gan_status s = GAN_OK;
    *images = *labels = (gan__idx){0};
    for (int i = 0; i < n && s == GAN_OK; i++) {
        gan__idx more = {0}, more_labels = {0};
        uint8_t *file = NULL;
        size_t bytes = 0;
        s = gan__read_file(paths[i], FILE_MAX, &file, &bytes, err);
        if (s == GAN_OK)
            s = gan__cifar_parse(&more, &more_labels, paths[i], file, bytes, err);
        free(file);
        if (s == GAN_OK)
            s = join(images, &more, paths[i], err);
        if (s == GAN_OK)
            s = join(labels, &more_labels, paths[i], err);
        gan__idx_release(&more);
        gan__idx_release(&more_labels);
    }
    if (s != GAN_OK) {
        gan__idx_release(images);
        gan__idx_release(labels);
    }
    return s;
}
