/* bench_modes.c - gander bench modes: how many modes does a generator find? The literature's protocol over seeds, beside its
 * published figures.
 *
 * Each row trains its recipe from seed 1, 2, ..., draws 2,500 samples of each, and counts (measure.h): modes with a sample within
 * three standard deviations, the share of such samples, the reverse KL. Runs do not see each other, so they are shared among
 * threads; each takes one. A file (--keep) remembers what was measured, a line a run, and what stands there is not run again.
 */
#include "command.h"

#include <errno.h>
#include <inttypes.h>
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
    uint64_t made_by; /* digest of its recipe and arithmetic: what is kept under another was another run */
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

/* FNV-1a, 64 bits, of the whole recipe and the arithmetic number. */
static gan_status digest(job *j, const bench_modes_params *p, gan_error *err)
{
    gan_recipe *recipe;
    gan_status s = load(&recipe, p, j, err);
    char *text = s == GAN_OK ? gan_recipe_ini(recipe) : NULL;
    if (s == GAN_OK && !text)
        s = cli_refuse(err, GAN_ENOMEM, "bench modes", "out of memory");
    j->made_by = 14695981039346656037u ^ (uint64_t)gan_arithmetic();
    for (const char *c = text; c && *c; c++)
        j->made_by = (j->made_by ^ (unsigned char)*c) * 1099511628211u;
    free(text);
    gan_recipe_free(recipe);
    return s;
}

/* What is counted, by a watch's rows. */
static gan_status count_modes(job *j, const gan_dataset *d, const float *points, gan_error *err)
{
    gan_watch *watch;
    gan_measured found[GAN_WATCH_ROWS];
    gan_status s = gan_watch_create(&watch, d, NULL, SAMPLES, NULL, err);
    if (s == GAN_OK)
        s = gan_watch_measure(watch, NULL, points, found, err);
    for (int i = 0; i < GAN_WATCH_ROWS && s == GAN_OK; i++)
        for (int k = 0; k < FIGURES; k++)
            if (!strcmp(gan_measure_at(gan_watch_row(i)).key, keys[k]))
                j->figure[k] = found[i].value;
    gan_watch_free(watch);
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

static job *find(work *w, const char *set, const char *name, uint64_t made_by)
{
    for (int i = 0; i < w->count; i++)
        if (w->jobs[i].made_by == made_by && !strcmp(w->jobs[i].of->set, set) && !strcmp(w->jobs[i].of->name, name))
            return &w->jobs[i];
    return NULL;
}

/* Lines "ring|minimax|seed 3|modes 7|quality 0.98|mode_kl 0.12|made by 0123456789abcdef"; one that is cut off does not count. */
static gan_status read_kept(work *w, gan_error *err)
{
    char line[256] = "\n", set[32], name[64];
    if (!w->p->keep)
        return GAN_OK;
    FILE *f = fopen(w->p->keep, "r");
    while (f && fgets(line, sizeof line, f) && strchr(line, '\n')) { /* without one: torn, or no file of ours */
        job found = {0};
        if (sscanf(line, "%31[^|]|%63[^|]|seed %d|modes %lf|quality %lf|mode_kl %lf|made by %" SCNx64, set, name, &found.seed,
                   &found.figure[FOUND], &found.figure[QUALITY], &found.figure[KL], &found.made_by) != 7)
            continue;
        job *j = find(w, set, name, found.made_by);
        if (j) {
            j->done = true;
            memcpy(j->figure, found.figure, sizeof j->figure);
        }
    }
    if (f)
        fclose(f);
    w->keep = fopen(w->p->keep, "a");
    if (!w->keep || (!strchr(line, '\n') && fputc('\n', w->keep) == EOF)) /* what was cut off is not gone on with */
        return cli_refuse(err, GAN_EIO, w->p->keep, strerror(errno));
    return GAN_OK;
}

static gan_status write_kept(work *w, const job *j, gan_error *err)
{
    if (!w->keep)
        return GAN_OK;
    fprintf(w->keep, "%s|%s|seed %d|modes %.0f|quality %.6f|mode_kl %.6f|made by %016" PRIx64 "\n", j->of->set, j->of->name, j->seed,
            j->figure[FOUND], j->figure[QUALITY], j->figure[KL], j->made_by);
    return fflush(w->keep) == 0 && !ferror(w->keep) ? GAN_OK : cli_refuse(err, GAN_EIO, w->p->keep, strerror(errno));
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
        gan_status s = run_job(j, w->p, w->set[j->of - rows], &err);
        pthread_mutex_lock(&w->lock);
        if (s == GAN_OK)
            s = write_kept(w, j, &err);
        if (s == GAN_OK) {
            j->done = true;
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

/* A row's set, opened once for all rows that have it. */
static gan_status open_set(work *w, int i, gan_error *err)
{
    for (int k = 0; k < i; k++)
        if (w->set[k] && !strcmp(rows[k].set, rows[i].set)) {
            w->set[i] = w->set[k];
            return GAN_OK;
        }
    return gan_dataset_named(&w->set[i], rows[i].set, err);
}

static void close_sets(work *w)
{
    for (int i = 0; i < ROWS; i++) {
        gan_dataset_free(w->set[i]);
        for (int k = ROWS - 1; k >= i; k--)
            w->set[k] = w->set[k] == w->set[i] ? NULL : w->set[k];
    }
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
        s = open_set(w, i, err);
        for (int k = 0; k < seeds && s == GAN_OK; k++) {
            job *j = &w->jobs[w->count++];
            *j = (job){.of = &rows[i], .seed = k + 1};
            s = digest(j, w->p, err);
        }
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
        if (s != GAN_OK)
            *err = w.err;
    }
    if (s == GAN_OK)
        print_table(&w);
    if (w.keep && fclose(w.keep) != 0 && s == GAN_OK)
        s = cli_refuse(err, GAN_EIO, p->keep, strerror(errno));
    close_sets(&w);
    free(w.jobs);
    pthread_mutex_destroy(&w.lock);
    return s;
}
