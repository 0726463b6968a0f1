/* sha256.c - SHA-256 by nettle, which uses the processor's instructions for it where there are any. */
#include "base/error.h"
#include "base/sha256.h"

#include <nettle/sha2.h>
#include <stdlib.h>

struct gan__sha256 {
    struct sha256_ctx ctx;
};

gan__sha256 *gan__sha256_create(void)
{
    gan__sha256 *sha = malloc(sizeof *sha);
    if (sha)
        sha256_init(&sha->ctx);
    return sha;
}

void gan__sha256_update(gan__sha256 *sha, const void *data, size_t bytes)
{
    sha256_update(&sha->ctx, bytes, data);
}

void gan__sha256_hex(gan__sha256 *sha, char hex[GAN__SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&sha->ctx, sizeof digest, digest); /* resets it too */
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[GAN__SHA256_HEX - 1] = 0;
}

void gan__sha256_free(gan__sha256 *sha)
{
    free(sha);
}

gan_status gan__sha256_of(const void *data, size_t bytes, char hex[GAN__SHA256_HEX], gan_error *err)
{
    gan__sha256 *sha = gan__sha256_create();
    if (!sha)
        return gan__fail_memory(err, "a digest");
    gan__sha256_update(sha, data, bytes);
    gan__sha256_hex(sha, hex);
    gan__sha256_free(sha);
    return GAN_OK;
}
