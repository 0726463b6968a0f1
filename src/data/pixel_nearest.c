/* pixel_nearest.c - the pictures of a set that are nearest to others, pixel by pixel. One pass over the set, whatever number is asked about. */
#include "base/error.h"
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

static uint64_t apart(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        const int d = a[i] - b[i];
        sum += (uint64_t)(d * d);
    }
    return sum;
}

gan_status gan_dataset_nearest(int *which, uint64_t *sum, const gan_dataset *d, const gan_dataset_nearest_params *p, gan_error *err)
{
    int h, w, c;
    if (gan_dataset_real(d))
        return gan__fail(err, GAN_EUNSUPPORTED, "%s holds points, not pictures", gan_dataset_name(d));
    gan_dataset_shape(d, &h, &w, &c);
    const size_t item = (size_t)h * (size_t)w * (size_t)c;
    const int count = gan_dataset_count(d), end = p->among && p->among < count ? p->among : count;
    uint8_t *other = malloc(item);
    if (!other)
        return gan__fail_memory(err, "a picture");
    for (int k = 0; k < p->n; k++) {
        which[k] = -1;
        sum[k] = UINT64_MAX;
    }
    for (int i = 0; i < end; i++) {
        gan_dataset_get(d, i, other);
        for (int k = 0; k < p->n; k++) {
            const uint64_t distance = p->self && p->self[k] == i ? UINT64_MAX : apart(p->pixels + (size_t)k * item, other, item);
            if (distance < sum[k]) {
                sum[k] = distance;
                which[k] = i;
            }
        }
    }
    free(other);
    return GAN_OK;
}
