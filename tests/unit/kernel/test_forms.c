/* test_forms.c - every form of every kernel against the portable one, byte for byte, and the portable one
 * against a plain loop; with --time, how fast each is. The digest of it all is committed: another processor must reach it too. */
#include "base/sha256.h"
#include "unit/kernel/battery.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <time.h>

static const char *const expected = "54f766e74df92e76eace7448d03220279b21bd0ac041a7826a92dea01afdbf9e";

static gan__sha256 *sha; /* of the portable form's results, in the order of the tests */
static float *scratch;

/* The same call in every form; each writes n floats, which must be the portable form's. */
typedef void call_fn(const gan__kernels *k, void *ctx, float *out);

static bool timing;

/* Microseconds of a call: the best of some milliseconds. */
static double microseconds(const gan__kernels *k, call_fn *call, void *ctx, float *out)
{
    double best = 1e9, all = 0;
    for (int i = 0; i < 3 || (all < 2000 && i < 1000); i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        call(k, ctx, out);
        clock_gettime(CLOCK_MONOTONIC, &b);
        const double t = 1e6 * (double)(b.tv_sec - a.tv_sec) + 1e-3 * (double)(b.tv_nsec - a.tv_nsec);
        best = t < best ? t : best;
        all += t;
    }
    return best;
}

/* flops: 0 where that is no measure. */
static void print_times(const char *what, call_fn *call, void *ctx, float *out, double flops)
{
    printf("%-44s", what);
    for (int f = 0; f < GAN__ISA_COUNT; f++) {
        const gan__kernels *k = gan__kernels_of((gan__isa)f);
        if (!k)
            continue;
        const double t = microseconds(k, call, ctx, out);
        printf("  %s %9.2f us", k->name, t);
        if (flops > 0)
            printf(" %6.1f GFLOP/s", flops / t / 1e3);
    }
    putchar('\n');
}

GAN_PRINTF(5, 6)
static void in_every_form(call_fn *call, void *ctx, size_t n, double flops, const char *format, ...)
{
    float *want = calloc(n, sizeof *want), *got = calloc(n, sizeof *got);
    char what[96];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    call(gan__kernels_of(GAN__ISA_PORTABLE), ctx, want);
    gan__sha256_update(sha, want, n * sizeof *want);
    for (int f = GAN__ISA_AVX2; f < GAN__ISA_COUNT; f++) {
        const gan__kernels *k = gan__kernels_of((gan__isa)f);
        if (!k)
            continue;
        memset(got, 0, n * sizeof *got);
        call(k, ctx, got);
        if (memcmp(want, got, n * sizeof *got) != 0)
            fail_msg("%s: %s differs from portable", what, k->name);
    }
    if (timing)
        print_times(what, call, ctx, got, flops);
    free(want);
    free(got);
}

/* ---- products ----------------------------------------------------------------------------------- */

typedef struct product_case {
    gan__product p;
    float *a, *b;
    size_t c;
} product_case;

static void call_product(const gan__kernels *k, void *ctx, float *out)
{
    const product_case *t = ctx;
    gan__product p = t->p;
    p.c = out;
    const int panels = (p.n + GAN__LANES - 1) / GAN__LANES, middle = panels / 3;
    k->product(&p, middle, panels, scratch); /* in two parts, as two threads would */
    k->product(&p, 0, middle, scratch);
}

/* variant bit 0: a transposed; 1: b transposed; 2: b packed; 3: c packed; 4: wild numbers */
static product_case make_product(int m, int n, int terms, int variant)
{
    product_case t = {.p = {.m = m, .n = n, .terms = terms}};
    const bool ta = variant & 1, tb = variant & 2, packed = variant & 4;
    const int rows = tb ? n : terms, cols = tb ? terms : n;
    t.a = numbers((size_t)m * (size_t)terms, "a", variant & 16);
    t.b = numbers((size_t)rows * (size_t)cols, "b", variant & 16);
    if (packed) {
        float *panels = malloc(gan__panels_size(rows, cols) * sizeof *panels);
        gan__panels_pack(panels, t.b, rows, cols);
        free(t.b);
        t.b = panels;
    }
    t.p.a = t.a;
    t.p.b = t.b;
    t.p.a_row = ta ? 1 : (size_t)terms;
    t.p.a_term = ta ? (size_t)m : 1;
    t.p.turned = tb;
    t.p.b_term = packed ? GAN__LANES : (size_t)cols;
    t.p.b_panel = packed ? GAN__LANES * (size_t)rows : GAN__LANES;
    t.p.b_whole = packed || n % GAN__LANES == 0;
    t.p.c_row = variant & 8 ? GAN__LANES : (size_t)n;
    t.p.c_panel = variant & 8 ? GAN__LANES * (size_t)m : GAN__LANES;
    t.c = variant & 8 ? gan__panels_size(m, n) : (size_t)m * (size_t)n;
    return t;
}

static double b_at(const gan__product *p, int k, int j)
{
    return (double)(p->turned ? p->b[(size_t)j * p->b_term + (size_t)(k / 16) * p->b_panel + (size_t)(k % 16)]
                              : p->b[(size_t)k * p->b_term + (size_t)(j / 16) * p->b_panel + (size_t)(j % 16)]);
}

static void against_a_loop(const product_case *t)
{
    float *c = calloc(t->c, sizeof *c);
    product_case copy = *t;
    call_product(gan__kernels_of(GAN__ISA_PORTABLE), &copy, c);
    for (int i = 0; i < t->p.m; i++)
        for (int j = 0; j < t->p.n; j++) {
            double sum = 0, size = 0;
            for (int k = 0; k < t->p.terms; k++) {
                const double v =
                    (double)t->a[(size_t)i * t->p.a_row + (size_t)k * t->p.a_term] * b_at(&t->p, k, j);
                sum += v;
                size += fabs(v);
            }
            const double got = (double)c[(size_t)i * t->p.c_row + (size_t)(j / 16) * t->p.c_panel + (size_t)(j % 16)];
            assert_true(fabs(got - sum) <= 1e-5 * size + 1e-30);
        }
    free(c);
}

static void products(void **state)
{
    static const int sizes[][3] = {{1, 1, 1},    {2, 15, 3},    {3, 16, 255},  {5, 17, 256}, {6, 63, 257},
                                   {7, 64, 31},  {11, 65, 100}, {12, 33, 16},  {13, 1, 1023}, {16, 100, 1024},
                                   {17, 129, 37}, {19, 48, 1025}, {4, 47, 2300}, {400, 18, 1030},
                                   {31, 49, 97}, {33, 95, 127}, {47, 97, 101}, {49, 113, 131}, {63, 61, 15},
                                   {65, 67, 17}, {95, 24, 1023}, {97, 7, 53}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int variant = 0; variant < 32; variant++) {
            product_case t = make_product(sizes[i][0], sizes[i][1], sizes[i][2], variant);
            in_every_form(call_product, &t, t.c, 2.0 * t.p.m * t.p.n * t.p.terms, "product %d x %d, %d terms%s%s%s%s%s",
                          t.p.m, t.p.n, t.p.terms, variant & 1 ? ", a turned" : "", variant & 2 ? ", b turned" : "",
                          variant & 4 ? ", b packed" : "", variant & 8 ? ", c packed" : "",
                          variant & 16 ? ", wild" : "");
            if (!(variant & 16))
                against_a_loop(&t);
            free(t.a);
            free(t.b);
        }
}

/* ---- pointwise ---------------------------------------------------------------------------------- */

typedef struct pointwise_case {
    gan__operand x, z;
    int op, rows, cols;
    size_t ys;
    bool binary;
} pointwise_case;

static void call_pointwise(const gan__kernels *k, void *ctx, float *out)
{
    const pointwise_case *t = ctx;
    if (t->binary)
        k->binary[t->op](out, t->ys, &t->x, &t->z, t->rows, t->cols);
    else
        k->unary[t->op](out, t->ys, &t->x, t->rows, t->cols, 0.2f, -0.7f);
}

static void pointwise(void **state)
{
    static const int sizes[][2] = {{1, 1}, {1, 1024}, {3, 15}, {5, 16}, {2, 17}, {4, 100}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int variant = 0; variant < 32; variant++) {
            const int rows = sizes[i][0], cols = sizes[i][1];
            const size_t stride = (size_t)cols + (variant & 1 ? 5 : 0), n = (size_t)rows * stride;
            float *x = numbers(n, "x", variant & 16), *z = numbers(n, "z", variant & 16);
            pointwise_case t = {.x = {x, variant & 2 ? 0 : stride, !(variant & 4)},
                                .z = {z, stride, !(variant & 8)},
                                .rows = rows,
                                .cols = cols,
                                .ys = stride};
            for (t.op = 0; t.op < GAN__UNARY_COUNT; t.op++)
                in_every_form(call_pointwise, &t, n, 0, "unary %d, %d x %d, %d", t.op, rows, cols, variant);
            t.binary = true;
            for (t.op = 0; t.op < GAN__BINARY_COUNT; t.op++)
                in_every_form(call_pointwise, &t, n, 0, "binary %d, %d x %d, %d", t.op, rows, cols, variant);
            free(x);
            free(z);
        }
}

/* ---- the rest ------------------------------------------------------------------------------------ */

typedef struct flat_case {
    const float *x, *w;
    size_t n;
} flat_case;

static void call_sums(const gan__kernels *k, void *ctx, float *out)
{
    const flat_case *t = ctx;
    out[0] = k->sum_block(t->x, t->n);
    out[1] = k->max_block(t->x, t->n);
    k->sum_rows(out + 2, t->x, 3, (int)t->n / 3, 3);
    k->max_rows(out + 5, t->x, 37, (int)t->n / 37, 37);
    k->sum_rows(out + 42, t->x, 37, (int)t->n / 37, 37);
}

/* The definition of kernel.h, again. */
static float replay(const float *x, size_t n)
{
    float lane[16] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % 16] += x[i];
    for (int half = 8; half; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

static void sums(void **state)
{
    (void)state;
    for (size_t n = 37; n <= 4096; n = n * 3 / 2 + 1) {
        float *x = numbers(n, "sum", n & 1), out[80];
        flat_case t = {.x = x, .n = n};
        in_every_form(call_sums, &t, 80, 0, "sums and maxima of %zu", n);
        call_sums(gan__kernels_best(), &t, out);
        const float again = replay(x, n);
        assert_memory_equal(out, &again, sizeof again);
        free(x);
    }
}

static const gan__adam adam_of_tests = {0.5f, 0.999f, 1e-8f, 0.5f, 1e-3f};

static void call_updates(const gan__kernels *k, void *ctx, float *out)
{
    const flat_case *t = ctx;
    float *m = out + t->n, *v = m + t->n, *average = v + t->n;
    memcpy(out, t->w, t->n * sizeof *out);
    for (int i = 0; i < 3; i++) {
        const gan__descent d = {out, m, v, i ? average : NULL, adam_of_tests, 2e-4f, 1.5f, 0.9f};
        k->adam(&d, t->x, t->n);
        if (!d.average)
            k->average(average, out, t->n, 0.9f);
    }
}

static void updates(void **state)
{
    (void)state;
    for (size_t n = 1; n < 300; n = 2 * n + 1) {
        float *x = numbers(n, "grad", n == 7), *w = numbers(n, "weight", false);
        flat_case t = {x, w, n};
        in_every_form(call_updates, &t, 4 * n, 0, "Adam and average of %zu", n);
        free(x);
        free(w);
    }
}

typedef struct descend_case {
    gan__product p;
    size_t n; /* floats of the storage */
    bool averaged, apart; /* apart: product, then adam */
    bool twice;           /* the sum of two */
} descend_case;

/* Another product of that shape: of the second half of the terms. */
static gan__product half_of(gan__product p)
{
    const int skip = p.terms / 2;
    p.a += (size_t)skip * p.a_term;
    p.b += (size_t)skip * p.b_term;
    p.terms -= skip;
    return p;
}

static void call_descend(const gan__kernels *k, void *ctx, float *out)
{
    const descend_case *t = ctx;
    gan__descent d = {out, out + t->n, out + 2 * t->n, t->averaged ? out + 3 * t->n : NULL,
                      adam_of_tests, 2e-4f, 1.5f, 0.9f};
    const int panels = (t->p.n + GAN__LANES - 1) / GAN__LANES, middle = panels / 3;
    const gan__product both[2] = {t->p, half_of(t->p)};
    for (size_t i = 0; i < 4 * t->n; i++)
        out[i] = i < t->n ? (float)(i % 7) - 3 : 0;
    for (int i = 0; i < 2; i++) {
        gan__product p = t->p;
        if (t->apart) {
            p.c = calloc(t->n, sizeof *p.c);
            k->product(&p, 0, panels, scratch);
            if (t->twice) {
                float *first = p.c;
                p = both[1];
                p.c = calloc(t->n, sizeof *p.c);
                k->product(&p, 0, panels, scratch);
                for (size_t j = 0; j < t->n; j++)
                    p.c[j] += first[j];
                free(first);
            }
            k->adam(&d, p.c, t->n);
            free(p.c);
        } else {
            k->descend(both, t->twice ? 2 : 1, middle, panels, &d, scratch);
            k->descend(both, t->twice ? 2 : 1, 0, middle, &d, scratch);
        }
    }
}

/* Woven into the product or behind it: the same bytes. */
static void descents(void **state)
{
    static const int sizes[][3] = {{1, 16, 1},   {4, 16, 3},   {5, 64, 16}, {6, 80, 9},    {7, 128, 10},
                                   {19, 48, 37}, {41, 144, 64}, {3, 32, 1024}, {100, 112, 16}, {61, 208, 128}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int way = 0; way < 4; way++) {
            const int m = sizes[i][0], n = sizes[i][1], terms = sizes[i][2];
            product_case made = make_product(m, n, terms, 1 | 8);
            descend_case t = {.p = made.p, .n = made.c, .averaged = way & 1, .twice = way & 2};
            float *woven = calloc(4 * t.n, sizeof *woven), *apart = calloc(4 * t.n, sizeof *apart);
            in_every_form(call_descend, &t, 4 * t.n, 4.0 * m * n * terms, "gradient into Adam, %d x %d, %d terms%s%s", m, n,
                          terms, t.averaged ? ", averaged" : "", t.twice ? ", twice" : "");
            call_descend(gan__kernels_of(GAN__ISA_PORTABLE), &t, woven);
            t.apart = true;
            call_descend(gan__kernels_of(GAN__ISA_PORTABLE), &t, apart);
            assert_memory_equal(woven, apart, 4 * t.n * sizeof *woven);
            free(woven);
            free(apart);
            free(made.a);
            free(made.b);
        }
}

static void call_normal(const gan__kernels *k, void *ctx, float *out)
{
    const flat_case *t = ctx;
    k->normal(out, t->n, 0x123456789abcdefu, 5, 6, 7, 64);
}

static void call_bytes(const gan__kernels *k, void *ctx, float *out)
{
    const flat_case *t = ctx;
    uint8_t *bytes = malloc(t->n);
    for (size_t i = 0; i < t->n; i++)
        bytes[i] = (uint8_t)(i * 37);
    k->from_u8(out, bytes, t->n, 1.0f / 255, -0.25f);
    free(bytes);
}

static void normals_and_bytes(void **state)
{
    (void)state;
    for (size_t n = 1; n < 500; n = 2 * n + 1) {
        flat_case t = {.n = n};
        in_every_form(call_normal, &t, n, 0, "%zu normal numbers", n);
        in_every_form(call_bytes, &t, n, 0, "%zu bytes to floats", n);
    }
}

typedef struct conv_case {
    gan__conv g;
    const float *x, *w, *y;
    int which;
} conv_case;

/* The weights as conv and conv_dx read them, packed in two parts; the caller frees them. */
static float *packed(const gan__kernels *k, const gan__conv *g, bool dx, const float *w)
{
    const int panels = gan__conv_panels(g, dx);
    const size_t n = gan__conv_is_packed(g) ? gan__conv_panels_size(g, dx)
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
static void in_parts(void (*fn)(const gan__conv *, const float *, const float *, float *, int, int, float *),
                     const gan__conv *g, const float *a, const float *b, float *out, int n)
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
    char hex[GAN__SHA256_HEX];
    (void)state;
    gan__sha256_hex(sha, hex);
    assert_string_equal(hex, expected);
}

static void the_choice_of_a_form(void **state)
{
    (void)state;
    setenv("GAN_ISA", "portable", 1);
    assert_string_equal(gan__kernels_best()->name, "portable");
    setenv("GAN_ISA", "avx1024", 1);
    assert_null(gan__kernels_best());
    unsetenv("GAN_ISA");
    assert_non_null(gan__kernels_best());
}

static int enter(void **state)
{
    (void)state;
    sha = gan__sha256_create();
    scratch = aligned_alloc(64, (GAN__PRODUCT_SCRATCH > GAN__CONV_SCRATCH ? GAN__PRODUCT_SCRATCH : GAN__CONV_SCRATCH) *
                                    sizeof *scratch);
    gan__fp_enter();
    return !sha || !scratch;
}

static int leave(void **state)
{
    (void)state;
    gan__sha256_free(sha);
    free(scratch);
    return 0;
}

/* --time: how fast each case is, beside the test. */
int main(int argc, char **argv)
{
    timing = argc > 1 && !strcmp(argv[1], "--time");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products),     cmocka_unit_test(pointwise),
        cmocka_unit_test(sums),         cmocka_unit_test(updates),
        cmocka_unit_test(normals_and_bytes), cmocka_unit_test(convolutions),
        cmocka_unit_test(descents),     cmocka_unit_test(the_digest),
        cmocka_unit_test(the_choice_of_a_form),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
