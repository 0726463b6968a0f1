/* hash.h - FNV-1a, for tables and for "is it still the same?"; who may choose the bytes can make two alike: base/sha256.h is for those. */
#ifndef GAN_BASE_HASH_H
#define GAN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t gan__hash(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211u;
    return h;
}

#endif
