/* fuzz_picture.c - any bytes as a picture of any kind: an error, or height x width x channels bytes. */
#include "file/picture.h"
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan_image image;
    gan__picture_info info;
    gan_error err;
    const gan_status looked = gan__picture_look(&info, "fuzz", data, size, NULL);
    if (gan__picture_decode(&image, "fuzz", data, size, size % 3 ? 0 : 16, &err) != GAN_OK) {
        if (image.pixels || err.message[0] == 0)
            abort();
        return 0;
    }
    if (looked != GAN_OK || image.channels < 1 || image.channels > 4 || image.height > info.height || image.width > info.width)
        abort();
    unsigned sum = 0;
    for (size_t i = 0; i < (size_t)image.height * (size_t)image.width * (size_t)image.channels; i++)
        sum += image.pixels[i];
    fuzz_sink = sum;
    gan_image_release(&image);
    return 0;
}
