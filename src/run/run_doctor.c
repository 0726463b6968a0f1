/* run_doctor.c - see run_doctor.h. What is told and when a run ends follow from metrics.jsonl and the recipe, so a run that was killed and goes on
 * does as one that was not. */
#include "run/run_doctor.h"

#include "base/paths.h"
#include "run/run_events.h"
#include "run/run_folder.h"
#include "run/run_mend.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MOST = 65536 /* that there is room for at once */ };
enum { LOST = 8 /* lines on end at which a sickness is certain: it does not pass by itself */ };
static const double CERTAIN = 0.9;

static bool wants(const gan__run *r, const char *word)
{
    return gan_recipe_has(r->recipe, "train.doctor") && !strcmp(gan_recipe_text(r->recipe, "train.doctor"), word);
}

/* A rule's place in `told`; what went away may be told again. */
static bool *told_of(gan__run *r, const gan_finding *f)
{
    for (int i = 0; i < gan_rules(); i++)
        if (!strcmp(gan_rule(i).name, f->rule))
            return &r->told[i];
    return NULL;
}

static gan_status judge(gan__run *r, bool aloud, gan_error *err)
{
    gan_finding found[GAN_FINDINGS_MAX];
    bool still[GAN_RULES_MAX] = {false};
    gan_status s = GAN_OK;
    int n;
    gan_doctor_advance(r->doctor);
    gan_doctor_findings(r->doctor, found, &n, NULL);
    for (int i = 0; i < n && s == GAN_OK; i++) {
        bool *told = found[i].over ? NULL : told_of(r, &found[i]);
        if (!told)
            continue;
        still[told - r->told] = true;
        if (!*told && aloud)
            s = gan__run_say(r, GAN_EVENT_DOCTOR, err, "iteration %lld: %s (%s); why, and what to try: gander doctor %s", (long long)found[i].until,
                             found[i].what, found[i].seen, r->dir);
    }
    for (int i = 0; i < gan_rules() && s == GAN_OK; i++)
        if (r->told[i] && !still[i] && aloud)
            s = gan__run_say(r, GAN_EVENT_DOCTOR, err, "iteration %lld: over: %.*s", (long long)gan_trainer_iteration(r->trainer),
                             (int)strcspn(gan_rule(i).what, ":"), gan_rule(i).what);
    memcpy(r->told, still, sizeof still);
    return s;
}

/* Memory that no line has come to is not taken yet. */
static int lines_to_come(const gan__run *r)
{
    const int64_t left = r->target - gan_trainer_iteration(r->trainer),
                  lines = left / r->log_every + (r->watch.every ? left / r->watch.every : 0) + 1;
    return lines < 0 ? 0 : lines < LINES_MOST ? (int)lines : LINES_MOST;
}

gan_status gan__run_doctor_open(gan__run *r, gan_error *err)
{
    if (!wants(r, "tell") && !wants(r, "stop") && !wants(r, "mend"))
        return GAN_OK;
    char *path = gan__folder_path(r->dir, "metrics.jsonl");
    const bool there = path && gan__is_file(path);
    free(path);
    gan_error why = {0};
    gan_finding lost;
    gan_status s = GAN_OK;
    if (there && gan_history_read(&r->history, r->dir, &why) != GAN_OK)
        s = gan__run_say(r, GAN_EVENT_NOTE, err, "%s; the doctor begins anew", why.message);
    if (s == GAN_OK && !r->history)
        s = gan_history_create(&r->history, err);
    if (s == GAN_OK)
        s = gan_history_reserve(r->history, lines_to_come(r) + gan_history_rows(r->history), err);
    if (s == GAN_OK)
        s = gan_doctor_create(&r->doctor, r->history, r->recipe, err);
    if (s == GAN_OK)
        s = judge(r, false, err);
    r->ends = s == GAN_OK && gan__run_doctor_ends(r, &lost);
    return s;
}

void gan__run_doctor_release(gan__run *r)
{
    gan_doctor_free(r->doctor);
    gan_history_free(r->history);
}

gan_status gan__run_doctor_look(gan__run *r, const gan_metrics *m, gan_error *err)
{
    if (!r->doctor || (gan_history_rows(r->history) && m->iteration <= gan_history_iteration(r->history, gan_history_rows(r->history) - 1)))
        return GAN_OK;
    const gan_status s = gan_history_add(r->history, m, err);
    return s == GAN_OK ? judge(r, true, err) : s;
}

bool gan__run_doctor_mends(const gan__run *r)
{
    return r->doctor && wants(r, "mend");
}

/* It does not pass by itself. */
static bool is_lost(const gan_finding *f)
{
    return !f->over && f->sick && (f->sure == 1 || (f->sure >= CERTAIN && f->lines >= LOST));
}

bool gan__run_doctor_ends(const gan__run *r, gan_finding *f)
{
    gan_finding found[GAN_FINDINGS_MAX];
    int n = 0;
    const bool mend = gan__run_doctor_mends(r);
    if (!r->doctor || (!mend && !wants(r, "stop")))
        return false;
    gan_doctor_findings(r->doctor, found, &n, NULL);
    for (int i = 0; i < n; i++)
        if (mend ? is_lost(&found[i]) && gan__run_mendable(r, &found[i]) : is_lost(&found[i]) || (!found[i].over && !found[i].sick)) {
            *f = found[i];
            return true;
        }
    return false;
}
