/* features.c - rows of numbers: made, viewed, read, written. */
#include "base/error.h"
#include "file/npy.h"

#include <gan/measure.h>

#include <stdlib.h>

gan_status gan_features_make(gan_features *f, int n, int dims, gan_error *err)
{
    *f = (gan_features){n, dims, NULL};
    if (n < 1 || dims < 1)
        return gan__fail(err, GAN_EINVAL, "%d x %d features: at least one of each", n, dims);
    f->x = calloc((size_t)n, (size_t)dims * sizeof *f->x);
    return f->x ? GAN_OK : gan__fail_memory(err, "features");
}

void gan_features_release(gan_features *f)
{
    free(f->x);
    *f = (gan_features){0};
}

gan_features gan_features_rows(const gan_features *f, int first, int n)
{
    return (gan_features){n, f->dims, f->x + (size_t)first * (size_t)f->dims};
}

gan_status gan_features_read(gan_features *f, const char *path, gan_error *err)
{
    gan__npy a;
    *f = (gan_features){0};
    const gan_status s = gan__npy_read(&a, path, err);
    if (s != GAN_OK)
        return s;
    *f = (gan_features){a.dim[0], a.dim[1], a.x};
    return GAN_OK;
}

gan_status gan_features_write(const gan_features *f, const char *path, gan_error *err)
{
    const gan__npy a = {{f->n, f->dims}, f->x};
    return gan__npy_write(&a, path, err);
}
