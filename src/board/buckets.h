/* buckets.h - how a tensor's numbers are spread. */
#ifndef GAN_BOARD_BUCKETS_H
#define GAN_BOARD_BUCKETS_H

#include <stddef.h>

enum { GAN__BUCKETS = 30 /* TensorBoard's own number */ };

typedef struct gan__histogram {
    double min, max, count, sum, squares; /* of finite numbers; count 0: there are none, and nothing else means anything */
    int buckets;                          /* 1 where all numbers are the same */
    double limit[GAN__BUCKETS];           /* upper ends, the last is max */
    double in[GAN__BUCKETS];              /* sums to count */
} gan__histogram;

/* gan__histogram_of - n float32s, little-endian, perhaps unaligned. */
void gan__histogram_of(gan__histogram *h, const void *numbers, size_t n);

#endif
