/* sample.c - a model file to a PNG: cc sample.c $(pkg-config --cflags --libs gander) */
#include <gan/gan.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    gan_error err = {0};
    gan_model *model = NULL;
    gan_image picture = {0};
    gan_grid grid = {.n = 25, .gap = 2, .zoom = 2};
    uint8_t *pixels = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: sample MODEL PNG\n");
        return 2;
    }
    gan_status s = gan_model_open(&model, argv[1], NULL, &err);
    if (s == GAN_OK) {
        gan_model_shape(model, &grid.height, &grid.width, &grid.channels);
        pixels = malloc((size_t)grid.n * (size_t)(grid.height * grid.width * grid.channels));
        s = pixels ? gan_model_sample(model, 1, 0, grid.n, pixels, &err) : GAN_ENOMEM;
    }
    if (s == GAN_OK)
        s = gan_image_grid(&picture, &grid, pixels, &err);
    if (s == GAN_OK)
        s = gan_image_write_png(&picture, argv[2], &err);
    if (s != GAN_OK)
        fprintf(stderr, "sample: %s\n", err.message);
    gan_image_release(&picture);
    free(pixels);
    gan_model_free(model);
    return s != GAN_OK;
}
