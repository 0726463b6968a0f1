/* cifar.h - the binary version of CIFAR-10: records of a label (0 to 9) and 32 x 32 pixels, all red, then all green, then all blue.
 *
 *     label | 1024 red | 1024 green | 1024 blue      3,073 bytes; nothing before the first record or behind the last
 *
 * Plain or in one gzip stream. Source: www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
 */
#ifndef GAN_FILE_CIFAR_H
#define GAN_FILE_CIFAR_H

#include "file/idx.h"

/* gan__cifar_parse - images N x 32 x 32 x 3 and labels N from a file in memory. gan__cifar_read - from files, one behind the other.
 * Errors  GAN_EFORMAT: it is no whole number of records, or a label is above 9; GAN_ENOTFOUND, GAN_EIO, GAN_ENOMEM. Both are then empty. */
gan_status gan__cifar_parse(gan__idx *images, gan__idx *labels, const char *name, const uint8_t *file, size_t bytes, gan_error *err);
gan_status gan__cifar_read(gan__idx *images, gan__idx *labels, const char *const *paths, int n, gan_error *err);

#endif
