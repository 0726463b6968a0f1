/* feed.h - what goes into an iteration's plan before it runs: batches and scalars, each from its source. */
#ifndef GAN_TRAIN_FEED_H
#define GAN_TRAIN_FEED_H

#include "game/iteration.h"

#include <gan/data.h>
#include <gan/plan.h>

/* Where the plan takes one input; NULL, NULL: it needs none of it. */
typedef struct gan__feed_row {
    const gan__input *input;
    float *scalar;
    uint8_t *bytes;
    int field;    /* of the data set, where bytes are taken */
    size_t item;  /* bytes of it an item */
} gan__feed_row;

typedef struct gan__feed {
    gan__feed_row *row; /* owned */
    int count, draws;
} gan__feed;

/* gan__feed_connect - GAN_ENOTFOUND: the data has not got a field that is asked for. */
gan_status gan__feed_connect(gan__feed *f, const gan__iteration *it, gan_plan *plan, const gan_dataset *data,
                             gan_error *err);
void gan__feed_release(gan__feed *f);

/* What the inputs are functions of. */
typedef struct gan__feed_source {
    const gan__match *match;
    const gan_dataset *data;
    gan_team *team; /* NULL: none */
    uint64_t seed;
    int batch;
    bool flip;      /* pictures are mirrored, by the toss of a coin for each position of the stream */
    double average; /* decay of the moving averages */
    bool average_warmup;
    const char *schedule;
    int64_t schedule_iterations, warmup;
} gan__feed_source;

/* gan__feed_read - the recipe's part of a source. gan__feed_rate - a role's learning rate in iteration i. */
void gan__feed_read(gan__feed_source *s, const gan_recipe *r);
double gan__feed_rate(const gan__feed_source *s, int role, int64_t i);

/* gan__feed_fill - every input for iteration i (from 0). Batches are fetched by all threads. */
void gan__feed_fill(const gan__feed *f, const gan__feed_source *s, int64_t i);

/* gan__feed_items - the row's field of the items at positions first .. first + n - 1 of the stream, turned and mirrored as training has them. */
void gan__feed_items(const gan__feed_source *s, const gan__feed_row *r, uint64_t first, int n, uint8_t *out);

#endif
