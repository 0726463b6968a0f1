/* holdout.c - one set as two: what is learned from, and what is held out of it.
 *
 *     whole     0 1 2 3 4 5 6 7 8 9
 *     held          2         7         the first of a keyed permutation; each part in the whole's
 * order train     0 1   3 4 5 6   8 9
 *
 * A part is a list of places in the store that it shares with the whole, so pixels are not copied.
 * Which items are held out hangs on the number of items and of those held out alone, never on a
 * run's seed: runs of different seeds can be compared on what none of them has seen.
 */
#include "base/error.h"
#include "base/random.h"
#include "data/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *joined(const char *a, const char *b)
{
    char *both = malloc(strlen(a) + strlen(b) + 1);
    return both ? strcat(strcpy(both, a), b) : NULL;
}

/* Which items are held out: a flag for each; malloc'd. NULL: out of memory. */
static bool *choose(int count, int held)
{
    const uint32_t stream = gan__stream("holdout");
    bool *out = calloc((size_t)count, sizeof *out);
    for (int p = 0; out && p < held; p++)
        out[gan__permute((uint64_t)p, (uint64_t)count, 0, stream, 0)] = true;
    return out;
}

static int how_many(const bool *held, int count, bool side)
{
    int n = 0;
    for (int i = 0; i < count; i++)
        n += held[i] == side;
    return n;
}

/* The items of `whole` whose flag is `side`, as places in the store. */
static void list(gan_dataset *d, const gan_dataset *whole, const bool *held, bool side)
{
    const int *place = whole->at[GAN__IMAGE].place;
    for (int i = 0, k = 0; i < whole->count; i++) {
        if (held[i] != side)
            continue;
        d->places[k] = place ? place[i] : i;
        if (d->labels)
            d->labels[k] = whole->at[GAN__LABEL].bytes[i];
        k++;
    }
    d->at[GAN__IMAGE].place = d->places;
    d->at[GAN__LABEL].bytes = d->labels;
}

static gan_status make_part(gan_dataset **out, const gan_dataset *whole, const bool *held,
                            bool side, gan_error *err)
{
    const int count = how_many(held, whole->count, side);
    gan_dataset *d = calloc(1, sizeof *d);
    if (!d)
        return gan__fail_memory(err, whole->name);
    *d = *whole;
    atomic_fetch_add(&d->store->users, 1);
    d->count = count;
    char split[96];
    snprintf(split, sizeof split, "held out %d of %d: %s\n", side ? count : whole->count - count,
             whole->count, side ? "these" : "the others");
    d->name = joined(whole->name, side ? " (held out)" : "");
    d->part = joined(whole->part ? whole->part : "", split);
    d->places = malloc((size_t)count * sizeof *d->places);
    d->labels = whole->fields > GAN__LABEL ? malloc((size_t)count) : NULL;
    gan_status s = GAN_OK;
    if (!d->name || !d->part || !d->places || (whole->fields > GAN__LABEL && !d->labels))
        s = gan__fail_memory(err, whole->name);
    if (s == GAN_OK) {
        list(d, whole, held, side);
        s = gan_dataset_digest(d, (const char *[]){"image"}, 1, d->sha256, err);
    }
    if (s == GAN_OK)
        *out = d;
    else
        gan_dataset_free(d);
    return s;
}

gan_status gan_dataset_split(gan_dataset **train, gan_dataset **held, const gan_dataset *whole,
                             double share, gan_error *err)
{
    *train = *held = NULL;
    if (!(share > 0 && share < 1))
        return gan__fail(err, GAN_EINVAL, "%s: %g of it held out; a share is between 0 and 1",
                         whole->name, share);
    if (whole->count < 2)
        return gan__fail(err, GAN_EINVAL, "%s: has one item; there is nothing to hold out",
                         whole->name);
    int n = (int)floor(share * whole->count + 0.5);
    n = n < 1 ? 1 : n < whole->count ? n : whole->count - 1;
    bool *out = choose(whole->count, n);
    gan_status s = out ? GAN_OK : gan__fail_memory(err, whole->name);
    if (s == GAN_OK)
        s = make_part(held, whole, out, true, err);
    if (s == GAN_OK)
        s = make_part(train, whole, out, false, err);
    if (s != GAN_OK) {
        gan_dataset_free(*held);
        *held = NULL;
    }
    free(out);
    return s;
}
