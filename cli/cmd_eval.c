/* cmd_eval.c - gander eval: how good are samples? */
#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DATA, COUNT, OUT, SEED, FEATURES, FROM, REAL, HELD, CLOSEST, AUGMENT, DRAWS, THREADS, FORCE };

static const cli_option options[] = {
    [DATA] = {0, "data", "DIR|NAME", "what the samples should be like (default: what the run was trained on)"},
    [COUNT] = {'n', "count", "N", "samples (default: 10,000, or as many as there are)"},
    [OUT] = {'o', "output", "FILE", "the figures as JSON (default: RUN/eval.json of a run)"},
    [SEED] = {0, "seed", "N", "seed of the noise (default: the run's)"},
    [FEATURES] = {0, "features", "FILE.npy", "write the samples' features, and FILE-real.npy: those they are measured against"},
    [FROM] = {0, "features-from", "FILE.npy", "samples are these features, of any net; --real goes with it"},
    [REAL] = {0, "real", "FILE.npy", "features of real pictures, of the same net"},
    [HELD] = {0, "held-out", "FILE.npy", "features of other real pictures: the floors"},
    [CLOSEST] = {0, "closest", "FILE.png", "the 16 samples nearest to a training picture, each beside it"},
    [AUGMENT] = {0, "augment", NULL, "what labelled samples are worth to a classifier: alone, and beside real pictures (tens of minutes)"},
    [DRAWS] = {0, "draws", "N", "with --augment: choices of pictures and seeds (default: 5)"},
    [THREADS] = {0, "threads", "N", "threads (default: all processors)"},
    [FORCE] = {0, "force", NULL, "overwrite what is there"},
};

typedef struct arguments {
    const char *what, *data, *out, *features, *from, *real, *held, *closest;
    long long count, seed, threads, draws; /* -1: not said */
    bool force, augment;
} arguments;

static bool take(void *ctx, int option, const char *value)
{
    arguments *a = ctx;
    switch (option) {
    case -1:
        if (a->what) {
            cli_wrong(&cmd_eval, "eval: one run, model, file or folder, not '%s' too", value);
            return false;
        }
        a->what = value;
        return true;
    case DATA: a->data = value; return true;
    case COUNT: return cli_int(&cmd_eval, "-n", value, 1, 1000000, &a->count);
    case OUT: a->out = value; return true;
    case SEED: return cli_int(&cmd_eval, "--seed", value, 0, 9223372036854775807, &a->seed);
    case FEATURES: a->features = value; return true;
    case FROM: a->from = value; return true;
    case REAL: a->real = value; return true;
    case HELD: a->held = value; return true;
    case CLOSEST: a->closest = value; return true;
    case AUGMENT: a->augment = true; return true;
    case DRAWS: return cli_int(&cmd_eval, "--draws", value, 2, 100, &a->draws);
    case THREADS: return cli_int(&cmd_eval, "--threads", value, 1, 256, &a->threads);
    case FORCE: a->force = true; return true;
    }
    return false;
}

/* ---- what is measured ---------------------------------------------------------------------------- */

/* Everything that is opened, and the samples. */
typedef struct evaluation {
    arguments *a;
    gan_team *team;
    gan_model *model; /* NULL: pictures from files */
    gan_dataset *pictures, *train, *held;
    gan_model *net, *channel_net; /* channel_net: of the set that each channel is a picture of */
    char net_sha256[65], out[4200];
    uint8_t *pixels, *labels; /* labels: NULL: nobody asked */
    float *points;            /* in place of pixels */
    int n;
    bool perhaps_trained; /* the held-out pictures */
    bool is_augmented;
    gan_eval eval;
    gan_augmented augmented[GAN_AUGMENT_ROWS];
} evaluation;

static void release(evaluation *b)
{
    gan_eval_release(&b->eval);
    gan_model_free(b->model);
    gan_model_free(b->net);
    gan_model_free(b->channel_net);
    gan_dataset_free(b->pictures);
    gan_dataset_free(b->train);
    gan_dataset_free(b->held);
    gan_team_free(b->team);
    free(b->pixels);
    free(b->points);
    free(b->labels);
}

static bool has_model(const char *path)
{
    char file[4200];
    struct stat st;
    snprintf(file, sizeof file, "%.4000s/model.safetensors", path);
    return cli_ends_in(path, ".safetensors") || stat(file, &st) == 0;
}

static gan_status open_samples(evaluation *b, gan_error *err)
{
    arguments *a = b->a;
    if (!has_model(a->what))
        return gan_dataset_open(&b->pictures, a->what, NULL, err);
    gan_status s = gan_model_open(&b->model, a->what, b->team, err);
    if (s == GAN_OK && !cli_ends_in(a->what, ".safetensors") && !a->out) {
        snprintf(b->out, sizeof b->out, "%.4000s/eval.json", a->what); /* a run's own: made anew each time */
        a->out = b->out;
    }
    return s;
}

/* ---- what it is measured against ------------------------------------------------------------------ */

/* As the run had it: what its recipe holds out was not trained on. */
static gan_status open_data(evaluation *b, gan_error *err)
{
    const gan_recipe *recipe = b->model ? gan_model_recipe(b->model) : NULL;
    char lay[CLI_PATH];
    const char *where = cli_data(b->a->data, b->a->what, recipe, lay);
    const double share = recipe ? gan_recipe_number(recipe, "data.holdout") : 0;
    gan_dataset *whole = NULL;
    const gan_pictures how = gan_recipe_pictures(recipe);
    gan_status s = where ? gan_dataset_find(&whole, where, &how, err) : cli_refuse(err, GAN_EINVAL, b->a->what, "--data says what it should be like");
    if (s == GAN_OK && share > 0) {
        s = gan_dataset_split(&b->train, &b->held, whole, share, err);
        gan_dataset_free(whole);
        return s;
    }
    b->train = whole;
    if (s != GAN_OK || gan_dataset_test(&b->held, whole, NULL) == GAN_OK)
        return s;
    enum { FEW = 700 }; /* a seventh, as MNIST has it */
    if (b->model || gan_dataset_count(whole) < FEW)
        return GAN_OK; /* a run was trained on all of it; of few pictures none can be spared */
    b->train = NULL;
    b->perhaps_trained = true; /* another program's samples: its model may have seen all of the set */
    s = gan_dataset_split(&b->train, &b->held, whole, 1.0 / 7, err);
    gan_dataset_free(whole);
    return s;
}

static gan_status check_shape(const evaluation *b, gan_error *err)
{
    const bool points = b->model && gan_model_real(b->model);
    int made[3], want[3];
    char why[200];
    if (points != gan_dataset_real(b->train))
        return cli_refuse(err, GAN_EDATA, b->a->what, points ? "makes points, and the data is pictures" : "is pictures, and the data points");
    if (points && b->a->closest)
        return cli_refuse(err, GAN_EUNSUPPORTED, "--closest", "is for pictures");
    gan_dataset_shape(b->train, &want[0], &want[1], &want[2]);
    if (b->model)
        gan_model_shape(b->model, &made[0], &made[1], &made[2]);
    else
        gan_dataset_shape(b->pictures, &made[0], &made[1], &made[2]);
    if (!memcmp(made, want, sizeof made))
        return GAN_OK;
    snprintf(why, sizeof why, "pictures of %d x %d x %d, and %.60s has %d x %d x %d", made[0], made[1], made[2],
             gan_dataset_name(b->train), want[0], want[1], want[2]);
    return cli_refuse(err, GAN_EDATA, b->a->what, why);
}

enum { ORDER = 0 }; /* measure.h: the seed by which the training pictures are numbered */

/* ---- drawing ------------------------------------------------------------------------------------- */

static uint64_t seed_of(const evaluation *b)
{
    return b->a->seed < 0 ? (uint64_t)gan_recipe_int(gan_model_recipe(b->model), "train.seed") : (uint64_t)b->a->seed;
}

static gan_status draw_points(evaluation *b, size_t item, gan_error *err)
{
    b->points = malloc((size_t)b->n * item * sizeof *b->points);
    return b->points ? gan_model_sample_floats(b->model, seed_of(b), 0, b->n, b->points, err)
                     : cli_refuse(err, GAN_ENOMEM, b->a->what, "out of memory");
}

/* Of as many classes as the model draws sample i is of class i mod classes. */
static gan_status draw(evaluation *b, size_t item, gan_error *err)
{
    const int classes = gan_model_classes(b->model);
    b->pixels = malloc((size_t)b->n * item);
    b->labels = classes ? malloc((size_t)b->n) : NULL;
    if (!b->pixels || (classes && !b->labels))
        return cli_refuse(err, GAN_ENOMEM, b->a->what, "out of memory");
    for (int i = 0; i < b->n && classes; i++)
        b->labels[i] = (uint8_t)(i % classes);
    return gan_model_sample(b->model, seed_of(b), 0, b->n, b->pixels, err);
}

static gan_status copy_pictures(evaluation *b, size_t item, gan_error *err)
{
    const uint8_t *labels = gan_dataset_labels(b->pictures);
    b->pixels = malloc((size_t)b->n * item);
    b->labels = labels ? malloc((size_t)b->n) : NULL;
    if (!b->pixels || (labels && !b->labels))
        return cli_refuse(err, GAN_ENOMEM, b->a->what, "out of memory");
    for (int i = 0, which; i < b->n; i++) { /* shuffled: a file may be sorted by class, and not all of it be asked for */
        gan_dataset_order(b->pictures, ORDER, (uint64_t)i, 1, &which);
        gan_dataset_get(b->pictures, which, b->pixels + (size_t)i * item);
        if (labels)
            b->labels[i] = labels[which];
    }
    return GAN_OK;
}

static gan_status get_samples(evaluation *b, gan_error *err)
{
    enum { USUAL = 10000 };
    int h, w, c;
    gan_dataset_shape(b->train, &h, &w, &c);
    const size_t item = (size_t)h * (size_t)w * (size_t)c;
    const bool points = gan_dataset_real(b->train);
    const int there = b->model ? USUAL : gan_dataset_count(b->pictures);
    b->n = b->a->count > 0 ? (int)b->a->count : there < USUAL ? there : USUAL;
    if (!b->model && b->n > there)
        return cli_refuse(err, GAN_EINVAL, b->a->what, "has fewer pictures than -n asks for");
    return points ? draw_points(b, item, err) : b->model ? draw(b, item, err) : copy_pictures(b, item, err);
}

/* ---- results ------------------------------------------------------------------------------------- */

/* "f.npy" for the samples, "f-real.npy" for what they met. */
static void real_features_path(const char *features, char path[4200])
{
    const size_t n = strlen(features), stem = n - (cli_ends_in(features, ".npy") ? 4 : 0);
    snprintf(path, 4200, "%.*s-real.npy", (int)(stem < 4000 ? stem : 4000), features);
}

static gan_status write_features(const evaluation *b, gan_error *err)
{
    char path[4200];
    real_features_path(b->a->features, path);
    const gan_status s = gan_features_write(&b->eval.features, b->a->features, err);
    return s == GAN_OK ? gan_features_write(&b->eval.real, path, err) : s;
}

static const double *distances; /* qsort passes no context */

static int by_distance(const void *a, const void *b)
{
    const double x = distances[*(const int *)a], y = distances[*(const int *)b];
    return x != y ? (x > y) - (x < y) : (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

static gan_status write_closest(const evaluation *b, gan_error *err)
{
    enum { PAIRS = 16, COLUMNS = 8 };
    int h, w, c;
    gan_dataset_shape(b->train, &h, &w, &c);
    const size_t item = (size_t)h * (size_t)w * (size_t)c;
    const int n = b->n < PAIRS ? b->n : PAIRS;
    const gan_grid grid = {2 * n, h, w, c, COLUMNS, 2, h < 48 ? 2 : 1};
    gan_image picture = {0};
    int *order = malloc((size_t)b->n * sizeof *order);
    uint8_t *pixels = malloc(2 * PAIRS * item);
    gan_status s = order && pixels ? GAN_OK : cli_refuse(err, GAN_ENOMEM, b->a->closest, "out of memory");
    for (int i = 0; i < b->n && s == GAN_OK; i++)
        order[i] = i;
    distances = b->eval.distance;
    if (s == GAN_OK)
        qsort(order, (size_t)b->n, sizeof *order, by_distance);
    for (int i = 0; i < n && s == GAN_OK; i++) {
        int nearest;
        gan_dataset_order(b->train, ORDER, (uint64_t)b->eval.nearest[order[i]], 1, &nearest);
        memcpy(pixels + (size_t)(2 * i) * item, b->pixels + (size_t)order[i] * item, item);
        gan_dataset_get(b->train, nearest, pixels + (size_t)(2 * i + 1) * item);
    }
    if (s == GAN_OK)
        s = gan_image_grid(&picture, &grid, pixels, err);
    if (s == GAN_OK)
        s = gan_image_write_png(&picture, b->a->closest, err);
    gan_image_release(&picture);
    free(order);
    free(pixels);
    return s;
}

static gan_status report(evaluation *b, gan_error *err)
{
    const bool own = b->train != NULL;
    const char *net = b->net ? "features" : "";
    const gan_eval_about about = {.samples = b->a->from ? b->a->from : b->a->what,
                                  .data = own ? gan_dataset_name(b->train) : b->a->real,
                                  .net = net,
                                  .net_sha256 = b->net_sha256,
                                  .data_sha256 = own ? gan_dataset_sha256(b->train) : "",
                                  .augmented = b->is_augmented ? b->augmented : NULL,
                                  .draws = (int)b->a->draws};
    gan_status s = GAN_OK;
    gan_eval_print(&b->eval, &about, stdout);
    if (b->a->out)
        s = gan_eval_write(&b->eval, &about, b->a->out, err);
    if (s == GAN_OK && b->a->features)
        s = write_features(b, err);
    return s == GAN_OK && b->a->closest ? write_closest(b, err) : s;
}

/* ---- the command --------------------------------------------------------------------------------- */

static void say(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "%s\n", line);
}

/* The net that reads each channel of a stacked set. */
static gan_status open_channel_net(evaluation *b, gan_error *err)
{
    gan_dataset *single;
    char name[65];
    gan_status s = gan_dataset_named(&single, gan_dataset_stacked(b->train), err);
    if (s != GAN_OK)
        return s;
    s = gan_feature_net(&b->channel_net, name, single, b->team, say, NULL, err);
    gan_dataset_free(single);
    return s;
}

static gan_status of_pictures(evaluation *b, gan_error *err)
{
    gan_status s = open_samples(b, err);
    if (s == GAN_OK)
        s = open_data(b, err);
    if (s == GAN_OK)
        s = check_shape(b, err);
    if (s == GAN_OK)
        s = get_samples(b, err);
    gan_eval_params p = {.pixels = b->pixels, .points = b->points, .labels = b->labels, .n = b->n, .train = b->train, .held = b->held,
                         .perhaps_trained = b->perhaps_trained, .team = b->team};
    if (s == GAN_OK && b->a->augment)
        s = gan_augment_check(&p, (int)b->a->draws, err);
    if (s == GAN_OK && !b->points)
        s = gan_feature_net(&b->net, b->net_sha256, b->train, b->team, say, NULL, err);
    if (s == GAN_OK && gan_dataset_stacked(b->train))
        s = open_channel_net(b, err);
    p.model = b->model;
    p.seed = b->model ? seed_of(b) : 0;
    p.net = b->net;
    p.channel_net = b->channel_net;
    return s == GAN_OK ? gan_eval_make(&b->eval, &p, err) : s;
}

/* Tens of classifiers; where they fail, what was measured before is reported all the same. */
static gan_status augment(evaluation *b, gan_error *err)
{
    const gan_eval_params p = {.pixels = b->pixels, .labels = b->labels, .n = b->n, .train = b->train, .held = b->held, .team = b->team};
    const gan_status s = gan_augment(b->augmented, &p, (int)b->a->draws, say, NULL, err);
    b->is_augmented = s == GAN_OK;
    return s;
}

static gan_status of_features(evaluation *b, gan_error *err)
{
    gan_features samples = {0}, real = {0}, held = {0};
    gan_status s = gan_features_read(&samples, b->a->from, err);
    if (s == GAN_OK)
        s = gan_features_read(&real, b->a->real, err);
    if (s == GAN_OK && b->a->held)
        s = gan_features_read(&held, b->a->held, err);
    if (s == GAN_OK)
        s = gan_eval_features(&b->eval, &samples, &real, held.n ? &held : NULL, b->team, err);
    gan_features_release(&samples);
    gan_features_release(&real);
    gan_features_release(&held);
    return s;
}

/* Is there a folder that a file of this name can be made in? */
static bool has_folder(const char *path)
{
    char folder[4200] = ".";
    const char *slash = strrchr(path, '/');
    if (slash)
        snprintf(folder, sizeof folder, "%.*s", slash > path ? (int)(slash - path) : 1, path);
    return access(folder, W_OK | X_OK) == 0;
}

/* Nothing is measured for a place that cannot be written to. */
static gan_status check_places(const arguments *a, gan_error *err)
{
    char real[4200] = "";
    if (a->features)
        real_features_path(a->features, real);
    const char *const places[] = {a->out, a->features, a->closest, a->features ? real : NULL};
    for (int i = 0; i < 4; i++) {
        if (places[i] && cli_exists(places[i]) && !a->force)
            return cli_refuse(err, GAN_EEXISTS, places[i], "is there already; overwrite it with --force");
        if (places[i] && !has_folder(places[i]))
            return cli_refuse(err, GAN_EIO, places[i], "cannot be written: its folder is not there, or not yours");
    }
    return GAN_OK;
}

static gan_status eval(arguments *a, gan_error *err)
{
    evaluation b = {.a = a};
    gan_status s = check_places(a, err);
    if (s == GAN_OK)
        s = gan_team_create(&b.team, (int)a->threads, err);
    if (s == GAN_OK)
        s = a->from ? of_features(&b, err) : of_pictures(&b, err);
    const gan_status augmented = s == GAN_OK && a->augment ? augment(&b, err) : GAN_OK;
    if (s == GAN_OK)
        s = report(&b, augmented == GAN_OK ? err : NULL);
    release(&b);
    return s == GAN_OK ? augmented : s;
}

static int run(int count, char **words)
{
    enum { DRAWS_USUAL = 5 };
    arguments a = {.count = -1, .seed = -1, .draws = -1};
    gan_error err = {0};
    const int done = cli_parse(&cmd_eval, count, words, take, &a);
    if (done)
        return done - 1;
    if (!a.what == !a.from)
        return cli_wrong(&cmd_eval, a.what ? "eval: '%s' and --features-from: one of them" : "eval: what is to be measured?",
                         a.what);
    if (!a.from != !a.real)
        return cli_wrong(&cmd_eval, "eval: --features-from and --real go together");
    if (a.draws > 0 && !a.augment)
        return cli_wrong(&cmd_eval, "eval: --draws goes with --augment");
    a.draws = a.draws > 0 ? a.draws : DRAWS_USUAL;
    if (a.from && (a.data || a.closest || a.augment || a.features || a.count > 0 || a.seed >= 0))
        return cli_wrong(&cmd_eval, "eval: features are measured as they are: --data, -n, --seed, --closest, --augment, --features do not go "
                                    "with them");
    if (a.held && !a.from)
        return cli_wrong(&cmd_eval, "eval: --held-out goes with --features-from");
    if (a.what && !a.data && !has_model(a.what))
        return cli_wrong(&cmd_eval, "eval: %s is no run or model: --data says what its pictures should be like", a.what);
    return eval(&a, &err) == GAN_OK ? EXIT_OK : cli_failed(&err);
}

const cli_command cmd_eval = {
    "eval",  "measure how good samples are", "RUN|MODEL|IDX|DIR [--data SET] [options]",
    options, sizeof options / sizeof *options, run};
