/* safetensors_internal.h - what reading and writing of safetensors share. */
#ifndef GAN_FILE_SAFETENSORS_INTERNAL_H
#define GAN_FILE_SAFETENSORS_INTERNAL_H

#include "file/safetensors.h"

#define GAN__META_KEY    "__metadata__"
#define GAN__META_SHA256 "sha256"

static inline size_t gan__dtype_bytes(gan__dtype dtype)
{
    return dtype == GAN__F32 ? 4 : 1;
}

static inline const char *gan__dtype_name(gan__dtype dtype)
{
    return dtype == GAN__F32 ? "F32" : "U8";
}

static inline void gan__put_u64(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> 8 * i);
}

static inline uint64_t gan__get_u64(const uint8_t in[8])
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v |= (uint64_t)in[i] << 8 * i;
    return v;
}

/* gan__find_digest - where in a header the 64 digits of the metadata's "sha256" begin; 0: nowhere.
 * The pair is looked for as gander prints it, without white space, and behind a brace or comma:
 * inside a string its quotes would be escaped, and behind a backslash. */
size_t gan__find_digest(const uint8_t *header, size_t bytes);

#endif
