/* test_measures.c - planted cases whose answer is known: identical, disjoint, half of the classes, one picture repeated, growing
 * noise, a copier and half a copier; and figures that can be worked out. */
#include "unit/measure/planted.h"

enum { N = 1000, DIMS = 8 };

static gan_features moved(const gan_features *f, double scale, double shift)
{
    gan_features out;
    assert_int_equal(gan_features_make(&out, f->n, f->dims, NULL), GAN_OK);
    for (size_t i = 0; i < (size_t)f->n * (size_t)f->dims; i++)
        out.x[i] = f->x[i] * scale + shift;
    return out;
}

static gan_features noisy(const gan_features *f, double noise, uint64_t seed)
{
    gan_features out = moved(f, 1, 0);
    for (size_t i = 0; i < (size_t)f->n * (size_t)f->dims; i++)
        out.x[i] += noise * planted_normal(seed, i);
    return out;
}

/* y = s x + t has mean s m + t and covariance s^2 C: FID = sum (s m + t - m)^2 + (1 - s)^2 tr C, exactly. */
static void frechet_of_a_moved_set(void **state)
{
    (void)state;
    gan_features a = planted_features(1, N, DIMS, 0.5), b = moved(&a, 1.25, 0.125);
    double want = 0;
    for (int k = 0; k < DIMS; k++) {
        double mean = 0, square = 0;
        for (int i = 0; i < N; i++)
            mean += a.x[i * DIMS + k] / N;
        for (int i = 0; i < N; i++)
            square += (a.x[i * DIMS + k] - mean) * (a.x[i * DIMS + k] - mean) / (N - 1);
        want += pow(0.25 * mean + 0.125, 2) + 0.0625 * square;
    }
    near(planted_value("fid", &a, &b), want, 1e-9 * want);
    near(planted_value("fid", &a, &a), 0, 1e-9);
    gan_features_release(&a);
    gan_features_release(&b);
}

static void identical_sets(void **state)
{
    (void)state;
    gan_features a = planted_features(1, N, DIMS, 0);
    near(planted_value("precision", &a, &a), 1, 0);
    near(planted_value("recall", &a, &a), 1, 0);
    near(planted_value("coverage", &a, &a), 1, 0);
    assert_true(planted_value("kid", &a, &a) < 0); /* a pair of equals is left out within a side, not between them */
    gan_features_release(&a);
}

static void disjoint_sets(void **state)
{
    (void)state;
    gan_features a = planted_features(1, N, DIMS, 0), b = planted_features(2, N, DIMS, 100);
    static const char *const none[] = {"precision", "recall", "density", "coverage"};
    for (int i = 0; i < 4; i++)
        near(planted_value(none[i], &a, &b), 0, 0);
    assert_true(planted_value("fid", &a, &b) > 10000);
    gan_features_release(&a);
    gan_features_release(&b);
}

/* A collapsed generator: precise, and it recalls nothing; never the reverse. */
static void one_picture_repeated(void **state)
{
    (void)state;
    gan_features a = planted_features(1, N, DIMS, 0), b = planted_features(1, N, DIMS, 0), nearly;
    for (int i = 1; i < N; i++)
        memcpy(b.x + (size_t)i * DIMS, b.x, DIMS * sizeof *b.x);
    nearly = noisy(&b, 0.01, 7);
    for (int i = 0; i < 2; i++) {
        const gan_features *samples = i ? &nearly : &b;
        assert_true(planted_value("precision", &a, samples) > 0.8);
        assert_true(planted_value("recall", &a, samples) < 0.05);
        assert_true(planted_value("coverage", &a, samples) < 0.05);
    }
    gan_features_release(&a);
    gan_features_release(&b);
    gan_features_release(&nearly);
}

static void growing_noise(void **state)
{
    (void)state;
    gan_features a = planted_features(1, N, DIMS, 0), fresh = planted_features(3, N, DIMS, 0);
    double fid = -1, kid = -1, infinite = -1e9, precision = 2, density = 1e9;
    for (double noise = 0; noise < 3.1; noise += 0.5) {
        gan_features b = noisy(&fresh, noise, 9);
        const double f = planted_value("fid", &a, &b), k = planted_value("kid", &a, &b), p = planted_value("precision", &a, &b),
                     d = planted_value("density", &a, &b), x = planted_value("fid_infinity", &a, &b);
        assert_true(f > fid && k > kid && p < precision && d < density && x > infinite);
        fid = f, kid = k, precision = p, density = d, infinite = x;
        gan_features_release(&b);
    }
    gan_features_release(&a);
    gan_features_release(&fresh);
}

/* Two far clusters; the samples have one. Class c's odds are 1 in rows that are of it. */
/* The same of measures that read classes or pixels: shares and spread differ from side to side. */
static void error_bars_of_classes(void **state)
{
    (void)state;
    enum { DRAWS = 40, FEW = 400, CLASSES = 4, PIXELS = 6 };
    static const char *const keys[] = {"class_kl", "spread", "score", "label_accuracy", "rarest"};
    static double odds[2][FEW * CLASSES];
    static uint8_t pixels[2][FEW * PIXELS], asked[FEW];
    double sum[5] = {0}, squares[5] = {0}, said[5] = {0};
    for (uint64_t d = 0; d < DRAWS; d++) {
        gan_features a = planted_features(1000 + d, FEW, 2, 0), b = planted_features(2000 + d, FEW, 2, 0);
        memset(odds, 0, sizeof odds);
        for (int side = 0; side < 2; side++)
            for (uint64_t i = 0; i < FEW; i++) {
                const double u = planted_uniform((3000 + 2 * d + (uint64_t)side) * 100000 + i), v = side ? 0.4 : 0.25; /* of class 0 */
                const int class = u < v ? 0 : 1 + (int)((u - v) / (1 - v) * (CLASSES - 1));
                odds[side][i * CLASSES + (uint64_t)class] = 0.9;
                for (int c = 0; c < CLASSES; c++)
                    odds[side][i * CLASSES + (uint64_t)c] += 0.1 / CLASSES;
                for (uint64_t k = 0; k < PIXELS; k++)
                    pixels[side][i * PIXELS + k] =
                        (uint8_t)(128 + (side ? 20 : 30) * planted_normal(5000 + 2 * d + (uint64_t)side, i * PIXELS + k));
                asked[i] = (uint8_t)(i % CLASSES);
            }
        const gan_sides s = {.real = &a, .samples = &b, .classes = CLASSES, .real_odds = odds[0], .sample_odds = odds[1],
                             .sample_labels = asked, .real_pixels = pixels[0], .sample_pixels = pixels[1], .numbers = PIXELS};
        for (int k = 0; k < 5; k++) {
            const gan_measured m = planted_measure(keys[k], &s);
            sum[k] += m.value, squares[k] += m.value * m.value, said[k] += m.error / DRAWS;
        }
        gan_features_release(&a);
        gan_features_release(&b);
    }
    for (int k = 0; k < 5; k++) {
        const double seen = sqrt((squares[k] - sum[k] * sum[k] / DRAWS) / (DRAWS - 1));
        if (!(said[k] > seen / 1.5 && said[k] < seen * 1.5))
            fail_msg("%s: its error bar says %g, %d draws show %g", keys[k], said[k], DRAWS, seen);
    }
}

static void half_of_the_classes(void **state)
{
    (void)state;
    enum { CLASSES = 4 };
    gan_features a = planted_features(1, N, DIMS, 0), b = planted_features(2, N, DIMS, 0);
    double odds_a[N * CLASSES] = {0}, odds_b[N * CLASSES] = {0};
    uint8_t asked[N];
    for (int i = 0; i < N; i++) {
        a.x[i * DIMS] += 100 * (i % CLASSES);
        b.x[i * DIMS] += 100 * (i % 2);
        odds_a[i * CLASSES + i % CLASSES] = odds_b[i * CLASSES + i % 2] = 1;
        asked[i] = (uint8_t)(i % CLASSES);
    }
    gan_sides s = {.real = &a, .samples = &b, .classes = CLASSES, .real_odds = odds_a, .sample_odds = odds_b,
                   .sample_labels = asked};
    near(planted_measure("missing", &s).value, 2, 0);
    near(planted_measure("rarest", &s).value, 0, 0);
    near(planted_measure("score", &s).value, 2, 1e-12);
    near(planted_measure("class_kl", &s).value, log(2), 1e-12);
    near(planted_measure("label_accuracy", &s).value, 0.5, 1e-12);
    near(planted_measure("recall", &s).value, 0.45, 0.05); /* of one distribution's draws too some lie in no ball of others */
    near(planted_measure("coverage", &s).value, 0.48, 0.03);
    assert_true(planted_measure("precision", &s).value > 0.8);
    s.sample_labels = NULL; /* then the net's reading counts: a class has no samples */
    assert_false(planted_measure("intra_fid", &s).known);
    s.samples = &a, s.sample_odds = odds_a;
    near(planted_measure("score", &s).value, CLASSES, 1e-12);
    near(planted_measure("class_kl", &s).value, 0, 0);
    near(planted_measure("intra_fid", &s).value, 0, 1e-6);
    gan_features_release(&a);
    gan_features_release(&b);
}

/* The first `copies` of N samples are training rows with a little noise, the others fresh. */
static void copier(int copies, double *c_t, double *copied)
{
    gan_features train = planted_features(1, 2 * N, DIMS, 0), held = planted_features(2, N, DIMS, 0),
                 samples = planted_features(3, N, DIMS, 0), noise = noisy(&train, 0.01, 5);
    memcpy(samples.x, noise.x, (size_t)copies * DIMS * sizeof *samples.x);
    const gan_sides s = {.real = &train, .samples = &samples, .train = &train, .held = &held};
    const gan_measured c = planted_measure("copying", &s), n = planted_measure("near_copies", &s);
    assert_true(c.known && n.known && c.error > 0);
    *c_t = c.value / c.error;
    *copied = n.value;
    gan_features_release(&train);
    gan_features_release(&held);
    gan_features_release(&samples);
    gan_features_release(&noise);
}

static void copiers(void **state)
{
    (void)state;
    double c_t, copied;
    copier(0, &c_t, &copied);
    assert_true(fabs(c_t) < 3 && copied < 0.03);
    copier(N / 2, &c_t, &copied);
    assert_true(c_t < -8 && copied > 0.45 && copied < 0.55);
    copier(N, &c_t, &copied);
    assert_true(c_t < -20 && copied > 0.99);
}

static void pixels_of_samples(void **state)
{
    (void)state;
    enum { NUMBERS = 4 };
    gan_features f = planted_features(1, N, DIMS, 0);
    uint8_t real[N * NUMBERS], half[N * NUMBERS];
    for (int i = 0; i < N * NUMBERS; i++) {
        real[i] = (uint8_t)(2 * (int)(127 * planted_uniform((uint64_t)i)));
        half[i] = (uint8_t)(real[i] / 2 + 64); /* a shift is no spread */
    }
    memcpy(half + 5 * NUMBERS, half, NUMBERS);
    const gan_sides s = {.real = &f, .samples = &f, .real_pixels = real, .sample_pixels = half, .numbers = NUMBERS};
    near(planted_measure("spread", &s).value, 0.5, 1e-3);
    near(planted_measure("repeated", &s).value, 1.0 / N, 1e-12);
    gan_features_release(&f);
}

/* An error bar is what many draws show: within a factor of two. */
static void error_bars(void **state)
{
    (void)state;
    enum { DRAWS = 24, FEW = 400 };
    static const char *const keys[] = {"fid", "fid_infinity", "kid", "precision", "density", "coverage"};
    for (int k = 0; k < 6; k++) {
        double sum = 0, squares = 0, said = 0;
        for (uint64_t d = 0; d < DRAWS; d++) {
            gan_features a = planted_features(100 + 2 * d, FEW, 4, 0), b = planted_features(101 + 2 * d, FEW, 4, 0.3);
            const gan_sides s = {.real = &a, .samples = &b};
            const gan_measured m = planted_measure(keys[k], &s);
            sum += m.value, squares += m.value * m.value, said += m.error / DRAWS;
            gan_features_release(&a);
            gan_features_release(&b);
        }
        const double seen = sqrt((squares - sum * sum / DRAWS) / (DRAWS - 1));
        if (!(said > seen / 2 && said < seen * 2))
            fail_msg("%s: its error bar says %g, %d draws show %g", keys[k], said, DRAWS, seen);
    }
}

/* The first look in float32 never shows: against every distance taken in double, for sets near, far, huge, tiny and equal. */
static void nearest_is_exact(void **state)
{
    (void)state;
    enum { OF = 50, AMONG = 333, D = 5 };
    static const struct {
        double scale, shift;
    } cases[] = {{1, 0}, {1, 1000}, {1e-12, 0}, {1e150, 0}, {1e-160, 1}, {0, 3}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        gan_features base = planted_features(1, AMONG, D, 0), other = planted_features(2, OF, D, 0.1),
                     among = moved(&base, cases[c].scale, 0), of = moved(&other, cases[c].scale, cases[c].shift * cases[c].scale);
        int which[OF];
        double far[OF];
        memcpy(among.x + 7 * D, of.x, D * sizeof *of.x);   /* one is there */
        memcpy(among.x + 300 * D, of.x, D * sizeof *of.x); /* twice */
        assert_int_equal(gan_nearest(&of, &among, NULL, which, far, NULL), GAN_OK);
        for (int i = 0; i < OF; i++) {
            double least = HUGE_VAL;
            int first = 0;
            for (int k = 0; k < AMONG; k++) {
                double d = 0;
                for (int j = 0; j < D; j++)
                    d += (among.x[k * D + j] - of.x[i * D + j]) * (among.x[k * D + j] - of.x[i * D + j]);
                if (d < least) {
                    least = d;
                    first = k;
                }
            }
            assert_int_equal(which[i], first);
            near(far[i], sqrt(least), 0);
        }
        gan_features_release(&base);
        gan_features_release(&other);
        gan_features_release(&among);
        gan_features_release(&of);
    }
}

static void unfit(void **state)
{
    (void)state;
    gan_error err = {0};
    gan_measured m;
    gan_features a = planted_features(1, 30, DIMS, 0), few = planted_features(2, 4, DIMS, 0), other = planted_features(1, 30, 3, 0);
    gan_sides s = {.real = &a, .samples = &few};
    assert_true(planted_measure("fid", &s).known);
    assert_non_null(strstr(planted_measure("fid", &s).why, "4 samples in 8 dimensions"));
    assert_false(planted_measure("precision", &s).known);
    assert_non_null(strstr(planted_measure("precision", &s).why, "more than 5"));
    assert_false(planted_measure("copying", &s).known);
    assert_false(planted_measure("score", &s).known);
    a.x[2 * DIMS + 3] = nan("");
    assert_int_equal(gan_measure("fid", &s, NULL, &m, &err), GAN_EINVAL);
    assert_non_null(strstr(err.message, "row 2, column 3"));
    for (int i = 0; i < 30 * DIMS; i++)
        a.x[i] = 1;
    assert_int_equal(gan_measure("fid", &s, NULL, &m, &err), GAN_EINVAL);
    assert_non_null(strstr(err.message, "all 30 rows are equal"));
    s.real = &other;
    assert_int_equal(gan_measure("fid", &s, NULL, &m, &err), GAN_ESHAPE);
    assert_int_equal(gan_measure("fed", &s, NULL, &m, &err), GAN_EKEY);
    assert_non_null(strstr(err.message, "'fid'"));
    gan_features_release(&a);
    gan_features_release(&few);
    gan_features_release(&other);
}

/* Any number of threads: the same numbers, all of them. */
static void threads(void **state)
{
    (void)state;
    gan_features a = planted_features(1, 333, DIMS, 0), b = planted_features(2, 257, DIMS, 0.2);
    const gan_sides s = {.real = &a, .samples = &b, .train = &a, .held = &a};
    const int n = gan_measures();
    gan_measured *one = calloc((size_t)n, sizeof *one), *more = calloc((size_t)n, sizeof *more);
    setenv("GAN_CROWDED", "1", 1);
    assert_int_equal(gan_measure_all(&s, NULL, one, NULL), GAN_OK);
    for (int t = 1; t < 6; t++) {
        gan_team *team;
        assert_int_equal(gan_team_create(&team, t, NULL), GAN_OK);
        assert_int_equal(gan_measure_all(&s, team, more, NULL), GAN_OK);
        gan_team_free(team);
        assert_memory_equal(one, more, (size_t)n * sizeof *one);
    }
    free(one);
    free(more);
    gan_features_release(&a);
    gan_features_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frechet_of_a_moved_set), cmocka_unit_test(identical_sets), cmocka_unit_test(disjoint_sets),
        cmocka_unit_test(one_picture_repeated),   cmocka_unit_test(growing_noise),  cmocka_unit_test(half_of_the_classes),
        cmocka_unit_test(copiers),                cmocka_unit_test(pixels_of_samples), cmocka_unit_test(error_bars),
        cmocka_unit_test(nearest_is_exact),       cmocka_unit_test(unfit),             cmocka_unit_test(threads),
        cmocka_unit_test(error_bars_of_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
