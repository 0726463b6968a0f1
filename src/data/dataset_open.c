/* dataset_open.c - which files a path means.
 *
 * A folder holds its images under one of a few usual names, or as PNGs (dataset_folder.h); the labels' name follows from the
 * images' name: "images" becomes "labels", "idx3" or "idx4" becomes "idx1"; x.idx has x-labels.idx,
 * as `gander sample` writes it. Packed or plain whatever the images are.
 */
#include "data/dataset_open.h"

#include "base/error.h"
#include "base/paths.h"
#include "data/dataset.h"
#include "data/dataset_folder.h"
#include "data/sets.h"

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

/* A folder without an IDX file: its pictures. */
static gan_status open_pictures(gan_dataset **out, const char *folder, gan_error *err)
{
    gan__idx images, labels;
    const gan_status s = gan__pictures_read(&images, &labels, folder, err);
    if (s == GAN_OK)
        return gan__dataset_build(out, NULL, folder, &images, &labels, err);
    return s != GAN_ENOTFOUND ? s
                              : gan__fail(err, s, "%s: no images here; looked for %s, %s and %s, plain or .gz, and for PNGs",
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

gan_status gan_dataset_open(gan_dataset **out, const char *path, gan_error *err)
{
    *out = NULL;
    gan__idx images = {0}, labels = {0};
    char *whole = NULL, *images_path = NULL, *labels_path = NULL;
    gan_status s = whole_path(&whole, path, err);
    if (s != GAN_OK)
        return s;
    images_path = gan__is_dir(whole) ? find_images(whole) : strdup(whole);
    if (!images_path) {
        s = gan__is_dir(whole) ? open_pictures(out, whole, err) : gan__fail_memory(err, path);
        free(whole);
        return s;
    }
    if (s == GAN_OK)
        s = gan__idx_read(&images, images_path, err);
    if (s == GAN_OK && images.rank != 1 && (labels_path = find_labels(images_path)))
        s = gan__idx_read(&labels, labels_path, err);
    if (s == GAN_OK)
        s = gan__dataset_build(out, NULL, whole, &images, &labels, err);
    else
        gan__idx_release(&images);
    free(labels_path);
    free(images_path);
    free(whole);
    return s;
}

gan_status gan_dataset_test(gan_dataset **out, const gan_dataset *d, gan_error *err)
{
    static const char *const names[] = {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte", "test-images-idx3-ubyte"};
    const gan__set_split *split = NULL;
    const char *known = gan__set_by_pixels(gan_dataset_sha256(d)); /* a folder may have a set's name and other pictures */
    const gan__set *set = known ? gan__set_find(known, &split) : NULL;
    *out = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = gan__plain_or_packed(gan_dataset_source(d), names[i]);
        if (!path)
            continue;
        const gan_status s = gan_dataset_open(out, path, err);
        free(path);
        return s;
    }
    if (split && split == &set->split[0] && set->split[1].name)
        return gan_dataset_named(out, set->split[1].name, err);
    return gan__fail(err, GAN_ENOTFOUND, "%s: no test pictures beside it", gan_dataset_source(d));
}
