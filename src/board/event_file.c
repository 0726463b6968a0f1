/* event_file.c - see event_file.h. Messages are packed by libprotobuf-c, where it was there at build time (else nothing is here, and board.c
 * says so): event.pb-c.h is made from event.proto by protoc-c. What it packs is not const in its structs, and so is not here either. */
#include "board/event_file.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

#if GAN_HAVE_PROTOBUF

#include "board/crc32c.h"
#include "board/event.pb-c.h"

#include <gan/train.h>

enum { HEAD = 12, TAIL = 4 };

static uint8_t *put_bytes(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        *p++ = (uint8_t)(v >> 8 * i);
    return p;
}

static uint8_t *put_check(uint8_t *p, const uint8_t *data, size_t bytes)
{
    const uint32_t crc = gan__crc32c(data, bytes);
    return put_bytes(p, (crc >> 15 | crc << 17) + 0xa282ead8u, 4);
}

static gan_status put(gan__event_file *f, const Gan__Event *event, gan_error *err)
{
    const size_t bytes = gan__event__get_packed_size(event), all = HEAD + bytes + TAIL;
    if (all > f->room) {
        uint8_t *larger = realloc(f->record, all);
        if (!larger)
            return gan__fail_memory(err, f->file.path);
        f->record = larger;
        f->room = all;
    }
    uint8_t *p = put_bytes(f->record, bytes, 8);
    p = put_check(p, f->record, 8);
    p += gan__event__pack(event, p);
    put_check(p, p - bytes, bytes);
    return gan__atomic_write(&f->file, f->record, all, err);
}

static gan_status put_values(gan__event_file *f, gan__moment at, Gan__Summary__Value **value, int n, gan_error *err)
{
    Gan__Summary summary = GAN__SUMMARY__INIT;
    Gan__Event event = GAN__EVENT__INIT;
    summary.n_value = (size_t)n;
    summary.value = value;
    event.wall_time = at.time;
    event.step = at.step;
    event.what_case = GAN__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    return put(f, &event, err);
}

gan_status gan__events_scalars(gan__event_file *f, gan__moment at, gan__scalar *scalar, int n, gan_error *err)
{
    Gan__Summary__Value value[GAN_METRICS_MAX], *list[GAN_METRICS_MAX];
    for (int i = 0; i < n; i++) {
        list[i] = &value[i];
        gan__summary__value__init(&value[i]);
        value[i].tag = scalar[i].tag;
        value[i].value_case = GAN__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
        value[i].simple_value = scalar[i].value;
    }
    return put_values(f, at, list, n, err);
}

gan_status gan__events_image(gan__event_file *f, gan__moment at, char *tag, const gan_image *size, uint8_t *png, size_t bytes,
                             gan_error *err)
{
    Gan__Summary__Image image = GAN__SUMMARY__IMAGE__INIT;
    Gan__Summary__Value value, *list = &value;
    image.height = size->height;
    image.width = size->width;
    image.colorspace = size->channels;
    image.encoded_image_string = (ProtobufCBinaryData){bytes, png};
    gan__summary__value__init(&value);
    value.tag = tag;
    value.value_case = GAN__SUMMARY__VALUE__VALUE_IMAGE;
    value.image = &image;
    return put_values(f, at, &list, 1, err);
}

gan_status gan__events_histogram(gan__event_file *f, gan__moment at, char *tag, gan__histogram *h, gan_error *err)
{
    Gan__Histogram histo = GAN__HISTOGRAM__INIT;
    Gan__Summary__Value value, *list = &value;
    histo.min = h->min;
    histo.max = h->max;
    histo.num = h->count;
    histo.sum = h->sum;
    histo.sum_squares = h->squares;
    histo.n_bucket_limit = histo.n_bucket = (size_t)h->buckets;
    histo.bucket_limit = h->limit;
    histo.bucket = h->in;
    gan__summary__value__init(&value);
    value.tag = tag;
    value.value_case = GAN__SUMMARY__VALUE__VALUE_HISTO;
    value.histo = &histo;
    return put_values(f, at, &list, 1, err);
}

static gan_status put_version(gan__event_file *f, double time, gan_error *err)
{
    static char version[] = "brain.Event:2";
    Gan__Event event = GAN__EVENT__INIT;
    event.wall_time = time;
    event.what_case = GAN__EVENT__WHAT_FILE_VERSION;
    event.file_version = version;
    return put(f, &event, err);
}

gan_status gan__events_begin(gan__event_file *f, const char *path, double time, gan_error *err)
{
    f->record = NULL;
    f->room = 0;
    const gan_status s = gan__atomic_begin(&f->file, path, err);
    return s == GAN_OK ? put_version(f, time, err) : s;
}

gan_status gan__events_commit(gan__event_file *f, gan_error *err)
{
    free(f->record);
    f->record = NULL;
    return gan__atomic_commit(&f->file, err);
}

void gan__events_abort(gan__event_file *f)
{
    free(f->record);
    f->record = NULL;
    gan__atomic_abort(&f->file);
}

#endif
