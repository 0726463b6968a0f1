/* fuzz.h - what a fuzz target defines: libFuzzer calls it, and so does run_corpus.c. */
#ifndef GAN_TESTS_FUZZ_H
#define GAN_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One input; aborts where a promise of the parser is broken. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Results go here, so that no read is optimised away. */
extern volatile unsigned fuzz_sink;

#endif
