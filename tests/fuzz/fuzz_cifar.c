/* fuzz_cifar.c - any bytes as CIFAR-10's records and as NumPy's pictures: an error, or as many bytes as promised. */
#include "file/cifar.h"
#include "file/npy.h"
#include "fuzz.h"

#include <stdlib.h>

static void check(gan_status s, gan__idx *images, const gan_error *err)
{
    if (s != GAN_OK && (images->block || err->message[0] == 0))
        abort();
    unsigned sum = 0;
    for (size_t i = 0; i < images->size; i++)
        sum += images->bytes[i];
    fuzz_sink = sum;
    gan__idx_release(images);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan__idx images, labels;
    gan_error err;
    gan_status s = gan__cifar_parse(&images, &labels, "fuzz", data, size, &err);
    if (s == GAN_OK && (labels.size != (size_t)images.dim[0] || images.size != labels.size * 3072))
        abort();
    check(s, &images, &err);
    gan__idx_release(&labels);
    s = gan__npy_pictures(&images, "fuzz", data, size, &err);
    check(s, &images, &err);
    return 0;
}
