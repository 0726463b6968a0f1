/* shuffle.c - in which order items come, and how their bytes are brought.
 *
 * The order is a keyed permutation that answers for any position, so a batch is a pure function of
 * (seed, position) and a resumed run needs to remember nothing. Shuffled items are in no cache: the
 * memory of several is asked for before the first of them is copied, and in a batch while the next
 * one's place is still being computed.
 */
#include "base/random.h"
#include "data/dataset.h"

#include <assert.h>
#include <string.h>

enum { AHEAD = 16, LINE = 64, ASKED_MAX = 4096 };

static const uint8_t *find(const gan_dataset *d, int field, int i)
{
    const int *place = d->at[field].place;
    return d->at[field].bytes + (size_t)(place ? place[i] : i) * d->field[field].bytes;
}

static void ask(const gan_dataset *d, int field, int i)
{
    const uint8_t *item = find(d, field, i);
    for (size_t b = 0; b < d->field[field].bytes && b < ASKED_MAX; b += LINE)
        __builtin_prefetch(item + b);
}

static void copy(const gan_dataset *d, int field, const int *items, int n, uint8_t *out)
{
    const size_t bytes = d->field[field].bytes;
    for (int i = 0; i < n; i++)
        memcpy(out + (size_t)i * bytes, find(d, field, items[i]), bytes);
}

static int at(const gan_dataset *d, uint64_t seed, uint32_t stream, uint64_t p)
{
    const uint64_t count = (uint64_t)d->count;
    return (int)gan__permute(p % count, count, seed, stream, (uint32_t)(p / count));
}

void gan_dataset_order(const gan_dataset *d, uint64_t seed, uint64_t first, int n, int *items)
{
    const uint32_t stream = gan__stream("shuffle");
    for (int i = 0; i < n; i++)
        items[i] = at(d, seed, stream, first + (uint64_t)i);
}

void gan_dataset_gather(const gan_dataset *d, int field, const int *items, int n, uint8_t *out)
{
    assert(field >= 0 && field < d->fields);
    for (int done = 0; done < n; done += AHEAD) {
        const int some = n - done < AHEAD ? n - done : AHEAD;
        for (int i = 0; i < some; i++)
            ask(d, field, items[done + i]);
        copy(d, field, items + done, some, out + (size_t)done * d->field[field].bytes);
    }
}

void gan_dataset_batch(const gan_dataset *d, uint64_t seed, uint64_t first, int n, uint8_t *out)
{
    const uint32_t stream = gan__stream("shuffle");
    int items[AHEAD];
    for (int done = 0; done < n; done += AHEAD) {
        const int some = n - done < AHEAD ? n - done : AHEAD;
        for (int i = 0; i < some; i++) {
            items[i] = at(d, seed, stream, first + (uint64_t)(done + i));
            ask(d, GAN__IMAGE, items[i]);
        }
        copy(d, GAN__IMAGE, items, some, out + (size_t)done * d->field[GAN__IMAGE].bytes);
    }
}

void gan_dataset_get(const gan_dataset *d, int i, uint8_t *out)
{
    copy(d, GAN__IMAGE, &i, 1, out);
}
