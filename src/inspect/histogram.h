/* histogram.h - numbers at a glance. */
#ifndef GAN_INSPECT_HISTOGRAM_H
#define GAN_INSPECT_HISTOGRAM_H

#include <gan/inspect.h>
#include <stddef.h>

/* Some of the numbers that are looked at, as they lie. Not owned. */
typedef struct gan__numbers {
    const float *x;
    size_t count;
} gan__numbers;

/* In double, in the order of parts and places. All zeros where there is no finite number. */
void gan__histogram(gan_histogram *out, const gan__numbers *part, int parts);

#endif
