/* sha256.h - SHA-256, by nettle. */
#ifndef GAN_BASE_SHA256_H
#define GAN_BASE_SHA256_H

#include <gan/status.h>
#include <stddef.h>

/* SHA-256 (FIPS 180-4). hex gets 64 digits and a zero byte. */
enum { GAN__SHA256_HEX = 65 };
typedef struct gan__sha256 gan__sha256;
gan__sha256 *gan__sha256_create(void); /* NULL when out of memory */
void gan__sha256_update(gan__sha256 *sha, const void *data, size_t bytes);
void gan__sha256_hex(gan__sha256 *sha, char hex[GAN__SHA256_HEX]); /* ends and resets it */
void gan__sha256_free(gan__sha256 *sha);
gan_status gan__sha256_of(const void *data, size_t bytes, char hex[GAN__SHA256_HEX],
                          gan_error *err);

#endif
