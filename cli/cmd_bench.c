/* cmd_bench.c - gander bench: how fast this machine trains and samples, and how near that is to its peak; and, of toy sets, how
 * many modes are found. */
#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS, SECONDS, JSON, PEAK, SEEDS, KEEP, ROW, SET };
enum { SETS_MAX = 16, SEEDS_USUAL = 10 };

static const cli_option options[] = {
    [THREADS] = {0, "threads", "N", "threads (default: all processors)"},
    [SECONDS] = {0, "seconds", "S", "time for each figure (default: 2)"},
    [JSON] = {0, "json", NULL, "one line for a program to read"},
    [PEAK] = {0, "peak", NULL, "the machine's peaks alone"},
    [SEEDS] = {0, "seeds", "N", "modes: runs of each row (default: 10)"},
    [KEEP] = {0, "keep", "FILE", "modes: remember finished runs there, and do not run them again"},
    [ROW] = {0, "row", "NAME", "modes: that row alone (\"minimax\")"},
    [SET] = {0, "set", "KEY=VALUE", "modes: change a setting of every row; may be repeated"},
};

typedef struct arguments {
    const char *recipe, *points; /* points: the set of `bench modes SET` */
    const char *keep, *row, *set[SETS_MAX];
    int sets;
    long long threads, seeds;
    double seconds;
    bool json, peak;
} arguments;

static bool take(void *ctx, int option, const char *value)
{
    arguments *a = ctx;
    switch (option) {
    case -1:
        if (a->recipe && !strcmp(a->recipe, "modes") && !a->points) {
            a->points = value;
            return true;
        }
        if (a->recipe) {
            cli_wrong(&cmd_bench, "bench: one recipe, not '%s' too", value);
            return false;
        }
        a->recipe = value;
        return true;
    case THREADS: return cli_int(&cmd_bench, "--threads", value, 1, 256, &a->threads);
    case SECONDS: return cli_number(&cmd_bench, "--seconds", value, 0.01, 3600, &a->seconds);
    case JSON: a->json = true; return true;
    case PEAK: a->peak = true; return true;
    case SEEDS: return cli_int(&cmd_bench, "--seeds", value, 1, 1000, &a->seeds);
    case KEEP: a->keep = value; return true;
    case ROW: a->row = value; return true;
    case SET:
        if (a->sets == SETS_MAX) {
            cli_wrong(&cmd_bench, "bench: more than %d settings", SETS_MAX);
            return false;
        }
        a->set[a->sets++] = value;
        return true;
    }
    return false;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What was measured; words between figures where a person reads, keys where a program does. */
typedef struct report {
    const arguments *a;
    int threads, rows;
    double flops;
} report;

enum { L3_BYTES = 4 << 20, MEMORY_BYTES = 256 << 20 };

static void measure_machine(report *r, gan_team *team)
{
    const double s = r->a->seconds / 4;
    r->flops = gan_machine_flops(team, s);
    const double one = r->threads > 1 ? gan_machine_flops(NULL, s) : r->flops;
    const double l3 = gan_machine_read(team, L3_BYTES, s), memory = gan_machine_read(team, MEMORY_BYTES, s);
    if (r->a->json)
        printf("{\"version\":\"%s\",\"form\":\"%s\",\"threads\":%d,\"peak_gflops\":%.1f,"
               "\"peak_gflops_one\":%.1f,\"read_4mb_gbs\":%.1f,\"read_256mb_gbs\":%.1f",
               gan_version(), gan_isa(), r->threads, r->flops / 1e9, one / 1e9, l3 / 1e9, memory / 1e9);
    else
        printf("this machine   %s, %d thread%s: %.0f GFLOP/s at most (one thread %.0f); reads %.0f GB/s of 4 MB, "
               "%.0f of 256 MB\n",
               gan_isa(), r->threads, r->threads == 1 ? "" : "s", r->flops / 1e9, one / 1e9, l3 / 1e9,
               memory / 1e9);
    fflush(stdout);
}

static void report_training(report *r, const char *name, const gan_recipe *recipe, double rate, double flop)
{
    const long long batch = gan_recipe_int(recipe, "train.batch"),
                    images = batch * (gan_recipe_has(recipe, "train.d_steps") ? gan_recipe_int(recipe, "train.d_steps") : 1);
    if (r->a->json)
        printf("%s{\"recipe\":\"%s\",\"batch\":%lld,\"rate\":%.6g,\"images_per_second\":%.0f,"
               "\"gflops\":%.2f,\"share\":%.4f}",
               r->rows++ ? "," : ",\"training\":[", name, batch, rate, rate * (double)images, rate * flop / 1e9,
               rate * flop / r->flops);
    else
        printf("%-14s batch %-4lld %8.1f iterations/s  %9.0f images/s  %6.0f GFLOP/s, %.0f %% of peak\n", name,
               batch, rate, rate * (double)images, rate * flop / 1e9, 100 * rate * flop / r->flops);
    fflush(stdout);
}

/* Iterations that only train: no metrics, no files. */
static double training_rate(gan_trainer *t, double seconds, gan_error *err)
{
    for (int i = 0; i < 3; i++)
        if (gan_trainer_step(t, NULL, err) != GAN_OK)
            return 0;
    const double began = now();
    for (long n = 1;; n++) {
        if (gan_trainer_step(t, NULL, err) != GAN_OK)
            return 0;
        const double passed = now() - began;
        if (passed >= seconds)
            return (double)n / passed;
    }
}

static void sampling(report *r, gan_trainer *t, size_t numbers, bool points, gan_error *err)
{
    enum { MANY = 640 };
    static const int counts[] = {1, 64, MANY};
    double best[3];
    void *samples = malloc(MANY * numbers * (points ? sizeof(float) : 1));
    for (int i = 0; samples && i < 3; i++) {
        best[i] = 1e9;
        for (const double began = now(); now() - began < r->a->seconds / 3;) {
            const double at = now();
            if (points)
                gan_trainer_sample_floats(t, 0, counts[i], samples, err);
            else
                gan_trainer_sample(t, 0, counts[i], samples, err);
            best[i] = now() - at < best[i] ? now() - at : best[i];
        }
    }
    free(samples);
    if (r->a->json)
        printf(",\"sample_us\":%.2f,\"sample_64_us\":%.2f,\"samples_per_second\":%.0f", 1e6 * best[0],
               1e6 * best[1], MANY / best[2]);
    else
        printf("samples        one in %.0f us, 64 in %.0f us, %.0f a second\n", 1e6 * best[0], 1e6 * best[1],
               MANY / best[2]);
}

/* One recipe at one batch size (0: its own); with_samples: its generator's speed too. */
static gan_status one(report *r, const char *name, const char *batch, const gan_dataset *data,
                      gan_team *team, bool with_samples, gan_error *err)
{
    gan_recipe *recipe;
    gan_trainer *t = NULL;
    int h, w, c;
    gan_dataset_shape(data, &h, &w, &c);
    gan_status s = gan_recipe_load(&recipe, name, err);
    if (s == GAN_OK && batch)
        s = gan_recipe_set(recipe, "train.batch", batch, err);
    if (s == GAN_OK)
        s = gan_recipe_check(recipe, err);
    if (s == GAN_OK)
        s = gan_trainer_create(&t, recipe, data, team, err);
    if (s == GAN_OK && with_samples) {
        if (r->a->json)
            fputs(r->rows ? "]" : "", stdout);
        sampling(r, t, (size_t)h * (size_t)w * (size_t)c, gan_dataset_real(data), err);
    } else if (s == GAN_OK) {
        report_training(r, name, recipe, training_rate(t, r->a->seconds, err), gan_trainer_flops(t));
    }
    gan_trainer_free(t);
    gan_recipe_free(recipe);
    return s;
}

/* Pictures of any size whose bytes are functions of where they stand, labels i mod 10: speed does not ask what they show. */
static gan_status noise(gan_dataset **out, int height, int width, int channels, gan_error *err)
{
    enum { COUNT = 1024 };
    const size_t bytes = (size_t)COUNT * (size_t)height * (size_t)width * (size_t)channels;
    const int shape[4] = {COUNT, height, width, channels};
    uint8_t *pixels = malloc(bytes), labels[COUNT];
    if (!pixels)
        return cli_refuse(err, GAN_ENOMEM, "bench", "out of memory");
    for (size_t i = 0; i < bytes; i++)
        pixels[i] = (uint8_t)(((uint32_t)i * 2654435761u) >> 24);
    for (int i = 0; i < COUNT; i++)
        labels[i] = (uint8_t)(i % 10);
    const gan_status s = gan_dataset_from_bytes(out, "noise", shape, pixels, labels, err);
    free(pixels);
    return s;
}

/* Digits that the program draws, or for a recipe of pictures of another size noise. */
static gan_status data_for(gan_dataset **out, const char *recipe, gan_error *err)
{
    gan_recipe *r = NULL;
    *out = NULL;
    int height = 0, width = 0, channels = 0;
    gan_status s = recipe ? gan_recipe_load(&r, recipe, err) : GAN_OK;
    if (s == GAN_OK && r)
        s = gan_recipe_picture(r, &height, &width, &channels, err);
    const bool points = s == GAN_OK && r && gan_dataset_named(out, gan_recipe_text(r, "data.set"), NULL) == GAN_OK &&
                        gan_dataset_real(*out);
    gan_recipe_free(r);
    if (s != GAN_OK || points)
        return s;
    gan_dataset_free(*out);
    if (!height || (height == 28 && width == 28 && channels == 1))
        return gan_dataset_named(out, "strokes", err);
    return noise(out, height, width, channels, err);
}

static gan_status everything(report *r, gan_team *team, gan_error *err)
{
    static const char *const recipes[] = {"article", "steady"}, *const batches[] = {"16", "64", "128"};
    gan_dataset *data = NULL;
    gan_status s = data_for(&data, r->a->recipe, err);
    if (s == GAN_OK && r->a->recipe)
        s = one(r, r->a->recipe, NULL, data, team, false, err);
    for (int i = 0; i < 2 && s == GAN_OK && !r->a->recipe; i++)
        for (int b = 0; b < 3 && s == GAN_OK; b++)
            s = one(r, recipes[i], batches[b], data, team, false, err);
    if (s == GAN_OK)
        s = one(r, r->a->recipe ? r->a->recipe : "article", NULL, data, team, true, err);
    gan_dataset_free(data);
    return s;
}

static int run(int count, char **words)
{
    arguments a = {.seconds = 2, .seeds = -1};
    gan_error err = {0};
    gan_team *team;
    const int done = cli_parse(&cmd_bench, count, words, take, &a);
    if (done)
        return done - 1;
    if (a.peak && a.recipe)
        return cli_wrong(&cmd_bench, "bench: --peak measures no recipe");
    if (!strcmp(gan_isa(), "none"))
        return cli_wrong(&cmd_bench, "GAN_ISA=%s: not a form that this processor can run; portable, avx2 and avx512 "
                                     "exist", getenv("GAN_ISA"));
    const bool modes = a.recipe && !strcmp(a.recipe, "modes");
    if (!modes && (a.seeds > 0 || a.keep || a.row || a.sets))
        return cli_wrong(&cmd_bench, "bench: --seeds, --keep, --row and --set go with `bench modes`");
    if (modes && a.json)
        return cli_wrong(&cmd_bench, "bench modes: there is no --json; --keep FILE is for programs");
    gan_status s = gan_team_create(&team, (int)a.threads, &err);
    if (s != GAN_OK)
        return cli_failed(&err);
    if (modes) {
        const bench_modes_params p = {.only = a.points, .row = a.row, .set = a.set, .sets = a.sets, .keep = a.keep,
                                      .seeds = a.seeds > 0 ? (int)a.seeds : SEEDS_USUAL, .threads = gan_team_threads(team)};
        s = bench_modes(&p, &err);
        gan_team_free(team);
        return s == GAN_OK ? EXIT_OK : cli_failed(&err);
    }
    report r = {.a = &a, .threads = gan_team_threads(team)};
    measure_machine(&r, team);
    if (!a.peak)
        s = everything(&r, team, &err);
    if (a.json)
        puts("}");
    gan_team_free(team);
    return s == GAN_OK ? EXIT_OK : cli_failed(&err);
}

const cli_command cmd_bench = {
    "bench",
    "how fast this machine trains, as a share of its peak; how many modes are found",
    "[RECIPE] [options]        RECIPE: a built-in name or an .ini file (default: article and steady)\n"
    "       gander bench modes [ring|grid]    modes found over seeds, by objective, beside published figures",
    options,
    sizeof options / sizeof *options,
    run,
};
