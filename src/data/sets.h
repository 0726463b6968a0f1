/* sets.h - the table of the data sets that have a name. It knows no data set, only what one must be. */
#ifndef GAN_DATA_SETS_H
#define GAN_DATA_SETS_H

#include <gan/data.h>

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

/* gan__set_find - NULL: none; err says which are. gan__set_by_pixels - a set's name, or NULL. */
const gan__set *gan__set_find(const char *name, gan_error *err);
const char *gan__set_by_pixels(const char *sha256);

/* gan__set_folder - the user's cache for a set: $XDG_CACHE_HOME/gander/NAME, else
 * ~/.cache/gander/NAME. *out is malloc'd. */
gan_status gan__set_folder(const gan__set *set, char **out, gan_error *err);

#endif
