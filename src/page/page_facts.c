/* page_facts.c - what a run's files say, as JSON: its recipe, its lines of metrics, what the doctor makes of them, its grids. */
#include "page/page_internal.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/paths.h"
#include "file/png.h"

#include <gan/gan.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { POINTS_MOST = 1000 /* of a curve: its part of a screen shows no more */ };

/* ---- files of the run ---------------------------------------------------------------------------- */

char *gan__page_path(const gan_page *p, const char *name)
{
    return gan__path_join(p->run, name);
}

gan__stamp gan__page_stamp(const gan_page *p, const char *name)
{
    struct stat st;
    char *path = gan__page_path(p, name);
    const bool there = path && stat(path, &st) == 0;
    free(path);
    if (!there)
        return 0;
    const gan__stamp parts[] = {(gan__stamp)st.st_ino, (gan__stamp)st.st_size, (gan__stamp)st.st_mtim.tv_sec, (gan__stamp)st.st_mtim.tv_nsec};
    return gan__hash(parts, sizeof parts) | 1;
}

gan_status gan__page_recipe(gan_page *p, gan_error *err)
{
    const gan__stamp now = gan__page_stamp(p, "recipe.ini") * 31 + gan__page_stamp(p, "mends.jsonl");
    if (p->recipe && now == p->recipe_was)
        return GAN_OK;
    gan_recipe *newer = NULL;
    const gan_status s = gan_run_recipe(&newer, p->run, err);
    if (s != GAN_OK)
        return s;
    gan__page_inside_release(p);
    gan__page_lines_release(p);
    gan_dataset_free(p->set);
    p->set = NULL;
    p->real_far = 0;
    p->search.of = 0;
    gan_recipe_free(p->recipe);
    p->recipe = newer;
    p->recipe_was = now;
    return GAN_OK;
}

static bool is_grid(const char *name)
{
    return gan__name_number(name, ".png") >= 0 && strlen(name) < GAN__PAGE_GRID_NAME;
}

static int by_number(const void *a, const void *b)
{
    const int64_t x = gan__name_number(a, ".png"), y = gan__name_number(b, ".png");
    return (x > y) - (x < y);
}

gan_status gan__page_grid_list(const gan_page *p, char (**names)[GAN__PAGE_GRID_NAME], int *count, gan_error *err)
{
    char *folder = gan__page_path(p, "samples");
    DIR *d = folder ? opendir(folder) : NULL;
    int room = 0, n = 0;
    bool memory = folder != NULL;
    free(folder);
    *names = NULL;
    for (struct dirent *e; memory && d && (e = readdir(d)) != NULL;) {
        if (!is_grid(e->d_name))
            continue;
        if (n == room) {
            void *more = realloc(*names, (size_t)(room = 2 * room + 64) * sizeof **names);
            memory = more != NULL;
            *names = more ? more : *names;
        }
        if (memory)
            strcpy((*names)[n++], e->d_name);
    }
    if (d)
        closedir(d);
    if (!memory)
        return free(*names), *names = NULL, gan__fail_memory(err, "a list of grids");
    if (n)
        qsort(*names, (size_t)n, sizeof **names, by_number);
    *count = n;
    return GAN_OK;
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

gan_status gan__page_json(json_t *root, gan_page_answer *a, gan_error *err)
{
    char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(7)) : NULL;
    json_decref(root);
    if (!text)
        return gan__fail_memory(err, "an answer");
    snprintf(a->type, sizeof a->type, "application/json");
    a->bytes = (uint8_t *)text;
    a->size = strlen(text);
    return GAN_OK;
}

json_t *gan__page_real(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

json_t *gan__page_text(const char *text)
{
    json_t *whole = json_string(text);
    if (whole)
        return whole;
    char *clean = strdup(text); /* ours, with what is not ASCII as '?' */
    for (char *c = clean; c && *c; c++)
        *c = (unsigned char)*c < 128 ? *c : '?';
    whole = json_string(clean);
    free(clean);
    return whole;
}

/* A number that changes when the file does, as text: JavaScript's numbers end at 2^53. */
static json_t *stamp_of(const gan_page *p, const char *name)
{
    char text[32];
    snprintf(text, sizeof text, "%llx", (unsigned long long)gan__page_stamp(p, name));
    return json_string(text);
}

/* ---- the run ------------------------------------------------------------------------------------- */

static json_t *nets_of(const gan_recipe *r)
{
    static const char *const sections[] = {"generator", "discriminator", "encoder", "decoder", "features", "head"};
    json_t *nets = json_array();
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s.layers", sections[i]);
        if (!gan_recipe_has(r, key))
            continue;
        json_t *net = json_object();
        json_object_set_new(net, "name", json_string(sections[i]));
        json_object_set_new(net, "layers", gan__page_text(gan_recipe_text(r, key)));
        json_array_append_new(nets, net);
    }
    return nets;
}

/* The settings that a page's words depend on. */
static json_t *settings_of(const gan_recipe *r)
{
    static const char *const keys[] = {"train.objective", "train.batch", "train.optimizer", "train.d_steps", "train.augment", "train.r1", "train.r2",
                                       "data.set"};
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (gan_recipe_has(r, keys[i])) {
            const char *text = gan_recipe_text(r, keys[i]);
            if (text)
                json_object_set_new(all, keys[i], gan__page_text(text));
        }
    return all;
}

/* What the metrics' keys mean, for hints. */
static json_t *keys_of(const char *game)
{
    json_t *keys = json_object();
    for (int i = 0; i < gan_metric_kinds(); i++) {
        const gan_metric_info k = gan_metric_kind(i);
        if (!strcmp(k.game, game))
            json_object_set_new(keys, k.key, json_string(k.help));
    }
    for (int i = 0; i < GAN_HEALTH_ROWS; i++)
        json_object_set_new(keys, gan_health_row(i).key, json_string(gan_health_row(i).help));
    for (int i = 0; i < gan_measures(); i++)
        json_object_set_new(keys, gan_measure_at(i).key, json_string(gan_measure_at(i).help));
    return keys;
}

gan_status gan__page_run(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    (void)q;
    char *ini = gan_recipe_ini(p->recipe), *end = p->run + strlen(p->run);
    if (!ini)
        return gan__fail_memory(err, "an answer");
    while (end > p->run + 1 && end[-1] == '/')
        end--;
    char *name = strndup(p->run, (size_t)(end - p->run));
    const char *slash = name ? strrchr(name, '/') : NULL, *game = gan_recipe_text(p->recipe, "train.game");
    json_t *root = json_object();
    json_object_set_new(root, "name", gan__page_text(slash && slash[1] ? slash + 1 : name ? name : ""));
    json_object_set_new(root, "path", gan__page_text(p->run));
    json_object_set_new(root, "game", json_string(game));
    json_object_set_new(root, "iterations", json_integer(gan_recipe_int(p->recipe, "train.iterations")));
    json_object_set_new(root, "recipe", gan__page_text(ini));
    json_object_set_new(root, "settings", settings_of(p->recipe));
    json_object_set_new(root, "nets", nets_of(p->recipe));
    json_object_set_new(root, "keys", keys_of(game));
    json_object_set_new(root, "version", json_string(gan_version()));
    if (gan__page_model(p, NULL) == GAN_OK) {
        int h, w, c;
        gan_model_shape(p->model, &h, &w, &c);
        json_object_set_new(root, "shape", json_pack("[iii]", h, w, c));
        json_object_set_new(root, "classes", json_integer(gan_model_classes(p->model)));
        json_object_set_new(root, "latent", json_integer(gan_model_latent(p->model)));
        json_object_set_new(root, "points", json_boolean(gan_model_real(p->model)));
        json_object_set_new(root, "parameters", json_integer((json_int_t)gan_model_elements(p->model)));
    }
    free(name);
    free(ini);
    return gan__page_json(root, a, err);
}

/* ---- what it logged ------------------------------------------------------------------------------ */

void gan__page_lines_release(gan_page *p)
{
    gan_doctor_free(p->doctor);
    gan_history_free(p->lines);
    p->doctor = NULL;
    p->lines = NULL;
}

/* The lines that have come since the last time; all of them again where the run was mended or begun anew. */
static gan_status read_lines(gan_page *p, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!p->lines)
            s = gan_history_create(&p->lines, err);
        if (s == GAN_OK && !p->doctor)
            s = gan_doctor_create(&p->doctor, p->lines, p->recipe, err);
        if (s == GAN_OK)
            s = gan_history_more(p->lines, p->run, err);
        if (s == GAN_OK || (s == GAN_ENOTFOUND && !gan_history_rows(p->lines))) /* a run that has just begun has none */
            return GAN_OK;
        gan__page_lines_release(p);
        if (s != GAN_EDATA && s != GAN_ENOTFOUND)
            return s;
        s = GAN_OK;
    }
    return gan__fail(err, GAN_EIO, "%s: its metrics.jsonl is written anew; ask again", p->run);
}

/* The last figure of a key among rows first .. end - 1. */
static double last_known(const gan_history *h, int first, int end, const char *key)
{
    for (int row = end - 1; row >= first; row--) {
        const double x = gan_history_value(h, row, key);
        if (!isnan(x))
            return x;
    }
    return nan("");
}

/* Of long runs a point for every `by` lines: their last one's iteration, and of each key the last figure among them, so that what is logged rarely is
 * not lost. */
static json_t *log_of(const gan_page *p)
{
    const gan_history *h = p->lines;
    const int rows = gan_history_rows(h), by = rows / POINTS_MOST + 1, begin = rows % by ? rows % by - by : 0;
    json_t *root = json_object(), *at = json_array(), *columns = json_object();
    for (int first = begin; first < rows; first += by)
        json_array_append_new(at, json_integer(gan_history_iteration(h, first + by - 1)));
    for (int i = 0; i < gan_history_keys(h); i++) {
        json_t *column = json_array();
        const char *key = gan_history_key(h, i);
        for (int first = begin; first < rows; first += by)
            json_array_append_new(column, gan__page_real(last_known(h, first > 0 ? first : 0, first + by, key)));
        json_object_set_new(columns, key, column);
    }
    json_object_set_new(root, "game", json_string(gan_recipe_text(p->recipe, "train.game")));
    json_object_set_new(root, "iteration", at);
    json_object_set_new(root, "columns", columns);
    return root;
}

gan_status gan__page_metrics(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    (void)q;
    const gan_status s = read_lines(p, err);
    return s == GAN_OK ? gan__page_json(log_of(p), a, err) : s;
}

static json_t *finding_of(const gan_finding *f)
{
    return json_pack("{s:s s:s s:s s:s s:s s:s s:I s:I s:I s:b s:b s:f}", "rule", f->rule, "what", f->what, "why", f->why, "seen", f->seen, "remedy", f->remedy, "helps", f->helps,
                     "first", (json_int_t)f->first, "since", (json_int_t)f->since, "until", (json_int_t)f->until, "sick", f->sick, "over", f->over,
                     "sure", f->sure);
}

/* What the doctor says of the lines that were read. */
static gan_status verdict_of(gan_page *p, json_t **out, gan_error *err)
{
    gan_finding found[GAN_FINDINGS_MAX];
    gan_mend mend[GAN_MENDS_MAX];
    int n = 0, judged = 0, mends = 0;
    const gan_status s = gan_run_mends(p->run, mend, &mends, err);
    if (s != GAN_OK)
        return s;
    gan_doctor_advance(p->doctor);
    gan_doctor_findings(p->doctor, found, &n, &judged);
    json_t *root = json_object(), *list = json_array(), *mended = json_array();
    for (int i = 0; i < mends; i++)
        json_array_append_new(mended, json_pack("{s:I s:I s:s s:s}", "at", (json_int_t)mend[i].at, "seen", (json_int_t)mend[i].seen, "rule", mend[i].rule,
                                                "settings", mend[i].settings));
    for (int i = 0; i < n; i++)
        json_array_append_new(list, finding_of(&found[i]));
    json_object_set_new(root, "lines", json_integer(gan_history_rows(p->lines)));
    json_object_set_new(root, "judged", json_integer(judged));
    json_object_set_new(root, "rules", json_integer(gan_rules()));
    json_object_set_new(root, "findings", list);
    json_object_set_new(root, "mends", mended);
    *out = root;
    return GAN_OK;
}

gan_status gan__page_doctor(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    (void)q;
    json_t *root = NULL;
    gan_status s = read_lines(p, err);
    if (s == GAN_OK)
        s = verdict_of(p, &root, err);
    return s == GAN_OK ? gan__page_json(root, a, err) : s;
}

/* ---- what is new --------------------------------------------------------------------------------- */

/* Stamps of all that may change. lines: of the log that the asker has; where there are others, they come along, and the doctor's words on them: a request
 * of its own costs a browser as much as drawing the answer. */
gan_status gan__page_status(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    double lines;
    gan_status s = gan__page_number(q, "lines", -1, -1, 1e9, &lines, err);
    if (s == GAN_OK && lines >= 0)
        s = read_lines(p, err);
    const bool more = s == GAN_OK && lines >= 0 && gan_history_rows(p->lines) != (int)lines;
    json_t *verdict = NULL;
    if (more)
        s = verdict_of(p, &verdict, err);
    if (s != GAN_OK)
        return s;
    json_t *root = json_object();
    if (more) {
        json_object_set_new(root, "log", log_of(p));
        json_object_set_new(root, "doctor", verdict);
    }
    json_object_set_new(root, "metrics", stamp_of(p, "metrics.jsonl"));
    json_object_set_new(root, "samples", stamp_of(p, "samples"));
    json_object_set_new(root, "recipe", stamp_of(p, "recipe.ini"));
    json_object_set_new(root, "mends", stamp_of(p, "mends.jsonl"));
    json_object_set_new(root, "model", stamp_of(p, "model.safetensors"));
    char *state = gan__page_state(p); /* written behind the model */
    json_object_set_new(root, "state", stamp_of(p, state ? state : "state"));
    free(state);
    return gan__page_json(root, a, err);
}


/* ---- what it drew -------------------------------------------------------------------------------- */

gan_status gan__page_grids(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    char(*names)[GAN__PAGE_GRID_NAME];
    int n = 0;
    (void)q;
    const gan_status s = gan__page_grid_list(p, &names, &n, err);
    if (s != GAN_OK)
        return s;
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("[Is]", (json_int_t)gan__name_number(names[i], ".png"), names[i]));
    free(names);
    return gan__page_json(list, a, err);
}

/* A PNG and nothing else: a run that somebody sent may hold links that lead out of it. */
gan_status gan__page_grid(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    const char *name = q->path + strlen("samples/");
    if (!is_grid(name))
        return gan__fail(err, GAN_ENOTFOUND, "there is no such grid");
    gan_image image = {0};
    char *path = gan__page_path(p, q->path);
    gan_status s = path ? gan__png_read(&image, path, err) : gan__fail_memory(err, "an answer");
    if (s == GAN_OK)
        s = gan__page_png(&image, a, err);
    gan_image_release(&image);
    free(path);
    return s;
}

gan_status gan__page_png(const gan_image *image, gan_page_answer *a, gan_error *err)
{
    snprintf(a->type, sizeof a->type, "image/png");
    return gan__png_encode(image, &a->bytes, &a->size, err);
}
