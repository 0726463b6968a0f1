/* terminal.c - a picture in characters.
 *
 * A character cell is about twice as high as wide, so one shows two pixels, upper and lower: as the half
 * block U+2580 in two colours, by libchafa's finer symbols where it was found, or as one grey letter.
 */
#include "base/error.h"

#include <gan/image.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if GAN_HAVE_CHAFA
#include <chafa.h>
#endif

typedef struct rgb {
    uint8_t r, g, b;
} rgb;

/* A pixel over a checkerboard of 4 x 4 squares where it is not opaque. */
static rgb pixel_at(const gan_image *m, int y, int x)
{
    const int c = m->channels;
    const uint8_t *p = m->pixels + ((size_t)y * (size_t)m->width + (size_t)x) * (size_t)c;
    rgb v = c < 3 ? (rgb){p[0], p[0], p[0]} : (rgb){p[0], p[1], p[2]};
    if (c == 2 || c == 4) {
        const int alpha = p[c - 1], ground = (y / 4 + x / 4) % 2 ? 153 : 102;
        v.r = (uint8_t)((v.r * alpha + ground * (255 - alpha)) / 255);
        v.g = (uint8_t)((v.g * alpha + ground * (255 - alpha)) / 255);
        v.b = (uint8_t)((v.b * alpha + ground * (255 - alpha)) / 255);
    }
    return v;
}

/* The mean over the source pixels that one target pixel covers; a picture that fits is shown as it is. */
static rgb scaled(const gan_image *m, int y, int x, int height, int width)
{
    const int y0 = (int)((long)y * m->height / height), x0 = (int)((long)x * m->width / width);
    int y1 = (int)((long)(y + 1) * m->height / height), x1 = (int)((long)(x + 1) * m->width / width);
    long sum[3] = {0, 0, 0}, n = 0;
    y1 = y1 > y0 ? y1 : y0 + 1;
    x1 = x1 > x0 ? x1 : x0 + 1;
    for (int i = y0; i < y1; i++)
        for (int j = x0; j < x1; j++, n++) {
            const rgb v = pixel_at(m, i, j);
            sum[0] += v.r;
            sum[1] += v.g;
            sum[2] += v.b;
        }
    return (rgb){(uint8_t)(sum[0] / n), (uint8_t)(sum[1] / n), (uint8_t)(sum[2] / n)};
}

static void print_letters(const gan_image *m, FILE *out, int rows, int columns)
{
    static const char ramp[] = " .:-=+*#%@";
    for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
            const rgb v = scaled(m, y, x, rows, columns);
            const int grey = (299 * v.r + 587 * v.g + 114 * v.b) / 1000;
            fputc(ramp[grey * ((int)sizeof ramp - 2) / 255], out);
        }
        fputc('\n', out);
    }
}

/* The nearest of the 216 colours of the cube, or of the 24 greys. */
static int color_256(rgb v)
{
    if (v.r == v.g && v.g == v.b)
        return v.r < 8 ? 16 : v.r > 248 ? 231 : 232 + (v.r - 8) * 24 / 241;
    return 16 + 36 * ((v.r * 5 + 127) / 255) + 6 * ((v.g * 5 + 127) / 255) + (v.b * 5 + 127) / 255;
}

static void set_color(FILE *out, bool ground, rgb v, gan_colors colors)
{
    if (colors == GAN_COLORS_TRUE)
        fprintf(out, "\033[%d;2;%d;%d;%dm", ground ? 48 : 38, v.r, v.g, v.b);
    else
        fprintf(out, "\033[%d;5;%dm", ground ? 48 : 38, color_256(v));
}

static void print_halves(const gan_image *m, FILE *out, int rows, int columns, gan_colors colors)
{
    for (int y = 0; y < rows; y++) {
        rgb upper = {0, 0, 0}, lower = {0, 0, 0};
        for (int x = 0; x < columns; x++) {
            const rgb u = scaled(m, 2 * y, x, 2 * rows, columns),
                      l = scaled(m, 2 * y + 1, x, 2 * rows, columns);
            if (!x || memcmp(&u, &upper, sizeof u) != 0)
                set_color(out, false, u, colors);
            if (!x || memcmp(&l, &lower, sizeof l) != 0)
                set_color(out, true, l, colors);
            upper = u;
            lower = l;
            fputs("\xe2\x96\x80", out);
        }
        fputs("\033[0m\n", out);
    }
}

#if GAN_HAVE_CHAFA
static bool print_symbols(const gan_image *m, FILE *out, int rows, int columns, gan_colors colors)
{
    const size_t n = (size_t)m->height * (size_t)m->width;
    uint8_t *flat = malloc(3 * n);
    if (!flat)
        return false;
    for (size_t i = 0; i < n; i++) {
        const rgb v = pixel_at(m, (int)(i / (size_t)m->width), (int)(i % (size_t)m->width));
        memcpy(flat + 3 * i, (uint8_t[]){v.r, v.g, v.b}, 3);
    }
    ChafaSymbolMap *map = chafa_symbol_map_new();
    ChafaCanvasConfig *config = chafa_canvas_config_new();
    chafa_symbol_map_add_by_tags(map, CHAFA_SYMBOL_TAG_BLOCK | CHAFA_SYMBOL_TAG_BORDER | CHAFA_SYMBOL_TAG_SPACE);
    chafa_canvas_config_set_geometry(config, columns, rows);
    chafa_canvas_config_set_symbol_map(config, map);
    chafa_canvas_config_set_canvas_mode(
        config, colors == GAN_COLORS_TRUE ? CHAFA_CANVAS_MODE_TRUECOLOR : CHAFA_CANVAS_MODE_INDEXED_240);
    ChafaCanvas *canvas = chafa_canvas_new(config);
    chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGB8, flat, m->width, m->height, 3 * m->width);
    GString *text = chafa_canvas_print(canvas, NULL);
    fwrite(text->str, 1, text->len, out);
    fputs("\033[0m\n", out);
    g_string_free(text, TRUE);
    chafa_canvas_unref(canvas);
    chafa_canvas_config_unref(config);
    chafa_symbol_map_unref(map);
    free(flat);
    return true;
}
#else
static bool print_symbols(const gan_image *m, FILE *out, int rows, int columns, gan_colors colors)
{
    (void)m, (void)out, (void)rows, (void)columns, (void)colors;
    return false;
}
#endif

gan_status gan_image_print(const gan_image *image, FILE *out, int columns, gan_colors colors,
                           gan_error *err)
{
    if (image->height < 1 || image->width < 1 || image->channels < 1 || image->channels > 4 ||
        !image->pixels || columns < 1)
        return gan__fail(err, GAN_EINVAL, "nothing to print, or in no columns");
    if (columns > image->width)
        columns = image->width;
    const long tall = ((long)image->height * columns / image->width + 1) / 2;
    const int rows = tall > 0 ? (int)tall : 1;
    if (colors == GAN_COLORS_NONE)
        print_letters(image, out, rows, columns);
    else if (!print_symbols(image, out, rows, columns, colors))
        print_halves(image, out, rows, columns, colors);
    return ferror(out) ? gan__fail_errno(err, GAN_EIO, "printing failed") : GAN_OK;
}
