/* run_mend.c - see run_mend.h.
 *
 *     mends.jsonl: {"at":2500,"rule":"collapse","seen":4500,"settings":"--set train.r1=0.1 --set train.r2=0.1"}
 *
 * Which checkpoint it is follows from the lines and the recipe alone: the last one of train.checkpoint_every before the first line at which a sickness
 * that is there now was seen. One that was written because somebody stopped the run is never gone back to.
 */
#include "run/run_mend.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "run/run_events.h"
#include "run/run_folder.h"
#include "train/model_file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 16, TRIES = 2 };
static const char name[] = "mends.jsonl";

/* ---- settings ------------------------------------------------------------------------------------- */

/* What changes neither a net's tensors nor what an optimiser keeps. */
static bool may_change(const char *assignment)
{
    static const char *const keys[] = {"train.objective", "train.r1", "train.r2", "train.gp", "train.optimizer", "train.clip"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strncmp(assignment, keys[i], strlen(keys[i])) && assignment[strlen(keys[i])] == '=')
            return true;
    return false;
}

/* The next assignment of "--set a=1 --set \"b=2 3\"" into out; NULL: there is none, or the text says something else (*wrong). */
static const char *next_setting(const char *text, char out[GAN_REMEDY_MAX], bool *wrong)
{
    text += strspn(text, " ");
    if (!*text)
        return NULL;
    *wrong = strncmp(text, "--set ", 6) != 0;
    if (*wrong)
        return NULL;
    text += 6;
    const bool quoted = *text == '"';
    text += quoted;
    const size_t n = strcspn(text, quoted ? "\"" : " ");
    *wrong = n == 0 || n >= GAN_REMEDY_MAX || (quoted && !text[n]);
    if (*wrong)
        return NULL;
    memcpy(out, text, n);
    out[n] = 0;
    return text + n + quoted;
}

static gan_status apply(gan_recipe *recipe, const char *settings, gan_error *err)
{
    char one[GAN_REMEDY_MAX];
    bool wrong = false;
    gan_status s = GAN_OK;
    for (const char *p = settings; s == GAN_OK && (p = next_setting(p, one, &wrong)) != NULL;)
        s = may_change(one) ? gan_recipe_assign(recipe, one, err) : gan__fail(err, GAN_EKEY, "%s cannot be changed on the way", one);
    return s == GAN_OK && wrong ? gan__fail(err, GAN_EKEY, "\"%s\" are no settings", settings) : s;
}

/* ---- mends.jsonl ---------------------------------------------------------------------------------- */

static bool read_line(gan_mend *m, const char *line, size_t bytes)
{
    const char *rule, *settings;
    json_int_t at, seen;
    json_t *root = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, NULL);
    const bool ok = root && json_unpack(root, "{s:I s:s s:I s:s}", "at", &at, "rule", &rule, "seen", &seen, "settings", &settings) == 0 && at >= 0 && seen >= at &&
                    strlen(rule) < sizeof m->rule && strlen(settings) < sizeof m->settings;
    if (ok) {
        *m = (gan_mend){.at = at, .seen = seen};
        strcpy(m->rule, rule);
        strcpy(m->settings, settings);
    }
    json_decref(root);
    return ok;
}

gan_status gan_run_mends(const char *dir, gan_mend mend[GAN_MENDS_MAX], int *count, gan_error *err)
{
    uint8_t *text = NULL;
    size_t bytes = 0;
    char *path = gan__folder_path(dir, name);
    gan_status s = path ? GAN_OK : gan__fail_memory(err, name);
    *count = 0;
    if (s == GAN_OK && gan__is_file(path))
        s = gan__read_file(path, FILE_MOST, &text, &bytes, err);
    for (const char *p = (const char *)text, *end; s == GAN_OK && p && *p; p = end + 1) {
        end = strchr(p, '\n');
        if (!end || *count == GAN_MENDS_MAX || !read_line(&mend[*count], p, (size_t)(end - p)))
            s = gan__fail(err, GAN_EFORMAT, "%s:%d: is no line that train.doctor = mend wrote", path, *count + 1);
        else
            ++*count;
        if (!end)
            break;
    }
    free(text);
    free(path);
    return s;
}

static gan_status write_mends(const char *dir, const gan_mend *mend, int count, gan_error *err)
{
    char *path = gan__folder_path(dir, name), *text = NULL;
    size_t bytes = 0;
    FILE *out = path ? open_memstream(&text, &bytes) : NULL;
    gan_status s = out ? GAN_OK : gan__fail_memory(err, name);
    for (int i = 0; i < count && s == GAN_OK; i++) {
        json_t *root = json_pack("{s:I s:s s:I s:s}", "at", (json_int_t)mend[i].at, "rule", mend[i].rule, "seen", (json_int_t)mend[i].seen, "settings",
                                 mend[i].settings);
        char *line = root ? json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
        if (!line || fprintf(out, "%s\n", line) < 0)
            s = gan__fail_memory(err, name);
        free(line);
        json_decref(root);
    }
    if (out && fclose(out) != 0 && s == GAN_OK)
        s = gan__fail_memory(err, name);
    if (s == GAN_OK)
        s = gan__write_file(path, text, bytes, err);
    free(text);
    free(path);
    return s;
}

gan_status gan_run_recipe(gan_recipe **out, const char *dir, gan_error *err)
{
    gan_mend mend[GAN_MENDS_MAX];
    int n = 0;
    gan_status s = gan__folder_read(dir, out, err);
    if (s == GAN_OK)
        s = gan_run_mends(dir, mend, &n, err);
    for (int i = 0; i < n && s == GAN_OK; i++)
        s = apply(*out, mend[i].settings, err);
    if (s != GAN_OK) {
        gan_recipe_free(*out);
        *out = NULL;
    }
    return s;
}

/* ---- recipes of a run ------------------------------------------------------------------------------ */

gan_status gan__run_mends_open(gan__run *r, gan_error *err)
{
    gan_status s = gan_run_mends(r->dir, r->mend, &r->mends, err);
    for (int i = 0; i < r->mends && s == GAN_OK; i++) {
        r->was[i] = r->recipe; /* with the first i mends */
        r->recipe = NULL;
        s = gan_recipe_copy(&r->recipe, r->was[i], err);
        if (s == GAN_OK)
            s = apply(r->recipe, r->mend[i].settings, err);
    }
    return s;
}

void gan__run_mends_release(gan__run *r)
{
    for (int i = 0; i < GAN_MENDS_MAX; i++)
        gan_recipe_free(r->was[i]);
}

const gan_recipe *gan__run_begun_recipe(const gan__run *r)
{
    return r->mends ? r->was[0] : r->recipe;
}

/* Behind a mend's checkpoint all is made with it, and with those before it; what had come later went. */
const gan_recipe *gan__run_recipe_at(const gan__run *r, int64_t iteration)
{
    for (int i = r->mends; i > 0; i--)
        if (r->mend[i - 1].at < iteration)
            return i == r->mends ? r->recipe : r->was[i];
    return gan__run_begun_recipe(r);
}

/* ---- back ------------------------------------------------------------------------------------------ */

/* The last regular checkpoint before an iteration. */
static int64_t before(const gan__run *r, int64_t iteration)
{
    return iteration > 0 ? (iteration - 1) / r->checkpoint_every * r->checkpoint_every : 0;
}

int gan__run_mend_keeps(const gan__run *r, int64_t i, int64_t keep[GAN_FINDINGS_MAX + 1])
{
    gan_finding found[GAN_FINDINGS_MAX];
    int n = 0, kept = 0;
    gan_doctor_findings(r->doctor, found, &n, NULL);
    for (int k = 0; k < n; k++)
        if (found[k].sick && !found[k].over)
            keep[kept++] = before(r, found[k].since);
    keep[kept++] = before(r, i - r->log_every); /* the next line may say that the last one was the first */
    return kept;
}

/* Of all that is wrong now, the first sign; of what a line has not seen yet, the line before. */
static int64_t first_sign(const gan__run *r)
{
    gan_finding found[GAN_FINDINGS_MAX];
    int n = 0;
    int64_t since = gan_trainer_iteration(r->trainer) - r->log_every;
    gan_doctor_findings(r->doctor, found, &n, NULL);
    for (int k = 0; k < n; k++)
        if (found[k].sick && !found[k].over && found[k].since < since)
            since = found[k].since;
    return since;
}

/* That checkpoint, or, where somebody took it away, the next one before it; -1: none. */
static int64_t healthy(const gan__run *r)
{
    int64_t have[GAN__STATES_MAX];
    const int n = gan__folder_states(r->dir, have);
    const int64_t latest = before(r, first_sign(r));
    for (int i = 0; i < n; i++)
        if (have[i] <= latest && have[i] % r->checkpoint_every == 0)
            return have[i];
    return -1;
}

/* Twice the same remedy from the same place is enough: more of it is no cure. But what is certain (a NaN) must end, by ever smaller steps. */
static bool was_no_help(const gan__run *r, const gan_finding *f)
{
    const int64_t at = healthy(r);
    int times = 0;
    for (int i = 0; i < r->mends; i++)
        times += r->mend[i].at >= at && !strcmp(r->mend[i].rule, f->rule);
    return times >= TRIES && f->sure < 1;
}

bool gan__run_mendable(const gan__run *r, const gan_finding *f)
{
    gan_recipe *other = NULL;
    if (!f->sick || strncmp(f->remedy, "--set ", 6) != 0 || r->mends == GAN_MENDS_MAX || was_no_help(r, f))
        return false;
    bool differs = false;
    if (gan_recipe_copy(&other, r->recipe, NULL) == GAN_OK && apply(other, f->remedy, NULL) == GAN_OK && gan_recipe_check(other, NULL) == GAN_OK) {
        char *before = gan_recipe_ini(r->recipe), *after = gan_recipe_ini(other);
        differs = before && after && strcmp(before, after) != 0;
        free(before);
        free(after);
    }
    gan_recipe_free(other);
    return differs;
}

/* The best model yet may be one of what is taken back. */
static void drop_best(const gan__run *r, int64_t at)
{
    int64_t iteration = 0;
    char *path = gan__folder_path(r->dir, "best.safetensors");
    if (path && gan__is_file(path) && gan__model_iteration(path, &iteration, NULL) == GAN_OK && iteration > at)
        unlink(path);
    free(path);
}

gan_status gan__run_mend(gan__run *r, const gan_finding *f, gan_error *err)
{
    gan_mend *m = &r->mend[r->mends];
    *m = (gan_mend){.at = healthy(r), .seen = gan_trainer_iteration(r->trainer)};
    if (m->at < 0)
        return gan__fail(err, GAN_ENOTFOUND, "%s: no healthy checkpoint is there to go back to", r->dir);
    snprintf(m->rule, sizeof m->rule, "%s", f->rule);
    snprintf(m->settings, sizeof m->settings, "%s", f->remedy);
    gan__folder_drop_states(r->dir, m->at, GAN__STATES_MAX, NULL, 0); /* first: a kill behind it only repeats what led here */
    drop_best(r, m->at);
    gan_status s = write_mends(r->dir, r->mend, r->mends + 1, err);
    r->mended = s == GAN_OK;
    if (s == GAN_OK)
        s = gan__run_say(r, GAN_EVENT_DOCTOR, err, "iteration %lld: lost: %s (%s). Mended: back to iteration %lld, and on with %s", (long long)m->seen, f->what, f->seen,
                         (long long)m->at, m->settings);
    return s;
}
