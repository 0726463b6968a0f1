/* test_file_allocations.c - the Nth allocation fails, for every N: each reader and writer of the file
 * room then answers with an error, leaks nothing and crashes nowhere. malloc is replaced for the
 * whole program (libraries too), so this does not run under a sanitizer, which replaces it itself.
 */
#include "base/fileio.h"
#include "unit/file/scratch.h"

#include "file/idx.h"
#include "file/ini.h"
#include "file/png.h"
#include "file/safetensors.h"

#include <limits.h>
#include <stdbool.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define REPLACED 0
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define REPLACED 0
#endif
#endif
#if !defined REPLACED && defined __GLIBC__
#define REPLACED 1
#elif !defined REPLACED
#define REPLACED 0
#endif

/* volatile: a compiler takes it that malloc looks at no variable of ours. */
static volatile long left = -1; /* allocations until one fails; negative: never */
static volatile long alive;

#if REPLACED
#pragma GCC visibility push(default) /* for the libraries too */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);
void *malloc(size_t bytes);
void *calloc(size_t n, size_t bytes);
void *realloc(void *p, size_t bytes);
void free(void *p);

static bool refuse(void)
{
    const long n = left;
    if (n >= 0)
        left = n - 1;
    return n == 0;
}

void *malloc(size_t bytes)
{
    void *p = refuse() ? NULL : __libc_malloc(bytes);
    alive += p != NULL;
    return p;
}

void *calloc(size_t n, size_t bytes)
{
    void *p = refuse() ? NULL : __libc_calloc(n, bytes);
    alive += p != NULL;
    return p;
}

void *realloc(void *old, size_t bytes)
{
    if (refuse())
        return NULL;
    void *p = __libc_realloc(old, bytes);
    alive += (p != NULL) - (old != NULL);
    return p;
}

void free(void *p)
{
    alive -= p != NULL;
    __libc_free(p);
}
#pragma GCC visibility pop
#endif

/* ---- what is tried ------------------------------------------------------------------------------
 */

static const char *idx_path, *st_path, *png_path, *out_path;

static gan_status read_idx(void)
{
    gan__idx idx;
    const gan_status s = gan__idx_read(&idx, idx_path, NULL);
    gan__idx_release(&idx);
    return s;
}

static gan_status write_idx(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s.gz", out_path);
    return gan__idx_write(path, 1, (const int[]){5}, (const uint8_t *)"hello", NULL);
}

static gan_status read_st(void)
{
    gan__safetensors *st = NULL;
    const gan_status s = gan__safetensors_read(&st, st_path, NULL);
    gan__safetensors_free(st);
    return s;
}

static gan_status write_st_to(const char *path)
{
    static const float data[2] = {1, 2};
    const gan__tensor t[] = {{.name = "a", .rank = 1, .dim = {2}, .data = data},
                             {.name = "b", .dtype = GAN__U8, .rank = 1, .dim = {8}, .data = data}};
    const gan__meta m[] = {{"key", "value"}};
    return gan__safetensors_write(path, t, 2, m, 1, NULL);
}

/* jansson lives on without some of its memory: then what it wrote must be what it always writes. */
static gan_status write_st(void)
{
    const gan_status s = write_st_to(out_path);
    const bool unhurt = left >= 0;
    if (s != GAN_OK || unhurt)
        return s;
    uint8_t *a = NULL, *b = NULL;
    size_t n = 0, m = 0;
    assert_int_equal(gan__read_file(out_path, 1 << 20, &a, &n, NULL), GAN_OK);
    assert_int_equal(gan__read_file(st_path, 1 << 20, &b, &m, NULL), GAN_OK);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    free(a);
    free(b);
    return GAN_ENOMEM; /* nothing was lost: as good as noticed */
}

static gan_status ignore(void *ctx, const char *section, const char *key, const char *value,
                         int line, gan_error *err)
{
    (void)ctx, (void)section, (void)key, (void)value, (void)line, (void)err;
    return GAN_OK;
}

static gan_status read_ini(void)
{
    static const char text[] = "[a]\nk = 1\n  2\nl = 3\n";
    return gan__ini_parse("t", text, sizeof text - 1, ignore, NULL, NULL);
}

static gan_status read_png(void)
{
    gan_image image;
    const gan_status s = gan__png_read(&image, png_path, NULL);
    free(image.pixels);
    return s;
}

static gan_status write_png(void)
{
    uint8_t pixels[16] = {0};
    const gan_image image = {4, 4, 1, pixels};
    return gan__png_write(&image, out_path, NULL);
}

static void every_allocation(void **state)
{
    (void)state;
    if (!REPLACED) {
        print_message("SKIP: malloc belongs to the sanitizer or another C library\n");
        skip();
    }
    static gan_status (*const tried[])(void) = {read_idx, write_idx, read_st,  write_st,
                                                read_ini, read_png,  write_png};
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        left = LONG_MAX;
        assert_int_equal(tried[i](), GAN_OK); /* libraries set themselves up now, not below */
        left = -1;
        for (long n = 0;; n++) {
            const long before = alive;
            left = n;
            const gan_status s = tried[i]();
            const bool all = left >= 0;
            left = -1;
            if (alive != before)
                fail_msg("%zu: allocation %ld failed, %ld leaked", i, n, alive - before);
            if (all) {
                assert_int_equal(s, GAN_OK);
                assert_true(n > 0);
                break;
            }
            if (s == GAN_OK)
                fail_msg("%zu: allocation %ld failed, and nobody noticed", i, n);
        }
    }
}

static int begin(void **state)
{
    if (scratch_begin(state) != 0)
        return -1;
    uint8_t pixels[16] = {0};
    const gan_image image = {4, 4, 1, pixels};
    idx_path = scratch("in.idx.gz");
    st_path = scratch("in.safetensors");
    png_path = scratch("in.png");
    out_path = scratch("out");
    return gan__idx_write(idx_path, 1, (const int[]){5}, (const uint8_t *)"hello", NULL) ||
           write_st_to(st_path) || gan__png_write(&image, png_path, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests(tests, begin, scratch_end);
}
