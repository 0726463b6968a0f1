/* dataset_open.c - which files a path means.
 *
 * A folder holds its images under one of a few usual names; the labels' name follows from the
 * images' name: "images" becomes "labels", "idx3" or "idx4" becomes "idx1", packed or plain
 * whatever the images are.
 */
#include "data/dataset_open.h"

#include "base/error.h"
#include "base/paths.h"
#include "data/dataset.h"

#include <errno.h>
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

static gan_status find_images(char **out, const char *folder, gan_error *err)
{
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if ((*out = gan__plain_or_packed(folder, usual[i])))
            return GAN_OK;
    return gan__fail(err, GAN_ENOTFOUND,
                     "%s: no images here; looked for %s, %s and %s, plain or .gz", folder, usual[0],
                     usual[1], usual[2]);
}

/* Replace the first `from` by a `to` of the same length; false: there is none. */
static bool replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    if (at)
        memcpy(at, to, strlen(to));
    return at != NULL;
}

/* The labels that belong to an images' file; malloc'd. NULL: none there. */
static char *find_labels(const char *images)
{
    const char *slash = strrchr(images, '/');
    char *folder = slash ? strndup(images, (size_t)(slash - images) + 1) : strdup(".");
    char *name = strdup(slash ? slash + 1 : images), *path = NULL;
    if (folder && name && replace(name, "images", "labels")) {
        if (!replace(name, "idx3", "idx1"))
            replace(name, "idx4", "idx1");
        const size_t n = strlen(name);
        if (n > 3 && strcmp(name + n - 3, ".gz") == 0)
            name[n - 3] = 0;
        path = gan__plain_or_packed(folder, name);
    }
    free(folder);
    free(name);
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
    if (gan__is_dir(whole))
        s = find_images(&images_path, whole, err);
    else if (!(images_path = strdup(whole)))
        s = gan__fail_memory(err, path);
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
