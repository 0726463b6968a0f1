/* bench_modes.c - gander bench modes: how many modes does a generator find? The literature's protocol over seeds, beside its
 * published figures.
 *
 * Each row trains its recipe from seed 1, 2, ..., draws 2,500 samples of each, and counts (measure.h): modes with a sample within
 * three standard deviations, the share of such samples, the reverse KL. Runs do not see each other, so they are shared among
 * threads; each takes one. A file (--keep) remembers what was measured, a line a run, and what stands there is not run again.
 */
#include "command.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 2500, SETTINGS_MAX = 8, FIGURES = 3 };
enum { FOUND, QUALITY, KL };
static const char *const keys[FIGURES] = {"modes", "quality", "mode_kl"};

/* As the articles have it: no penalties, no average, a constant rate. */
#define PLAIN "train.r1=0", "train.r2=0", "train.optimizer=adam 1e-3 0.5 0.999", "train.schedule=constant", "train.average=0"

typedef struct row {
    const char *set, *name, *recipe;
    const char *setting[SETTINGS_MAX];
    const char *published; /* modes, beside it */
} row;

/* Published: Lin et al. 2018 (PacGAN), arXiv:1712.04086, of 10 runs; nets of like sizes. */
static const row rows[] = {
    {"ring", "minimax", "ring", {"train.objective=minimax", PLAIN}, "GAN 6.3"},
    {"ring", "minimax, pack 2", "ring", {"train.objective=minimax", "train.pack=2", PLAIN}, "PacGAN2 7.9"},
    {"ring", "nonsaturating", "ring", {"train.objective=nonsaturating", PLAIN}, ""},
    {"ring", "relativistic + R1 + R2", "ring", {NULL}, ""},
    {"grid", "minimax", "grid", {"train.objective=minimax", PLAIN}, "GAN 17.3"},
    {"grid", "minimax, pack 4", "grid", {"train.objective=minimax", "train.pack=4", PLAIN}, "PacGAN4 24.8"},
    {"grid", "nonsaturating", "grid", {"train.objective=nonsaturating", PLAIN}, ""},
    {"grid", "relativistic + R1 + R2", "grid", {NULL}, ""},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* One seed of one row. */
typedef struct job {
    const row *of;
    int seed;
    bool done;
    double figure[FIGURES];
} job;

typedef struct work {
    const bench_modes_params *p;
    gan_dataset *set[ROWS];
    job *jobs;
    int count, next;
    FILE *keep; /* NULL: none */
    pthread_mutex_t lock; /* of next, keep, status, err */
    gan_status status;
    gan_error err;
} work;

/* ---- one run -------------------------------------------------------------------------------------- */

static gan_status load(gan_recipe **out, const bench_modes_params *p, const job *j, gan_error *err)
{
    char seed[16];
    snprintf(seed, sizeof seed, "%d", j->seed);
    gan_status s = gan_recipe_load(out, j->of->recipe, err);
    for (int i = 0; i < SETTINGS_MAX && j->of->setting[i] && s == GAN_OK; i++)
        s = gan_recipe_assign(*out, j->of->setting[i], err);
    for (int i = 0; i < p->sets && s == GAN_OK; i++)
        s = gan_recipe_assign(*out, p->set[i], err);
    return s == GAN_OK ? gan_recipe_set(*out, "train.seed", seed, err) : s;
}

/* A measure compares: with points of the data, which are not all alike. */
static gan_status real_points(gan_features *out, const gan_dataset *d, gan_error *err)
{
    enum { SOME = 100 };
    float points[2 * SOME];
    gan_dataset_batch(d, 0, 0, SOME, (uint8_t *)points);
    const gan_status s = gan_features_make(out, SOME, 2, err);
    for (int i = 0; i < 2 * SOME && s == GAN_OK; i++)
        out->x[i] = (double)points[i];
    return s;
}

/* What is counted on points, by the measures' own rows. */
static gan_status count_modes(job *j, const gan_dataset *d, const float *points, gan_error *err)
{
    const int modes = gan_dataset_modes(d);
    gan_features features;
    int mode[SAMPLES];
    bool near[SAMPLES];
    double shares[256];
    gan_status s = gan_features_make(&features, SAMPLES, 2, err);
    for (int i = 0; i < 2 * SAMPLES && s == GAN_OK; i++)
        features.x[i] = (double)points[i];
    for (int i = 0; i < SAMPLES; i++)
        mode[i] = gan_dataset_mode(d, points + 2 * i, &near[i]);
    for (int i = 0; i < modes; i++)
        shares[i] = 1.0 / modes;
    gan_features real;
    if (s == GAN_OK)
        s = real_points(&real, d, err);
    if (s != GAN_OK) {
        gan_features_release(&features);
        return s;
    }
    const gan_sides sides = {.real = &real, .samples = &features, .modes = modes, .sample_modes = mode, .sample_near = near,
                             .real_shares = shares};
    for (int i = 0; i < FIGURES && s == GAN_OK; i++) {
        gan_measured m;
        s = gan_measure(keys[i], &sides, NULL, &m, err);
        if (s == GAN_OK)
            j->figure[i] = m.value;
    }
    gan_features_release(&features);
    gan_features_release(&real);
    return s;
}

static gan_status run_job(job *j, const bench_modes_params *p, const gan_dataset *d, gan_error *err)
{
    float *points = malloc(2 * SAMPLES * sizeof *points);
    gan_recipe *recipe = NULL;
    gan_trainer *t = NULL;
    gan_status s = points ? load(&recipe, p, j, err) : cli_refuse(err, GAN_ENOMEM, "bench modes", "out of memory");
    if (s == GAN_OK)
        s = gan_trainer_create(&t, recipe, d, NULL, err);
    const int64_t n = s == GAN_OK ? gan_recipe_int(recipe, "train.iterations") : 0;
    for (int64_t i = 0; i < n && s == GAN_OK; i++)
        s = gan_trainer_step(t, NULL, err);
    if (s == GAN_OK) {
        s = gan_trainer_sample_floats(t, 0, SAMPLES, points, err);
        if (s == GAN_OK)
            s = count_modes(j, d, points, err);
    }
    if (n > 0 && (s == GAN_ENUMERIC || s == GAN_EINVAL)) { /* a run that is lost found nothing */
        j->figure[FOUND] = j->figure[QUALITY] = 0;
        j->figure[KL] = log(gan_dataset_modes(d));
        s = GAN_OK;
    }
    gan_trainer_free(t);
    gan_recipe_free(recipe);
    free(points);
    return s;
}

/* ---- what was measured before ---------------------------------------------------------------------- */

static job *find(work *w, const char *set, const char *name, int seed)
{
    for (int i = 0; i < w->count; i++)
        if (!strcmp(w->jobs[i].of->set, set) && !strcmp(w->jobs[i].of->name, name) && w->jobs[i].seed == seed)
            return &w->jobs[i];
    return NULL;
}

/* Lines "ring|minimax|seed 3|modes 7|quality 0.98|mode_kl 0.12"; a last line that is cut off does not count. */
static gan_status read_kept(work *w, gan_error *err)
{
    char line[256], set[32], name[64];
    if (!w->p->keep)
        return GAN_OK;
    FILE *f = fopen(w->p->keep, "r");
    while (f && fgets(line, sizeof line, f)) {
        job found = {0};
        if (sscanf(line, "%31[^|]|%63[^|]|seed %d|modes %lf|quality %lf|mode_kl %lf\n", set, name, &found.seed, &found.figure[FOUND],
                   &found.figure[QUALITY], &found.figure[KL]) != 6 || !strchr(line, '\n'))
            continue;
        job *j = find(w, set, name, found.seed);
        if (j) {
            j->done = true;
            memcpy(j->figure, found.figure, sizeof j->figure);
        }
    }
    if (f)
        fclose(f);
    w->keep = fopen(w->p->keep, "a");
    return w->keep ? GAN_OK : cli_refuse(err, GAN_EIO, w->p->keep, strerror(errno));
}

static void write_kept(work *w, const job *j)
{
    if (w->keep)
        fprintf(w->keep, "%s|%s|seed %d|modes %.0f|quality %.6f|mode_kl %.6f\n", j->of->set, j->of->name, j->seed, j->figure[FOUND],
                j->figure[QUALITY], j->figure[KL]);
    if (w->keep)
        fflush(w->keep);
}

/* ---- all of them ------------------------------------------------------------------------------------ */

/* The next job that is not done; NULL: none, or one failed. */
static job *take_job(work *w)
{
    job *j = NULL;
    pthread_mutex_lock(&w->lock);
    while (!j && w->next < w->count && w->status == GAN_OK) {
        j = &w->jobs[w->next++];
        j = j->done ? NULL : j;
    }
    pthread_mutex_unlock(&w->lock);
    return j;
}

static void *worker(void *ctx)
{
    work *w = ctx;
    for (job *j; (j = take_job(w)) != NULL;) {
        gan_error err = {0};
        const gan_status s = run_job(j, w->p, w->set[j->of - rows], &err);
        pthread_mutex_lock(&w->lock);
        if (s == GAN_OK) {
            j->done = true;
            write_kept(w, j);
            fprintf(stderr, "%s, %s, seed %d: %.0f modes, %.1f %% of high quality\n", j->of->set, j->of->name, j->seed,
                    j->figure[FOUND], 100 * j->figure[QUALITY]);
        } else if (w->status == GAN_OK) {
            w->status = s;
            w->err = err;
        }
        pthread_mutex_unlock(&w->lock);
    }
    return NULL;
}

static void run_all(work *w)
{
    enum { THREADS_MAX = 256 };
    pthread_t thread[THREADS_MAX];
    int started = 0;
    while (started < w->p->threads - 1 && pthread_create(&thread[started], NULL, worker, w) == 0)
        started++;
    worker(w);
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
}

/* Mean over the seeds, and its standard error. */
static void mean_of(const job *jobs, int n, int figure, double *mean, double *error)
{
    double square = 0;
    *mean = 0;
    for (int i = 0; i < n; i++)
        *mean += jobs[i].figure[figure] / n;
    for (int i = 0; i < n; i++)
        square += (jobs[i].figure[figure] - *mean) * (jobs[i].figure[figure] - *mean);
    *error = n > 1 ? sqrt(square / (n - 1) / n) : 0;
}

static void print_table(const work *w)
{
    printf("%-6s %-24s %-16s %-9s %-18s %-18s %s\n", "set", "objective", "modes", "all found", "high quality, %", "reverse KL",
           "published modes");
    for (int i = 0; i < w->count; i += w->p->seeds) {
        const job *j = &w->jobs[i];
        const int modes = gan_dataset_modes(w->set[j->of - rows]), n = w->p->seeds;
        double mean[FIGURES], error[FIGURES];
        char text[FIGURES][40], all[16];
        int whole = 0;
        for (int k = 0; k < n; k++)
            whole += j[k].figure[FOUND] >= modes;
        for (int k = 0; k < FIGURES; k++)
            mean_of(j, n, k, &mean[k], &error[k]);
        snprintf(text[0], sizeof text[0], "%.1f +- %.1f of %d", mean[FOUND], error[FOUND], modes);
        snprintf(text[1], sizeof text[1], "%.1f +- %.1f", 100 * mean[QUALITY], 100 * error[QUALITY]);
        snprintf(text[2], sizeof text[2], "%.3f +- %.3f", mean[KL], error[KL]);
        snprintf(all, sizeof all, "%d of %d", whole, n);
        printf("%-6s %-24s %-16s %-9s %-18s %-18s %s\n", j->of->set, j->of->name, text[0], all, text[1], text[2], j->of->published);
    }
    printf("\n+- is the standard error over %d seeds; %d samples a run. Published: Lin et al. 2018, arXiv:1712.04086, of 10 runs with nets of "
           "like sizes; theirs and ours differ in nets, rates and length, so they say which rows are hard, not who is better.\n"
           "Stacked MNIST (1,000 modes): gander train stacked -o RUN; gander eval RUN -n 26000.\n", w->p->seeds, SAMPLES);
}

static bool wanted(const bench_modes_params *p, const row *r)
{
    return (!p->only || !strcmp(p->only, r->set)) && (!p->row || !strcmp(p->row, r->name));
}

static gan_status prepare(work *w, gan_error *err)
{
    const int seeds = w->p->seeds;
    gan_status s = GAN_OK;
    w->jobs = calloc((size_t)ROWS * (size_t)seeds, sizeof *w->jobs);
    if (!w->jobs)
        return cli_refuse(err, GAN_ENOMEM, "bench modes", "out of memory");
    for (int i = 0; i < ROWS && s == GAN_OK; i++) {
        if (!wanted(w->p, &rows[i]))
            continue;
        s = gan_dataset_named(&w->set[i], rows[i].set, err);
        for (int k = 0; k < seeds; k++)
            w->jobs[w->count++] = (job){.of = &rows[i], .seed = k + 1};
    }
    if (s == GAN_OK && !w->count)
        s = cli_refuse(err, GAN_EINVAL, w->p->row ? w->p->row : w->p->only, "no such rows of ring or grid; gander bench modes prints them all");
    return s == GAN_OK ? read_kept(w, err) : s;
}

gan_status bench_modes(const bench_modes_params *p, gan_error *err)
{
    work w = {.p = p};
    pthread_mutex_init(&w.lock, NULL);
    gan_status s = prepare(&w, err);
    if (s == GAN_OK) {
        run_all(&w);
        s = w.status;
        *err = w.err;
    }
    if (s == GAN_OK)
        print_table(&w);
    if (w.keep && fclose(w.keep) != 0 && s == GAN_OK)
        s = cli_refuse(err, GAN_EIO, p->keep, strerror(errno));
    for (int i = 0; i < ROWS; i++)
        gan_dataset_free(w.set[i]);
    free(w.jobs);
    pthread_mutex_destroy(&w.lock);
    return s;
}
