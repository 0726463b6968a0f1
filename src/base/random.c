/* random.c - Philox 4x32-10 and a keyed permutation. */
#include "base/random.h"

void gan__philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

uint32_t gan__stream(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

static void words_at(uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample, uint32_t block,
                     uint32_t out[4])
{
    const uint32_t counter[4] = {block, sample, step, stream};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    gan__philox(counter, key, out);
}

uint32_t gan__random_u32(uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample,
                         uint32_t element)
{
    uint32_t out[4];
    words_at(seed, stream, step, sample, element / 4, out);
    return out[element % 4];
}

void gan__random_words(uint32_t *out, size_t n, uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample, size_t first)
{
    for (size_t i = 0; i < n; i += 4) {
        uint32_t four[4];
        words_at(seed, stream, step, sample, (uint32_t)((first + i) / 4), four);
        for (size_t k = 0; k < 4 && i + k < n; k++)
            out[i + k] = four[k];
    }
}

double gan__random_double(uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample,
                          uint32_t element)
{
    uint32_t out[4];
    words_at(seed, stream, step, sample, element, out);
    return (double)(((uint64_t)out[0] << 32 | out[1]) >> 11) * 0x1p-53;
}

/* Four rounds over two halves; Philox is the round function, so even a few rounds mix well. Positions
 * that land outside 0..n-1 walk on: the range is less than four times n, so that is soon over. */
uint64_t gan__permute(uint64_t i, uint64_t n, uint64_t seed, uint32_t stream, uint32_t epoch)
{
    unsigned half = 1;
    while (half < 32 && (uint64_t)1 << 2 * half < n)
        half++;
    const uint64_t mask = ((uint64_t)1 << half) - 1;
    do {
        uint64_t left = i >> half, right = i & mask;
        for (uint32_t round = 0; round < 4; round++) {
            uint32_t out[4];
            words_at(seed, stream, epoch, round, (uint32_t)right, out);
            const uint64_t mixed = left ^ (out[0] & mask);
            left = right;
            right = mixed;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}
