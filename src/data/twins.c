/* twins.c - pictures that a set has twice, or nearly so: what a test set must not share with it, and what a net learns by heart.
 *
 * A picture is averaged to 8 x 9 greys. Candidates are two whose difference hashes (Krawetz 2013, "Kind of like that": is a grey lighter
 * than its neighbour on the right? 64 bits) differ in few bits; alike are those of them whose greys differ little too, since shirts
 * on a black ground have nearly the same bits all of them. Flat pictures are alike to none.
 */
#include "base/error.h"
#include "base/hash.h"
#include "data/dataset.h"

#include <gan/image.h>

#include <stdlib.h>
#include <string.h>

enum { ROWS = 8, COLUMNS = 9, BITS_MOST = 4, MEAN_MOST = 3 /* of 255 */, FLAT = 8, PAIRED_MOST = 20000 };

typedef struct mark {
    uint64_t content, look; /* of its bytes; of its greys */
    uint8_t grey[ROWS * COLUMNS];
    int item;
    bool flat;
} mark;

static double grey(const uint8_t *p, int channels)
{
    const double light = channels < 3 ? p[0] : (p[0] + 2.0 * p[1] + p[2]) / 4;
    return channels % 2 ? light : light * p[channels - 1] / 255;
}

/* Mean of the rows and columns that belong to a cell; one at least. */
static double cell(const gan_image *in, int row, int column)
{
    const int y = row * in->height / ROWS, x = column * in->width / COLUMNS;
    int below = (row + 1) * in->height / ROWS, right = (column + 1) * in->width / COLUMNS;
    double sum = 0;
    below = below > y ? below : y + 1;
    right = right > x ? right : x + 1;
    for (int i = y; i < below; i++)
        for (int j = x; j < right; j++)
            sum += grey(in->pixels + ((size_t)i * (size_t)in->width + (size_t)j) * (size_t)in->channels, in->channels);
    return sum / ((below - y) * (right - x));
}

static void look_at(mark *m, const gan_image *in)
{
    double low = 255, high = 0;
    for (int i = 0; i < ROWS; i++) {
        double left = 0;
        for (int j = 0; j < COLUMNS; j++) {
            const double here = cell(in, i, j);
            m->grey[i * COLUMNS + j] = (uint8_t)(here + 0.5);
            if (j)
                m->look = m->look << 1 | (left > here);
            low = here < low ? here : low;
            high = here > high ? here : high;
            left = here;
        }
    }
    m->flat = high - low < FLAT;
}

static int by_content(const void *a, const void *b)
{
    const mark *p = a, *q = b;
    return p->content != q->content ? (p->content > q->content) - (p->content < q->content) : (p->item > q->item) - (p->item < q->item);
}

static int by_item(const void *a, const void *b)
{
    return ((const mark *)a)->item - ((const mark *)b)->item;
}

/* Those with an equal before them; what is left stands at the front, and there are *left of it. Equal hashes are compared byte by byte. */
static int drop_equal(mark *m, int n, const gan_dataset *d, uint8_t *a, uint8_t *b, int *left)
{
    const size_t bytes = d->field[GAN__IMAGE].bytes;
    int same = 0;
    *left = 0;
    qsort(m, (size_t)n, sizeof *m, by_content);
    for (int i = 0; i < n; i++) {
        bool equal = false;
        gan_dataset_get(d, m[i].item, a);
        for (int k = *left - 1; k >= 0 && m[k].content == m[i].content && !equal; k--) {
            gan_dataset_get(d, m[k].item, b);
            equal = !memcmp(a, b, bytes);
        }
        same += equal;
        if (!equal)
            m[(*left)++] = m[i];
    }
    return same;
}

static bool are_alike(const mark *a, const mark *b)
{
    int sum = 0;
    if (__builtin_popcountll(a->look ^ b->look) > BITS_MOST)
        return false;
    for (int i = 0; i < ROWS * COLUMNS; i++)
        sum += abs(a->grey[i] - b->grey[i]);
    return sum <= MEAN_MOST * ROWS * COLUMNS;
}

static int count_alike(const mark *m, int n)
{
    int alike = 0;
    for (int i = 1; i < n; i++) {
        bool found = false;
        for (int k = 0; k < i && !found && !m[i].flat; k++)
            found = !m[k].flat && are_alike(&m[i], &m[k]);
        alike += found;
    }
    return alike;
}

gan_status gan_dataset_twins(const gan_dataset *d, int *same, int *alike, gan_error *err)
{
    const size_t bytes = d->field[GAN__IMAGE].bytes;
    gan_image in = {0};
    int left;
    gan_dataset_shape(d, &in.height, &in.width, &in.channels);
    mark *m = calloc((size_t)d->count, sizeof *m);
    uint8_t *other = malloc(bytes);
    in.pixels = malloc(bytes);
    gan_status s = m && other && in.pixels ? GAN_OK : gan__fail_memory(err, d->name);
    *same = *alike = 0;
    for (int i = 0; i < d->count && s == GAN_OK; i++) {
        gan_dataset_get(d, i, in.pixels);
        m[i].item = i;
        m[i].content = gan__hash(in.pixels, bytes);
        if (!gan_dataset_real(d))
            look_at(&m[i], &in);
        m[i].flat |= gan_dataset_real(d);
    }
    if (s == GAN_OK) {
        *same = drop_equal(m, d->count, d, in.pixels, other, &left);
        qsort(m, (size_t)left, sizeof *m, by_item);
        *alike = left <= PAIRED_MOST ? count_alike(m, left) : -1;
    }
    free(in.pixels);
    free(other);
    free(m);
    return s;
}
