/* cmd_data.c - gander data: list, fetch, look at data sets. */
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT, SET, THREADS };

static const cli_option options[] = {
    [OUTPUT] = {'o', "output", "DIR", "write the pictures there as PNGs, as the network sees them; by class, where there are classes"},
    [SET] = {0, "set", "KEY=VALUE", "pictures as a recipe with this setting has them: data.size, data.fit, data.alpha, data.gray, data.broken"},
    [THREADS] = {0, "threads", "N", "threads that read pictures (default: all processors)"},
};

enum { PREVIEW = 25, WORDS_MAX = 2, SETS_MAX = 16, CLASSES_SHOWN = 40 };

typedef struct arguments {
    const char *word[WORDS_MAX];
    int words;
    const char *set[SETS_MAX];
    int sets;
    const char *out;
    long long threads;
} arguments;

static bool take(void *ctx, int option, const char *value)
{
    arguments *a = ctx;
    if (option == OUTPUT) {
        a->out = value;
        return true;
    }
    if (option == THREADS)
        return cli_int(&cmd_data, "--threads", value, 1, 256, &a->threads);
    if (option == SET && strncmp(value, "data.", 5) != 0) {
        cli_wrong(&cmd_data, "data: --set %s: only settings of [data] count here", value);
        return false;
    }
    if (option == SET && a->sets == SETS_MAX) {
        cli_wrong(&cmd_data, "data: more than %d settings", SETS_MAX);
        return false;
    }
    if (option == SET) {
        a->set[a->sets++] = value;
        return true;
    }
    if (a->words == WORDS_MAX) {
        cli_wrong(&cmd_data, "data: '%s' is one word too many", value);
        return false;
    }
    a->word[a->words++] = value;
    return true;
}

static void list(void)
{
    const gan_dataset_info *rows;
    const int n = gan_dataset_infos(&rows);
    for (int i = 0; i < n; i++)
        printf("%-14s %s (%s)\n", rows[i].name, rows[i].what, rows[i].licence);
}

static void say(void *ctx, const char *line)
{
    char clean[GAN_ERROR_MAX];
    (void)ctx;
    printf("%s\n", gan_text_clean(clean, sizeof clean, line));
}

static int fetch(const char *name)
{
    gan_error err = {0};
    char folder[4096];
    if (gan_dataset_fetch(name, folder, sizeof folder, say, NULL, &err) != GAN_OK)
        return cli_failed(&err);
    printf("%s is in %s\n", name, gan_text_clean(folder, sizeof folder, folder));
    return EXIT_OK;
}

static void print_classes(const gan_dataset *d)
{
    const uint8_t *labels = gan_dataset_labels(d);
    const int classes = gan_dataset_classes(d);
    long count[256] = {0};
    for (int i = 0; labels && i < gan_dataset_count(d); i++)
        count[labels[i]]++;
    printf("classes  %d\n", classes);
    for (int c = 0; c < classes && c < CLASSES_SHOWN; c++) {
        char name[128];
        const char *of = gan_dataset_class(d, c);
        printf("  %3d  %ld%s%s\n", c, count[c], of ? "  " : "", of ? gan_text_clean(name, sizeof name, of) : "");
    }
    if (classes > CLASSES_SHOWN)
        printf("  and %d more\n", classes - CLASSES_SHOWN);
}

/* What a person should know before they train on it. */
static gan_status print_twins(const gan_dataset *d, gan_error *err)
{
    int same, alike;
    const gan_status s = gan_dataset_twins(d, &same, &alike, err);
    if (s != GAN_OK)
        return s;
    printf("twins    %d the same as an earlier one", same);
    if (alike >= 0)
        printf(", %d more that look much like one", alike);
    printf("\n");
    return s;
}

static void print_notes(const gan_dataset *d)
{
    for (const char *line = gan_dataset_notes(d); *line; line += *line == '\n') {
        const size_t n = strcspn(line, "\n");
        printf("note     %.*s\n", (int)n, line);
        line += n;
    }
}

static gan_status preview_points(const gan_dataset *d, gan_error *err)
{
    enum { SHOWN = 2500, SIDE = 128 };
    static float points[2 * SHOWN];
    gan_image image = {0};
    gan_dataset_batch(d, 0, 0, SHOWN, (uint8_t *)points);
    gan_status s = gan_image_scatter(&image, SIDE, points, SHOWN, NULL, 0, err);
    if (s == GAN_OK)
        s = gan_image_print(&image, stdout, cli_columns(stdout), cli_colors(stdout), err);
    gan_image_release(&image);
    return s;
}

static gan_status preview(const gan_dataset *d, gan_error *err)
{
    gan_grid grid = {PREVIEW, 0, 0, 0, 0, 2, 1};
    gan_image image = {0};
    gan_dataset_shape(d, &grid.height, &grid.width, &grid.channels);
    const size_t bytes = (size_t)grid.height * (size_t)grid.width * (size_t)grid.channels;
    if (gan_dataset_count(d) < grid.n)
        grid.n = gan_dataset_count(d);
    uint8_t *pixels = malloc((size_t)grid.n * bytes);
    if (!pixels)
        return cli_refuse(err, GAN_ENOMEM, gan_dataset_name(d), "out of memory");
    for (int i = 0; i < grid.n; i++)
        gan_dataset_get(d, i, pixels + (size_t)i * bytes);
    gan_status s = gan_image_grid(&image, &grid, pixels, err);
    if (s == GAN_OK)
        s = gan_image_print(&image, stdout, cli_columns(stdout), cli_colors(stdout), err);
    gan_image_release(&image);
    free(pixels);
    return s;
}

/* ---- as PNGs ---------------------------------------------------------------------------------------- */

static gan_status make_folder(const char *path, bool fresh, gan_error *err)
{
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && !fresh))
        return GAN_OK;
    return cli_refuse(err, GAN_EIO, path, errno == EEXIST ? "is there already; name a new folder" : strerror(errno));
}

/* The folder of a picture's class: by its name, where it has one that can be a folder's. */
static void folder_of(char path[CLI_PATH], const char *out, const gan_dataset *d, int class)
{
    const char *name = gan_dataset_class(d, class);
    if (name && *name && *name != '.' && !strchr(name, '/') && strlen(name) < 200)
        snprintf(path, CLI_PATH, "%.3900s/%s", out, name);
    else
        snprintf(path, CLI_PATH, "%.3900s/%d", out, class);
}

static gan_status write_picture(const gan_dataset *d, int number, gan_image *image, const char *out, gan_error *err)
{
    const uint8_t *labels = gan_dataset_labels(d);
    char folder[CLI_PATH], path[CLI_PATH + 16];
    gan_status s = GAN_OK;
    snprintf(folder, sizeof folder, "%.3900s", out);
    if (labels) {
        folder_of(folder, out, d, labels[number]);
        s = make_folder(folder, false, err);
    }
    snprintf(path, sizeof path, "%s/%06d.png", folder, number);
    gan_dataset_get(d, number, image->pixels);
    return s == GAN_OK ? gan_image_write_png(image, path, err) : s;
}

static gan_status write_pictures(const gan_dataset *d, const char *out, gan_error *err)
{
    gan_image image = {0};
    gan_dataset_shape(d, &image.height, &image.width, &image.channels);
    if (gan_dataset_real(d))
        return cli_refuse(err, GAN_EUNSUPPORTED, gan_dataset_name(d), "has points, not pictures");
    image.pixels = malloc((size_t)image.height * (size_t)image.width * (size_t)image.channels);
    gan_status s = image.pixels ? make_folder(out, true, err) : cli_refuse(err, GAN_ENOMEM, gan_dataset_name(d), "out of memory");
    for (int i = 0; i < gan_dataset_count(d) && s == GAN_OK; i++)
        s = write_picture(d, i, &image, out, err);
    free(image.pixels);
    return s;
}

static bool show_reading(void *ctx, int done, int total)
{
    (void)ctx;
    fprintf(stderr, "\rreading pictures: %d %%\033[K%s", 100 * done / total, done == total ? "\r\033[K" : "");
    return true;
}

static gan_status open_set(gan_dataset **d, const arguments *a, gan_error *err)
{
    gan_recipe *recipe;
    gan_status s = gan_recipe_load(&recipe, "steady", err);
    for (int i = 0; i < a->sets && s == GAN_OK; i++)
        s = gan_recipe_assign(recipe, a->set[i], err);
    if (s != GAN_OK) {
        gan_recipe_free(recipe);
        return s;
    }
    gan_pictures how = gan_recipe_pictures(recipe);
    how.threads = (int)a->threads;
    how.progress = isatty(STDERR_FILENO) ? show_reading : NULL;
    gan_recipe_free(recipe);
    s = gan_dataset_find(d, a->word[0], &how, err);
    if (how.progress)
        fputs("\r\033[K", stderr);
    return s;
}

static int show(const arguments *a)
{
    gan_error err = {0};
    gan_dataset *d;
    int h, w, c;
    gan_status s = open_set(&d, a, &err);
    if (s != GAN_OK)
        return cli_failed(&err);
    gan_dataset_shape(d, &h, &w, &c);
    char name[256], source[4096];
    printf("set      %s\nsource   %s\n", gan_text_clean(name, sizeof name, gan_dataset_name(d)),
           gan_text_clean(source, sizeof source, gan_dataset_source(d)));
    if (gan_dataset_real(d))
        printf("points   %d of %d numbers, of %d modes\n", gan_dataset_count(d), h * w * c, gan_dataset_modes(d));
    else
        printf("images   %d of %d x %d x %d\n", gan_dataset_count(d), h, w, c);
    print_notes(d);
    printf("sha256   %s\n", gan_dataset_sha256(d));
    if (gan_dataset_labels(d))
        print_classes(d);
    if (a->out) {
        s = write_pictures(d, a->out, &err);
        gan_dataset_free(d);
        return s == GAN_OK ? EXIT_OK : cli_failed(&err);
    }
    if (!gan_dataset_real(d))
        s = print_twins(d, &err);
    if (s == GAN_OK)
        s = gan_dataset_real(d) ? preview_points(d, &err) : preview(d, &err);
    gan_dataset_free(d);
    return s == GAN_OK ? EXIT_OK : cli_failed(&err);
}

static int run(int count, char **words)
{
    arguments a = {0};
    const int done = cli_parse(&cmd_data, count, words, take, &a);
    if (done)
        return done - 1;
    if (!a.words || (a.words == 1 && !strcmp(a.word[0], "list"))) {
        list();
        return EXIT_OK;
    }
    if (!strcmp(a.word[0], "fetch"))
        return a.words == 2 ? fetch(a.word[1]) : cli_wrong(&cmd_data, "data fetch: which set?");
    if (a.words == 2)
        return cli_wrong(&cmd_data, "data: no '%s'", a.word[0]);
    return show(&a);
}

const cli_command cmd_data = {"data",
                              "list, fetch, verify and preview data sets",
                              "[list]           the sets that have a name\n"
                              "       gander data fetch NAME       get one, verified\n"
                              "       gander data NAME|PATH        count, classes, twins, digest, preview; NAME/test: a set's\n"
                              "                                    images that are kept for testing\n"
                              "       gander data NAME|PATH -o DIR all its pictures as PNGs",
                              options,
                              sizeof options / sizeof *options,
                              run};
