/* npy.h - NumPy's file format: an array of numbers behind a line of Python that says what it is.
 *
 *     93 "NUMPY" major minor | header's length, u16 (major 1) or u32, little-endian | header | numbers
 *     header: {'descr': '<f8', 'fortran_order': False, 'shape': (10000, 64), }  blanks, newline
 *
 * Read here, in C order: float32 and float64, little-endian, of two axes, finite or not; and as pictures uint8 of three or four, N H W or
 * N H W C. The header is not trusted: what it promises
 * must be what the file holds. numpy.lib.format, versions 1.0 to 3.0
 */
#ifndef GAN_FILE_NPY_H
#define GAN_FILE_NPY_H

#include "file/idx.h"

typedef struct gan__npy {
    int dim[2];
    double *x; /* malloc'd */
} gan__npy;

/* Errors  GAN_EFORMAT, GAN_ENOTFOUND, GAN_EIO, GAN_ENOMEM. gan__npy_write: float64, atomically. */
gan_status gan__npy_parse(gan__npy *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err);
gan_status gan__npy_read(gan__npy *out, const char *path, gan_error *err);
gan_status gan__npy_pictures(gan__idx *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err);
gan_status gan__npy_write(const gan__npy *a, const char *path, gan_error *err);

#endif
