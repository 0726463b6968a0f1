/* npy.c - see npy.h. */
#include "file/npy.h"

#include "base/error.h"
#include "base/fileio.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
enum { MAGIC = 6, HEADER_MAX = 65536, AXIS_MAX = 1 << 30 };

typedef struct header {
    char text[256]; /* cut: what is longer is not one of ours */
    size_t end;     /* where the numbers begin */
    size_t size;    /* of a number */
    long long dim[2];
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

static gan_status read_shape(header *h, const char *name, gan_error *err)
{
    const char *shape = value_of(h->text, "shape");
    int used = 0;
    if (shape && sscanf(shape, "(%9lld,%9lld%n", &h->dim[0], &h->dim[1], &used) == 2 &&
        (shape[used] == ')' || !strncmp(shape + used, ",)", 2)) && h->dim[0] >= 1 && h->dim[1] >= 1 && h->dim[0] < AXIS_MAX &&
        h->dim[1] < AXIS_MAX)
        return GAN_OK;
    return gan__fail(err, GAN_EFORMAT, "%s: its shape is %.*s; needed are two axes, (rows, numbers of each)", name,
                     shape ? (int)strcspn(shape, ")") + (strchr(shape, ')') != NULL) : 7, shape ? shape : "unknown");
}

static gan_status read_header(header *h, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
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
    h->size = type && !strncmp(type, "'<f8'", 5) ? sizeof(double) : type && !strncmp(type, "'<f4'", 5) ? sizeof(float) : 0;
    if (!h->size)
        return gan__fail(err, GAN_EFORMAT, "%s: its numbers are %.*s; needed are '<f4' or '<f8' (float32, float64)", name,
                         type ? (int)strcspn(type, ",}") : 7, type ? type : "unknown");
    if (!order || strncmp(order, "False", 5) != 0)
        return gan__fail(err, GAN_EFORMAT, "%s: is in Fortran's order; save numpy.ascontiguousarray of it", name);
    return read_shape(h, name, err);
}

gan_status gan__npy_parse(gan__npy *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    header h = {.size = 0};
    *out = (gan__npy){0};
    const gan_status s = read_header(&h, name, file, bytes, err);
    if (s != GAN_OK)
        return s;
    const size_t n = (size_t)h.dim[0] * (size_t)h.dim[1];
    if (n > bytes / h.size || bytes - h.end != n * h.size)
        return gan__fail(err, GAN_EFORMAT, "%s: has %zu bytes of numbers, and %lld x %lld of %zu bytes are promised", name,
                         bytes - h.end, h.dim[0], h.dim[1], h.size);
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
