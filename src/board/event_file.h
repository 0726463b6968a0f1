/* event_file.h - TensorBoard's events into a file that appears whole.
 *
 *     u64 little-endian n | masked CRC-32C of those 8 bytes | n bytes: an Event (event.proto) | masked CRC-32C of them
 *
 * again and again; the first says the version. A checksum c is masked, (c rotated right by 15) + 0xa282ead8: a file may be part of another, and a checksum over checksums says little.
 * Source: github.com/tensorflow/tensorflow, tensorflow/core/lib/io/record_writer.h (TFRecord) and tensorflow/core/util/events_writer.cc.
 */
#ifndef GAN_BOARD_EVENT_FILE_H
#define GAN_BOARD_EVENT_FILE_H

#include "base/fileio.h"
#include "board/buckets.h"

#include <gan/image.h>

enum { GAN__TAG_MAX = 256 }; /* longer names of tensors are cut */

typedef struct gan__moment {
    int64_t step;
    double time; /* seconds since 1970 */
} gan__moment;

typedef struct gan__scalar {
    char tag[GAN__TAG_MAX];
    float value;
} gan__scalar;

typedef struct gan__event_file {
    gan__atomic_file file;
    uint8_t *record; /* owned: room of so many bytes for one */
    size_t room;
} gan__event_file;

/* begin -> scalars, image, histogram... -> commit or abort. After a call that failed, abort is all that may follow. */
gan_status gan__events_begin(gan__event_file *f, const char *path, double time, gan_error *err);
gan_status gan__events_commit(gan__event_file *f, gan_error *err);
void gan__events_abort(gan__event_file *f);

/* gan__events_scalars - figures of one moment, at most GAN_METRICS_MAX. gan__events_image - a PNG as it is in its file; of `size`, height,
 * width and channels are read. gan__events_histogram. */
gan_status gan__events_scalars(gan__event_file *f, gan__moment at, gan__scalar *scalar, int n, gan_error *err);
gan_status gan__events_image(gan__event_file *f, gan__moment at, char *tag, const gan_image *size, uint8_t *png, size_t bytes,
                             gan_error *err);
gan_status gan__events_histogram(gan__event_file *f, gan__moment at, char *tag, gan__histogram *h, gan_error *err);

#endif
