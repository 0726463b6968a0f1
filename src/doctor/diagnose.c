/* diagnose.c - every rule at every line; what lasts is a finding. See gan/doctor.h. */
#include "doctor/rules.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LASTS = 2 /* lines on end that are more than chance */ };

int gan_rules(void)
{
    const gan__rule *rows;
    return gan__rules(&rows);
}

gan_rule_info gan_rule(int i)
{
    const gan__rule *rows;
    gan__rules(&rows);
    return rows[i].info;
}

void gan_rule_remedy(int i, const gan_recipe *r, char text[GAN_REMEDY_MAX])
{
    const gan__rule *rows;
    gan__rules(&rows);
    rows[i].remedy(r, text);
}

/* What a rule has seen of the rows so far; rows, or -1: none. */
typedef struct episode {
    int began;       /* of the lines on end that go up to the last row looked at */
    int first, last; /* of the last ones that lasted */
    int ever;        /* where the first of all that lasted began */
    bool judged;     /* it had its figures at some row */
} episode;

struct gan_doctor {
    const gan_history *h;
    const gan_recipe *recipe;
    int rows; /* looked at */
    episode of[GAN_RULES_MAX];
};

gan_status gan_doctor_create(gan_doctor **out, const gan_history *h, const gan_recipe *r, gan_error *err)
{
    gan_doctor *d = *out = calloc(1, sizeof *d);
    if (!d)
        return gan__fail_memory(err, "a doctor");
    d->h = h;
    d->recipe = r;
    for (int i = 0; i < GAN_RULES_MAX; i++)
        d->of[i] = (episode){.began = -1, .first = -1, .last = -1, .ever = -1};
    return GAN_OK;
}

void gan_doctor_free(gan_doctor *d)
{
    free(d);
}

static void judge(episode *e, double sure, int row)
{
    e->judged |= !isnan(sure);
    if (!(sure > 0)) {
        e->began = -1;
        return;
    }
    if (e->began < 0)
        e->began = row;
    if (row - e->began + 1 < LASTS && sure < 1)
        return;
    e->first = e->began;
    e->last = row;
    if (e->ever < 0)
        e->ever = e->first;
}

void gan_doctor_advance(gan_doctor *d)
{
    const gan__rule *rules;
    const int n = gan__rules(&rules);
    for (; d->rows < gan_history_rows(d->h); d->rows++)
        for (int i = 0; i < n; i++) {
            char seen[GAN_SEEN_MAX];
            judge(&d->of[i], rules[i].symptom((gan__sight){d->h, d->rows}, d->recipe, seen), d->rows);
        }
}

static bool is_seen(const gan_doctor *d, int i)
{
    return d->of[i].last >= 0 && d->of[i].last == d->rows - 1;
}

/* Does another rule, which is seen, say more? */
static bool is_hidden(const gan_doctor *d, const gan__rule *rules, int n, int i)
{
    for (int k = 0; k < n && rules[i].under; k++)
        if (!strcmp(rules[k].info.name, rules[i].under))
            return is_seen(d, k);
    return false;
}

static void tell(gan_finding *f, const gan_doctor *d, const gan__rule *rule, const episode *e)
{
    *f = (gan_finding){.rule = rule->info.name,
                       .what = rule->info.what,
                       .why = rule->info.why,
                       .helps = rule->helps,
                       .first = gan_history_iteration(d->h, e->ever),
                       .since = gan_history_iteration(d->h, e->first),
                       .until = gan_history_iteration(d->h, e->last),
                       .lines = e->last - e->first + 1,
                       .sick = rule->sick,
                       .over = e->last < d->rows - 1};
    f->sure = rule->symptom((gan__sight){d->h, e->last}, d->recipe, f->seen);
    rule->remedy(d->recipe, f->remedy);
}

/* Does p stand before q? */
static bool is_before(const gan_finding *p, const gan_finding *q)
{
    if (p->over != q->over)
        return q->over;
    return p->sick != q->sick ? p->sick : p->sure > q->sure;
}

/* Into its place: what is alike keeps the table's order. */
static void add(gan_finding *found, int *count, const gan_finding *f)
{
    int at = (*count)++;
    for (; at > 0 && is_before(f, &found[at - 1]); at--)
        found[at] = found[at - 1];
    found[at] = *f;
}

void gan_doctor_findings(const gan_doctor *d, gan_finding found[GAN_FINDINGS_MAX], int *count, int *judged)
{
    const gan__rule *rules;
    const int n = gan__rules(&rules);
    int could = 0;
    *count = 0;
    for (int i = 0; i < n; i++) {
        could += d->of[i].judged;
        if (d->of[i].last < 0 || is_hidden(d, rules, n, i))
            continue;
        gan_finding f;
        tell(&f, d, &rules[i], &d->of[i]);
        add(found, count, &f);
    }
    if (judged)
        *judged = could;
}

gan_status gan_diagnose(gan_finding found[GAN_FINDINGS_MAX], int *count, int *judged, const gan_history *h, const gan_recipe *r, gan_error *err)
{
    gan_doctor *d;
    const gan_status s = gan_doctor_create(&d, h, r, err);
    if (s != GAN_OK)
        return s;
    gan_doctor_advance(d);
    gan_doctor_findings(d, found, count, judged);
    gan_doctor_free(d);
    return GAN_OK;
}
