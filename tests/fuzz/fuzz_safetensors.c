/* fuzz_safetensors.c - any bytes as a safetensors file: an error, or tensors that lie inside it. */
#include "file/safetensors.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan__safetensors *st;
    gan_error err;
    if (gan__safetensors_parse(&st, "fuzz.safetensors", data, size, &err) != GAN_OK) {
        if (st || err.message[0] == 0)
            abort();
        return 0;
    }
    unsigned sum = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < gan__safetensors_count(st); i++) {
        const gan__tensor *t = gan__safetensors_at(st, i);
        const uint8_t *p = t->data;
        if (gan__safetensors_find(st, t->name) != t)
            abort();
        for (size_t k = 0; k < t->bytes; k++)
            sum += p[k];
        bytes += t->bytes;
    }
    if (bytes > size)
        abort();
    for (size_t i = 0; i < gan__safetensors_meta_count(st); i++)
        sum += (unsigned)strlen(gan__safetensors_meta_at(st, i).value);
    fuzz_sink = sum;
    gan__safetensors_free(st);
    return 0;
}
