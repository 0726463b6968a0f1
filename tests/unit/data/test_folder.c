/* test_folder.c - a folder of pictures as a data set: what is found, which size it gets, what is said, and that a second start reads
 * nothing. */
#include "base/fileio.h"
#include "base/paths.h"
#include "base/sha256.h"
#include "data/picture_fit.h"
#include "file/png.h"
#include "unit/file/scratch.h"

#include <gan/data.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

/* ---- pictures to find ----------------------------------------------------------------------------- */

/* Of h x w x c, every channel `value`, but the first value + 1: colour where there are three. */
static void put(const char *name, int h, int w, int c, int value)
{
    uint8_t *pixels = malloc((size_t)(h * w * c));
    gan_error err = {0};
    memset(pixels, value, (size_t)(h * w * c));
    for (int i = 0; i < h * w; i++)
        pixels[i * c] = (uint8_t)(value + (c > 1));
    const gan_image image = {h, w, c, pixels};
    char *path = strdup(scratch(name)), *slash = strrchr(path, '/');
    *slash = 0;
    assert_int_equal(gan__make_dir(path, NULL), GAN_OK);
    *slash = '/';
    if (gan__png_write(&image, path, &err) != GAN_OK)
        fail_msg("%s", err.message);
    free(path);
    free(pixels);
}

/* The pixels' second byte: it tells which picture it is. */
static int which(const gan_dataset *d, int i)
{
    int h, w, c;
    gan_dataset_shape(d, &h, &w, &c);
    uint8_t *pixels = malloc((size_t)(h * w * c));
    gan_dataset_get(d, i, pixels);
    const int value = pixels[h * w * c - 1 - (c % 2 ? 0 : 1)];
    free(pixels);
    return value;
}

static gan_dataset *opened(const char *name, const gan_pictures *how)
{
    gan_dataset *d;
    gan_error err = {0};
    if (gan_dataset_open(&d, scratch(name), how, &err) != GAN_OK)
        fail_msg("%s", err.message);
    return d;
}

static void has_shape(const gan_dataset *d, int n, int h, int w, int c)
{
    int a, b, e;
    gan_dataset_shape(d, &a, &b, &e);
    if (gan_dataset_count(d) != n || a != h || b != w || e != c)
        fail_msg("%d of %d x %d x %d, not %d of %d x %d x %d", gan_dataset_count(d), a, b, e, n, h, w, c);
}

static void refused(const char *name, const gan_pictures *how, gan_status status, const char *words)
{
    gan_dataset *d;
    gan_error err = {0};
    const gan_status s = gan_dataset_open(&d, scratch(name), how, &err);
    if (s != status || !strstr(err.message, words) || d)
        fail_msg("%s: %s \"%s\"", name, gan_status_name(s), err.message);
}

/* How many files the cache has whose names end so. */
static int cached(const char *ending)
{
    DIR *d = opendir(scratch("cache/gander/pictures"));
    int n = 0;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        const size_t a = strlen(e->d_name), b = strlen(ending);
        n += a > b && !strcmp(e->d_name + a - b, ending);
    }
    if (d)
        closedir(d);
    return n;
}

static int begin(void **state)
{
    if (scratch_begin(state))
        return -1;
    return setenv("XDG_CACHE_HOME", scratch("cache"), 1);
}

/* ---- what is found -------------------------------------------------------------------------------- */

static void in_the_order_of_names(void **state)
{
    (void)state;
    put("flat/b.png", 8, 8, 1, 20);
    put("flat/a.PNG", 8, 8, 1, 10);
    put("flat/c/a.png", 8, 8, 1, 40);
    put("flat/c.png", 8, 8, 1, 30);
    put("flat/.hidden.png", 8, 8, 1, 99);
    put("flat/.thumbnails/x.png", 8, 8, 1, 98);
    scratch_file("flat/notes.txt", "hello", 5);
    gan_dataset *d = opened("flat", NULL);
    has_shape(d, 4, 8, 8, 1);
    for (int i = 0; i < 4; i++)
        assert_int_equal(which(d, i), ((const int[]){10, 20, 40, 30}[i]));
    assert_null(gan_dataset_labels(d)); /* some lie in no folder */
    assert_string_equal(gan_dataset_notes(d), "passed over: 1 file of other kinds than .png, .jpg, .jpeg and .webp");
    assert_true(gan_dataset_from_pictures(d));
    gan_dataset_free(d);
}

static void classes_by_name(void **state)
{
    (void)state;
    put("named/cat/1.png", 8, 8, 1, 10);
    put("named/cat/deep/2.png", 8, 8, 1, 11);
    put("named/cat-house/1.png", 8, 8, 1, 20);
    put("named/ape/1.png", 8, 8, 1, 30);
    gan_dataset *d = opened("named", NULL);
    has_shape(d, 4, 8, 8, 1);
    assert_int_equal(gan_dataset_classes(d), 3);
    assert_string_equal(gan_dataset_class(d, 0), "ape");
    assert_string_equal(gan_dataset_class(d, 1), "cat"); /* before cat-house, though '-' comes before '/' */
    assert_string_equal(gan_dataset_class(d, 2), "cat-house");
    assert_null(gan_dataset_class(d, 3));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(which(d, i), ((const int[]){30, 10, 11, 20}[i]));
        assert_int_equal(gan_dataset_labels(d)[i], ((const int[]){0, 1, 1, 2}[i]));
    }
    gan_dataset_free(d);
}

static void classes_by_number(void **state)
{
    (void)state;
    put("numbers/10/a.png", 8, 8, 1, 10);
    put("numbers/2/a.png", 8, 8, 1, 20);
    gan_dataset *d = opened("numbers", NULL);
    assert_int_equal(gan_dataset_classes(d), 2); /* in the order of numbers, without gaps */
    assert_int_equal(gan_dataset_labels(d)[0], 1);
    assert_int_equal(gan_dataset_labels(d)[1], 0);
    assert_string_equal(gan_dataset_class(d, 1), "10");
    gan_dataset_free(d);
    put("numbers/02/a.png", 8, 8, 1, 30); /* two of one number: names then */
    d = opened("numbers", NULL);
    assert_int_equal(gan_dataset_classes(d), 3);
    assert_string_equal(gan_dataset_class(d, 0), "02");
    gan_dataset_free(d);
    put("single/only/a.png", 8, 8, 1, 10);
    d = opened("single", NULL);
    assert_int_equal(gan_dataset_classes(d), 0);
    gan_dataset_free(d);
    for (int i = 0; i < 257; i++) {
        char name[32];
        snprintf(name, sizeof name, "many/%d/a.png", i + 1);
        put(name, 8, 8, 1, i % 250);
    }
    d = opened("many", NULL);
    assert_int_equal(gan_dataset_classes(d), 0);
    assert_string_equal(gan_dataset_notes(d), "the pictures lie in more than 256 folders: too many to be classes");
    gan_dataset_free(d);
}

static void what_is_no_picture(void **state)
{
    (void)state;
    put("odd/a.png", 8, 8, 1, 10);
    assert_int_equal(mkfifo(scratch("odd/pipe.png"), 0600), 0); /* reading it would never end */
    assert_int_equal(symlink(".", scratch("odd/loop")), 0);
    assert_int_equal(symlink("../odd", scratch("odd/outside")), 0);
    assert_int_equal(symlink("a.png", scratch("odd/b.png")), 0);
    assert_int_equal(symlink("nowhere", scratch("odd/dangling.png")), 0);
    put("odd/new\nline \xff.png", 8, 8, 1, 30);
    put("odd/sub/z.png", 8, 8, 1, 40);
    gan_dataset *d = opened("odd", NULL);
    has_shape(d, 4, 8, 8, 1);
    gan_dataset_free(d);
    assert_int_equal(mkdir(scratch("empty"), 0700), 0);
    refused("empty", NULL, GAN_ENOTFOUND, "no pictures here, nor in the folders in it");
}

static void broken_ones(void **state)
{
    (void)state;
    char notes[1024];
    put("broken/a.png", 8, 8, 1, 10);
    for (int i = 0; i < 7; i++) {
        char name[32];
        snprintf(name, sizeof name, "broken/t%d.png", i);
        scratch_file(name, "text\n", 5);
    }
    put("broken/z.png", 8, 8, 1, 20);
    for (int turn = 0; turn < 2; turn++) { /* the second comes from the cache */
        gan_dataset *d = opened("broken", NULL);
        has_shape(d, 2, 8, 8, 1);
        assert_int_equal(which(d, 1), 20);
        size_t n = 0;
        for (int i = 0; i < 5; i++)
            n += (size_t)sprintf(notes + n, "left out: t%d.png: is neither a PNG, a JPEG nor a WebP picture\n", i);
        sprintf(notes + n, "left out: 2 more that cannot be read");
        assert_string_equal(gan_dataset_notes(d), notes);
        gan_dataset_free(d);
    }
    refused("broken", &(gan_pictures){.refuse_broken = true}, GAN_EFORMAT, "/broken/t0.png: is neither a PNG");
    assert_int_equal(truncate(scratch("broken/a.png"), 60), 0);
    gan_dataset *d = opened("broken", NULL); /* its headers are whole, its pixels are not */
    has_shape(d, 1, 8, 8, 1);
    assert_non_null(strstr(gan_dataset_notes(d), "left out: a.png: the PNG picture is damaged"));
    gan_dataset_free(d);
    unlink(scratch("broken/z.png"));
    refused("broken", NULL, GAN_EFORMAT, "none of 8 pictures can be read; the first: a.png: the PNG picture is damaged");
}

/* A size that many have is settled before one of them proves broken. */
static void broken_behind_its_head(void **state)
{
    (void)state;
    put("late/a.png", 32, 32, 3, 10);
    put("late/b.png", 32, 32, 3, 20);
    put("late/c.png", 60, 60, 3, 30);
    assert_int_equal(truncate(scratch("late/a.png"), 60), 0);
    assert_int_equal(truncate(scratch("late/b.png"), 60), 0);
    gan_dataset *d = opened("late", NULL);
    has_shape(d, 1, 32, 32, 3);
    assert_int_equal(which(d, 0), 30);
    gan_dataset_free(d);
}

/* A folder that is linked twice is one; what a run drew is not learned from. */
static void each_folder_once(void **state)
{
    (void)state;
    put("links/a/1.png", 8, 8, 1, 10);
    put("links/a/2.png", 8, 8, 1, 20);
    assert_int_equal(symlink("a", scratch("links/b")), 0);
    put("links/run-1/samples/000000.png", 40, 40, 1, 99);
    scratch_file("links/run-1/.gander-run", "", 0);
    gan_dataset *d = opened("links", NULL);
    has_shape(d, 2, 8, 8, 1);
    gan_dataset_free(d);
}

/* ---- size, channels ------------------------------------------------------------------------------- */

static void which_size(void **state)
{
    (void)state;
    static const struct {
        int size[6][2], height, width;
    } row[] = {{{{28, 28}, {28, 28}, {50, 30}}, 28, 28},   /* most have it */
               {{{37, 53}, {53, 37}, {37, 53}}, 37, 53},
               {{{72, 72}}, 64, 64},
               {{{100, 50}}, 64, 32},
               {{{1, 1}}, 8, 8},
               {{{4, 100}}, 8, 64},
               {{{64, 64}, {65, 64}}, 64, 64},
               {{{90, 20}, {30, 50}, {40, 41}, {60, 80}, {25, 99}}, 30, 30}}; /* none: the shorter sides' median */
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char folder[16], name[32];
        int n = 0;
        snprintf(folder, sizeof folder, "size%zu", i);
        for (; row[i].size[n][0]; n++) {
            snprintf(name, sizeof name, "%s/%d.png", folder, n);
            put(name, row[i].size[n][0], row[i].size[n][1], 3, 10 + n);
        }
        gan_dataset *d = opened(folder, NULL);
        has_shape(d, n, row[i].height, row[i].width, 3);
        gan_dataset_free(d);
        d = opened(folder, &(gan_pictures){.height = 12, .width = 17});
        has_shape(d, n, 12, 17, 3);
        gan_dataset_free(d);
    }
}

static void which_channels(void **state)
{
    (void)state;
    static const struct {
        gan_pictures how;
        int channels;
    } row[] = {{{0}, 4},
               {{.alpha = GAN_ALPHA_DROP}, 3},
               {{.alpha = GAN_ALPHA_WHITE}, 3},
               {{.gray = GAN_GRAY_ON}, 2},
               {{.gray = GAN_GRAY_ON, .alpha = GAN_ALPHA_BLACK}, 1},
               {{.channels = 3}, 3},
               {{.channels = 1}, 1}};
    put("channels/a.png", 8, 8, 4, 100); /* coloured, half transparent */
    put("channels/b.png", 8, 8, 1, 50);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        gan_dataset *d = opened("channels", &row[i].how);
        has_shape(d, 2, 8, 8, row[i].channels);
        gan_dataset_free(d);
    }
    put("plain/a.png", 8, 8, 1, 50); /* grey stored as grey; and as colours that are all the same */
    uint8_t pixels[8 * 8 * 4];
    memset(pixels, 255, sizeof pixels);
    assert_int_equal(gan__png_write(&(gan_image){8, 8, 4, pixels}, scratch("plain/b.png"), NULL), GAN_OK);
    gan_dataset *d = opened("plain", NULL);
    has_shape(d, 2, 8, 8, 1);
    gan_dataset_free(d);
    d = opened("plain", &(gan_pictures){.gray = GAN_GRAY_OFF});
    has_shape(d, 2, 8, 8, 3);
    gan_dataset_free(d);
}

/* A picture of 2 x 4, columns of 0, 80, 160, 240, as one of 2 x 2. */
static void fits(void **state)
{
    (void)state;
    uint8_t columns[8] = {0, 80, 160, 240, 0, 80, 160, 240}, out[16 * 16 * 4];
    unsigned has;
    const gan_image in = {2, 4, 1, columns};
    assert_int_equal(gan__picture_fit(&in, &(gan_pictures){0}, 2, 2, out, &has, NULL), GAN_OK);
    assert_int_equal(has, 0);
    for (int i = 0; i < 4; i++) /* the middle two; the filter is as sharp as the picture */
        assert_in_range(out[4 * i], i % 2 ? 150 : 70, i % 2 ? 170 : 90);
    assert_int_equal(gan__picture_fit(&in, &(gan_pictures){.fit = GAN_FIT_STRETCH}, 2, 2, out, &has, NULL), GAN_OK);
    assert_in_range(out[0], 20, 60);
    assert_in_range(out[4], 180, 220);
    assert_int_equal(gan__picture_fit(&in, &(gan_pictures){.fit = GAN_FIT_PAD}, 4, 4, out, &has, NULL), GAN_OK);
    for (int x = 0; x < 4; x++) {
        assert_int_equal(out[4 * x], 0);
        assert_int_equal(out[4 * x + 3], 255); /* no alpha, so none is made */
        assert_int_equal(out[16 + 4 * x], 80 * x);
        assert_int_equal(out[32 + 4 * x], 80 * x);
        assert_int_equal(out[48 + 4 * x], 0);
    }
    assert_int_equal(gan__picture_fit(&in, &(gan_pictures){.fit = GAN_FIT_PAD, .alpha = GAN_ALPHA_WHITE}, 4, 4, out, &has, NULL), GAN_OK);
    assert_int_equal(out[0], 255);
}

static void alpha(void **state)
{
    (void)state;
    uint8_t pixels[] = {200, 100, 0, 128, 9, 9, 9, 0}, out[8];
    unsigned has;
    const gan_image in = {1, 2, 4, pixels};
    static const struct {
        gan_alpha alpha;
        uint8_t out[8];
        unsigned has;
    } row[] = {{GAN_ALPHA_KEEP, {200, 100, 0, 128, 0, 0, 0, 0}, GAN__HAS_ALPHA | GAN__HAS_COLOUR},
               {GAN_ALPHA_DROP, {200, 100, 0, 255, 9, 9, 9, 255}, GAN__HAS_COLOUR},
               {GAN_ALPHA_WHITE, {227, 177, 127, 255, 255, 255, 255, 255}, GAN__HAS_COLOUR},
               {GAN_ALPHA_BLACK, {100, 50, 0, 255, 0, 0, 0, 255}, GAN__HAS_COLOUR}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_int_equal(gan__picture_fit(&in, &(gan_pictures){.alpha = row[i].alpha}, 1, 2, out, &has, NULL), GAN_OK);
        assert_memory_equal(out, row[i].out, sizeof out);
        assert_int_equal(has, row[i].has);
    }
    uint8_t edge[16 * 4]; /* red beside a transparent green: made smaller, no green must come in */
    for (int i = 0; i < 16; i++)
        memcpy(edge + 4 * i, i % 4 < 2 ? (const uint8_t[]){255, 0, 0, 255} : (const uint8_t[]){0, 255, 0, 0}, 4);
    uint8_t small[3 * 3 * 4];
    assert_int_equal(gan__picture_fit(&(gan_image){4, 4, 4, edge}, &(gan_pictures){0}, 3, 3, small, &has, NULL), GAN_OK);
    for (int i = 0; i < 9; i++)
        assert_in_range(small[4 * i + 1], 0, 2);
}

/* Made smaller and larger, in all ways and kinds of channels: the same pixels from every compiler and processor. */
static void the_same_pixels_everywhere(void **state)
{
    (void)state;
    static const int sizes[][2] = {{19, 23}, {64, 64}, {37, 40}};
    uint8_t in[37 * 53 * 4], *out = malloc((size_t)3 * 4 * 3 * 64 * 64 * 4);
    size_t n = 0;
    char hex[65];
    unsigned has;
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(i * 31 + i / 53 * 17 + (i % 7) * (i % 11));
    for (int fit = 0; fit < 3; fit++)
        for (int c = 1; c <= 4; c++)
            for (int k = 0; k < 3; k++) {
                const gan_pictures how = {.fit = (gan_fit)fit};
                assert_int_equal(gan__picture_fit(&(gan_image){37, 53, c, in}, &how, sizes[k][0], sizes[k][1], out + n, &has, NULL), GAN_OK);
                n += (size_t)sizes[k][0] * (size_t)sizes[k][1] * 4;
            }
    assert_int_equal(gan__sha256_of(out, n, hex, NULL), GAN_OK);
    assert_string_equal(hex, "86d5292cd02e9f7d9580c05ed1d7038cd696de53db0857fa51f22879da851940");
    free(out);
}

static void a_set_in_memory(void **state)
{
    (void)state;
    gan_dataset *d;
    assert_int_equal(gan_dataset_find(&d, "strokes/test", &(gan_pictures){.height = 32, .width = 20}, NULL), GAN_OK);
    has_shape(d, 10000, 32, 20, 1);
    assert_string_equal(gan_dataset_name(d), "strokes/test");
    assert_int_equal(gan_dataset_labels(d)[13], 3);
    gan_dataset_free(d);
    assert_int_equal(gan_dataset_find(&d, "ring", &(gan_pictures){.height = 32, .width = 20}, NULL), GAN_OK);
    has_shape(d, 100000, 1, 2, 1); /* points are not pictures */
    gan_dataset_free(d);
}

/* ---- a second start ------------------------------------------------------------------------------- */

static void kept_and_found(void **state)
{
    (void)state;
    char first[65];
    put("kept/a.png", 8, 8, 3, 10);
    put("kept/b/b.png", 8, 8, 3, 20);
    const int before = cached(".json");
    gan_dataset *d = opened("kept", NULL);
    strcpy(first, gan_dataset_sha256(d));
    gan_dataset_free(d);
    assert_int_equal(cached(".json"), before + 2); /* as it was asked for, and as a run goes on with it */
    assert_int_equal(cached(".bytes"), before + 2);
    d = opened("kept", &(gan_pictures){.height = 8, .width = 8, .gray = GAN_GRAY_OFF});
    assert_string_equal(gan_dataset_sha256(d), first);
    gan_dataset_free(d);
    assert_int_equal(cached(".json"), before + 2);
    assert_int_equal(rename(scratch("kept"), scratch("moved")), 0); /* no file has changed */
    d = opened("moved", NULL);
    assert_string_equal(gan_dataset_sha256(d), first);
    gan_dataset_free(d);
    assert_int_equal(cached(".json"), before + 2);
    d = opened("moved", &(gan_pictures){.threads = 1, .height = 9, .width = 9});
    gan_dataset_free(d);
    assert_int_equal(cached(".json"), before + 4);
    put("moved/a.png", 8, 8, 3, 11);
    d = opened("moved", NULL);
    assert_string_not_equal(gan_dataset_sha256(d), first);
    assert_int_equal(which(d, 0), 11);
    gan_dataset_free(d);
    put("moved/c.png", 8, 8, 3, 30);
    d = opened("moved", NULL);
    has_shape(d, 3, 8, 8, 3);
    gan_dataset_free(d);
}

static void flip_a_byte(const char *ending)
{
    DIR *d = opendir(scratch("cache/gander/pictures"));
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", scratch("cache/gander/pictures"), e->d_name);
        if (!strstr(e->d_name, ending))
            continue;
        const int fd = open(path, O_RDWR);
        uint8_t byte;
        assert_int_equal(pread(fd, &byte, 1, 40), 1);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, 40), 1);
        close(fd);
    }
    closedir(d);
}

static void a_cache_that_rots(void **state)
{
    (void)state;
    char first[65];
    put("rot/a.png", 8, 8, 3, 10);
    gan_dataset *d = opened("rot", NULL);
    strcpy(first, gan_dataset_sha256(d));
    gan_dataset_free(d);
    for (int i = 0; i < 2; i++) {
        flip_a_byte(i ? ".json" : ".bytes");
        d = opened("rot", NULL);
        assert_string_equal(gan_dataset_sha256(d), first);
        assert_int_equal(which(d, 0), 10);
        gan_dataset_free(d);
    }
}

static void no_room_in_the_cache(void **state)
{
    (void)state;
    put("room/a.png", 64, 64, 3, 10);
    scratch_disk(4096); /* a full disk: memory then */
    gan_dataset *d = opened("room", NULL);
    scratch_disk(RLIM_INFINITY);
    has_shape(d, 1, 64, 64, 3);
    gan_dataset_free(d);
    char *home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    d = opened("room", NULL);
    has_shape(d, 1, 64, 64, 3);
    gan_dataset_free(d);
    if (home)
        setenv("HOME", home, 1);
    free(home);
    setenv("XDG_CACHE_HOME", scratch("cache"), 1);
}

static void threads_change_no_byte(void **state)
{
    (void)state;
    char name[32], first[65];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "team/%d.png", i);
        put(name, 20 + i % 7, 20 + i % 5, 1 + i % 4, 2 * i);
    }
    for (int threads = 1; threads <= 3; threads++) {
        unsetenv("XDG_CACHE_HOME"); /* nothing is kept */
        char *home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
        unsetenv("HOME");
        gan_dataset *d = opened("team", &(gan_pictures){.threads = threads});
        if (threads == 1)
            strcpy(first, gan_dataset_sha256(d));
        assert_string_equal(gan_dataset_sha256(d), first);
        assert_int_equal(gan_dataset_count(d), 100);
        gan_dataset_free(d);
        if (home)
            setenv("HOME", home, 1);
        free(home);
    }
    setenv("XDG_CACHE_HOME", scratch("cache"), 1);
}

static bool stop_at(void *ctx, int done, int total)
{
    int *calls = ctx;
    assert_in_range(done, 1, total);
    return ++*calls < 3;
}

/* Nothing is kept of what was stopped; nobody asks again. */
static void stopped(void **state)
{
    (void)state;
    char name[32];
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "stopped/%d.png", i);
        put(name, 9, 9, 3, i);
    }
    int calls = 0;
    const int before = cached("");
    refused("stopped", &(gan_pictures){.threads = 1, .progress = stop_at, .progress_ctx = &calls}, GAN_ESTOPPED,
            "stopped while the pictures were read");
    assert_int_equal(calls, 3);
    assert_int_equal(cached(""), before);
}

static void train_and_test(void **state)
{
    (void)state;
    put("split/train/a/1.png", 16, 16, 1, 10);
    put("split/train/b/1.png", 16, 16, 1, 20);
    put("split/train/c/1.png", 16, 16, 1, 25);
    put("split/val/a/1.png", 20, 20, 3, 30);
    put("split/val/c/1.png", 20, 20, 3, 40);
    scratch_file("split/LICENCE", "free", 4);
    gan_dataset *d = opened("split", NULL), *test;
    has_shape(d, 3, 16, 16, 1);
    assert_int_equal(gan_dataset_classes(d), 3);
    assert_string_equal(gan_dataset_name(d), "split");
    assert_int_equal(gan_dataset_test(&test, d, NULL), GAN_OK);
    assert_string_equal(gan_dataset_name(test), "split/val");
    has_shape(test, 2, 16, 16, 1);
    assert_int_equal(gan_dataset_labels(test)[1], 2); /* by name: there is no b */
    assert_int_equal(gan_dataset_classes(test), 3);
    gan_dataset_free(test);
    put("split/val/d/1.png", 20, 20, 3, 50);
    gan_error err = {0};
    assert_int_equal(gan_dataset_test(&test, d, &err), GAN_EFORMAT);
    assert_non_null(strstr(err.message, "has a class d, which"));
    gan_dataset_free(d);
}

static void twins(void **state)
{
    (void)state;
    enum { N = 4, SIDE = 32, ITEM = SIDE * SIDE };
    static uint8_t pixels[N * ITEM];
    for (int i = 0; i < ITEM; i++) {
        const int y = i / SIDE, x = i % SIDE;
        pixels[i] = pixels[ITEM + i] = (uint8_t)(x * x / 8 + 3 * y);
        pixels[2 * ITEM + i] = (uint8_t)(pixels[i] + (x == 5));
        pixels[3 * ITEM + i] = (uint8_t)(255 - pixels[i]);
    }
    gan_dataset *d;
    int same, alike;
    assert_int_equal(gan_dataset_from_bytes(&d, "t", (const int[]){N, SIDE, SIDE, 1}, pixels, NULL, NULL), GAN_OK);
    assert_int_equal(gan_dataset_twins(d, &same, &alike, NULL), GAN_OK);
    assert_int_equal(same, 1);
    assert_int_equal(alike, 1);
    gan_dataset_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_the_order_of_names), cmocka_unit_test(classes_by_name),       cmocka_unit_test(classes_by_number),
        cmocka_unit_test(what_is_no_picture),    cmocka_unit_test(broken_ones), cmocka_unit_test(broken_behind_its_head), cmocka_unit_test(each_folder_once),           cmocka_unit_test(which_size),
        cmocka_unit_test(which_channels),        cmocka_unit_test(fits),                  cmocka_unit_test(alpha), cmocka_unit_test(the_same_pixels_everywhere),
        cmocka_unit_test(a_set_in_memory),       cmocka_unit_test(kept_and_found),        cmocka_unit_test(a_cache_that_rots),
        cmocka_unit_test(no_room_in_the_cache),  cmocka_unit_test(threads_change_no_byte), cmocka_unit_test(train_and_test), cmocka_unit_test(stopped),
        cmocka_unit_test(twins)};
    return cmocka_run_group_tests(tests, begin, scratch_end);
}
