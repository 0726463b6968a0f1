/* cmd_sample.c - gander sample: pictures from a trained generator. */
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COUNT, OUT, SEED, FIRST, CLASS, PICK, INTERPOLATE, TRUNCATION, LATENTS, TIMELAPSE, RECONSTRUCT, NEAREST, DATA, THREADS, FORCE };

static const cli_option options[] = {
    [COUNT] = {'n', "count", "N", "how many (default: 25; with --class all 10 of each)"},
    [OUT] = {'o', "output", "PATH",
             "grid.png; x.apng: one after the other; x.idx or x.idx.gz; x.npy of points; else a folder of PNGs; none: the terminal"},
    [SEED] = {0, "seed", "N", "seed of the noise (default: the run's)"},
    [FIRST] = {0, "first", "N", "number of the first sample (default: 0)"},
    [CLASS] = {0, "class", "N|all", "of that class; all: a row of each (default: sample i of class i mod classes)"},
    [PICK] = {0, "pick", "N,...", "samples of these numbers"},
    [INTERPOLATE] = {0, "interpolate", "N", "from each sample to the next in N pictures, a row each (default: 5 legs)"},
    [TRUNCATION] = {0, "truncation", "X", "noise times X: below 1 plainer and more alike, above 1 wilder (default: 1)"},
    [LATENTS] = {0, "latents", "FILE", "noise from a .npy, a row for each picture"},
    [TIMELAPSE] = {0, "timelapse", NULL, "of a run: its grids from the first to the last, in x.apng"},
    [RECONSTRUCT] = {0, "reconstruct", NULL, "pairs: a picture of the data, and what a VAE makes of it"},
    [NEAREST] = {0, "nearest", NULL, "pairs: a sample, and the picture of the data that is nearest to it pixel by pixel"},
    [DATA] = {0, "data", "DIR|NAME", "where --reconstruct and --nearest take pictures, a plot of points the data's (default: the run's)"},
    [THREADS] = {0, "threads", "N", "threads (default: all processors)"},
    [FORCE] = {0, "force", NULL, "overwrite what is there"},
};

enum { PICTURES_MOST = 10000000 };

typedef struct arguments {
    const char *model, *out, *data;
    long long count, seed, first, label, threads; /* label: -1: whatever comes */
    const char *pick, *latents;
    long long steps;
    double truncation;
    bool force, reconstruct, nearest, every_class, timelapse;
} arguments;

static bool take(void *ctx, int option, const char *value)
{
    arguments *a = ctx;
    switch (option) {
    case -1:
        if (a->model) {
            cli_wrong(&cmd_sample, "sample: one run or model, not '%s' too", value);
            return false;
        }
        a->model = value;
        return true;
    case COUNT: return cli_int(&cmd_sample, "-n", value, 1, PICTURES_MOST, &a->count);
    case OUT: a->out = value; return true;
    case SEED: return cli_int(&cmd_sample, "--seed", value, 0, 9223372036854775807, &a->seed);
    case FIRST: return cli_int(&cmd_sample, "--first", value, 0, 4000000000, &a->first);
    case CLASS:
        a->every_class = !strcmp(value, "all");
        return a->every_class || cli_int(&cmd_sample, "--class", value, 0, 255, &a->label);
    case PICK: a->pick = value; return true;
    case INTERPOLATE: return cli_int(&cmd_sample, "--interpolate", value, 2, 1000, &a->steps);
    case TRUNCATION: return cli_number(&cmd_sample, "--truncation", value, 0, 10, &a->truncation);
    case LATENTS: a->latents = value; return true;
    case TIMELAPSE: a->timelapse = true; return true;
    case RECONSTRUCT: a->reconstruct = true; return true;
    case NEAREST: a->nearest = true; return true;
    case DATA: a->data = value; return true;
    case THREADS: return cli_int(&cmd_sample, "--threads", value, 1, 256, &a->threads);
    case FORCE: a->force = true; return true;
    }
    return false;
}

/* ---- where samples go ----------------------------------------------------------------------------
 *
 * Samples come a few at a time and are put down at once: what is in memory does not grow with their number (but
 * for a grid, which is one picture and has its own limit). A row opens, takes, and closes; what cannot be is
 * refused by opening, before anything is drawn.
 */

typedef struct output {
    const arguments *a;
    gan_image one; /* the shape of a sample */
    gan_grid grid;
    gan_image picture;
    gan_idx_writer *idx, *labels;
    gan_animation *animation;
    int count;         /* pictures: samples, or twice as many in pairs */
    int classes;       /* that the model knows; 0: none */
    int each;          /* --class all: of each class, one behind the other; else 0 */
    gan_dataset *data; /* NULL: samples */
    sample_latents *latents; /* NULL: by number */
    sample_latents_params from;
} output;

static gan_status open_grid(output *o, gan_error *err)
{
    enum { PAIRS_A_ROW = 5 };
    const int columns = o->data ? 2 * PAIRS_A_ROW : o->a->steps ? (int)o->a->steps : o->each;
    o->grid = (gan_grid){o->count, o->one.height, o->one.width, o->one.channels, columns, 2, 1};
    return gan_image_grid_begin(&o->picture, &o->grid, err);
}

static gan_status take_grid(output *o, int first, int n, const uint8_t *pixels, gan_error *err)
{
    return gan_image_grid_put(&o->picture, &o->grid, first, n, pixels, err);
}

static gan_status close_png(output *o, gan_error *err)
{
    return gan_image_write_png(&o->picture, o->a->out, err);
}

static gan_status close_terminal(output *o, gan_error *err)
{
    return gan_image_print(&o->picture, stdout, cli_columns(stdout), cli_colors(stdout), err);
}

/* Which class picture i is of; -1: the model knows none. */
static int class_of(const output *o, int i)
{
    if (!o->classes || o->data)
        return -1;
    if (o->each)
        return i / o->each;
    return o->a->label >= 0 ? (int)o->a->label : (int)((o->a->first + i) % o->classes);
}

enum { LABELS_PATH = 4200 };

/* Where the labels of an IDX file go: "images" in its name becomes "labels", as data sets have it; else NAME-labels. */
static void labels_path(const char *images, char path[LABELS_PATH])
{
    const char *slash = strrchr(images, '/'), *name = slash ? slash + 1 : images, *word = strstr(name, "images"),
               *end = strstr(name, ".idx");
    if (word)
        snprintf(path, LABELS_PATH, "%.*slabels%s", (int)(word - images), images, word + strlen("images"));
    else
        snprintf(path, LABELS_PATH, "%.*s-labels%s", (int)(end - images), images, end);
    char *rank = word ? strstr(path + (word - images), "idx3") : NULL;
    if (!rank && word)
        rank = strstr(path + (word - images), "idx4");
    if (rank)
        rank[3] = '1';
}

static gan_status open_idx(output *o, gan_error *err)
{
    const int shape[4] = {o->count, o->one.height, o->one.width, o->one.channels};
    char path[LABELS_PATH];
    gan_status s = gan_idx_begin(&o->idx, o->a->out, shape, err);
    if (s != GAN_OK || class_of(o, 0) < 0)
        return s;
    labels_path(o->a->out, path);
    if (cli_exists(path) && !o->a->force)
        return cli_refuse(err, GAN_EEXISTS, path, "is there already; overwrite it with --force");
    return gan_idx_begin_labels(&o->labels, path, o->count, err);
}

static gan_status take_idx(output *o, int first, int n, const uint8_t *pixels, gan_error *err)
{
    gan_status s = gan_idx_add(o->idx, pixels, n, err);
    for (int i = 0; i < n && s == GAN_OK && o->labels; i++) {
        const uint8_t label = (uint8_t)class_of(o, first + i);
        s = gan_idx_add(o->labels, &label, 1, err);
    }
    return s;
}

static gan_status close_idx(output *o, gan_error *err)
{
    gan_idx_writer *w = o->idx, *labels = o->labels;
    o->idx = o->labels = NULL;
    const gan_status s = gan_idx_end(w, true, err);
    const gan_status t = gan_idx_end(labels, s == GAN_OK, s == GAN_OK ? err : NULL);
    return s == GAN_OK ? t : s;
}

static gan_status make_folder(const char *path, gan_error *err)
{
    const bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
    return made ? GAN_OK : cli_refuse(err, GAN_EIO, path, strerror(errno));
}

/* With classes, a folder in it for each that comes. */
static gan_status open_folder(output *o, gan_error *err)
{
    gan_status s = make_folder(o->a->out, err);
    for (int c = 0; c < o->classes && class_of(o, 0) >= 0 && s == GAN_OK; c++) {
        char path[4200];
        snprintf(path, sizeof path, "%.4000s/%d", o->a->out, c);
        if (o->a->label < 0 || o->a->label == c)
            s = make_folder(path, err);
    }
    return s;
}

static gan_status take_folder(output *o, int first, int n, const uint8_t *pixels, gan_error *err)
{
    const size_t bytes = (size_t)o->one.height * (size_t)o->one.width * (size_t)o->one.channels;
    uint8_t *copy = malloc(bytes);
    gan_image image = o->one;
    image.pixels = copy;
    gan_status s = copy ? GAN_OK : cli_refuse(err, GAN_ENOMEM, o->a->out, "out of memory");
    for (int i = 0; i < n && s == GAN_OK; i++) {
        char path[4200];
        const int label = class_of(o, first + i), number = o->each ? (first + i) % o->each : first + i;
        if (label < 0)
            snprintf(path, sizeof path, "%.4000s/%06d.png", o->a->out, number);
        else
            snprintf(path, sizeof path, "%.4000s/%d/%06d.png", o->a->out, label, number);
        memcpy(copy, pixels + (size_t)i * bytes, bytes);
        s = gan_image_write_png(&image, path, err);
    }
    free(copy);
    return s;
}

/* One after the other: each a grid of one, enlarged to what can be seen. */
static gan_status open_animation(output *o, gan_error *err)
{
    enum { DELAY_MS = 80, SEEN = 128, ZOOM_MOST = 8 };
    const int side = o->one.height > o->one.width ? o->one.height : o->one.width, zoom = SEEN / side;
    o->grid = (gan_grid){1, o->one.height, o->one.width, o->one.channels, 1, 0, zoom < 1 ? 1 : zoom > ZOOM_MOST ? ZOOM_MOST : zoom};
    return gan_animation_begin(&o->animation, o->a->out, o->count, DELAY_MS, err);
}

static gan_status take_animation(output *o, int first, int n, const uint8_t *pixels, gan_error *err)
{
    const size_t bytes = (size_t)o->one.height * (size_t)o->one.width * (size_t)o->one.channels;
    gan_status s = GAN_OK;
    (void)first;
    for (int i = 0; i < n && s == GAN_OK; i++) {
        s = gan_image_grid(&o->picture, &o->grid, pixels + (size_t)i * bytes, err);
        if (s == GAN_OK)
            s = gan_animation_add(o->animation, &o->picture, err);
        gan_image_release(&o->picture);
    }
    return s;
}

static gan_status close_animation(output *o, gan_error *err)
{
    gan_animation *a = o->animation;
    o->animation = NULL;
    return gan_animation_end(a, true, err);
}

typedef struct output_kind {
    const char *ending; /* of the path; NULL: any other */
    gan_status (*open)(output *o, gan_error *err);
    gan_status (*take)(output *o, int first, int n, const uint8_t *pixels, gan_error *err);
    gan_status (*close)(output *o, gan_error *err); /* NULL: nothing to do */
} output_kind;

static const output_kind terminal = {NULL, open_grid, take_grid, close_terminal};
static const output_kind kinds[] = {{".idx", open_idx, take_idx, close_idx},
                                    {".idx.gz", open_idx, take_idx, close_idx},
                                    {".apng", open_animation, take_animation, close_animation},
                                    {".png", open_grid, take_grid, close_png},
                                    {NULL, open_folder, take_folder, NULL}};

static const output_kind *kind_of(const char *path)
{
    const output_kind *k = kinds;
    while (path && k->ending && !cli_ends_in(path, k->ending))
        k++;
    return path ? k : &terminal;
}

/* An ending that people give pictures, and that we do not write. */
static const char *other_ending(const char *path)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".svg", ".pdf"};
    for (size_t i = 0; path && i < sizeof endings / sizeof *endings; i++)
        if (cli_ends_in(path, endings[i]))
            return endings[i];
    return NULL;
}

/* ---- drawing them --------------------------------------------------------------------------------- */

/* Pictures first .. first + n - 1 of the output. */
typedef gan_status make_fn(output *o, gan_model *model, int first, int n, uint8_t *pixels, gan_error *err);

static gan_status draw_samples(output *o, gan_model *model, int first, int n, uint8_t *pixels, gan_error *err)
{
    const size_t bytes = (size_t)o->one.height * (size_t)o->one.width * (size_t)o->one.channels;
    const uint64_t seed = (uint64_t)o->a->seed;
    gan_status s = GAN_OK;
    if (o->a->label >= 0)
        return gan_model_sample_class(model, (int)o->a->label, seed, (uint32_t)(o->a->first + first), n, pixels, err);
    if (!o->each)
        return gan_model_sample(model, seed, (uint32_t)(o->a->first + first), n, pixels, err);
    for (int i = 0, some; i < n && s == GAN_OK; i += some) { /* a row is the same noise, class by class */
        const int label = (first + i) / o->each, at = (first + i) % o->each;
        some = o->each - at < n - i ? o->each - at : n - i;
        s = gan_model_sample_class(model, label, seed, (uint32_t)(o->a->first + at), some, pixels + (size_t)i * bytes, err);
    }
    return s;
}

static gan_status draw_latents(output *o, gan_model *model, int first, int n, uint8_t *pixels, gan_error *err)
{
    return sample_latents_draw(o->latents, model, &o->from, first, n, pixels, err);
}

/* A picture of the data set, its reconstruction, the next picture, ...: all of them through the model at once, then
 * side by side. n is even. */
static gan_status make_pairs(output *o, gan_model *model, int first, int n, uint8_t *pixels, gan_error *err)
{
    const size_t bytes = (size_t)o->one.height * (size_t)o->one.width * (size_t)o->one.channels;
    const int pairs = n / 2;
    uint8_t *seen = calloc((size_t)n, bytes), *made = seen + (size_t)pairs * bytes;
    if (!seen)
        return cli_refuse(err, GAN_ENOMEM, o->a->model, "out of memory");
    for (int i = 0; i < pairs; i++)
        gan_dataset_get(o->data, (int)((o->a->first + first / 2 + i) % gan_dataset_count(o->data)),
                        seen + (size_t)i * bytes);
    const gan_status s = gan_model_reconstruct(model, pairs, seen, made, err);
    for (int i = 0; i < pairs && s == GAN_OK; i++, pixels += 2 * bytes) {
        memcpy(pixels, seen + (size_t)i * bytes, bytes);
        memcpy(pixels + bytes, made + (size_t)i * bytes, bytes);
    }
    free(seen);
    return s;
}

/* A sample, the picture nearest to it, the next sample, ... n is even. */
static gan_status make_nearest(output *o, gan_model *model, int first, int n, uint8_t *pixels, gan_error *err)
{
    const size_t bytes = (size_t)o->one.height * (size_t)o->one.width * (size_t)o->one.channels;
    const int pairs = n / 2;
    uint8_t *made = calloc((size_t)pairs, bytes);
    int *which = calloc((size_t)pairs, sizeof *which);
    uint64_t *sum = calloc((size_t)pairs, sizeof *sum);
    gan_status s = made && which && sum ? GAN_OK : cli_refuse(err, GAN_ENOMEM, o->a->model, "out of memory");
    if (s == GAN_OK)
        s = o->latents ? draw_latents(o, model, first / 2, pairs, made, err) : draw_samples(o, model, first / 2, pairs, made, err);
    if (s == GAN_OK)
        s = gan_dataset_nearest(which, sum, o->data, &(gan_dataset_nearest_params){.n = pairs, .pixels = made}, err);
    for (int i = 0; i < pairs && s == GAN_OK; i++, pixels += 2 * bytes) {
        memcpy(pixels, made + (size_t)i * bytes, bytes);
        gan_dataset_get(o->data, which[i], pixels + bytes);
    }
    free(sum);
    free(which);
    free(made);
    return s;
}

static gan_status draw(output *o, const output_kind *kind, gan_model *model, gan_error *err)
{
    enum { CHUNK = 1024 };
    const size_t bytes = (size_t)o->one.height * (size_t)o->one.width * (size_t)o->one.channels;
    make_fn *make = o->a->nearest ? make_nearest : o->data ? make_pairs : o->latents ? draw_latents : draw_samples;
    uint8_t *pixels = malloc(CHUNK * bytes);
    gan_status s = pixels ? kind->open(o, err) : cli_refuse(err, GAN_ENOMEM, o->a->model, "out of memory");
    for (int first = 0; s == GAN_OK && first < o->count; first += CHUNK) {
        const int n = o->count - first < CHUNK ? o->count - first : CHUNK;
        s = make(o, model, first, n, pixels, err);
        if (s == GAN_OK)
            s = kind->take(o, first, n, pixels, err);
    }
    if (s == GAN_OK && kind->close)
        s = kind->close(o, err);
    gan_idx_end(o->idx, false, NULL);
    gan_idx_end(o->labels, false, NULL);
    gan_animation_end(o->animation, false, NULL);
    gan_image_release(&o->picture);
    free(pixels);
    return s;
}

/* The pictures to reconstruct, or to compare with: of the same shape as the model's. */
static gan_status open_data(output *o, const gan_model *model, gan_error *err)
{
    char lay[CLI_PATH];
    const char *where = cli_data(o->a->data, o->a->model, gan_model_recipe(model), lay);
    const gan_pictures how = gan_recipe_pictures(gan_model_recipe(model));
    const gan_status s = gan_dataset_find(&o->data, where, &how, err);
    if (s != GAN_OK)
        return s;
    gan_image of_data = {0};
    gan_dataset_shape(o->data, &of_data.height, &of_data.width, &of_data.channels);
    if (of_data.height == o->one.height && of_data.width == o->one.width && of_data.channels == o->one.channels)
        return GAN_OK;
    char why[160];
    snprintf(why, sizeof why, "has pictures of %d x %d x %d, the model makes %d x %d x %d", of_data.height,
             of_data.width, of_data.channels, o->one.height, o->one.width, o->one.channels);
    return cli_refuse(err, GAN_EDATA, where, why);
}

/* Is it more than noise by number? */
static bool is_special(const arguments *a)
{
    return a->pick || a->latents || a->steps || a->truncation != 1;
}

/* ---- points ---------------------------------------------------------------------------------------- */

/* Of a model of points: over the data's in a picture, or as numbers in a file for other programs. */
static gan_status draw_points(const arguments *a, gan_model *model, const float *points, int n, gan_error *err)
{
    enum { SIDE = 512, REAL_MOST = 2500 };
    static float real[2 * REAL_MOST];
    char lay[CLI_PATH];
    const char *where = cli_data(a->data, a->model, gan_model_recipe(model), lay);
    gan_dataset *data;
    gan_image image = {0};
    gan_status s = gan_dataset_find(&data, where, NULL, err);
    if (s != GAN_OK)
        return s;
    if (!gan_dataset_real(data))
        s = cli_refuse(err, GAN_EDATA, where, "holds pictures, and the model makes points");
    else
        gan_dataset_batch(data, 0, 0, REAL_MOST, (uint8_t *)real);
    if (s == GAN_OK)
        s = gan_image_scatter(&image, SIDE, real, REAL_MOST, points, n, err);
    if (s == GAN_OK && a->out)
        s = gan_image_write_png(&image, a->out, err);
    else if (s == GAN_OK)
        s = gan_image_print(&image, stdout, cli_columns(stdout), cli_colors(stdout), err);
    gan_image_release(&image);
    gan_dataset_free(data);
    return s;
}

static gan_status write_points(const char *path, const float *points, int n, int numbers, gan_error *err)
{
    gan_features rows;
    gan_status s = gan_features_make(&rows, n, numbers, err);
    if (s != GAN_OK)
        return s;
    for (size_t i = 0; i < (size_t)n * (size_t)numbers; i++)
        rows.x[i] = (double)points[i];
    s = gan_features_write(&rows, path, err);
    gan_features_release(&rows);
    return s;
}

static gan_status sample_points(const arguments *a, gan_model *model, int numbers, gan_error *err)
{
    enum { USUAL = 2500 };
    const int n = a->count < 0 ? USUAL : (int)a->count;
    if (a->label >= 0 || a->every_class || a->reconstruct || a->nearest || is_special(a))
        return cli_refuse(err, GAN_EUNSUPPORTED, a->model, "makes points: --class, --reconstruct, --nearest, --pick, --interpolate and the like are for pictures");
    if (a->out && !cli_ends_in(a->out, ".png") && !cli_ends_in(a->out, ".npy"))
        return cli_refuse(err, GAN_EUNSUPPORTED, a->out, "samples are points: they go to a .png or a .npy");
    float *points = malloc((size_t)n * (size_t)numbers * sizeof *points);
    gan_status s = points ? gan_model_sample_floats(model, (uint64_t)a->seed, (uint32_t)a->first, n, points, err)
                          : cli_refuse(err, GAN_ENOMEM, a->model, "out of memory");
    if (s == GAN_OK && a->out && cli_ends_in(a->out, ".npy"))
        s = write_points(a->out, points, n, numbers, err);
    else if (s == GAN_OK)
        s = draw_points(a, model, points, n, err);
    free(points);
    return s;
}

static gan_status make_latents(output *o, gan_model *model, gan_error *err)
{
    const arguments *a = o->a;
    o->from = (sample_latents_params){a->pick, a->latents, (int)a->steps, (int)a->count, (int)a->label, (uint64_t)a->seed, (uint32_t)a->first,
                                      a->truncation};
    const gan_status s = sample_latents_make(&o->latents, model, &o->from, err);
    o->count = s == GAN_OK ? (a->nearest ? 2 : 1) * sample_latents_count(o->latents) : 0;
    if (a->label < 0)
        o->classes = 0; /* of pictures whose classes do not follow from their place no labels are written */
    return s;
}

static gan_status sample(arguments *a, gan_error *err)
{
    gan_team *team = NULL;
    gan_model *model = NULL;
    output o = {.a = a};
    gan_status s = GAN_OK;
    if (a->out && !*a->out)
        s = cli_refuse(err, GAN_EINVAL, "-o", "an empty name");
    else if (a->out && cli_exists(a->out) && !a->force)
        s = cli_refuse(err, GAN_EEXISTS, a->out, "is there already; overwrite it with --force");
    if (s == GAN_OK)
        s = gan_team_create(&team, (int)a->threads, err);
    if (s == GAN_OK)
        s = gan_model_open(&model, a->model, team, err);
    if (s == GAN_OK) {
        gan_model_shape(model, &o.one.height, &o.one.width, &o.one.channels);
        if (a->seed < 0)
            a->seed = gan_recipe_int(gan_model_recipe(model), "train.seed");
        o.classes = gan_model_classes(model);
    }
    if (s == GAN_OK && gan_model_real(model)) {
        s = sample_points(a, model, o.one.height * o.one.width * o.one.channels, err);
    } else if (s == GAN_OK) {
        if ((a->label >= 0 || a->every_class) && !o.classes)
            s = cli_refuse(err, GAN_EUNSUPPORTED, a->model, "knows no classes: its generator reads no labels");
        if (a->count < 0)
            a->count = a->every_class ? 10 : a->steps ? 6 : 25;
        o.each = a->every_class ? (int)a->count : 0;
        if (s == GAN_OK && a->every_class && a->count * o.classes > PICTURES_MOST)
            s = cli_refuse(err, GAN_EINVAL, "-n", "too many for all classes");
        o.count = (int)(a->reconstruct || a->nearest ? 2 * a->count : a->every_class ? a->count * o.classes : a->count);
        if (s == GAN_OK && (a->reconstruct || a->nearest))
            s = open_data(&o, model, err);
        if (s == GAN_OK && is_special(a))
            s = make_latents(&o, model, err);
        if (s == GAN_OK)
            s = draw(&o, kind_of(a->out), model, err);
    }
    sample_latents_free(o.latents);
    gan_dataset_free(o.data);
    gan_model_free(model);
    gan_team_free(team);
    return s;
}

static int run(int count, char **words)
{
    arguments a = {.count = -1, .seed = -1, .label = -1, .truncation = 1};
    gan_error err = {0};
    const int done = cli_parse(&cmd_sample, count, words, take, &a);
    if (done)
        return done - 1;
    if (!a.model)
        return cli_wrong(&cmd_sample, "sample: which run or model?");
    if (a.reconstruct && (a.label >= 0 || a.every_class))
        return cli_wrong(&cmd_sample, "sample: --class and --reconstruct do not go together");
    if ((a.pick != NULL) + (a.latents != NULL) + (a.steps > 0) + a.reconstruct > 1 || (is_special(&a) && (a.every_class || a.reconstruct)) ||
        (a.nearest && (a.reconstruct || a.every_class || a.steps)))
        return cli_wrong(&cmd_sample, "sample: --pick, --latents, --interpolate, --reconstruct and --class all do not go together, nor the last three with --nearest");
    if (other_ending(a.out))
        return cli_wrong(&cmd_sample, "sample: %s is not written; a grid is a .png, and what moves an .apng", other_ending(a.out));
    if (a.timelapse && (!a.out || !cli_ends_in(a.out, ".apng")))
        return cli_wrong(&cmd_sample, "sample: --timelapse wants -o NAME.apng");
    if ((a.pick || a.latents) && a.count >= 0)
        return cli_wrong(&cmd_sample, "sample: -n does not go with --pick and --latents, which say how many");
    if (a.steps && a.count > 1 && (a.count - 1) * a.steps > PICTURES_MOST)
        return cli_wrong(&cmd_sample, "sample: --interpolate: %lld legs of %lld pictures are more than %d", a.count - 1, a.steps, PICTURES_MOST);
    if (a.steps && a.count == 1)
        return cli_wrong(&cmd_sample, "sample: --interpolate goes from a sample to the next; -n 2 at least");
    return (a.timelapse ? sample_timelapse(a.model, a.out, a.force, &err) : sample(&a, &err)) == GAN_OK ? EXIT_OK : cli_failed(&err);
}

const cli_command cmd_sample = {
    "sample", "draw samples from a run or a model", "RUN|MODEL [options]",
    options,  sizeof options / sizeof *options,     run};
