/* run_eval.c - see run_eval.h.
 *
 * Better is a lower FID, or KID where the first evaluation has no FID (a library without LAPACK). Nothing is
 * remembered but the lines of metrics.jsonl, so a run that was killed and goes on decides as one that was not. The figures
 * are doubles rounded to floats; FID's last digits are LAPACK's.
 */
#include "run/run_eval.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "run/run_events.h"
#include "run/run_folder.h"
#include "train/model_file.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const criteria[] = {"fid", "kid"};
enum { CRITERIA = sizeof criteria / sizeof *criteria };

/* An evaluation's figures, NaN where one is not known. What is not known, or is of another criterion than the best, is no better. */
static void judge(gan__run_watch *w, int64_t iteration, const double value[CRITERIA])
{
    for (int k = 0; k < CRITERIA && w->criterion < 0; k++)
        w->criterion = isfinite(value[k]) ? k : -1;
    const double x = w->criterion < 0 ? nan("") : value[w->criterion];
    const bool better = isfinite(x) && (w->best_at < 0 || x < w->best);
    if (better) {
        w->best = x;
        w->best_at = iteration;
    }
    w->since = better ? 0 : w->since + 1;
}

/* ---- what was measured before --------------------------------------------------------------------- */

static void judge_line(gan__run_watch *w, const char *line, size_t bytes)
{
    json_t *row = json_loadb(line, bytes, 0, NULL);
    const json_t *iteration = json_object_get(row, "iteration");
    const int64_t i = json_is_integer(iteration) ? json_integer_value(iteration) : -1;
    double value[CRITERIA];
    for (int k = 0; k < CRITERIA; k++) {
        const json_t *figure = json_object_get(row, criteria[k]);
        value[k] = json_is_number(figure) ? json_number_value(figure) : nan("");
    }
    if (i > 0 && i % w->every == 0)
        judge(w, i, value);
    json_decref(row);
}

static gan_status read_past(gan__run *r, gan_error *err)
{
    char *path = gan__folder_path(r->dir, "metrics.jsonl");
    uint8_t *text = NULL;
    size_t bytes = 0;
    gan_status s = path ? GAN_OK : gan__fail_memory(err, "a file name");
    if (s == GAN_OK && gan__is_file(path))
        s = gan__read_file(path, (size_t)1 << 30, &text, &bytes, err);
    const char *p = (const char *)text;
    for (const char *end; p && (end = memchr(p, '\n', bytes - (size_t)(p - (const char *)text))) != NULL; p = end + 1)
        judge_line(&r->watch, p, (size_t)(end - p));
    free(text);
    free(path);
    return s;
}

/* ---- opening --------------------------------------------------------------------------------------- */

static void say(void *ctx, const char *line)
{
    gan__run_say(ctx, GAN_EVENT_NOTE, NULL, "%s", line);
}

static gan_status make_room(gan__run *r, gan_error *err)
{
    gan__run_watch *w = &r->watch;
    int h, c, width;
    gan_trainer_shape(r->trainer, &h, &width, &c);
    const size_t numbers = (size_t)w->n * (size_t)h * (size_t)width * (size_t)c;
    if (r->points)
        w->points = malloc(numbers * sizeof *w->points);
    else
        w->pixels = malloc(numbers);
    return w->points || w->pixels ? GAN_OK : gan__fail_memory(err, "an evaluation");
}

/* A run that was killed and goes on from before its best evaluation has the file of one that it comes to again. */
static gan_status look_for_best(gan__run *r, gan_error *err)
{
    char *path = gan__folder_path(r->dir, "best.safetensors");
    int64_t iteration = -1;
    gan_status s = path ? GAN_OK : gan__fail_memory(err, "a file name");
    if (s == GAN_OK && gan__is_file(path) && gan__model_iteration(path, &iteration, NULL) == GAN_OK && iteration > r->watch.best_at)
        s = gan__run_say(r, GAN_EVENT_NOTE, err, "%s: is of iteration %lld, which the run comes to again", path, (long long)iteration);
    free(path);
    return s;
}

gan_status gan__run_eval_open(gan__run *r, gan_error *err)
{
    gan__run_watch *w = &r->watch;
    char name[65];
    w->criterion = -1;
    w->best_at = -1;
    if (!gan_trainer_draws(r->trainer) || !gan_recipe_int(r->recipe, "train.eval_every"))
        return GAN_OK;
    w->every = gan_recipe_int(r->recipe, "train.eval_every");
    w->n = (int)gan_recipe_int(r->recipe, "train.eval_samples");
    w->patience = gan_recipe_int(r->recipe, "train.patience");
    gan_status s = read_past(r, err);
    if (s == GAN_OK)
        s = look_for_best(r, err);
    if (s == GAN_OK && !r->points)
        s = gan_feature_net(&w->net, name, r->data, r->team, say, r, err);
    if (s == GAN_OK)
        s = gan_watch_create(&w->watch, r->data, w->net, w->n, r->team, err);
    return s == GAN_OK ? make_room(r, err) : s;
}

void gan__run_eval_release(gan__run *r)
{
    gan_watch_free(r->watch.watch);
    gan_model_free(r->watch.net);
    free(r->watch.points);
    free(r->watch.pixels);
}

/* ---- measuring ------------------------------------------------------------------------------------- */

bool gan__run_eval_due(const gan__run *r, int64_t iteration)
{
    return r->watch.every > 0 && iteration % r->watch.every == 0;
}

static void add_rows(gan_metrics *m, const gan_measured *rows)
{
    for (int i = 0; i < GAN_WATCH_ROWS && m->count < GAN_METRICS_MAX; i++) {
        const gan_measure_info info = gan_measure_at(gan_watch_row(i));
        if (rows[i].known)
            m->row[m->count++] = (gan_metric){info.key, i == 0 ? info.name : NULL, false, (float)rows[i].value};
    }
}

/* By the floats of the metrics' line, as they are read again. */
static void judge_metrics(gan__run_watch *w, const gan_metrics *m)
{
    double value[CRITERIA];
    for (int k = 0; k < CRITERIA; k++) {
        value[k] = nan("");
        for (int i = 0; i < m->count; i++)
            if (!strcmp(m->row[i].key, criteria[k]))
                value[k] = (double)m->row[i].value;
    }
    judge(w, m->iteration, value);
}

gan_status gan__run_eval(gan__run *r, gan_metrics *m, gan_error *err)
{
    gan__run_watch *w = &r->watch;
    gan_measured rows[GAN_WATCH_ROWS];
    gan_error why = {0};
    gan_status s = w->points ? gan_trainer_sample_floats(r->trainer, 0, w->n, w->points, &why)
                             : gan_trainer_sample(r->trainer, 0, w->n, w->pixels, &why);
    if (s == GAN_OK)
        s = gan_watch_measure(w->watch, w->pixels, w->points, rows, &why);
    if (s == GAN_OK)
        add_rows(m, rows);
    judge_metrics(w, m);
    if (s == GAN_EINVAL || s == GAN_ENUMERIC) /* samples that cannot be measured are no reason to stop training */
        return gan__run_say(r, GAN_EVENT_NOTE, err, "iteration %lld: not measured: %s", (long long)m->iteration, why.message);
    if (s != GAN_OK && err)
        *err = why;
    if (s != GAN_OK || w->best_at != m->iteration)
        return s;
    char *path = gan__folder_path(r->dir, "best.safetensors");
    s = path ? gan_trainer_save_model(r->trainer, path, err) : gan__fail_memory(err, "a file name");
    free(path);
    return s;
}

bool gan__run_eval_stalled(const gan__run *r)
{
    return r->watch.patience > 0 && r->watch.since >= r->watch.patience;
}
