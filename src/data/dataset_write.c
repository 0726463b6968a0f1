/* dataset_write.c - IDX out: images of any shape that a data set may have, whole or as they come.
 */
#include "base/error.h"
#include "data/dataset.h"
#include "file/idx.h"

#include <stdlib.h>

gan_status gan_idx_write(const char *path, const int shape_nhwc[4], const uint8_t *pixels,
                         gan_error *err)
{
    const gan_status s = gan__shape_check(shape_nhwc, err);
    if (s != GAN_OK)
        return s;
    return gan__idx_write(path, shape_nhwc[3] == 1 ? 3 : 4, shape_nhwc, pixels, err);
}

struct gan_idx_writer {
    gan__idx_writer *file;
    size_t item; /* bytes an image */
};

static gan_status begin(gan_idx_writer **out, const char *path, int rank, const int dim[], size_t item, gan_error *err)
{
    gan_idx_writer *w = calloc(1, sizeof *w);
    if (!w)
        return gan__fail_memory(err, path);
    w->item = item;
    const gan_status s = gan__idx_begin(&w->file, path, rank, dim, err);
    if (s == GAN_OK)
        *out = w;
    else
        free(w);
    return s;
}

gan_status gan_idx_begin(gan_idx_writer **out, const char *path, const int shape_nhwc[4],
                         gan_error *err)
{
    *out = NULL;
    const gan_status s = gan__shape_check(shape_nhwc, err);
    if (s != GAN_OK)
        return s;
    const size_t item = (size_t)shape_nhwc[1] * (size_t)shape_nhwc[2] * (size_t)shape_nhwc[3];
    return begin(out, path, shape_nhwc[3] == 1 ? 3 : 4, shape_nhwc, item, err);
}

gan_status gan_idx_begin_labels(gan_idx_writer **out, const char *path, int n, gan_error *err)
{
    *out = NULL;
    return n < 1 ? gan__fail(err, GAN_EINVAL, "%d labels to write", n) : begin(out, path, 1, &n, 1, err);
}

gan_status gan_idx_add(gan_idx_writer *w, const uint8_t *pixels, int n, gan_error *err)
{
    return n < 1 ? gan__fail(err, GAN_EINVAL, "%d images to add", n)
                 : gan__idx_add(w->file, pixels, (size_t)n * w->item, err);
}

gan_status gan_idx_end(gan_idx_writer *w, bool keep, gan_error *err)
{
    gan_status s = GAN_OK;
    if (w && keep)
        s = gan__idx_commit(w->file, err);
    else if (w)
        gan__idx_abort(w->file);
    free(w);
    return s;
}
