/* diagnose.c - every rule at every line; what lasts is a finding. See gan/doctor.h. */
#include "doctor/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* The last lines on end at which a rule saw its symptom. */
typedef struct episode {
    int first, last; /* rows; first -1: none */
    int ever;        /* where the first of all began */
    bool judged;
} episode;

enum { LASTS = 2 /* lines on end that are more than chance */ };

static episode find_last(const gan__rule *rule, const gan_history *h, const gan_recipe *r)
{
    episode e = {-1, -1, -1, false}, now = e;
    for (int row = 0; row < gan_history_rows(h); row++) {
        char seen[GAN_SEEN_MAX];
        const double sure = rule->symptom((gan__sight){h, row}, r, seen);
        e.judged |= !isnan(sure);
        if (!(sure > 0)) {
            now.first = -1;
            continue;
        }
        if (now.first < 0)
            now.first = row;
        if (row - now.first + 1 >= LASTS || sure == 1) {
            e.first = now.first;
            e.last = row;
            e.ever = e.ever < 0 ? e.first : e.ever;
        }
    }
    return e;
}

static void tell(gan_finding *f, const gan__rule *rule, episode e, const gan_history *h, const gan_recipe *r)
{
    *f = (gan_finding){.rule = rule->info.name,
                       .what = rule->info.what,
                       .why = rule->info.why,
                       .first = gan_history_iteration(h, e.ever),
                       .since = gan_history_iteration(h, e.first),
                       .until = gan_history_iteration(h, e.last),
                       .sick = rule->sick,
                       .over = e.last < gan_history_rows(h) - 1};
    f->sure = rule->symptom((gan__sight){h, e.last}, r, f->seen);
    rule->remedy(r, f->remedy);
}

static bool is_seen(const gan_finding *found, int n, const char *rule)
{
    for (int i = 0; i < n; i++)
        if (!found[i].over && !strcmp(found[i].rule, rule))
            return true;
    return false;
}

static int by_weight(const void *a, const void *b)
{
    const gan_finding *p = a, *q = b;
    if (p->over != q->over)
        return p->over - q->over;
    if (p->sick != q->sick)
        return q->sick - p->sick;
    return p->sure != q->sure ? (p->sure < q->sure) - (p->sure > q->sure) : strcmp(p->rule, q->rule);
}

gan_status gan_diagnose(gan_finding found[GAN_FINDINGS_MAX], int *count, int *judged, const gan_history *h, const gan_recipe *r, gan_error *err)
{
    const gan__rule *rows;
    const int n = gan__rules(&rows);
    int could = 0;
    (void)err;
    *count = 0;
    for (int i = 0; i < n && *count < GAN_FINDINGS_MAX; i++) {
        const episode e = find_last(&rows[i], h, r);
        could += e.judged;
        if (e.first >= 0)
            tell(&found[(*count)++], &rows[i], e, h, r);
    }
    int kept = 0;
    for (int i = 0, k = 0; i < n; i++) {
        if (k == *count || strcmp(found[k].rule, rows[i].info.name) != 0)
            continue;
        if (!rows[i].under || !is_seen(found, *count, rows[i].under))
            found[kept++] = found[k];
        k++;
    }
    *count = kept;
    qsort(found, (size_t)*count, sizeof *found, by_weight);
    if (judged)
        *judged = could;
    return GAN_OK;
}
