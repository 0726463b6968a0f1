/* https.h - one file over HTTPS. */
#ifndef GAN_DATA_HTTPS_H
#define GAN_DATA_HTTPS_H

#include <gan/status.h>
#include <stddef.h>
#include <stdint.h>

/* gan__https_get - a file of at most `most` bytes; *out is malloc'd.
 * Errors  GAN_EUNSUPPORTED: built without libcurl; GAN_EIO; GAN_ENOMEM. */
gan_status gan__https_get(const char *url, size_t most, uint8_t **out, size_t *bytes,
                          gan_error *err);

#endif
