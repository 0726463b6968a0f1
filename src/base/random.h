/* random.h - counter-based random numbers: a number is a function of where it stands.
 *
 * Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). The key is the
 * run's 64-bit seed; the counter's four words are
 *
 *     block (element / 4, see below) | sample (row of the batch) | step (iteration) | stream (what for)
 *
 * so that no generator state exists: a checkpoint stores (seed, step), and any thread can make any
 * number. A stream is named by text; its word is gan__stream(name).
 */
#ifndef GAN_BASE_RANDOM_H
#define GAN_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* gan__philox - ten rounds: out = Philox4x32-10(counter, key). */
void gan__philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* gan__stream - the counter word of a stream: FNV-1a, 32 bits, of its name. */
uint32_t gan__stream(const char *name);

/* gan__random_u32 / _double - number `element` of (seed, stream, step, sample); the double (one Philox block
 * an element) is uniform
 * in [0, 1) with 53 bits. Scalar, for set-up work (initialisers, drawing); batches of normals come
 * from kernel/random.c. */
uint32_t gan__random_u32(uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample,
                         uint32_t element);
double gan__random_double(uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample,
                          uint32_t element);

/* gan__random_words - numbers first .. first + n - 1 as gan__random_u32 has them, four for the price of one; first is a multiple of 4. */
void gan__random_words(uint32_t *out, size_t n, uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample, size_t first);

/* gan__permute - where position i goes in a keyed permutation of 0..n-1 (0 <= i < n).
 * A Feistel network over the smallest even number of bits that holds n, walked until it lands inside
 * (Black & Rogaway 2002); random access, no table. (seed, stream, epoch) choose the permutation. */
uint64_t gan__permute(uint64_t i, uint64_t n, uint64_t seed, uint32_t stream, uint32_t epoch);

#endif
