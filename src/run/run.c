/* run.c - a run on disk: start or resume, then iterate, log, show and save until it is done.
 *
 *     start:  folder (with recipe) -> iteration 0: grid, checkpoint -+
 *     resume: newest whole checkpoint, logs cut back to it ----------+-> loop -> checkpoint
 *
 * At one iteration the order is: metrics line, grid, checkpoint.
 */
#include "run/log_lines.h"
#include "run/run_checkpoint.h"
#include "run/run_doctor.h"
#include "run/run_eval.h"
#include "run/run_events.h"
#include "run/run_folder.h"
#include "run/run_health.h"
#include "run/run_mend.h"
#include "run/run_place.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/paths.h"
#include "train/version.h"

#include <gan/gan.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *gan_run_data(const char *dir, char *out, size_t bytes)
{
    gan__local local;
    const gan_status s = gan__local_read(dir, &local, NULL);
    snprintf(out, bytes, "%s", s == GAN_OK ? local.data : "");
    return out;
}

gan_run_params gan_run_defaults(const char *dir)
{
    return (gan_run_params){.dir = dir};
}

/* ---- the loop -----------------------------------------------------------------------------------
 */

static bool due(int64_t i, int64_t every)
{
    return i % every == 0;
}

static bool stopped(const gan__run *r)
{
    return r->p->stop && *r->p->stop;
}

static bool out_of_time(const gan__run *r)
{
    return r->p->minutes > 0 && gan__seconds() - r->began >= 60 * r->p->minutes;
}

static gan_status one_iteration(gan__run *r, gan_error *err)
{
    const int64_t next = gan_trainer_iteration(r->trainer) + 1;
    gan_metrics m;
    const bool measured = gan__run_eval_due(r, next), looked_into = gan__run_health_due(r, next), logged = measured || looked_into || due(next, r->log_every);
    gan_status s = gan_trainer_step(r->trainer, logged ? &m : NULL, err);
    const gan_status inside = s == GAN_OK && looked_into ? gan__run_health(r, &m, err) : GAN_OK;
    if (inside != GAN_OK)
        return inside;
    const gan_status evaluated = s == GAN_OK && measured ? gan__run_eval(r, &m, err) : GAN_OK;
    if ((s == GAN_OK || s == GAN_ENUMERIC) && logged && gan__run_log(r, &m, err) != GAN_OK)
        return GAN_EIO;
    gan_finding lost;
    const gan_status looked = logged && s == GAN_OK ? gan__run_doctor_look(r, &m, err) : GAN_OK;
    if (looked != GAN_OK)
        return looked;
    r->ends = logged ? gan__run_doctor_ends(r, &lost) : r->ends;
    if (evaluated != GAN_OK) /* its line is there all the same: a checkpoint may follow */
        return evaluated;
    if (s == GAN_ENUMERIC)
        return gan__run_find_bad(r, err);
    if (s == GAN_OK && due(next, r->grid_every))
        s = gan__run_show_grid(r, err);
    if (s == GAN_OK && due(next, r->checkpoint_every))
        s = gan__run_checkpoint(r, err);
    return s == GAN_OK ? gan__run_show_progress(r, err) : s;
}

static gan_status finish(gan__run *r, gan_status s, gan_error *err)
{
    const int64_t i = gan_trainer_iteration(r->trainer);
    gan_error later = {0};
    if (s == GAN_OK || s == GAN_ESTOPPED) {
        const gan_status saved = r->saved == i ? GAN_OK : gan__run_checkpoint(r, err);
        if (saved != GAN_OK)
            return saved;
    } else if (s != GAN_ENUMERIC && s != GAN_EIO && r->saved != i) {
        gan__run_checkpoint(
            r, &later); /* an observer failed: keep what there is; its own line is what counts */
    }
    r->over = s == GAN_OK && i < r->target && (r->ends || gan__run_eval_stalled(r));
    if (s == GAN_OK && i < r->target && gan__run_eval_stalled(r))
        return gan__run_say(r, GAN_EVENT_END, err,
                            "no better since iteration %lld (%.4g), %lld evaluations ago: ended at iteration %lld; the best model is "
                            "%s/best.safetensors",
                            (long long)r->watch.best_at, r->watch.best, (long long)r->watch.since, (long long)i, r->dir);
    gan_finding lost;
    if (s == GAN_OK && i < r->target && gan__run_doctor_ends(r, &lost))
        return gan__run_say(r, GAN_EVENT_END, err, "ended at iteration %lld, as train.doctor = stop says: %s (%s). Why, and what to try: gander doctor %s",
                            (long long)i, lost.what, lost.seen, r->dir);
    if (s == GAN_OK && i < r->target)
        return gan__run_say(r, GAN_EVENT_END, err,
                            "time is up at iteration %lld", (long long)i);
    if (s == GAN_OK)
        return gan__run_say(r, GAN_EVENT_END, err, "done: %lld iterations in %s", (long long)i,
                            r->dir);
    if (s == GAN_ESTOPPED)
        gan__fail(err, s,
                  "stopped at iteration %lld, everything is saved", (long long)i);
    return s;
}

static void print_profile(const gan__run *r)
{
    const double seconds = gan__seconds() - r->began;
    gan_trainer_profile_print(r->trainer, r->p->profile);
    fprintf(r->p->profile,
            "%lld iterations in %.2f s, first grid and checkpoint with them: %.1f %% of it in iterations "
            "that log nothing, the rest in metrics, grids and checkpoints\n",
            (long long)(gan_trainer_iteration(r->trainer) - r->first), seconds,
            100 * gan_trainer_profile_seconds(r->trainer) / seconds);
}

/* A run that is lost goes back, if it may: then it is not finished. What was not finite is no line of metrics yet. */
static gan_status mend(gan__run *r, gan_status s, gan_error *err)
{
    gan_finding lost = {.rule = "not-finite", .sick = true, .sure = 1};
    if (!gan__run_doctor_mends(r) || (s != GAN_ENUMERIC && (s != GAN_OK || !r->ends || gan_trainer_iteration(r->trainer) >= r->target)))
        return s;
    if (s == GAN_ENUMERIC) {
        lost.what = "a number is not finite any more";
        snprintf(lost.seen, sizeof lost.seen, "iteration %lld", (long long)gan_trainer_iteration(r->trainer));
        for (int i = 0; i < gan_rules(); i++)
            if (!strcmp(gan_rule(i).name, lost.rule))
                gan_rule_remedy(i, r->recipe, lost.remedy);
    }
    if (s == GAN_ENUMERIC ? !gan__run_mendable(r, &lost) : !gan__run_doctor_ends(r, &lost))
        return s;
    gan_error why = {0};
    const gan_status mended = gan__run_mend(r, &lost, &why);
    if (mended == GAN_ENOTFOUND)
        return s; /* it ends as it would have */
    if (mended != GAN_OK && err)
        *err = why;
    return mended;
}

static gan_status loop(gan__run *r, gan_error *err)
{
    gan_status s = GAN_OK;
    r->began = r->shown = gan__seconds();
    r->first = r->shown_at = gan_trainer_iteration(r->trainer);
    if (r->p->profile)
        s = gan_trainer_profile(r->trainer, err);
    if (s == GAN_OK && r->saved < 0) {
        s = gan__run_show_grid(r, err);
        if (s == GAN_OK)
            s = gan__run_checkpoint(r, err);
    }
    while (s == GAN_OK && gan_trainer_iteration(r->trainer) < r->target && !out_of_time(r) && !gan__run_eval_stalled(r) && !r->ends)
        s = stopped(r) ? GAN_ESTOPPED : one_iteration(r, err);
    if (r->p->profile && s != GAN_ENOMEM)
        print_profile(r);
    s = mend(r, s, err);
    return r->mended ? s : finish(r, s, err);
}

/* ---- opening ------------------------------------------------------------------------------------
 */

static bool show_reading(void *ctx, int done, int total)
{
    gan__run *r = ctx;
    const gan_event e = {.kind = GAN_EVENT_READING, .iteration = done, .iterations = total, .dir = r->dir};
    if (r->p->observer)
        r->p->observer(r->p->observer_ctx, &e, NULL);
    return !stopped(r);
}

/* The set that is meant, and of it what the recipe does not hold out. */
static gan_status open_data(gan__run *r, const char *where, gan_error *err)
{
    const double share = gan_recipe_number(r->recipe, "data.holdout");
    gan_pictures how = gan_recipe_pictures(r->recipe);
    how.threads = r->p->threads;
    how.progress = show_reading;
    how.progress_ctx = r;
    gan_dataset *whole;
    gan_status s = gan_dataset_find(&whole, where, &how, err);
    if (s != GAN_OK || !(share > 0)) {
        r->data = s == GAN_OK ? whole : NULL;
        return s;
    }
    s = gan_dataset_split(&r->data, &r->held, whole, share, err);
    gan_dataset_free(whole);
    return s;
}

static gan_status open_trainer(gan__run *r, gan_error *err)
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
    int h, w, c;
    gan_trainer_shape(r->trainer, &h, &w, &c);
    const size_t numbers = (size_t)h * (size_t)w * (size_t)c, shown = (size_t)GAN__POINTS_SHOWN * numbers;
    if (!gan_dataset_real(r->data)) {
        r->grid = malloc((size_t)GAN__GRID * numbers);
        return r->grid ? GAN_OK : gan__fail_memory(err, "a grid");
    }
    r->points = malloc(2 * shown * sizeof *r->points);
    if (!r->points)
        return gan__fail_memory(err, "a grid");
    gan_dataset_batch(r->data, 0, 0, GAN__POINTS_SHOWN, (uint8_t *)(r->points + shown));
    return GAN_OK;
}

static gan_status open_logs(gan__run *r, gan_error *err)
{
    int damaged;
    gan_status s = gan__folder_cut(r->dir, r->saved, &damaged, err);
    if (s == GAN_OK && damaged)
        s = gan__run_say(r, GAN_EVENT_NOTE, err,
                         "%s/metrics.jsonl:%d: is damaged; such lines are kept in metrics.jsonl.damaged", r->dir,
                         damaged);
    const int schema = gan__place_metrics(r->dir);
    if (s == GAN_OK && schema != GAN__METRICS_SCHEMA)
        s = gan__run_say(r, GAN_EVENT_NOTE, err,
                         "%s/metrics.jsonl: was begun with metrics number %d, and goes on with %d: a key may mean "
                         "something else from here on", r->dir, schema, GAN__METRICS_SCHEMA);
    if (s == GAN_OK)
        s = gan__log_open(r->dir, "metrics.jsonl", &r->metrics, err);
    if (s == GAN_OK)
        s = gan__log_open(r->dir, "timing.jsonl", &r->timing, err);
    return s;
}

/* What there is to know of the pictures, a note for each line. */
static gan_status tell_notes(gan__run *r, gan_error *err)
{
    gan_status s = GAN_OK;
    for (const char *line = gan_dataset_notes(r->data); *line && s == GAN_OK; line += line[0] == '\n') {
        const size_t n = strcspn(line, "\n");
        s = gan__run_say(r, GAN_EVENT_NOTE, err, "%s: %.*s", gan_dataset_name(r->data), (int)n, line);
        line += n;
    }
    return s;
}

static gan_status introduce(gan__run *r, gan_error *err)
{
    const gan_status s = tell_notes(r, err);
    if (s != GAN_OK)
        return s;
    char nets[256] = "";
    size_t n = 0;
    int h, w, c;
    gan_trainer_shape(r->trainer, &h, &w, &c);
    for (int i = 0; i < gan_trainer_roles(r->trainer) && n < sizeof nets; i++) {
        size_t parameters;
        const char *name = gan_trainer_role(r->trainer, i, &parameters);
        n += (size_t)snprintf(nets + n, sizeof nets - n, "%s%s %zu", i ? ", " : "", name, parameters);
    }
    return gan__run_say(r, GAN_EVENT_START, err,
                        "%s: %d %s of %d x %d x %d (%s); parameters: %s; %.0f MB, %.0f MFLOP an iteration, %d "
                        "thread%s, %s",
                        gan_dataset_name(r->data), gan_dataset_count(r->data), r->points ? "points" : "images", h, w, c,
                        gan_dataset_source(r->data),
                        nets, (double)gan_trainer_bytes(r->trainer) / 1e6, gan_trainer_flops(r->trainer) / 1e6,
                        gan_team_threads(r->team), gan_team_threads(r->team) == 1 ? "" : "s", gan_isa());
}

static void release(gan__run *r)
{
    const int files[] = {r->metrics, r->timing, r->lock};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] >= 0)
            close(files[i]);
    gan__run_eval_release(r);
    gan__run_health_release(r);
    gan__run_doctor_release(r);
    gan__run_mends_release(r);
    gan_trainer_free(r->trainer);
    gan_team_free(r->team);
    gan_dataset_free(r->data);
    gan_dataset_free(r->held);
    gan_recipe_free(r->recipe);
    free(r->grid);
    free(r->points);
}

static gan_status set_iterations(gan_recipe *recipe, const char *key, int64_t n, gan_error *err)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)n);
    return gan_recipe_set(recipe, key, text, err);
}

/* The recipe names its data by the set's name. A file's name may hold what a setting cannot. */
static gan_status name_data(gan__run *r, gan_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s", gan_dataset_name(r->data));
    for (char *p = name; *p; p++)
        if (!(isascii(*p) && (isalnum(*p) || strchr("._-+ /", *p))))
            *p = '_';
    return gan_recipe_set(r->recipe, "data.set", name, err);
}

/* What `auto`, and `data` in layers, came to, so that a folder that grows cannot change it. */
static gan_status settle_pictures(gan__run *r, gan_error *err)
{
    int h, w, c;
    char size[32];
    gan_dataset_shape(r->data, &h, &w, &c);
    const gan_status settled = gan_recipe_settle(r->recipe, h, w, c, err);
    if (settled != GAN_OK || !gan_dataset_from_pictures(r->data) || !gan_recipe_has(r->recipe, "data.size"))
        return settled;
    snprintf(size, sizeof size, "%d %d", h, w);
    const gan_status s = gan_recipe_set(r->recipe, "data.size", size, err);
    return s == GAN_OK ? gan_recipe_set(r->recipe, "data.gray", c < 3 ? "on" : "off", err) : s;
}

/* Settled here so that extending the run cannot change them: the schedule's length, the data's
 * name and shape. */
static gan_status resolve(gan__run *r, gan_error *err)
{
    gan_status s = GAN_OK;
    if (r->p->iterations > 0)
        s = set_iterations(r->recipe, "train.iterations", r->p->iterations, err);
    if (s == GAN_OK && gan_recipe_int(r->recipe, "train.schedule_iterations") == 0)
        s = set_iterations(r->recipe, "train.schedule_iterations",
                           gan_recipe_int(r->recipe, "train.iterations"), err);
    if (s == GAN_OK)
        s = name_data(r, err);
    return s == GAN_OK ? settle_pictures(r, err) : s;
}

/* Where a path lay is kept absolute, so that a run can be resumed from anywhere. */
static void keep_place(char *to, size_t bytes, const char *where)
{
    char *absolute = realpath(where, NULL); /* NULL: a name */
    snprintf(to, bytes, "%s", absolute ? absolute : where);
    free(absolute);
}

static gan_status start(gan__run *r, gan_error *err)
{
    const gan_run_params *p = r->p;
    gan_status s = gan_recipe_copy(&r->recipe, p->recipe, err);
    const char *where = p->data       ? p->data
                        : s == GAN_OK ? gan_recipe_text(r->recipe, "data.set")
                                      : "";
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
        r->local.items = gan_dataset_count(r->data);
    if (s == GAN_OK)
        s = gan__folder_create(r->dir, r->recipe, &r->local, p->force, &r->lock, err);
    return s;
}

/* A refusal of other data also says how many pictures have come or gone. */
static gan_status load_newest(gan__run *r, gan_error *err)
{
    gan_error why = {0};
    const gan_status s = gan__run_load_newest(r, &why);
    const int now = gan_dataset_count(r->data), then = r->local.items;
    if (s == GAN_EDATA && then && then != now)
        return gan__fail(err, s, "%s; it has %d %s, and had %d when the run was trained on it", why.message, now, r->points ? "points" : "images", then);
    if (s != GAN_OK && err)
        *err = why;
    r->local.items = now;
    return s;
}

static gan_status resume(gan__run *r, gan_error *err)
{
    const gan_run_params *p = r->p;
    gan_status s = gan__place_lock(r->dir, &r->lock, err);
    if (s == GAN_OK)
        s = gan__folder_read(r->dir, &r->recipe, err);
    if (s == GAN_OK) {
        gan__place_sweep(r->dir);
        s = gan__place_mark(r->dir, 1, err);
    }
    if (s == GAN_OK)
        s = gan__local_read(r->dir, &r->local, err);
    if (s == GAN_OK && p->iterations > 0)
        s = set_iterations(r->recipe, "train.iterations", p->iterations, err);
    if (s == GAN_OK)
        s = gan__run_mends_open(r, err);
    if (s == GAN_OK && p->data)
        keep_place(r->local.data, sizeof r->local.data, p->data);
    if (s == GAN_OK && p->threads)
        r->local.threads = p->threads;
    if (s == GAN_OK)
        s = open_data(r, *r->local.data ? r->local.data : gan_recipe_text(r->recipe, "data.set"),
                      err);
    if (s == GAN_OK)
        s = open_trainer(r, err);
    if (s == GAN_OK)
        s = load_newest(r, err);
    if (s == GAN_OK && r->saved < 0 && gan__run_was_saved(r))
        s = gan__fail(err, GAN_ENOTFOUND,
                      "%s: nothing to resume: its checkpoints (state/) are gone; its model can still be sampled, or be "
                      "where a new run starts from", r->dir);
    if (s == GAN_OK && r->saved < 0 && *r->local.init)
        s = gan_trainer_init_from(r->trainer, r->local.init, err);
    if (s == GAN_OK && r->saved < r->target) /* only a run that goes on keeps its new length */
        s = gan__folder_write_recipe(r->dir, gan__run_begun_recipe(r), err);
    if (s == GAN_OK)
        s = gan__local_write(r->dir, &r->local, err);
    return s;
}

/* Opened, gone on with, closed. *left: minutes, if it is to be resumed. */
static gan_status play(const gan_run_params *p, gan_status (*prepare)(gan__run *, gan_error *), bool *again, double *left, gan_error *err)
{
    gan__run r = {.p = p, .dir = p->dir, .lock = -1, .saved = -1, .metrics = -1, .timing = -1};
    gan_status s = prepare(&r, err);
    if (s == GAN_OK)
        s = open_logs(&r, err);
    if (s == GAN_OK && !*again)
        s = introduce(&r, err);
    if (s == GAN_OK)
        s = gan__run_eval_open(&r, err);
    if (s == GAN_OK)
        s = gan__run_health_open(&r, err);
    if (s == GAN_OK)
        s = gan__run_doctor_open(&r, err);
    if (s == GAN_OK && r.saved >= r.target)
        s = gan__run_say(&r, GAN_EVENT_END, err, "nothing to do: %lld iterations are done, and %lld are asked for",
                         (long long)r.saved, (long long)r.target);
    else if (s == GAN_OK)
        s = loop(&r, err);
    *again = r.mended && s == GAN_OK;
    *left = p->minutes - (gan__seconds() - r.began) / 60;
    release(&r);
    return s;
}

/* A run that was mended is resumed as any other, in the minutes that are left. */
static gan_status execute(const gan_run_params *p, gan_status (*prepare)(gan__run *, gan_error *), gan_error *err)
{
    gan_run_params now = *p;
    bool again = false;
    double left;
    gan_status s = play(&now, prepare, &again, &left, err);
    while (s == GAN_OK && again) {
        if (p->minutes > 0)
            now.minutes = left > 0 ? left : 1e-9;
        s = play(&now, resume, &again, &left, err);
    }
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
