/* test_convolutions.c - every form of the convolutions against the portable one, byte for byte, and the portable one against a
 * plain loop; with --time, how fast each is. The digest of it all is committed: another processor must reach it too. */
#include "unit/kernel/forms.h"

#include <math.h>

static const char *const expected = "6bf1589c04a71d3a5dc229d9439b9b4933c28da60a9d3eb9095abf2edbd58905";

typedef struct conv_case {
    gan__conv g;
    const float *x, *w, *y;
    int which;
} conv_case;

/* The weights as conv and conv_dx read them, packed in two parts; the caller frees them. */
static float *packed(const gan__kernels *k, const gan__conv *g, bool dx, const float *w)
{
    const int panels = gan__conv_panels(g, dx);
    const size_t n = gan__conv_is_packed(g) ? k->conv_room(g, dx)
                                            : (size_t)(g->k[0] * g->k[1] * g->k[2] * g->o);
    float *out = malloc(n * sizeof *out);
    if (gan__conv_is_packed(g)) {
        k->conv_pack(g, dx, w, out, 0, panels / 2);
        k->conv_pack(g, dx, w, out, panels / 2, panels);
    } else {
        memcpy(out, w, n * sizeof *out);
    }
    return out;
}

/* In parts, as threads take them: what a part is changes no byte. */
static void in_parts(gan__conv_fn *fn, const gan__conv *g, const float *a, const void *b, float *out, int n)
{
    const int third = n / 3 / 6 * 6;
    fn(g, a, b, out, 0, third, scratch);
    fn(g, a, b, out, third, n, scratch);
}

static void call_conv(const gan__kernels *k, void *ctx, float *out)
{
    const conv_case *t = ctx;
    const gan__conv *g = &t->g;
    float *w = packed(k, g, t->which == 1, t->w);
    if (t->which == 0)
        in_parts(k->conv, g, t->x, w, out, g->n * g->y[0] * g->y[1] * g->y[2]);
    else if (t->which == 1)
        in_parts(k->conv_dx, g, t->y, w, out, g->n * g->x[0] * g->x[1] * g->x[2]);
    else
        in_parts(k->conv_dw, g, t->x, t->y, out, g->k[0] * g->k[1] * g->k[2] * (g->c / g->groups));
    free(w);
}

/* One result after the other, fmaf, in blocks of 1,024 terms: graph.h's order, said plainly. */
typedef struct plain_sum {
    float block, total;
    int terms, blocks;
} plain_sum;

static void plain_term(plain_sum *s, float a, float b)
{
    s->block = fmaf(a, b, s->block);
    if (++s->terms == 1024) {
        s->total = s->blocks++ ? s->total + s->block : s->block;
        s->block = 0;
        s->terms = 0;
    }
}

static float plain_end(const plain_sum *s)
{
    return !s->blocks ? s->block : s->terms ? s->total + s->block : s->total;
}

/* Input position of output place `at` and tap, in an image; -1: outside. */
static int plain_input(const gan__conv *g, int at, int tap)
{
    int place = 0, a[3], u[3];
    for (int d = 2; d >= 0; d--) {
        a[d] = at % g->y[d];
        at /= g->y[d];
        u[d] = tap % g->k[d];
        tap /= g->k[d];
    }
    for (int d = 0; d < 3; d++) {
        const int i = a[d] * g->stride[d] + u[d] * g->dilation[d] - g->low[d];
        if (i < 0 || i >= g->x[d])
            return -1;
        place = place * g->x[d] + i;
    }
    return place;
}

/* The tap's output place for input position `at`: -2 where the tap is not of its phase, -1 outside. */
static int plain_output(const gan__conv *g, int at, int tap)
{
    int a[3], u[3], place = 0;
    bool inside = true;
    for (int d = 2; d >= 0; d--) {
        a[d] = at % g->x[d];
        at /= g->x[d];
        u[d] = tap % g->k[d];
        tap /= g->k[d];
    }
    for (int d = 0; d < 3; d++) {
        const int i = a[d] + g->low[d] - u[d] * g->dilation[d];
        if (i % g->stride[d] != 0)
            return -2;
        inside = inside && i >= 0 && i / g->stride[d] < g->y[d];
        place = place * g->y[d] + i / g->stride[d];
    }
    return inside ? place : -1;
}

static int volume(const int d[3])
{
    return d[0] * d[1] * d[2];
}

static void plain_conv(const conv_case *t, float *out)
{
    const gan__conv *g = &t->g;
    const int xs = volume(g->x), ys = volume(g->y), taps = volume(g->k), cg = g->c / g->groups, og = g->o / g->groups;
    for (int i = 0; t->which == 0 && i < g->n * ys * g->o; i++) {
        const int o = i % g->o, p = i / g->o % ys, n = i / g->o / ys;
        plain_sum s = {0};
        for (int u = 0; u < taps; u++)
            for (int c = 0; c < cg; c++) {
                const int q = plain_input(g, p, u);
                plain_term(&s, q < 0 ? 0 : t->x[(n * xs + q) * g->c + o / og * cg + c], t->w[(u * cg + c) * g->o + o]);
            }
        out[i] = plain_end(&s);
    }
    for (int i = 0; t->which == 1 && i < g->n * xs * g->c; i++) {
        const int c = i % g->c, p = i / g->c % xs, n = i / g->c / xs, group = c / cg;
        plain_sum s = {0};
        for (int u = 0; u < taps; u++) {
            const int q = plain_output(g, p, u);
            for (int o = group * og; q != -2 && o < (group + 1) * og; o++)
                plain_term(&s, q < 0 ? 0 : t->y[(n * ys + q) * g->o + o], t->w[(u * cg + c % cg) * g->o + o]);
        }
        out[i] = plain_end(&s);
    }
    for (int i = 0; t->which == 2 && i < taps * cg * g->o; i++) {
        const int o = i % g->o, c = i / g->o % cg, u = i / g->o / cg;
        plain_sum s = {0};
        for (int k = 0; k < g->n * ys; k++) {
            const int q = plain_input(g, k % ys, u);
            plain_term(&s, q < 0 ? 0 : t->x[(k / ys * xs + q) * g->c + o / og * cg + c], t->y[k * g->o + o]);
        }
        out[i] = plain_end(&s);
    }
}

static void convolutions(void **state)
{
    static const gan__conv cases[] = {
        {2, 3, 5, 1, {1, 7, 6}, {1, 4, 3}, {1, 3, 2}, {1, 2, 2}, {1, 1, 1}, {0, 1, 0}},
        {1, 34, 38, 2, {1, 5, 5}, {1, 5, 5}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}},
        {2, 2, 17, 1, {4, 5, 6}, {2, 3, 2}, {2, 2, 3}, {2, 1, 1}, {1, 2, 2}, {0, 0, 0}},
        {3, 80, 4, 1, {1, 1, 40}, {1, 1, 40}, {1, 1, 15}, {1, 1, 1}, {1, 1, 1}, {0, 0, 7}},
        {2, 3, 70, 1, {1, 26, 25}, {1, 13, 12}, {1, 4, 4}, {1, 2, 2}, {1, 1, 1}, {0, 1, 1}},      /* few channels in */
        {2, 70, 3, 1, {1, 13, 12}, {1, 13, 12}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}},      /* few out */
        {1, 1, 1, 1, {1, 37, 35}, {1, 35, 33}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}},       /* one and one */
        {2, 37, 37, 37, {1, 9, 7}, {1, 9, 7}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}},        /* each channel a group */
        {33, 20, 20, 20, {1, 8, 8}, {1, 4, 4}, {1, 4, 4}, {1, 2, 2}, {1, 1, 1}, {0, 1, 1}},
        {1, 5, 15, 5, {1, 6, 6}, {1, 6, 6}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}},          /* three of each */
        {1, 64, 96, 4, {1, 7, 6}, {1, 7, 6}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}},         /* groups of 16 and 24 */
        {1, 5003, 5, 1, {1, 1, 3}, {1, 1, 3}, {1, 1, 2}, {1, 1, 1}, {1, 1, 1}, {0, 0, 1}},        /* many channels */
        {1, 5, 5003, 1, {1, 1, 3}, {1, 1, 3}, {1, 1, 2}, {1, 1, 1}, {1, 1, 1}, {0, 0, 1}},
        {1, 4200, 4200, 4200, {1, 2, 2}, {1, 2, 2}, {1, 2, 2}, {1, 1, 1}, {1, 1, 1}, {0, 0, 1}},
        {1, 3, 2, 1, {1, 1, 1900}, {1, 1, 101}, {1, 1, 1800}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}},   /* many taps */
        {1, 1, 2, 1, {1, 1, 3100}, {1, 1, 101}, {1, 1, 3000}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}},
        {1, 9, 2, 1, {1, 1, 800}, {1, 1, 101}, {1, 1, 700}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}},
        {2, 4, 7, 1, {1, 11, 10}, {1, 4, 4}, {1, 2, 1}, {1, 3, 3}, {1, 1, 1}, {0, 0, 1}},         /* holes between kernels */
        {1, 6, 9, 3, {1, 14, 15}, {1, 3, 2}, {1, 3, 4}, {1, 3, 6}, {1, 4, 3}, {0, 2, 1}},         /* dilation meets stride */
        {1, 6, 9, 1, {3, 14, 15}, {3, 4, 4}, {2, 3, 4}, {1, 4, 4}, {1, 2, 2}, {0, 2, 2}},
        {1, 9, 133, 1, {1, 40, 40}, {1, 38, 38}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}},     /* strips, several blocks */
        {1, 5003, 2, 1, {1, 1, 3}, {1, 1, 3}, {1, 1, 2}, {1, 1, 1}, {1, 1, 1}, {0, 0, 1}},        /* many channels, few out */
        {2, 300, 20, 1, {1, 3, 3}, {1, 3, 3}, {1, 5, 5}, {1, 1, 1}, {1, 1, 1}, {0, 2, 2}},        /* larger than the image */
        {1, 3, 5, 1, {1, 1, 1300}, {1, 1, 1201}, {1, 1, 1300}, {1, 1, 1}, {1, 1, 1}, {0, 0, 600}}, /* blocks outside */
        {3, 70, 300, 1, {1, 11, 10}, {1, 6, 5}, {1, 3, 3}, {1, 2, 2}, {1, 1, 1}, {0, 1, 1}},      /* more strips than go together */
        {3, 40, 140, 2, {1, 9, 8}, {1, 9, 8}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}},        /* the same in groups */
        {2, 3, 70, 1, {1, 13, 14}, {1, 5, 5}, {1, 4, 4}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}},        /* few in, nine phases */
        {2, 2, 20, 1, {4, 7, 41}, {2, 4, 21}, {2, 2, 4}, {2, 2, 2}, {1, 1, 1}, {0, 0, 1}},        /* eight phases of volumes */
        {2, 32, 1, 1, {1, 9, 21}, {1, 9, 21}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}},        /* one out, two */
        {2, 64, 2, 1, {1, 9, 21}, {1, 9, 21}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        conv_case t = {.g = cases[i]};
        const gan__conv *g = &t.g;
        const size_t nx = (size_t)(g->n * g->x[0] * g->x[1] * g->x[2] * g->c),
                     ny = (size_t)(g->n * g->y[0] * g->y[1] * g->y[2] * g->o),
                     nw = (size_t)(g->k[0] * g->k[1] * g->k[2] * g->c / g->groups * g->o);
        float *x = numbers(nx, "cx", false), *y = numbers(ny, "cy", false), *w = numbers(nw, "cw", false);
        t.x = x;
        t.y = y;
        t.w = w;
        for (t.which = 0; t.which < 3; t.which++) {
            const size_t n = t.which == 0 ? ny : t.which == 1 ? nx : nw;
            float *plain = malloc(n * sizeof *plain), *got = malloc(n * sizeof *got);
            plain_conv(&t, plain);
            call_conv(gan__kernels_of(GAN__ISA_PORTABLE), &t, got);
            if (memcmp(plain, got, n * sizeof *got) != 0)
                fail_msg("convolution %zu, %s: not the plain sum", i, t.which == 0 ? "forward" : t.which == 1 ? "dx" : "dw");
            free(plain);
            free(got);
            in_every_form(call_conv, &t, t.which == 0 ? ny : t.which == 1 ? nx : nw, 0, "convolution %zu, %s", i,
                          t.which == 0 ? "forward" : t.which == 1 ? "dx" : "dw");
        }
        free(x);
        free(y);
        free(w);
    }
}

static void the_digest(void **state)
{
    (void)state;
    assert_digest(expected);
}

/* --time: how fast each case is, beside the test. */
int main(int argc, char **argv)
{
    timing = argc > 1 && !strcmp(argv[1], "--time");
    const struct CMUnitTest tests[] = {cmocka_unit_test(convolutions), cmocka_unit_test(the_digest)};
    return cmocka_run_group_tests(tests, enter, leave);
}
