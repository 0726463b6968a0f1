/* sets.h - the table of the data sets that have a name. It knows no data set, only what one must
 * be. */
#ifndef GAN_DATA_SETS_H
#define GAN_DATA_SETS_H

#include "data/mixture.h"

#include <gan/data.h>

enum { GAN__SET_FILES = 4, GAN__SET_SPLITS = 2 };

typedef struct gan__set_file {
    const char *name; /* "train-images-idx3-ubyte" */
    size_t bytes;     /* unpacked */
    const char *sha256;
} gan__set_file;

/* The images to learn from, and others of the same kind that nobody has seen. */
typedef struct gan__set_split {
    const char *name;   /* whole: "mnist", "mnist/test" */
    const char *pixels; /* SHA-256 of the images' pixels */
    const char *labels; /* and of the labels' bytes */
    int file;           /* of the set: its images'; the labels' is the next */
    int first, count;   /* numbers of the images that the program makes */
} gan__set_split;

typedef struct gan__set {
    const gan_dataset_info *info;
    gan__set_split split[GAN__SET_SPLITS]; /* the training images first */
    gan__set_file file[GAN__SET_FILES];    /* name NULL: the program makes the set itself */
    const char *debian;                    /* folder of Debian's package, or NULL */
    const gan__mixture *mixture;           /* of a set of points; NULL: pictures */
    const char *stacked;                   /* the set that each channel is a picture of, or NULL */
} gan__set;

/* gan__set_find - the set that "mnist", "mnist/test" or "mnist/anything" is of, or NULL; *split is
 * NULL where it has no such split. gan__set_unknown - the error for a name without a split: what
 * there is and what comes nearest; `nor` is what else it could have been ("no file or folder, and
 * "), or "". */
const gan__set *gan__set_find(const char *name, const gan__set_split **split);
gan_status gan__set_unknown(const char *name, const char *nor, gan_error *err);

/* gan__set_by_pixels - a split's whole name, or NULL. */
const char *gan__set_by_pixels(const char *sha256);

/* gan__set_folder - the user's cache for a set: $XDG_CACHE_HOME/gander/NAME, else
 * ~/.cache/gander/NAME. *out is malloc'd. */
gan_status gan__set_folder(const gan__set *set, char **out, gan_error *err);

#endif
