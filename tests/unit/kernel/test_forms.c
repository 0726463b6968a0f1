/* test_forms.c - every form of every kernel against the portable one, byte for byte, and the portable one
 * against a plain loop; with --time, how fast each is. The digest of it all is committed: another processor must reach it too. */
#include "unit/kernel/forms.h"

#include <math.h>

static const char *const expected = "76d54e47f1eab7d2f5701fff36c33f752e83fa711f6562a3ba619d1acb04a48d";

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

static void the_digest(void **state)
{
    (void)state;
    assert_digest(expected);
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

/* --time: how fast each case is, beside the test. */
int main(int argc, char **argv)
{
    timing = argc > 1 && !strcmp(argv[1], "--time");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products),          cmocka_unit_test(pointwise), cmocka_unit_test(sums),       cmocka_unit_test(updates),
        cmocka_unit_test(normals_and_bytes), cmocka_unit_test(descents),  cmocka_unit_test(the_digest), cmocka_unit_test(the_choice_of_a_form),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
