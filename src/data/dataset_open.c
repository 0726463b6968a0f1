/* dataset_open.c - which files a path means.
 *
 * A folder holds its images under one of a few usual names, or as PNGs (dataset_folder.h); the labels' name follows from the
 * images' name: "images" becomes "labels", "idx3" or "idx4" becomes "idx1"; x.idx has x-labels.idx,
 * as `gander sample` writes it. Packed or plain whatever the images are.
 */
#include "data/dataset_open.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "data/dataset.h"
#include "data/dataset_folder.h"
#include "data/sets.h"
#include "file/cifar.h"
#include "file/npy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const usual[] = {"train-images-idx3-ubyte", "train-images.idx3-ubyte",
                                    "images-idx3-ubyte"};
static const char *const endings[] = {"", ".gz"};

char *gan__plain_or_packed(const char *folder, const char *name)
{
    char text[256];
    for (int e = 0; e < 2; e++) {
        if (strlen(name) + strlen(endings[e]) >= sizeof text)
            return NULL;
        char *path = gan__path_join(folder, strcat(strcpy(text, name), endings[e]));
        if (path && gan__is_file(path))
            return path;
        free(path);
    }
    return NULL;
}

/* malloc'd; NULL: the folder has none of these. */
static char *find_images(const char *folder)
{
    char *path = NULL;
    for (size_t i = 0; i < sizeof usual / sizeof *usual && !path; i++)
        path = gan__plain_or_packed(folder, usual[i]);
    return path;
}

bool gan__is_run(const char *folder)
{
    char *recipe = gan__path_join(folder, "recipe.ini"), *metrics = gan__path_join(folder, "metrics.jsonl");
    const bool is = recipe && metrics && gan__is_file(recipe) && gan__is_file(metrics);
    free(metrics);
    free(recipe);
    return is;
}

/* A folder without an IDX file: its pictures. */
static gan_status open_pictures(gan_dataset **out, const char *folder, const gan_pictures *how, gan_error *err)
{
    if (gan__is_run(folder))
        return gan__fail(err, GAN_EINVAL, "%s: is a run, whose grids are no data; `gander sample RUN -n N -o FOLDER/` draws pictures", folder);
    char *train = gan__dataset_folder_part(folder, false);
    const gan_status s = gan__dataset_of_folder(out, train ? train : folder, how, err);
    free(train);
    return s != GAN_ENOTFOUND ? s
                              : gan__fail(err, s, "%s: no pictures here, nor in the folders in it (.png, .jpg, .webp), and no %s, %s or %s, plain or .gz",
                                          folder, usual[0], usual[1], usual[2]);
}

/* Replace the first `from` by a `to` of the same length; false: there is none. */
static bool replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    if (at)
        memcpy(at, to, strlen(to));
    return at != NULL;
}

/* What the labels' file of an images' file is called: "images" becomes "labels"; else NAME-labels, before ".idx". False: there
 * is no name for it. */
static bool labels_name(char *out, size_t room, const char *images)
{
    const char *end = strstr(images, ".idx");
    const size_t stem = end ? (size_t)(end - images) : 0;
    int n = snprintf(out, room, "%s", images);
    if (replace(out, "images", "labels")) {
        if (!replace(out, "idx3", "idx1"))
            replace(out, "idx4", "idx1");
    } else {
        n = snprintf(out, room, "%.*s-labels%s", (int)stem, images, end ? end : "");
    }
    const size_t length = strlen(out);
    if (length > 3 && strcmp(out + length - 3, ".gz") == 0)
        out[length - 3] = 0;
    return n > 0 && (size_t)n < room && (end || strstr(images, "images"));
}

/* The labels that belong to an images' file; malloc'd. NULL: none there. */
static char *find_labels(const char *images)
{
    char name[256];
    const char *slash = strrchr(images, '/');
    char *folder = slash ? strndup(images, (size_t)(slash - images) + 1) : strdup("."), *path = NULL;
    if (folder && labels_name(name, sizeof name, slash ? slash + 1 : images))
        path = gan__plain_or_packed(folder, name);
    free(folder);
    return path;
}

/* The path without trailing slashes and dots, so that its last part is a name. */
static gan_status whole_path(char **out, const char *path, gan_error *err)
{
    *out = realpath(path, NULL);
    if (*out)
        return GAN_OK;
    return gan__fail_errno(err, errno == ENOENT ? GAN_ENOTFOUND : GAN_EIO,
                           "%s: cannot be opened as a data set", path);
}

/* Does the path end in that, packed or not? */
static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    n -= n > 3 && !strcmp(path + n - 3, ".gz") ? 3 : 0;
    return n > m && !memcmp(path + n - m, ending, m);
}

static gan_status read_npy(gan__idx *images, const char *path, gan_error *err)
{
    uint8_t *file = NULL;
    size_t bytes = 0;
    gan_status s = gan__read_file(path, (size_t)1 << 36, &file, &bytes, err);
    if (s == GAN_OK)
        s = gan__npy_pictures(images, path, file, bytes, err);
    free(file);
    return s;
}

static gan_status open_file(gan_dataset **out, const char *source, const char *images_path, gan_error *err)
{
    gan__idx images = {0}, labels = {0};
    char *labels_path = NULL;
    gan_status s = GAN_OK;
    if (ends_in(images_path, ".npy"))
        s = read_npy(&images, images_path, err);
    else if (ends_in(images_path, ".bin"))
        s = gan__cifar_read(&images, &labels, (const char *const[]){images_path}, 1, err);
    else
        s = gan__idx_read(&images, images_path, err);
    if (s == GAN_OK && images.rank != 1 && !labels.block && !ends_in(images_path, ".npy") && (labels_path = find_labels(images_path)))
        s = gan__idx_read(&labels, labels_path, err);
    if (s == GAN_OK)
        s = gan__dataset_build(out, NULL, source, &images, &labels, err);
    else
        gan__idx_release(&images);
    free(labels_path);
    return s;
}

/* The batches of CIFAR-10 that a folder holds; GAN_ENOTFOUND: none. */
static gan_status open_cifar(gan_dataset **out, const char *folder, gan_error *err)
{
    enum { BATCHES = 5 };
    char *path[BATCHES];
    int n = 0;
    for (int i = 1; i <= BATCHES; i++) {
        char name[32];
        snprintf(name, sizeof name, "data_batch_%d.bin", i);
        if ((path[n] = gan__plain_or_packed(folder, name)))
            n++;
    }
    gan__idx images = {0}, labels = {0};
    gan_status s = n ? gan__cifar_read(&images, &labels, (const char *const *)path, n, err) : GAN_ENOTFOUND;
    if (s == GAN_OK)
        s = gan__dataset_build(out, NULL, folder, &images, &labels, err);
    while (n)
        free(path[--n]);
    return s;
}

gan_status gan_dataset_open(gan_dataset **out, const char *path, const gan_pictures *how, gan_error *err)
{
    static const gan_pictures defaults;
    char *whole = NULL;
    *out = NULL;
    how = how ? how : &defaults;
    if (how->height < 0 || how->width < 0 || !how->height != !how->width || how->channels < 0 || how->channels > 4)
        return gan__fail(err, GAN_EINVAL, "pictures of %d x %d x %d: none can be", how->height, how->width, how->channels);
    gan_status s = whole_path(&whole, path, err);
    if (s != GAN_OK)
        return s;
    const bool folder = gan__is_dir(whole);
    char *images_path = folder ? find_images(whole) : strdup(whole);
    if (images_path)
        s = open_file(out, whole, images_path, err);
    else
        s = folder ? open_cifar(out, whole, err) : gan__fail_memory(err, path);
    if (s == GAN_OK)
        s = gan__dataset_refit(out, how, err);
    else if (s == GAN_ENOTFOUND && folder && !images_path)
        s = open_pictures(out, whole, how, err);
    free(images_path);
    free(whole);
    return s;
}

/* The file of test pictures in the folder that a set came from; malloc'd. NULL: none. */
static char *find_test(const char *folder)
{
    static const char *const names[] = {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte", "test-images-idx3-ubyte", "test_batch.bin"};
    char *path = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !path; i++)
        path = gan__plain_or_packed(folder, names[i]);
    return path;
}

/* Of classes that are folders: each test folder's is that of the training folder of its name. */
static gan_status open_test_folder(gan_dataset **out, const gan_dataset *d, const char *folder, const gan_pictures *how, gan_error *err)
{
    gan_status s = gan__dataset_of_folder(out, folder, how, err);
    gan_dataset *test = *out;
    uint8_t label[GAN__CLASSES_MAX] = {0};
    if (s != GAN_OK || !gan_dataset_labels(test) || !gan_dataset_labels(d))
        return s;
    for (int c = 0; c < test->classes && s == GAN_OK; c++) {
        int k = 0;
        while (k < d->classes && (!gan_dataset_class(d, k) || strcmp(gan_dataset_class(d, k), gan_dataset_class(test, c)) != 0))
            k++;
        label[c] = (uint8_t)k;
        if (k == d->classes)
            s = gan__fail(err, GAN_EFORMAT, "%s: has a class %s, which %s has not", folder, gan_dataset_class(test, c), gan_dataset_source(d));
    }
    gan__idx labels = {1, {test->count, 1, 1, 1}, NULL, (size_t)test->count, s == GAN_OK ? malloc((size_t)test->count) : NULL};
    if (s == GAN_OK && !labels.block)
        s = gan__fail_memory(err, folder);
    for (int i = 0; i < test->count && s == GAN_OK; i++)
        ((uint8_t *)labels.block)[i] = label[gan_dataset_labels(test)[i]];
    labels.bytes = labels.block;
    if (s == GAN_OK)
        s = gan__dataset_relabel(test, &labels, d, err);
    if (s != GAN_OK) {
        free(labels.block);
        gan_dataset_free(test);
        *out = NULL;
    }
    return s;
}

gan_status gan_dataset_test(gan_dataset **out, const gan_dataset *d, gan_error *err)
{
    const gan__set_split *split = NULL;
    const char *known = d->store->known; /* a folder may have a set's name and other pictures */
    const gan__set *set = known ? gan__set_find(known, &split) : NULL;
    gan_pictures how = d->store->how;
    *out = NULL;
    gan_dataset_shape(d, &how.height, &how.width, &how.channels);
    char *path = find_test(gan_dataset_source(d)), *folder = path ? NULL : gan__dataset_folder_part(gan_dataset_source(d), true);
    gan_status s = GAN_ENOTFOUND;
    if (path)
        s = gan_dataset_open(out, path, d->store->refitted ? &how : NULL, err);
    else if (folder)
        s = open_test_folder(out, d, folder, &how, err);
    else if (split && split == &set->split[0] && set->split[1].name)
        s = gan_dataset_named(out, set->split[1].name, err);
    else
        gan__fail(err, s, "%s: no test pictures beside it", gan_dataset_source(d));
    if (s == GAN_OK && !path && !folder && d->store->refitted)
        s = gan__dataset_refit(out, &how, err);
    free(path);
    free(folder);
    return s;
}
