/* dataset.h - a data set from its decoded parts. */
#ifndef GAN_DATA_DATASET_H
#define GAN_DATA_DATASET_H

#include "file/idx.h"

#include <gan/data.h>

/* gan__dataset_build - a data set from its decoded parts, which it takes over (they are released on
 * failure too). labels->block NULL: none. name NULL: the known set's name where the pixels are
 * those of one, else the last part of `source`. */
gan_status gan__dataset_build(gan_dataset **out, const char *name, const char *source,
                              gan__idx *images, gan__idx *labels, gan_error *err);

/* gan__shape_check - GAN_EINVAL where N, H, W or C is less than 1, or their product more than a size_t. */
gan_status gan__shape_check(const int shape_nhwc[4], gan_error *err);

#endif
