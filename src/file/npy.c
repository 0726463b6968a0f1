/* npy.c - see npy.h. */
#include "file/npy.h"

#include "base/error.h"
#include "base/fileio.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
enum { MAGIC = 6, HEADER_MAX = 65536, AXIS_MAX = 1 << 30, AXES_MAX = 4 };

typedef struct header {
    char text[256]; /* cut: what is longer is not one of ours */
    size_t end;     /* where the numbers begin */
    size_t size;    /* of a number; 1: unsigned bytes */
    int axes;
    long long dim[AXES_MAX];
    size_t numbers; /* of all axes together */
} header;

/* What stands behind 'key': in the header; NULL: no such key. */
static const char *value_of(const char *text, const char *key)
{
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s'", key);
    const char *at = strstr(text, quoted);
    if (!at)
        return NULL;
    at += strlen(quoted);
    at += strspn(at, " ");
    if (*at++ != ':')
        return NULL;
    return at + strspn(at, " ");
}

/* "(10000, 64)", "(5, )": 1 to AXES_MAX axes, none empty. */
static gan_status read_shape(header *h, const char *name, gan_error *err)
{
    const char *shape = value_of(h->text, "shape"), *p = shape;
    bool ok = p && *p == '(';
    h->numbers = 1;
    while (ok && *p != ')') {
        char *end;
        p++;
        p += strspn(p, " ");
        if (*p == ')')
            break;
        const long long n = strtoll(p, &end, 10);
        ok = end > p && n >= 1 && n < AXIS_MAX && h->axes < AXES_MAX && (*end == ',' || *end == ')') &&
             !__builtin_mul_overflow(h->numbers, (size_t)n, &h->numbers);
        if (ok)
            h->dim[h->axes++] = n;
        p = end;
    }
    if (ok && h->axes)
        return GAN_OK;
    return gan__fail(err, GAN_EFORMAT, "%s: its shape is %.*s; needed are one to %d axes", name,
                     shape ? (int)strcspn(shape, ")") + (strchr(shape, ')') != NULL) : 7, shape ? shape : "unknown", AXES_MAX);
}

/* "10000 x 64" */
static void describe(const header *h, char text[96])
{
    size_t n = 0;
    for (int i = 0; i < h->axes; i++)
        n += (size_t)snprintf(text + n, 96 - n, "%s%lld", i ? " x " : "", h->dim[i]);
}

static gan_status read_header(header *h, bool pictures, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    if (bytes < MAGIC + 4 || memcmp(file, magic, MAGIC) != 0)
        return gan__fail(err, GAN_EFORMAT, "%s: is not a .npy file (it does not begin with NUMPY's mark)", name);
    const int major = file[MAGIC];
    const size_t words = major == 1 ? 2 : 4, first = MAGIC + 2 + words;
    size_t length = 0;
    if (major < 1 || major > 3)
        return gan__fail(err, GAN_EFORMAT, "%s: is .npy of version %d; 1 to 3 are known", name, major);
    for (size_t i = 0; i < words && first <= bytes; i++)
        length |= (size_t)file[MAGIC + 2 + i] << 8 * i;
    h->end = first + length;
    if (first > bytes || length > HEADER_MAX || h->end > bytes)
        return gan__fail(err, GAN_EFORMAT, "%s: ends within its header", name);
    const size_t kept = length < sizeof h->text - 1 ? length : sizeof h->text - 1;
    memcpy(h->text, file + first, kept);
    h->text[kept] = 0;
    const char *type = value_of(h->text, "descr"), *order = value_of(h->text, "fortran_order");
    if (!type || strlen(type) < 5)
        return gan__fail(err, GAN_EFORMAT, "%s: its header does not say what its numbers are", name);
    h->size = !memcmp(type, "'<f8'", 5) ? sizeof(double) : !memcmp(type, "'<f4'", 5) ? sizeof(float) : !memcmp(type, "'|u1'", 5) ? 1 : 0;
    if (pictures ? h->size != 1 : h->size < sizeof(float))
        return gan__fail(err, GAN_EFORMAT, "%s: its numbers are %.*s; needed are %s", name, (int)strcspn(type, ",}"), type,
                         pictures ? "'|u1' (uint8)" : "'<f4' or '<f8' (float32, float64)");
    if (!order || strncmp(order, "False", 5) != 0)
        return gan__fail(err, GAN_EFORMAT, "%s: is in Fortran's order; save numpy.ascontiguousarray of it", name);
    const gan_status s = read_shape(h, name, err);
    if (s != GAN_OK)
        return s;
    char shape[96];
    describe(h, shape);
    if (h->numbers > bytes / h->size || bytes - h->end != h->numbers * h->size)
        return gan__fail(err, GAN_EFORMAT, "%s: has %zu bytes of numbers, and %s of %zu bytes are promised", name, bytes - h->end, shape,
                         h->size);
    return GAN_OK;
}

gan_status gan__npy_parse(gan__npy *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    header h = {.size = 0};
    *out = (gan__npy){0};
    const gan_status s = read_header(&h, false, name, file, bytes, err);
    if (s != GAN_OK)
        return s;
    if (h.axes != 2)
        return gan__fail(err, GAN_EFORMAT, "%s: has %d axes; needed are two, (rows, numbers of each)", name, h.axes);
    const size_t n = h.numbers;
    double *x = malloc(n * sizeof *x);
    if (!x)
        return gan__fail_memory(err, name);
    for (size_t i = 0; i < n; i++)
        if (h.size == sizeof(double)) {
            memcpy(&x[i], file + h.end + i * h.size, h.size);
        } else {
            float v;
            memcpy(&v, file + h.end + i * h.size, h.size);
            x[i] = (double)v;
        }
    *out = (gan__npy){{(int)h.dim[0], (int)h.dim[1]}, x};
    return GAN_OK;
}

gan_status gan__npy_pictures(gan__idx *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    enum { SIDE_MAX = 4096, CHANNELS_MAX = 4 };
    header h = {.size = 0};
    *out = (gan__idx){0};
    gan_status s = read_header(&h, true, name, file, bytes, err);
    if (s != GAN_OK)
        return s;
    if (h.axes < 3)
        return gan__fail(err, GAN_EFORMAT, "%s: has %d axes; of pictures there are three or four, (number, height, width, channels): reshape them", name,
                         h.axes);
    h.dim[3] = h.axes == 4 ? h.dim[3] : 1;
    if (h.dim[1] > SIDE_MAX || h.dim[2] > SIDE_MAX || h.dim[3] > CHANNELS_MAX)
        return gan__fail(err, GAN_EFORMAT, "%s: pictures of %lld x %lld x %lld (height, width, channels); at most %d, %d and %d can be right%s", name,
                         h.dim[1], h.dim[2], h.dim[3], SIDE_MAX, SIDE_MAX, CHANNELS_MAX,
                         h.dim[1] <= CHANNELS_MAX ? " (numpy.moveaxis(x, 1, -1) puts the channels last)" : "");
    uint8_t *block = malloc(h.numbers);
    if (!block)
        return gan__fail_memory(err, name);
    *out = (gan__idx){h.axes, {(int)h.dim[0], (int)h.dim[1], (int)h.dim[2], (int)h.dim[3]}, block, h.numbers, block};
    memcpy(block, file + h.end, h.numbers);
    return GAN_OK;
}

gan_status gan__npy_read(gan__npy *out, const char *path, gan_error *err)
{
    uint8_t *file = NULL;
    size_t bytes = 0;
    *out = (gan__npy){0};
    gan_status s = gan__read_file(path, (size_t)1 << 34, &file, &bytes, err);
    if (s == GAN_OK)
        s = gan__npy_parse(out, path, file, bytes, err);
    free(file);
    return s;
}

gan_status gan__npy_write(const gan__npy *a, const char *path, gan_error *err)
{
    enum { FIRST = 128, LENGTH = FIRST - MAGIC - 4 };
    char head[FIRST + 1];
    gan__atomic_file f;
    const int n = snprintf(head + MAGIC + 4, LENGTH, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", a->dim[0],
                           a->dim[1]);
    memcpy(head, magic, MAGIC);
    memcpy(head + MAGIC, (const char[]){1, 0, (char)LENGTH, 0}, 4);
    memset(head + MAGIC + 4 + n, ' ', (size_t)(LENGTH - n));
    head[FIRST - 1] = '\n';
    gan_status s = gan__atomic_begin(&f, path, err);
    if (s == GAN_OK)
        s = gan__atomic_write(&f, head, FIRST, err);
    if (s == GAN_OK)
        s = gan__atomic_write(&f, a->x, (size_t)a->dim[0] * (size_t)a->dim[1] * sizeof *a->x, err);
    return s == GAN_OK ? gan__atomic_commit(&f, err) : s;
}
