/* test_board.c - event files read back by a reader of its own: framing, a checksum bit by bit, protocol buffers by hand, with TensorBoard's
 * field numbers. */
#include "planted_run.h"

#include "base/fileio.h"
#include "base/sha256.h"
#include "board/crc32c.h"
#include "file/png.h"

#include <gan/board.h>

#if GAN_HAVE_PROTOBUF

static const char *const written = "board/events.out.tfevents.0000000030.gander";
static const double start = 1767225600;

/* ---- the reader ---------------------------------------------------------------------------------- */

typedef struct span {
    const uint8_t *p;
    size_t n;
} span;

static uint64_t little(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    for (int i = bytes; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

static uint32_t masked(span s)
{
    uint32_t crc = 0xffffffffu;
    for (size_t bit = 0; bit < 8 * s.n; bit++) {
        const uint32_t in = s.p[bit / 8] >> bit % 8 & 1;
        crc = crc >> 1 ^ ((crc ^ in) & 1 ? 0x82f63b78u : 0);
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* The next record; false at the end. */
static bool next(span *file, span *event)
{
    if (!file->n)
        return false;
    assert_true(file->n > 16);
    event->n = (size_t)little(file->p, 8);
    event->p = file->p + 12;
    assert_true(event->n <= file->n - 16);
    assert_int_equal(little(file->p + 8, 4), masked((span){file->p, 8}));
    assert_int_equal(little(event->p + event->n, 4), masked(*event));
    file->p += event->n + 16;
    file->n -= event->n + 16;
    return true;
}

static uint64_t varint(span *s)
{
    uint64_t v = 0;
    for (int shift = 0;; shift += 7) {
        assert_true(s->n > 0);
        const uint8_t b = *s->p++;
        s->n--;
        v |= (uint64_t)(b & 127) << shift;
        if (b < 128)
            return v;
    }
}

/* The which-th field of that number; its bytes, or where it is a varint, *number. */
static bool field(span s, unsigned id, int which, span *out, uint64_t *number)
{
    while (s.n) {
        const uint64_t tag = varint(&s);
        span here = {s.p, 0};
        uint64_t v = 0;
        switch (tag & 7) {
        case 0: v = varint(&s); break;
        case 1: here.n = 8; break;
        case 2: here.n = (size_t)varint(&s); here.p = s.p; break;
        case 5: here.n = 4; break;
        default: fail();
        }
        assert_true(here.n <= s.n);
        s.p += here.n;
        s.n -= here.n;
        if (tag >> 3 == id && which-- == 0) {
            *out = here;
            *number = v;
            return true;
        }
    }
    return false;
}

static span bytes_of(span s, unsigned id)
{
    span out = {0};
    uint64_t v;
    return field(s, id, 0, &out, &v) ? out : (span){0};
}

static int64_t int_of(span s, unsigned id)
{
    span out;
    uint64_t v = 0;
    return field(s, id, 0, &out, &v) ? (int64_t)v : 0;
}

static double double_at(span s, size_t i)
{
    double x;
    assert_true(8 * i + 8 <= s.n);
    memcpy(&x, s.p + 8 * i, 8);
    return x;
}

static double double_of(span s, unsigned id)
{
    const span b = bytes_of(s, id);
    return b.n ? double_at(b, 0) : 0;
}

static bool is(span s, const char *text)
{
    return s.n == strlen(text) && !memcmp(s.p, text, s.n);
}

/* The value of a tag at a step: an empty span where there is none; *time of its event. It is there once. */
static span value_at(span file, const char *tag, int64_t step, double *time)
{
    span event, value, found = {0};
    uint64_t v;
    while (next(&file, &event))
        for (int i = 0; field(bytes_of(event, 5), 1, i, &value, &v); i++)
            if (is(bytes_of(value, 1), tag) && int_of(event, 2) == step) {
                assert_int_equal(found.n, 0);
                found = value;
                *time = double_of(event, 1);
            }
    return found;
}

static uint8_t *file_bytes;

static span open_events(const char *name)
{
    span s;
    free(file_bytes);
    assert_int_equal(gan__read_file(scratch(name), 1 << 24, &file_bytes, &s.n, NULL), GAN_OK);
    s.p = file_bytes;
    return s;
}

static span write_and_open(void)
{
    gan_error err = {0};
    if (gan_board_write(scratch("run"), scratch("board"), &err) != GAN_OK)
        fail_msg("%s", err.message);
    return open_events(written);
}

static void check_scalar(span file, const char *tag, int64_t step, double want, double seconds)
{
    double time = 0;
    float x;
    const span b = bytes_of(value_at(file, tag, step, &time), 2);
    assert_int_equal(b.n, 4);
    memcpy(&x, b.p, 4);
    assert_true((double)x == want);
    assert_true(time == start + seconds);
}

/* ---- tests ---------------------------------------------------------------------------------------- */

static void castagnoli(void **state) /* RFC 3720, B.4 */
{
    (void)state;
    static const uint8_t read_command[48] = {0x01, 0xc0, 0, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0,    0, 0, 0, 0x14, 0, 0, 0, 0, 0, 4, 0,
                                             0,    0,    0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 2,    0, 0, 0, 0, 0, 0, 0};
    uint8_t b[32];
    memset(b, 0, sizeof b);
    assert_int_equal(gan__crc32c(b, sizeof b), 0x8a9136aau);
    memset(b, 0xff, sizeof b);
    assert_int_equal(gan__crc32c(b, sizeof b), 0x62a8ab43u);
    for (int i = 0; i < 32; i++)
        b[i] = (uint8_t)i;
    assert_int_equal(gan__crc32c(b, sizeof b), 0x46dd794eu);
    for (int i = 0; i < 32; i++)
        b[i] = (uint8_t)(31 - i);
    assert_int_equal(gan__crc32c(b, sizeof b), 0x113fdb5cu);
    assert_int_equal(gan__crc32c(read_command, sizeof read_command), 0xd9963a56u);
    assert_int_equal(gan__crc32c(b, 0), 0);
}

static void first_event(void **state)
{
    (void)state;
    span file = write_and_open(), event;
    assert_true(next(&file, &event));
    assert_true(is(bytes_of(event, 3), "brain.Event:2"));
    assert_true(double_of(event, 1) == start);
    assert_int_equal(int_of(event, 2), 0);
    assert_true(next(&file, &event));
    assert_int_equal(int_of(event, 2), 10);
}

static void scalars(void **state)
{
    (void)state;
    const span file = write_and_open();
    double time;
    check_scalar(file, "loss/loss_d", 10, 0.5, 1.5);
    check_scalar(file, "rate/rate_g", 10, 0, 1.5); /* a figure of 0 is a figure */
    check_scalar(file, "discriminator/d_real", 10, 0.25, 1.5);
    check_scalar(file, "other/fresh", 10, 7, 1.5);
    check_scalar(file, "rate/rate_g", 20, (double)2e-4f, 3);
    check_scalar(file, "gradient/grad_norm_d", 20, 1.5, 3);
    check_scalar(file, "penalty/r1", 20, 0.125, 3);
    check_scalar(file, "loss/loss_d", 30, 0.75, 4); /* the second session goes on */
    check_scalar(file, "measure/spread", 30, 0.875, 4);
    assert_int_equal(value_at(file, "loss/loss_d", 20, &time).n, 0); /* null */
    assert_int_equal(value_at(file, "loss/loss_d", 40, &time).n, 0); /* being written */
}

static void check_image(span file, int64_t step, const gan_image *size, span png, double seconds)
{
    double time = 0;
    const span image = bytes_of(value_at(file, "samples", step, &time), 4), encoded = bytes_of(image, 4);
    assert_int_equal(int_of(image, 1), size->height);
    assert_int_equal(int_of(image, 2), size->width);
    assert_int_equal(int_of(image, 3), size->channels);
    assert_int_equal(encoded.n, png.n);
    assert_memory_equal(encoded.p, png.p, png.n);
    assert_true(time == start + seconds);
}

static void images(void **state)
{
    (void)state;
    static uint8_t pixels[5 * 7 * 4];
    const gan_image image = {5, 7, 4, pixels}, grey = {2, 3, 1, NULL};
    const char *path = scratch("run/samples/000035.png");
    uint8_t *png;
    size_t bytes;
    assert_int_equal(gan__png_write(&image, path, NULL), GAN_OK);
    assert_int_equal(gan__read_file(path, 1 << 20, &png, &bytes, NULL), GAN_OK);
    const span file = write_and_open();
    check_image(file, 0, &grey, (span){planted_png, sizeof planted_png}, 0);
    check_image(file, 20, &grey, (span){planted_png, sizeof planted_png}, 3);
    check_image(file, 35, &image, (span){png, bytes}, 4);
    free(png);
    assert_int_equal(unlink(path), 0);
}

/* Sums over the planted weights and, bucket by bucket, how many of them lie in it. */
static void check_weights(span h)
{
    double sum = 0, squares = 0, count = 0;
    for (int i = 0; i < PLANTED_WEIGHTS; i++) {
        sum += (double)planted_weight(i);
        squares += (double)planted_weight(i) * (double)planted_weight(i);
    }
    assert_true(double_of(h, 3) == PLANTED_WEIGHTS && double_of(h, 4) == sum && double_of(h, 5) == squares);
    const span limit = bytes_of(h, 6), in = bytes_of(h, 7);
    assert_int_equal(limit.n, 30 * 8);
    assert_int_equal(in.n, 30 * 8);
    assert_true(double_at(limit, 29) == double_of(h, 2));
    double low = double_of(h, 1);
    for (size_t b = 0; b < 30; low = double_at(limit, b++)) {
        int want = 0;
        for (int i = 0; i < PLANTED_WEIGHTS; i++)
            want += (double)planted_weight(i) >= low && ((double)planted_weight(i) < double_at(limit, b) || b == 29);
        assert_true(double_at(in, b) == want);
        count += want;
    }
    assert_true(count == PLANTED_WEIGHTS);
}

static void histograms(void **state)
{
    (void)state;
    const span file = write_and_open();
    double time = 0;
    check_weights(bytes_of(value_at(file, "generator/0.weight", 5, &time), 5));
    assert_true(time == start);
    check_weights(bytes_of(value_at(file, "generator/0.weight", 30, &time), 5));
    assert_true(time == start + 4);
    span h = bytes_of(value_at(file, "generator/0.bias", 30, &time), 5);
    assert_true(double_of(h, 1) == 0.5 && double_of(h, 2) == 0.5 && double_of(h, 3) == 2);
    assert_int_equal(bytes_of(h, 6).n, 8);
    assert_true(double_at(bytes_of(h, 6), 0) == 0.5 && double_at(bytes_of(h, 7), 0) == 2);
    h = bytes_of(value_at(file, "discriminator/1.weight", 30, &time), 5); /* without its NaN */
    assert_true(double_of(h, 1) == 1 && double_of(h, 2) == 3 && double_of(h, 3) == 2 && double_of(h, 4) == 4);
    assert_int_equal(value_at(file, "discriminator/1.bias", 30, &time).n, 0); /* nothing finite */
}

static void same_bytes(void **state)
{
    (void)state;
    char sha[GAN__SHA256_HEX];
    const span file = write_and_open();
    assert_int_equal(gan__sha256_of(file.p, file.n, sha, NULL), GAN_OK);
    assert_string_equal(sha, "54fd3507550e939c11af15d380ad41ccc1a18eda0b9613f99ce5d0ca2afc28ef");
}

static void replaces_its_own(void **state)
{
    (void)state;
    write_and_open();
    scratch_file("board/events.out.tfevents.0000000020.gander", "old", 3);
    scratch_file("board/events.out.tfevents.1700000000.host", "theirs", 6);
    scratch_file("board/events.out.tfevents.20.gander", "theirs", 6);
    write_and_open();
    assert_int_not_equal(access(scratch("board/events.out.tfevents.0000000020.gander"), F_OK), 0);
    assert_int_equal(access(scratch("board/events.out.tfevents.1700000000.host"), F_OK), 0);
    assert_int_equal(access(scratch("board/events.out.tfevents.20.gander"), F_OK), 0);
}

static void refuses(gan_status status, const char *words, const char *run, const char *folder)
{
    gan_error err = {0};
    assert_int_equal(gan_board_write(scratch(run), scratch(folder), &err), status);
    assert_int_equal(err.status, status);
    if (!strstr(err.message, words))
        fail_msg("no '%s' in: %s", words, err.message);
    assert_int_equal(gan_board_write(scratch(run), scratch(folder), NULL), status);
}

static void errors(void **state)
{
    (void)state;
    refuses(GAN_ENOTFOUND, "nowhere", "nowhere", "new");
    assert_int_equal(gan__make_dir(scratch("empty"), NULL), GAN_OK);
    refuses(GAN_ENOTFOUND, "empty/metrics.jsonl", "empty", "new");
    assert_int_not_equal(access(scratch("new"), F_OK), 0); /* nothing was made */
    scratch_file("file", "", 0);
    refuses(GAN_EIO, "file", "run", "file");
    refuses(GAN_EIO, "file/in", "run", "file/in");
    assert_int_equal(gan__make_dir(scratch("taken/events.out.tfevents.0000000030.gander"), NULL), GAN_OK);
    refuses(GAN_EEXISTS, "0000000030.gander", "run", "taken");

    scratch_file("run/metrics.jsonl", "{\"iteration\":10}\nno line\n", 25);
    refuses(GAN_EFORMAT, "metrics.jsonl: line 2", "run", "board");
    scratch_file("run/metrics.jsonl", planted_metrics, sizeof planted_metrics - 1);
    scratch_file("run/timing.jsonl", "no line\n", 8);
    refuses(GAN_EFORMAT, "timing.jsonl: line 1", "run", "board");
    scratch_file("run/timing.jsonl", planted_timing, sizeof planted_timing - 1);
    scratch_file("run/samples/000020.png", planted_png, sizeof planted_png - 20);
    refuses(GAN_EFORMAT, "000020.png", "run", "board");
    scratch_file("run/samples/000020.png", planted_png, sizeof planted_png);
    scratch_file("run/state/00000005.safetensors", "torn", 4);
    refuses(GAN_EFORMAT, "00000005.safetensors", "run", "board");
    plant_checkpoint(scratch("run/state/00000005.safetensors"));
}

/* The older file stays as it was, and nothing is left beside it. */
static void full_disk(void **state)
{
    (void)state;
    span file = write_and_open();
    char sha[2][GAN__SHA256_HEX];
    gan__sha256_of(file.p, file.n, sha[0], NULL);
    for (rlim_t room = 0; room < file.n; room += 500) {
        scratch_disk(room);
        gan_error err = {0};
        const gan_status s = gan_board_write(scratch("run"), scratch("board"), &err);
        scratch_disk(RLIM_INFINITY);
        assert_int_equal(s, GAN_EIO);
        assert_non_null(strstr(err.message, written));
    }
    file = open_events(written);
    gan__sha256_of(file.p, file.n, sha[1], NULL);
    assert_string_equal(sha[0], sha[1]);
    char command[300];
    snprintf(command, sizeof command, "! ls -A %s | grep -q '^.gander-'", scratch("board"));
    assert_int_equal(system(command), 0);
}

/* A run that has just begun: no line yet, no clock, nothing drawn. */
static void young(void **state)
{
    (void)state;
    assert_int_equal(gan__make_dir(scratch("young"), NULL), GAN_OK);
    scratch_file("young/metrics.jsonl", "", 0);
    assert_int_equal(gan_board_write(scratch("young"), scratch("young_board/deep"), NULL), GAN_OK);
    span file = open_events("young_board/deep/events.out.tfevents.0000000000.gander"), event;
    int events = 0;
    while (next(&file, &event))
        events++;
    assert_int_equal(events, 1);
    scratch_file("young/metrics.jsonl", planted_metrics, sizeof planted_metrics - 1);
    assert_int_equal(gan_board_write(scratch("young"), scratch("board"), NULL), GAN_OK);
    check_scalar(open_events(written), "loss/loss_d", 30, 0.75, 0);
}

static int begin(void **state)
{
    const int r = scratch_begin(state);
    if (!r)
        plant_run();
    return r;
}

static int end(void **state)
{
    free(file_bytes);
    return scratch_end(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(castagnoli), cmocka_unit_test(first_event),  cmocka_unit_test(scalars),          cmocka_unit_test(images),
        cmocka_unit_test(histograms), cmocka_unit_test(same_bytes),   cmocka_unit_test(replaces_its_own), cmocka_unit_test(errors),
        cmocka_unit_test(full_disk),  cmocka_unit_test(young),
    };
    return cmocka_run_group_tests(tests, begin, end);
}

#else

static void says_what_to_install(void **state)
{
    (void)state;
    gan_error err = {0};
    plant_run();
    assert_int_equal(gan_board_write(scratch("run"), scratch("board"), &err), GAN_EUNSUPPORTED);
    assert_non_null(strstr(err.message, "libprotobuf-c-dev"));
    assert_non_null(strstr(err.message, "protobuf-c-compiler"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_to_install)};
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}

#endif
