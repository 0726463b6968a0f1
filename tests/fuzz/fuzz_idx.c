/* fuzz_idx.c - any bytes as an IDX file: an error, or exactly the bytes that the sizes promise. */
#include "file/idx.h"
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan__idx idx;
    gan_error err;
    if (gan__idx_parse(&idx, "fuzz.idx", data, size, &err) != GAN_OK) {
        if (idx.block || err.message[0] == 0)
            abort();
        return 0;
    }
    const int *d = idx.dim;
    if (idx.size != (size_t)d[0] * (size_t)d[1] * (size_t)d[2] * (size_t)d[3])
        abort();
    unsigned sum = 0; /* a read outside is the sanitizer's to find */
    for (size_t i = 0; i < idx.size; i++)
        sum += idx.bytes[i];
    fuzz_sink = sum;
    gan__idx_release(&idx);
    return 0;
}
