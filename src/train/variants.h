/* variants.h - the plans of an iteration: one for each kind that occurs (a lazy penalty is due or not; logged or
 * not), all over one set of weights. Which of them runs changes no byte of what it updates. */
#ifndef GAN_TRAIN_VARIANTS_H
#define GAN_TRAIN_VARIANTS_H

#include "train/feed.h"

typedef struct gan__variant {
    unsigned due;
    bool logged; /* its values can be read */
    gan__iteration it;
    gan_plan *plan;
    gan__feed feed;
} gan__variant;

enum { GAN__VARIANTS_MAX = 16 };
typedef struct gan__variants {
    int count;
    gan__variant *row[GAN__VARIANTS_MAX]; /* owned */
} gan__variants;

/* gan__variants_create - all that iterations of the recipe will ever need. besides: bytes that the caller will take
 * or has; where all of it is more than the machine has, GAN_ENOMEM says both figures before any plan takes memory. */
gan_status gan__variants_create(gan__variants *v, const gan__match *m, const gan_dataset *data, gan_team *team,
                                size_t besides, gan_error *err);
void gan__variants_release(gan__variants *v);

/* gan__variants_at - the one for iteration i (from 0). */
gan__variant *gan__variants_at(const gan__variants *v, const gan__match *m, int64_t i, bool logged);

gan_plan_memory gan__variants_memory(const gan__variants *v);

#endif
