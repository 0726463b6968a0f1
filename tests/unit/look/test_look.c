/* test_look.c - grids by their pixels, PNG round trips, and what a terminal gets. */
#include <math.h>
#include <gan/image.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUND = 24 };

/* Pixel of picture i: distinct for each place. */
static uint8_t pixel(int i, int y, int x, int c)
{
    return (uint8_t)(100 + 37 * i + 11 * y + 3 * x + c);
}

static uint8_t *pictures(const gan_grid *g)
{
    uint8_t *p = malloc((size_t)(g->n * g->height * g->width * g->channels)), *q = p;
    for (int i = 0; i < g->n; i++)
        for (int y = 0; y < g->height; y++)
            for (int x = 0; x < g->width; x++)
                for (int c = 0; c < g->channels; c++)
                    *q++ = pixel(i, y, x, c);
    return p;
}

/* What is seen of it: alpha lies over squares of 4 x 4, light at first. */
static uint8_t seen(const gan_grid *g, int i, int y, int x, int c)
{
    if (g->channels % 2)
        return pixel(i, y, x, c);
    const int opacity = pixel(i, y, x, g->channels - 1), ground = (y / 4 + x / 4) % 2 ? 102 : 153;
    return (uint8_t)lround((pixel(i, y, x, c) * opacity + ground * (255.0 - opacity)) / 255);
}

/* Every pixel of the grid is its picture's, or the ground. */
static void check_grid(gan_grid g, int columns, int rows)
{
    gan_image m;
    uint8_t *p = pictures(&g);
    assert_int_equal(gan_image_grid(&m, &g, p, NULL), GAN_OK);
    const int h = g.height * g.zoom + g.gap, w = g.width * g.zoom + g.gap;
    assert_int_equal(m.height, rows * h + g.gap);
    assert_int_equal(m.width, columns * w + g.gap);
    assert_int_equal(m.channels, g.channels < 3 ? 1 : 3);
    for (int y = 0; y < m.height; y++)
        for (int x = 0; x < m.width; x++)
            for (int c = 0; c < m.channels; c++) {
                const int i = (y - g.gap) / h * columns + (x - g.gap) / w;
                const int py = (y - g.gap) % h, px = (x - g.gap) % w;
                const bool inside = y >= g.gap && x >= g.gap && py < g.height * g.zoom &&
                                    px < g.width * g.zoom && i < g.n;
                const uint8_t want = inside ? seen(&g, i, py / g.zoom, px / g.zoom, c) : GROUND;
                assert_int_equal(m.pixels[(y * m.width + x) * m.channels + c], want);
            }
    free(p);
    gan_image_release(&m);
}

static void grids(void **state)
{
    (void)state;
    check_grid((gan_grid){25, 28, 28, 1, 5, 2, 1}, 5, 5);
    check_grid((gan_grid){5, 37, 53, 3, 0, 1, 2}, 3, 2);
    check_grid((gan_grid){1, 1, 1, 4, 0, 0, 3}, 1, 1);
    check_grid((gan_grid){3, 4, 9, 2, 10, 3, 1}, 3, 1);
    check_grid((gan_grid){2, 9, 13, 4, 0, 1, 2}, 2, 1);
    gan_image m;
    gan_error err = {0};
    const uint8_t one = 0;
    assert_int_equal(gan_image_grid(&m, &(gan_grid){0, 1, 1, 1, 0, 0, 1}, &one, &err), GAN_EINVAL);
    assert_int_equal(gan_image_grid(&m, &(gan_grid){1, 1, 1, 5, 0, 0, 1}, &one, &err), GAN_EINVAL);
    assert_int_equal(gan_image_grid(&m, &(gan_grid){1, 40000, 1, 1, 0, 0, 1}, &one, &err), GAN_EINVAL);
}

static void png_round_trip(void **state)
{
    (void)state;
    char path[] = "/tmp/gander-look-XXXXXX";
    close(mkstemp(path));
    for (int c = 1; c <= 4; c++) {
        gan_image m = {5, 7, c, pictures(&(gan_grid){1, 5, 7, c, 0, 0, 1})}, back;
        assert_int_equal(gan_image_write_png(&m, path, NULL), GAN_OK);
        assert_int_equal(gan_image_read_png(&back, path, NULL), GAN_OK);
        assert_int_equal(back.channels, c);
        assert_memory_equal(back.pixels, m.pixels, (size_t)(35 * c));
        gan_image_release(&m);
        gan_image_release(&back);
    }
    unlink(path);
}

static char *printed(const gan_image *m, int columns, gan_colors colors)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    assert_int_equal(gan_image_print(m, f, columns, colors, NULL), GAN_OK);
    fclose(f);
    return text;
}

static void letters(void **state)
{
    (void)state;
    uint8_t p[8 * 8] = {0};
    memset(p + 32, 255, 32); /* black above, white below */
    const gan_image m = {8, 8, 1, p};
    char *text = printed(&m, 80, GAN_COLORS_NONE);
    assert_string_equal(text, "        \n        \n@@@@@@@@\n@@@@@@@@\n");
    free(text);
    text = printed(&m, 4, GAN_COLORS_NONE);
    assert_string_equal(text, "    \n@@@@\n");
    free(text);
}

/* Escape sequences are whole, and every line ends with the colours put back. */
static void colors(void **state)
{
    (void)state;
    const gan_grid g = {1, 20, 30, 4, 0, 0, 1};
    gan_image m;
    uint8_t *p = pictures(&g);
    assert_int_equal(gan_image_grid(&m, &g, p, NULL), GAN_OK);
    for (int k = GAN_COLORS_256; k <= GAN_COLORS_TRUE; k++) {
        char *text = printed(&m, 30, (gan_colors)k), *line = text;
        for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            assert_true(end - line > 4);
            assert_memory_equal(end - 4, "\033[0m", 4);
            for (char *e = line; (e = memchr(e, '\033', (size_t)(end - e))) != NULL; e++) {
                assert_int_equal(e[1], '[');
                assert_int_equal(e[2 + strspn(e + 2, "0123456789;")], 'm');
            }
        }
        assert_int_equal(*line, 0);
        free(text);
    }
    gan_image_release(&m);
    free(p);
    gan_error err = {0};
    assert_int_equal(gan_image_print(&(gan_image){0}, stdout, 10, GAN_COLORS_NONE, &err), GAN_EINVAL);
}

/* One point of the data in the middle of what is shown, a sample to its right and one above; what is not finite or far is
 * not there. */
static void scatter(void **state)
{
    (void)state;
    enum { SIDE = 64 };
    const float real[] = {0, 0, 2, 2, 1, 1}, samples[] = {1.5f, 1, 1, 1.5f, NAN, 1, 1e30f, 0};
    gan_image m;
    gan_error err = {0};
    assert_int_equal(gan_image_scatter(&m, SIDE, real, 3, samples, 4, &err), GAN_OK);
    assert_true(m.width == SIDE && m.height == SIDE && m.channels == 3);
    int blue = 0, orange = 0, right = 0, up = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
        const uint8_t *p = m.pixels + 3 * i;
        blue += p[2] > p[0];
        orange += p[0] > p[2];
        right += p[0] > p[2] && i % SIDE > SIDE / 2 && i / SIDE == SIDE / 2;
        up += p[0] > p[2] && i / SIDE < SIDE / 2 && i % SIDE == SIDE / 2;
    }
    assert_true(blue == 3 && orange == 2 && right == 1 && up == 1);
    gan_image_release(&m);
    assert_int_equal(gan_image_scatter(&m, 2, real, 3, samples, 3, &err), GAN_EINVAL);
    assert_int_equal(gan_image_scatter(&m, SIDE, real, 0, samples, 3, &err), GAN_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(grids), cmocka_unit_test(png_round_trip),
                                       cmocka_unit_test(letters), cmocka_unit_test(colors), cmocka_unit_test(scatter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
