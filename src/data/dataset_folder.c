/* dataset_folder.c - see dataset_folder.h. */
#include "data/dataset_folder.h"

#include "base/error.h"
#include "base/paths.h"
#include "file/png.h"

#include <gan/text.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CLASSES_MAX = 256 };

/* Names in a folder, sorted. */
typedef struct names {
    char **name;
    int count, room;
} names;

static void release(names *n)
{
    for (int i = 0; i < n->count; i++)
        free(n->name[i]);
    free(n->name);
    *n = (names){0};
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_png(const char *path)
{
    const size_t n = strlen(path);
    return n > 4 && !strcasecmp(path + n - 4, ".png") && gan__is_file(path);
}

/* What `wanted` says yes to; whole paths. */
static gan_status list(names *out, const char *folder, bool wanted(const char *path), gan_error *err)
{
    *out = (names){0};
    DIR *d = opendir(folder);
    if (!d)
        return gan__fail_errno(err, GAN_EIO, "%s: cannot be read", folder);
    gan_status s = GAN_OK;
    for (struct dirent *e; s == GAN_OK && (e = readdir(d)) != NULL;) {
        char *path = e->d_name[0] == '.' ? NULL : gan__path_join(folder, e->d_name);
        if (!path || !wanted(path)) {
            free(path);
            continue;
        }
        if (out->count == out->room) {
            char **more = realloc(out->name, (size_t)(out->room = 2 * out->room + 64) * sizeof *more);
            if (more)
                out->name = more;
            else
                s = gan__fail_memory(err, folder);
        }
        if (s == GAN_OK)
            out->name[out->count++] = path;
        else
            free(path);
    }
    closedir(d);
    if (out->count)
        qsort(out->name, (size_t)out->count, sizeof *out->name, by_name);
    return s;
}

/* ---- pictures ------------------------------------------------------------------------------------- */

/* Pictures as they come, all of the first one's size. */
typedef struct stack {
    gan_image first; /* without pixels */
    char *first_path;
    uint8_t *bytes, *labels;
    size_t count, room;
} stack;

static gan_status push(stack *k, const char *path, int label, gan_error *err)
{
    gan_image image;
    gan_status s = gan__png_read(&image, path, err);
    if (s != GAN_OK)
        return s;
    const size_t item = (size_t)image.height * (size_t)image.width * (size_t)image.channels;
    if (!k->count) {
        k->first = image;
        k->first_path = strdup(path);
    } else if (image.height != k->first.height || image.width != k->first.width || image.channels != k->first.channels) {
        s = gan__fail(err, GAN_EFORMAT, "%s: is %d x %d x %d, and %s is %d x %d x %d: a set's pictures are of one size", path,
                      image.height, image.width, image.channels, k->first_path, k->first.height, k->first.width,
                      k->first.channels);
    }
    if (s == GAN_OK && k->count == k->room) {
        const size_t room = 2 * k->room + 256;
        uint8_t *bytes = realloc(k->bytes, room * item), *labels = realloc(k->labels, room);
        k->bytes = bytes ? bytes : k->bytes;
        k->labels = labels ? labels : k->labels;
        k->room = room;
        s = bytes && labels ? GAN_OK : gan__fail_memory(err, path);
    }
    if (s == GAN_OK) {
        memcpy(k->bytes + k->count * item, image.pixels, item);
        k->labels[k->count++] = (uint8_t)label;
    }
    free(image.pixels);
    return s;
}

static gan_status push_folder(stack *k, const char *folder, int label, gan_error *err)
{
    names pictures;
    gan_status s = list(&pictures, folder, is_png, err);
    for (int i = 0; i < pictures.count && s == GAN_OK; i++)
        s = push(k, pictures.name[i], label, err);
    release(&pictures);
    return s;
}

/* ---- classes -------------------------------------------------------------------------------------- */

/* The folder's number, or -1. */
static int number_of(const char *path)
{
    int64_t n;
    return gan_text_int(strrchr(path, '/') + 1, &n) && n >= 0 && n < CLASSES_MAX ? (int)n : -1;
}

static gan_status push_classes(stack *k, const char *folder, gan_error *err)
{
    names classes;
    bool numbers = true;
    gan_status s = list(&classes, folder, gan__is_dir, err);
    for (int i = 0; i < classes.count; i++)
        numbers &= number_of(classes.name[i]) >= 0;
    if (s == GAN_OK && classes.count > CLASSES_MAX)
        s = gan__fail(err, GAN_EFORMAT, "%s: %d folders; at most %d classes are possible", folder, classes.count, CLASSES_MAX);
    for (int i = 0; i < classes.count && s == GAN_OK; i++)
        s = push_folder(k, classes.name[i], numbers ? number_of(classes.name[i]) : i, err);
    release(&classes);
    return s;
}

gan_status gan__pictures_read(gan__idx *images, gan__idx *labels, const char *path, gan_error *err)
{
    stack k = {0};
    *images = *labels = (gan__idx){0};
    gan_status s = push_folder(&k, path, 0, err);
    const bool classes = s == GAN_OK && !k.count;
    if (classes)
        s = push_classes(&k, path, err);
    if (s == GAN_OK && !k.count)
        s = gan__fail(err, GAN_ENOTFOUND, "%s: no PNG pictures here, nor in the folders in it", path);
    if (s == GAN_OK) {
        const int n = (int)k.count;
        const size_t item = (size_t)k.first.height * (size_t)k.first.width * (size_t)k.first.channels;
        *images = (gan__idx){4, {n, k.first.height, k.first.width, k.first.channels}, k.bytes, k.count * item, k.bytes};
        k.bytes = NULL;
        if (classes) {
            *labels = (gan__idx){1, {n, 1, 1, 1}, k.labels, k.count, k.labels};
            k.labels = NULL;
        }
    }
    free(k.first_path);
    free(k.bytes);
    free(k.labels);
    return s;
}
