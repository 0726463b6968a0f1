/* run.c - a run on disk: start or resume, then iterate, log, show and save until it is done.
 *
 *     start:  folder (with recipe) -> iteration 0: grid, checkpoint -+
 *     resume: newest whole checkpoint, logs cut back to it ----------+-> loop -> checkpoint
 *
 * At one iteration the order is: metrics line, grid, checkpoint. So whatever is missing after a kill lies
 * behind the last checkpoint and is made again, with the same bytes.
 */
#include "train/run_folder.h"
#include "train/trainer_internal.h"

#include "base/error.h"
#include "base/fileio.h"

#include <gan/gan.h>

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

enum { GRID = 25, STATES_KEPT = 2, TEXT_BYTES = 512 };

typedef struct run {
    const gan_run_params *p;
    const char *dir;
    gan_recipe *recipe;
    gan__local local;
    gan_dataset *data;
    gan_team *team;
    gan_trainer *trainer;
    int metrics, timing; /* files, or -1 */
    uint8_t *grid;
    int64_t target, log_every, grid_every, checkpoint_every;
    int64_t saved;       /* iteration of the newest checkpoint; -1: none */
    double began, shown; /* seconds */
    int64_t shown_at;    /* iteration at the last progress event */
    double rate;         /* iterations a second, lately */
} run;

gan_run_params gan_run_defaults(const char *dir)
{
    return (gan_run_params){.dir = dir};
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- events ------------------------------------------------------------------------------------- */

static gan_event event_of(const run *r, gan_event_kind kind)
{
    const int64_t i = gan_trainer_iteration(r->trainer);
    return (gan_event){.kind = kind,
                       .iteration = i,
                       .iterations = r->target,
                       .rate = r->rate,
                       .seconds_left = r->rate > 0 ? (double)(r->target - i) / r->rate : -1,
                       .height = r->trainer->height,
                       .width = r->trainer->width,
                       .channels = r->trainer->channels,
                       .dir = r->dir};
}

static gan_status emit(const run *r, const gan_event *e, gan_error *err)
{
    return r->p->observer ? r->p->observer(r->p->observer_ctx, e, err) : GAN_OK;
}

static gan_status say(const run *r, gan_event_kind kind, gan_error *err, const char *format, ...)
    GAN_PRINTF(4, 5);

static gan_status say(const run *r, gan_event_kind kind, gan_error *err, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    gan_event e = event_of(r, kind);
    e.text = text;
    return emit(r, &e, err);
}

static gan_status show_grid(run *r, gan_error *err)
{
    gan_status s = gan_trainer_sample(r->trainer, 0, GRID, r->grid, err);
    if (s != GAN_OK)
        return s;
    gan_event e = event_of(r, GAN_EVENT_GRID);
    e.pixels = r->grid;
    e.n = GRID;
    return emit(r, &e, err);
}

/* About twice a second. */
static gan_status show_progress(run *r, gan_error *err)
{
    const double now = seconds(), since = now - r->shown;
    const int64_t i = gan_trainer_iteration(r->trainer);
    if (since < 0.5)
        return GAN_OK;
    const double rate = (double)(i - r->shown_at) / since;
    r->rate = r->rate > 0 ? 0.7 * r->rate + 0.3 * rate : rate;
    r->shown = now;
    r->shown_at = i;
    const gan_event e = event_of(r, GAN_EVENT_PROGRESS);
    return emit(r, &e, err);
}

/* ---- metrics ------------------------------------------------------------------------------------ */

/* What is not finite has no number in JSON. */
static json_t *number(float x)
{
    return isfinite(x) ? json_real((double)x) : json_null();
}

static gan_status write_line(int file, json_t *line, const char *name, gan_error *err)
{
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9))
                      : NULL;
    const size_t n = text ? strlen(text) : 0;
    gan_status s = GAN_OK;
    if (!text)
        s = gan__fail_memory(err, name);
    else if (text[n] = '\n', !gan__write_all(file, text, n + 1)) /* in place of the zero byte */
        s = gan__fail_errno(err, GAN_EIO, "%s: writing failed; free some space and resume the run", name);
    free(text);
    json_decref(line);
    return s;
}

static gan_status log_metrics(run *r, const gan_metrics *m, gan_error *err)
{
    const struct {
        const char *key;
        float value;
    } rows[] = {{"loss_d", m->loss_d},   {"loss_g", m->loss_g},
                {"value", m->value},     {"d_real", m->d_real},
                {"d_fake", m->d_fake},   {"r1", m->r1},
                {"r2", m->r2},           {"grad_norm_d", m->grad_norm_d},
                {"grad_norm_g", m->grad_norm_g}, {"spread", m->spread},
                {"rate_d", m->rate_d},   {"rate_g", m->rate_g}};
    json_t *line = json_object(), *time_line = json_object();
    json_object_set_new(line, "iteration", json_integer(m->iteration));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        json_object_set_new(line, rows[i].key, number(rows[i].value));
    json_object_set_new(time_line, "iteration", json_integer(m->iteration));
    json_object_set_new(time_line, "seconds", json_real(seconds() - r->began));
    json_object_set_new(time_line, "rate", json_real(r->rate));
    gan_status s = write_line(r->metrics, line, "metrics.jsonl", err);
    if (s != GAN_OK) {
        json_decref(time_line);
        return s;
    }
    s = write_line(r->timing, time_line, "timing.jsonl", err);
    if (s != GAN_OK)
        return s;
    gan_event e = event_of(r, GAN_EVENT_METRICS);
    e.metrics = m;
    return emit(r, &e, err);
}

/* ---- checkpoints -------------------------------------------------------------------------------- */

/* A weight is not finite: go back to the last checkpoint and look after every iteration. */
static gan_status find_bad(run *r, gan_error *err)
{
    const int64_t until = gan_trainer_iteration(r->trainer);
    const char *bad = gan_trainer_bad(r->trainer);
    char *path = r->saved >= 0 ? gan__folder_state(r->dir, r->saved) : NULL;
    if (path && gan__trainer_load(r->trainer, path, true, NULL) == GAN_OK) {
        bad = NULL;
        while (!bad && gan_trainer_iteration(r->trainer) < until) {
            if (gan_trainer_step(r->trainer, NULL, NULL) != GAN_OK)
                break;
            bad = gan_trainer_bad(r->trainer);
        }
    }
    free(path);
    return gan__fail(err, GAN_ENUMERIC,
                     "%s: %s is not finite after iteration %lld; the checkpoint of iteration %lld is "
                     "whole: try a lower learning rate (--set train.optimizer=...)",
                     r->dir, bad ? bad : "a weight", (long long)gan_trainer_iteration(r->trainer),
                     (long long)r->saved);
}

static gan_status checkpoint(run *r, gan_error *err)
{
    const int64_t i = gan_trainer_iteration(r->trainer);
    if (gan_trainer_bad(r->trainer))
        return find_bad(r, err);
    char *model = gan__folder_path(r->dir, "model.safetensors"), *state = gan__folder_state(r->dir, i);
    gan_status s = model && state ? GAN_OK : gan__fail_memory(err, "a checkpoint");
    if (s == GAN_OK && fsync(r->metrics) != 0)
        s = gan__fail_errno(err, GAN_EIO, "%s/metrics.jsonl: writing failed", r->dir);
    if (s == GAN_OK)
        s = gan_trainer_save_model(r->trainer, model, err);
    if (s == GAN_OK)
        s = gan_trainer_save(r->trainer, state, err);
    if (s == GAN_OK) {
        r->saved = i;
        gan__folder_drop_states(r->dir, i, STATES_KEPT);
        s = say(r, GAN_EVENT_CHECKPOINT, err, "%s", state);
    }
    free(model);
    free(state);
    return s;
}

/* The newest checkpoint that is whole; an older one is used with a word about it. */
static gan_status load_newest(run *r, gan_error *err)
{
    int64_t have[GAN__STATES_MAX];
    const int n = gan__folder_states(r->dir, have);
    gan_error why = {0};
    for (int i = 0; i < n; i++) {
        char *path = gan__folder_state(r->dir, have[i]);
        int64_t arithmetic = 0;
        gan_status s = path ? gan__trainer_load(r->trainer, path, r->p->other_arithmetic, &why)
                            : gan__fail_memory(&why, "a file name");
        if (s == GAN_OK && r->p->other_arithmetic &&
            gan__trainer_arithmetic(path, &arithmetic, NULL) == GAN_OK && arithmetic != gan_arithmetic())
            r->local.other_arithmetic++;
        free(path);
        if (s == GAN_OK) {
            r->saved = have[i];
            return GAN_OK;
        }
        if (s != GAN_EFORMAT && s != GAN_ENUMERIC) {
            if (err)
                *err = why;
            return s;
        }
        s = say(r, GAN_EVENT_NOTE, err, "%.300s; the checkpoint before it is used", why.message);
        if (s != GAN_OK)
            return s;
    }
    if (n == 0)
        return GAN_OK; /* killed before its first checkpoint: from the beginning */
    return gan__fail(err, GAN_EFORMAT, "%s: none of its %d checkpoints is whole; start it anew with --force",
                     r->dir, n);
}

/* ---- the loop ----------------------------------------------------------------------------------- */

static bool due(int64_t i, int64_t every)
{
    return i % every == 0;
}

static bool stopped(const run *r)
{
    return r->p->stop && *r->p->stop;
}

static bool out_of_time(const run *r)
{
    return r->p->minutes > 0 && seconds() - r->began >= 60 * r->p->minutes;
}

static gan_status one_iteration(run *r, gan_error *err)
{
    const int64_t next = gan_trainer_iteration(r->trainer) + 1;
    gan_metrics m;
    const bool logged = due(next, r->log_every);
    gan_status s = gan_trainer_step(r->trainer, logged ? &m : NULL, err);
    if (s == GAN_OK && logged)
        s = log_metrics(r, &m, err);
    if (s == GAN_OK && due(next, r->grid_every))
        s = show_grid(r, err);
    if (s == GAN_OK && due(next, r->checkpoint_every))
        s = checkpoint(r, err);
    return s == GAN_OK ? show_progress(r, err) : s;
}

static gan_status finish(run *r, gan_status s, gan_error *err)
{
    const int64_t i = gan_trainer_iteration(r->trainer);
    gan_error later = {0};
    if (s == GAN_OK || s == GAN_ESTOPPED) {
        const gan_status saved = r->saved == i ? GAN_OK : checkpoint(r, err);
        if (saved != GAN_OK)
            return saved;
    } else if (s != GAN_ENUMERIC && s != GAN_EIO && r->saved != i) {
        checkpoint(r, &later); /* an observer failed: keep what there is; its own line is what counts */
    }
    if (s == GAN_OK && i < r->target)
        return say(r, GAN_EVENT_END, err, "time is up at iteration %lld; go on: gander train --resume %s",
                   (long long)i, r->dir);
    if (s == GAN_OK)
        return say(r, GAN_EVENT_END, err, "done: %lld iterations in %s", (long long)i, r->dir);
    if (s == GAN_ESTOPPED)
        gan__fail(err, s, "stopped at iteration %lld, everything is saved; go on: gander train --resume %s",
                  (long long)i, r->dir);
    return s;
}

static gan_status loop(run *r, gan_error *err)
{
    gan_status s = GAN_OK;
    r->began = r->shown = seconds();
    r->shown_at = gan_trainer_iteration(r->trainer);
    if (r->saved < 0) {
        s = show_grid(r, err);
        if (s == GAN_OK)
            s = checkpoint(r, err);
    }
    while (s == GAN_OK && gan_trainer_iteration(r->trainer) < r->target && !out_of_time(r))
        s = stopped(r) ? GAN_ESTOPPED : one_iteration(r, err);
    return finish(r, s, err);
}

/* ---- opening ------------------------------------------------------------------------------------ */

static gan_status open_data(run *r, const char *where, gan_error *err)
{
    const bool path = strchr(where, '/') || gan__is_dir(where) || gan__is_file(where);
    return path ? gan_dataset_open(&r->data, where, err) : gan_dataset_named(&r->data, where, err);
}

static gan_status open_trainer(run *r, gan_error *err)
{
    gan_status s = gan_team_create(&r->team, r->local.threads, err);
    if (s == GAN_OK)
        s = gan_trainer_create(&r->trainer, r->recipe, r->data, r->team, err);
    if (s != GAN_OK)
        return s;
    r->target = gan_recipe_int(r->recipe, "train.iterations");
    r->log_every = gan_recipe_int(r->recipe, "train.log_every");
    r->grid_every = gan_recipe_int(r->recipe, "train.grid_every");
    r->checkpoint_every = gan_recipe_int(r->recipe, "train.checkpoint_every");
    r->grid = malloc((size_t)GRID * (size_t)r->trainer->duel.pixels);
    return r->grid ? GAN_OK : gan__fail_memory(err, "a grid");
}

static gan_status open_log(const run *r, const char *name, int *out, gan_error *err)
{
    char *path = gan__folder_path(r->dir, name);
    *out = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;
    const gan_status s =
        *out >= 0 ? GAN_OK : gan__fail_errno(err, GAN_EIO, "%s/%s: cannot be written", r->dir, name);
    free(path);
    return s;
}

static gan_status open_logs(run *r, gan_error *err)
{
    gan_status s = gan__folder_cut(r->dir, r->saved < 0 ? -1 : r->saved, err);
    if (s == GAN_OK)
        s = open_log(r, "metrics.jsonl", &r->metrics, err);
    if (s == GAN_OK)
        s = open_log(r, "timing.jsonl", &r->timing, err);
    return s;
}

static gan_status introduce(run *r, gan_error *err)
{
    const gan_trainer *t = r->trainer;
    return say(r, GAN_EVENT_START, err,
               "%s: %d images of %d x %d x %d from %s; G %zu and D %zu parameters, %.0f MB, %.0f MFLOP an "
               "iteration, %d thread%s, %s",
               gan_dataset_name(r->data), gan_dataset_count(r->data), t->height, t->width, t->channels,
               gan_dataset_source(r->data), gan_params_elements(t->g_params),
               gan_params_elements(t->d_params), (double)gan_trainer_bytes(t) / 1e6,
               gan_trainer_flops(t) / 1e6, gan_team_threads(r->team),
               gan_team_threads(r->team) == 1 ? "" : "s", gan_isa());
}

static void release(run *r)
{
    if (r->metrics >= 0)
        close(r->metrics);
    if (r->timing >= 0)
        close(r->timing);
    gan_trainer_free(r->trainer);
    gan_team_free(r->team);
    gan_dataset_free(r->data);
    gan_recipe_free(r->recipe);
    free(r->grid);
}

static gan_status set_iterations(gan_recipe *recipe, const char *key, int64_t n, gan_error *err)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)n);
    return gan_recipe_set(recipe, key, text, err);
}

/* Settled here so that extending the run cannot change them: the schedule's length, the data's name. */
static gan_status resolve(run *r, gan_error *err)
{
    gan_status s = GAN_OK;
    if (r->p->iterations > 0)
        s = set_iterations(r->recipe, "train.iterations", r->p->iterations, err);
    if (s == GAN_OK && gan_recipe_int(r->recipe, "train.schedule_iterations") == 0)
        s = set_iterations(r->recipe, "train.schedule_iterations",
                           gan_recipe_int(r->recipe, "train.iterations"), err);
    if (s == GAN_OK)
        s = gan_recipe_set(r->recipe, "data.set", gan_dataset_name(r->data), err);
    return s;
}

/* Where a path lay is kept absolute, so that a run can be resumed from anywhere. */
static void keep_place(char *to, size_t bytes, const char *where)
{
    char *absolute = strchr(where, '/') || gan__is_dir(where) || gan__is_file(where)
                         ? realpath(where, NULL)
                         : NULL;
    snprintf(to, bytes, "%s", absolute ? absolute : where);
    free(absolute);
}

static gan_status start(run *r, gan_error *err)
{
    const gan_run_params *p = r->p;
    gan_status s = gan_recipe_copy(&r->recipe, p->recipe, err);
    const char *where = p->data ? p->data : s == GAN_OK ? gan_recipe_text(r->recipe, "data.set") : "";
    if (s == GAN_OK)
        s = gan_recipe_check(r->recipe, err);
    if (s == GAN_OK)
        s = open_data(r, where, err);
    r->local.threads = p->threads;
    keep_place(r->local.data, sizeof r->local.data, where); /* before the recipe's text changes */
    if (s == GAN_OK)
        s = resolve(r, err);
    if (p->init)
        keep_place(r->local.init, sizeof r->local.init, p->init);
    if (s == GAN_OK)
        s = open_trainer(r, err);
    if (s == GAN_OK && p->init)
        s = gan_trainer_init_from(r->trainer, p->init, err);
    if (s == GAN_OK)
        s = gan__folder_create(r->dir, r->recipe, &r->local, p->force, err);
    return s;
}

static gan_status resume(run *r, gan_error *err)
{
    const gan_run_params *p = r->p;
    gan_status s = gan__folder_read(r->dir, &r->recipe, &r->local, err);
    if (s == GAN_OK && p->iterations > 0)
        s = set_iterations(r->recipe, "train.iterations", p->iterations, err);
    if (s == GAN_OK && p->data)
        keep_place(r->local.data, sizeof r->local.data, p->data);
    if (s == GAN_OK && p->threads)
        r->local.threads = p->threads;
    if (s == GAN_OK)
        s = open_data(r, *r->local.data ? r->local.data : gan_recipe_text(r->recipe, "data.set"), err);
    if (s == GAN_OK)
        s = open_trainer(r, err);
    if (s == GAN_OK)
        s = load_newest(r, err);
    if (s == GAN_OK && r->saved < 0 && *r->local.init)
        s = gan_trainer_init_from(r->trainer, r->local.init, err);
    if (s == GAN_OK)
        s = gan__folder_write_recipe(r->dir, r->recipe, err);
    if (s == GAN_OK)
        s = gan__folder_write_local(r->dir, &r->local, err);
    return s;
}

static gan_status execute(const gan_run_params *p, gan_status (*prepare)(run *, gan_error *), gan_error *err)
{
    run r = {.p = p, .dir = p->dir, .saved = -1, .metrics = -1, .timing = -1};
    gan_status s = prepare(&r, err);
    if (s == GAN_OK)
        s = open_logs(&r, err);
    if (s == GAN_OK)
        s = introduce(&r, err);
    if (s == GAN_OK && r.saved >= r.target)
        s = say(&r, GAN_EVENT_END, err,
                "nothing to do: %lld of %lld iterations are done; more with --iterations N",
                (long long)r.saved, (long long)r.target);
    else if (s == GAN_OK)
        s = loop(&r, err);
    release(&r);
    return s;
}

gan_status gan_run_start(const gan_run_params *p, gan_error *err)
{
    return execute(p, start, err);
}

gan_status gan_run_resume(const gan_run_params *p, gan_error *err)
{
    return execute(p, resume, err);
}
