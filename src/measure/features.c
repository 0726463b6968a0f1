/* features.c - rows of numbers: made, looked at, met with others. */
#include "measure/pairs.h"

#include "base/error.h"
#include "file/npy.h"

#include <math.h>
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

/* ---- nearest rows -------------------------------------------------------------------------------- */

typedef struct search {
    int n;
    int *which;
    double *distance;
} search;

static void find(void *ctx, int thread, int row, const double *values)
{
    const search *s = ctx;
    double least = INFINITY;
    int which = 0;
    (void)thread;
    for (int i = 0; i < s->n; i++)
        if (values[i] < least) {
            least = values[i];
            which = i;
        }
    if (s->which)
        s->which[row] = which;
    if (s->distance)
        s->distance[row] = sqrt(least);
}

gan_status gan_nearest(const gan_features *of, const gan_features *among, gan_team *team, int *which, double *distance,
                       gan_error *err)
{
    gan__panels panels;
    search s = {among->n, which, distance};
    if (of->dims != among->dims)
        return gan__fail(err, GAN_ESHAPE, "features of %d numbers among features of %d", of->dims, among->dims);
    gan_status status = gan__panels_make(&panels, among, err);
    if (status == GAN_OK)
        status = gan__pairs(of, &panels, GAN__DISTANCES, team, find, &s, err);
    gan__panels_release(&panels);
    return status;
}
