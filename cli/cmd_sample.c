/* cmd_sample.c - gander sample: pictures from a trained generator. */
#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <errno.h>

enum { COUNT, OUT, SEED, FIRST, THREADS, FORCE };

static const cli_option options[] = {
    [COUNT] = {'n', "count", "N", "how many (default: 25)"},
    [OUT] = {'o', "output", "PATH",
             "grid.png; x.idx or x.idx.gz; else a folder of PNGs; none: the terminal"},
    [SEED] = {0, "seed", "N", "seed of the noise (default: the run's)"},
    [FIRST] = {0, "first", "N", "number of the first sample (default: 0)"},
    [THREADS] = {0, "threads", "N", "threads (default: all processors)"},
    [FORCE] = {0, "force", NULL, "overwrite what is there"},
};

typedef struct arguments {
    const char *model, *out;
    long long count, seed, first, threads;
    bool force;
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
    case COUNT: return cli_int(&cmd_sample, "-n", value, 1, 10000000, &a->count);
    case OUT: a->out = value; return true;
    case SEED: return cli_int(&cmd_sample, "--seed", value, 0, 9223372036854775807, &a->seed);
    case FIRST: return cli_int(&cmd_sample, "--first", value, 0, 4000000000, &a->first);
    case THREADS: return cli_int(&cmd_sample, "--threads", value, 1, 256, &a->threads);
    case FORCE: a->force = true; return true;
    }
    return false;
}

static bool ends_in(const char *text, const char *ending)
{
    const size_t n = strlen(text), m = strlen(ending);
    return n >= m && !strcmp(text + n - m, ending);
}

static gan_status refuse(gan_error *err, gan_status status, const char *path, const char *why)
{
    err->status = status;
    snprintf(err->message, sizeof err->message, "%.300s: %s", path, why);
    return status;
}

static gan_status write_folder(const char *dir, int n, const gan_image *one, const uint8_t *pixels,
                               gan_error *err)
{
    const size_t bytes = (size_t)one->height * (size_t)one->width * (size_t)one->channels;
    uint8_t *copy = malloc(bytes);
    gan_image image = *one;
    image.pixels = copy;
    gan_status s = copy ? GAN_OK : refuse(err, GAN_ENOMEM, dir, "out of memory");
    if (s == GAN_OK && mkdir(dir, 0777) != 0 && errno != EEXIST)
        s = refuse(err, GAN_EIO, dir, strerror(errno));
    for (int i = 0; i < n && s == GAN_OK; i++) {
        char path[4200];
        snprintf(path, sizeof path, "%.4000s/%06d.png", dir, i);
        memcpy(copy, pixels + (size_t)i * bytes, bytes);
        s = gan_image_write_png(&image, path, err);
    }
    free(copy);
    return s;
}

static gan_status show(const arguments *a, const gan_image *one, const uint8_t *pixels,
                       gan_error *err)
{
    const int shape[4] = {(int)a->count, one->height, one->width, one->channels};
    if (a->out && cli_exists(a->out) && !a->force)
        return refuse(err, GAN_EEXISTS, a->out, "is there already; overwrite it with --force");
    if (a->out && (ends_in(a->out, ".idx") || ends_in(a->out, ".idx.gz")))
        return gan_idx_write(a->out, shape, pixels, err);
    if (a->out && !ends_in(a->out, ".png"))
        return write_folder(a->out, (int)a->count, one, pixels, err);
    const gan_grid grid = {(int)a->count, one->height, one->width, one->channels, 0, 2, 1};
    gan_image image;
    gan_status s = gan_image_grid(&image, &grid, pixels, err);
    if (s == GAN_OK && a->out)
        s = gan_image_write_png(&image, a->out, err);
    else if (s == GAN_OK)
        s = gan_image_print(&image, stdout, cli_columns(stdout), cli_colors(stdout), err);
    gan_image_release(&image);
    return s;
}

static gan_status sample(arguments *a, gan_error *err)
{
    gan_team *team = NULL;
    gan_model *model = NULL;
    gan_image one = {0};
    uint8_t *pixels = NULL;
    gan_status s = gan_team_create(&team, (int)a->threads, err);
    if (s == GAN_OK)
        s = gan_model_open(&model, a->model, team, err);
    if (s == GAN_OK) {
        gan_model_shape(model, &one.height, &one.width, &one.channels);
        pixels = malloc((size_t)a->count * (size_t)one.height * (size_t)one.width *
                        (size_t)one.channels);
        if (a->seed < 0)
            a->seed = gan_recipe_int(gan_model_recipe(model), "train.seed");
        s = pixels ? gan_model_sample(model, (uint64_t)a->seed, (uint32_t)a->first, (int)a->count,
                                      pixels, err)
                   : refuse(err, GAN_ENOMEM, a->model, "out of memory for that many samples");
    }
    if (s == GAN_OK)
        s = show(a, &one, pixels, err);
    free(pixels);
    gan_model_free(model);
    gan_team_free(team);
    return s;
}

static int run(int count, char **words)
{
    arguments a = {.count = 25, .seed = -1};
    gan_error err = {0};
    const int done = cli_parse(&cmd_sample, count, words, take, &a);
    if (done)
        return done - 1;
    if (!a.model)
        return cli_wrong(&cmd_sample, "sample: which run or model?");
    return sample(&a, &err) == GAN_OK ? EXIT_OK : cli_failed(&err);
}

const cli_command cmd_sample = {
    "sample", "draw samples from a run or a model", "RUN|MODEL [options]",
    options,  sizeof options / sizeof *options,     run};
