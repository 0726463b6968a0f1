/* doctor.h - what is wrong with a run, in words, read from what it logged.
 *
 *     metrics.jsonl --> gan_history --gan_diagnose: every rule, at every line--> gan_finding: what, since when, why, what to change
 *
 * A rule is a row of one table (doctor/rules.c). It knows a symptom: something that the figures up to a line show, or do not. What is seen at
 * several lines on end is a finding. Rules look at figures of that run alone and have no memory, so a run's findings are a function of its
 * lines and its recipe: the same on every machine, while it trains and afterwards. docs/doctor.md has the table.
 */
#ifndef GAN_DOCTOR_H
#define GAN_DOCTOR_H

#include <gan/recipe.h>
#include <gan/train.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a run logged: a row for each line, a column for each key, NaN where a line has no such key or null. Owns its numbers. */
typedef struct gan_history gan_history;

/* gan_history_create - without rows. gan_history_add - one more, of an iteration above the last one's (GAN_EINVAL).
 * gan_history_read - RUN/metrics.jsonl, or a file of such lines; a last line without an end is not read: it is being written.
 * gan_history_more - of a history that all came from there (or is empty): the lines that have come since, and nothing else is read.
 * Errors  GAN_ENOTFOUND: no such file; GAN_EFORMAT: a line is no JSON object of numbers, or its iteration does not rise (which line);
 *         GAN_EDATA: the file does not go on with what was read: the run was mended, or begun anew; GAN_ENOMEM. */
GAN_API gan_status gan_history_create(gan_history **out, gan_error *err);
GAN_API gan_status gan_history_reserve(gan_history *h, int rows, gan_error *err); /* room for so many in all: adding them allocates nothing */
GAN_API gan_status gan_history_add(gan_history *h, const gan_metrics *m, gan_error *err);
GAN_API gan_status gan_history_read(gan_history **out, const char *run, gan_error *err);
GAN_API gan_status gan_history_more(gan_history *h, const char *run, gan_error *err);
GAN_API void gan_history_free(gan_history *h);

GAN_API int gan_history_rows(const gan_history *h);
GAN_API int64_t gan_history_iteration(const gan_history *h, int row);
GAN_API int gan_history_keys(const gan_history *h);              /* columns, in the order in which they came; "iteration" is none */
GAN_API const char *gan_history_key(const gan_history *h, int k); /* 0 <= k < keys */
GAN_API bool gan_history_has(const gan_history *h, const char *key); /* is it a column? */
GAN_API double gan_history_value(const gan_history *h, int row, const char *key);

/* One thing that a rule saw. Texts but `seen` and `remedy` are the table's. */
enum { GAN_RULES_MAX = 32, GAN_SEEN_MAX = 200, GAN_REMEDY_MAX = 240, GAN_FINDINGS_MAX = GAN_RULES_MAX };
typedef struct gan_finding {
    const char *rule;            /* "collapse" */
    const char *what;            /* a newcomer's sentence: "mode collapse: ..." */
    const char *why;             /* why the figures mean that; its source is behind it */
    int64_t first;               /* the first iteration at which it was ever seen; it may have gone and come back */
    int64_t since, until;        /* iterations of the lines where it was seen first and last, all between them with it */
    bool sick;                   /* else it is advice: to stop, say */
    bool over;                   /* it is not seen at the last line: it was, and went away */
    int lines;                   /* on end, at which it was seen */
    double sure;                 /* 0.5 likely, 0.9 hardly anything else, 1 certain; at `until` */
    char seen[GAN_SEEN_MAX];     /* the figures at `until` */
    const char *helps;           /* why that helps */
    char remedy[GAN_REMEDY_MAX]; /* what to change: words, or settings of this recipe that can be pasted behind `gander train` */
} gan_finding;

/* A look at a history that goes on with it: each line is judged once. Neither history nor recipe is owned; both must outlive it.
 * gan_doctor_advance - judge the lines that have come since. gan_doctor_findings - as gan_diagnose. */
typedef struct gan_doctor gan_doctor;
GAN_API gan_status gan_doctor_create(gan_doctor **out, const gan_history *h, const gan_recipe *r, gan_error *err);
GAN_API void gan_doctor_free(gan_doctor *d);
GAN_API void gan_doctor_advance(gan_doctor *d);
GAN_API void gan_doctor_findings(const gan_doctor *d, gan_finding found[GAN_FINDINGS_MAX], int *count, int *judged);

/* gan_diagnose - findings of all rules, the surest first, those that are over last; *count of them. A run is sick where one of them is
 * `sick` and not over. *judged: rules that had their figures (NULL: not asked): a rule whose keys were not logged, or that needs more
 * lines than there are, says nothing.
 * Errors  GAN_ENOMEM. */
GAN_API gan_status gan_diagnose(gan_finding found[GAN_FINDINGS_MAX], int *count, int *judged, const gan_history *h, const gan_recipe *r,
                                gan_error *err);

/* The table, for help texts: gan_rule(i) for 0 <= i < gan_rules(). */
typedef struct gan_rule_info {
    const char *name, *what, *why;
    const char *keys; /* of metrics.jsonl that it reads, parted by spaces */
} gan_rule_info;
GAN_API int gan_rules(void);
GAN_API gan_rule_info gan_rule(int i);
GAN_API void gan_rule_remedy(int i, const gan_recipe *r, char text[GAN_REMEDY_MAX]); /* as a finding of it has */

#ifdef __cplusplus
}
#endif

#endif
