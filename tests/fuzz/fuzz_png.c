/* fuzz_png.c - any bytes as a picture: an error, or height x width x channels bytes. */
#include "file/png.h"
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan_image image;
    gan_error err;
    if (gan__png_decode(&image, "fuzz.png", data, size, &err) != GAN_OK) {
        if (image.pixels || err.message[0] == 0)
            abort();
        return 0;
    }
    if (image.channels < 1 || image.channels > 4)
        abort();
    unsigned sum = 0;
    for (size_t i = 0; i < (size_t)image.height * (size_t)image.width * (size_t)image.channels; i++)
        sum += image.pixels[i];
    fuzz_sink = sum;
    free(image.pixels);
    return 0;
}
