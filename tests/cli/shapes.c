/* shapes.c - a folder of grey pictures of 37 x 53, sides that no power of two divides: a ring, a cross, a bar or a box each, of any place,
 * size, turn and shade. Picture i is a function of i.
 *
 * usage: shapes FOLDER COUNT     the folder is there
 */
#include <gan/image.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 53, HEIGHT = 37, KINDS = 4 };

/* From 0 to 1, of the picture's number and which of its numbers this is (the mixing of splitmix64). */
static double draw(uint64_t picture, uint64_t what)
{
    uint64_t x = picture * 16 + what + 1;
    x *= 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

/* Signed distances from the outline, in pixels: below 0 is inside. */
static double box(double x, double y, double half_w, double half_h)
{
    return fmax(fabs(x) - half_w, fabs(y) - half_h);
}

static double distance(int kind, double x, double y, double r)
{
    if (kind == 0)
        return fabs(hypot(x, y) - r) - r / 4;
    if (kind == 1)
        return fmin(box(x, y, r, r / 4), box(x, y, r / 4, r));
    return kind == 2 ? box(x, y, 1.4 * r, r / 3) : box(x, y, r, r);
}

static void draw_shape(uint8_t *pixels, uint64_t picture)
{
    const int kind = (int)(KINDS * draw(picture, 0));
    const double r = 6 + 6 * draw(picture, 1), cx = r + (WIDTH - 2 * r) * draw(picture, 2), cy = r + (HEIGHT - 2 * r) * draw(picture, 3),
                 turn = 1.5707963 * draw(picture, 4), shade = 120 + 135 * draw(picture, 5);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        const double x = i % WIDTH - cx, y = i / WIDTH - cy;
        const double d = distance(kind, x * cos(turn) + y * sin(turn), y * cos(turn) - x * sin(turn), r);
        pixels[i] = (uint8_t)(shade * fmin(fmax(0.5 - d, 0), 1) + 0.5);
    }
}

int main(int argc, char **argv)
{
    static uint8_t pixels[WIDTH * HEIGHT];
    const gan_image image = {.width = WIDTH, .height = HEIGHT, .channels = 1, .pixels = pixels};
    const long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (count < 1) {
        fprintf(stderr, "usage: shapes FOLDER COUNT\n");
        return 2;
    }
    for (long i = 0; i < count; i++) {
        char path[4200];
        gan_error err = {0};
        draw_shape(pixels, (uint64_t)i);
        snprintf(path, sizeof path, "%.4000s/%06ld.png", argv[1], i);
        if (gan_image_write_png(&image, path, &err) != GAN_OK) {
            fprintf(stderr, "shapes: %s\n", err.message);
            return 1;
        }
    }
    return 0;
}
