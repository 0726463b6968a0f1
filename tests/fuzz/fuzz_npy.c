/* fuzz_npy.c - any bytes as a .npy file: an error, or exactly the numbers that the shape promises. */
#include "file/npy.h"
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan__npy a;
    gan_error err;
    if (gan__npy_parse(&a, "fuzz.npy", data, size, &err) != GAN_OK) {
        if (a.x || err.message[0] == 0)
            abort();
        return 0;
    }
    unsigned sum = 0; /* a read outside is the sanitizer's to find */
    for (size_t i = 0; i < (size_t)a.dim[0] * (size_t)a.dim[1]; i++)
        sum += a.x[i] > 0;
    fuzz_sink = sum;
    free(a.x);
    return 0;
}
