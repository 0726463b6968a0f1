/* dataset.h - what a data set is made of.
 *
 *     gan_dataset ----> gan__store: every item's bytes, once; alive as long as one data set uses them
 *
 *     field i's item k lies at  at[i].bytes + (at[i].place ? at[i].place[k] : k) * field[i].bytes
 *
 * A whole set has no places. A part of one (holdout.c) has the store, and the places of its own
 * items in it; its labels are its own, so that gan_dataset_labels is one array for it too.
 */
#ifndef GAN_DATA_DATASET_H
#define GAN_DATA_DATASET_H

#include "base/sha256.h"
#include "data/mixture.h"
#include "data/picture_cache.h"
#include "file/idx.h"

#include <gan/data.h>
#include <stdatomic.h>

enum { GAN__IMAGE, GAN__LABEL, GAN__FIELDS_MAX };

typedef struct gan__store {
    atomic_int users; /* data sets; the last one frees it */
    gan__idx images, labels;
    gan__region region; /* that the images lie in, where they are not images.block */
    char *source;
    char *notes; /* NULL: none */
    gan_pictures how;  /* its pictures were read, or made to fit: */
    bool refitted;
    const char *known; /* the split with a name whose pictures these are, before they were made to fit; NULL: none */
    char *class_name[GAN__CLASSES_MAX];
    char sha256[GAN__FIELDS_MAX][GAN__SHA256_HEX];
} gan__store;

struct gan_dataset {
    gan__store *store;
    char *name;
    char *part; /* which part of the store this is, a line for each split; NULL: all of it */
    int count, classes, fields;
    const gan__mixture *mixture; /* that its points are drawn from; NULL: pictures */
    const char *stacked;         /* the set that each channel is a picture of; NULL: none */
    gan_dataset_field field[GAN__FIELDS_MAX]; /* the image first */
    struct {
        const uint8_t *bytes;
        const int *place; /* NULL: item k lies at k */
    } at[GAN__FIELDS_MAX];
    char sha256[GAN__SHA256_HEX]; /* of the image */
    int *places;                  /* owned, of a part; else NULL */
    uint8_t *labels;              /* owned, of a part; else NULL */
};

/* gan__dataset_build - a data set from its decoded parts, which it takes over (they are released on
 * failure too). labels->block NULL: none. name NULL: the known set's name where the pixels are
 * those of one, else the last part of `source`. */
gan_status gan__dataset_build(gan_dataset **out, const char *name, const char *source,
                              gan__idx *images, gan__idx *labels, gan_error *err);

/* gan__dataset_build_known - the same with the pixels' SHA-256, which the caller has just computed. */
gan_status gan__dataset_build_known(gan_dataset **out, const char *name, const char *source, gan__idx *images, gan__idx *labels,
                                    const char *pixels, gan_error *err);

/* gan__dataset_relabel - a whole set's labels become these, which it takes over, of as many classes and names as `like` has. */
gan_status gan__dataset_relabel(gan_dataset *d, gan__idx *labels, const gan_dataset *like, gan_error *err);

/* gan__dataset_refit - *d as `how` asks, where it is of another shape or other channels; it is then another set, and the old one is
 * freed. Points stay as they are. On failure *d is NULL. */
gan_status gan__dataset_refit(gan_dataset **d, const gan_pictures *how, gan_error *err);

/* gan__dataset_of_points - a set's "images" are points of two floats each: what the program draws from a mixture. */
void gan__dataset_of_points(gan_dataset *d, const gan__mixture *mixture);

/* gan__shape_check - GAN_EINVAL where N, H, W or C is less than 1, or their product more than a
 * size_t. */
gan_status gan__shape_check(const int shape_nhwc[4], gan_error *err);

#endif
