/* eval_report.c - the table for people, and eval.json. */
#include "base/error.h"
#include "base/fileio.h"

#include <gan/gan.h>
#include <gan/measure.h>
#include <gan/text.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- for people ---------------------------------------------------------------------------------- */

/* "4.031 +- 0.052"; digits as the error has them. */
static void figure(char text[32], const gan_measured *m)
{
    if (!m->known)
        snprintf(text, 32, "-");
    else if (m->error < 0)
        snprintf(text, 32, "%.4g", m->value);
    else
        snprintf(text, 32, "%.4g +- %.2g", m->value, m->error);
}

static void print_row(const gan_eval *e, int i, FILE *out)
{
    const gan_measure_info info = gan_measure_at(i);
    char of_samples[32], of_held[32];
    figure(of_samples, &e->samples[i]);
    figure(of_held, &e->held[i]);
    fprintf(out, "%-26s %-22s %-22s %s\n", info.name, of_samples, e->n_held ? of_held : "-", info.better);
}

/* Words in lines of at most COLUMNS characters, those behind the first indented. */
static void print_wrapped(const char *text, FILE *out)
{
    enum { COLUMNS = 100, INDENT = 4 };
    size_t at = 0;
    for (const char *p = text; *p;) {
        const size_t n = strcspn(p, " ");
        if (at && at + 1 + n > COLUMNS)
            at = (size_t)fprintf(out, "\n%*s", INDENT, "") - 1;
        else if (at)
            at += (size_t)fprintf(out, " ");
        at += (size_t)fprintf(out, "%.*s", (int)n, p);
        p += n + (p[n] == ' ');
    }
    fputc('\n', out);
}

static bool same_reason(const gan_eval *e, int i, int k)
{
    return !e->samples[k].known && !strcmp(e->samples[i].why, e->samples[k].why);
}

/* Did a row above lack the same? */
static bool said(const gan_eval *e, int i)
{
    for (int k = 0; k < i; k++)
        if (same_reason(e, i, k))
            return true;
    return false;
}

/* All rows that lack the same thing as row i, at once. */
static void say_missing(const gan_eval *e, int i, FILE *out)
{
    char text[1024];
    size_t n = (size_t)snprintf(text, sizeof text, "Not measured: %s", gan_measure_at(i).name);
    for (int k = i + 1; k < gan_measures() && n < sizeof text; k++)
        if (same_reason(e, i, k))
            n += (size_t)snprintf(text + n, sizeof text - n, ", %s", gan_measure_at(k).name);
    if (n < sizeof text)
        snprintf(text + n, sizeof text - n, ": %s.", e->samples[i].why);
    print_wrapped(text, out);
}

/* What each figure means, and what is to be minded. */
static void explain(const gan_eval *e, FILE *out)
{
    char text[1024];
    for (int i = 0; i < gan_measures(); i++) {
        const gan_measure_info info = gan_measure_at(i);
        const gan_measured *m = &e->samples[i];
        snprintf(text, sizeof text, "%s: %s. Error: %s.%s%s%s", info.name, info.help, m->error < 0 ? "none here" : info.error, *m->why ? " Here: " : "", m->why,
                 *m->why ? "." : "");
        if (m->known)
            print_wrapped(text, out);
    }
    for (int i = 0; i < gan_measures(); i++)
        if (!e->samples[i].known && !said(e, i))
            say_missing(e, i, out);
}

static void print_augmented(const gan_eval_about *a, FILE *out)
{
    fprintf(out, "\nA classifier's accuracy on held-out pictures, %%; +- is the deviation over %d draws of pictures and seed.\n\n%-26s %-22s %-22s "
                 "%s\n", a->draws, "real pictures a class", "alone", "with samples", "gain");
    for (int i = 0; i < GAN_AUGMENT_ROWS; i++) {
        const gan_augmented *row = &a->augmented[i];
        char each[40], without[40] = "-", with[40], gain[40] = "-";
        if (!row->known)
            continue;
        snprintf(each, sizeof each, row->each == 0 ? "none" : row->each < 0 ? "all" : "%d", row->each);
        snprintf(with, sizeof with, "%.2f +- %.2f", 100 * row->with, 100 * row->with_sd);
        if (row->each) {
            snprintf(without, sizeof without, "%.2f +- %.2f", 100 * row->without, 100 * row->without_sd);
            snprintf(gain, sizeof gain, "%+.2f +- %.2f", 100 * row->gain, 100 * row->gain_sd);
        }
        fprintf(out, "%-26s %-22s %-22s %s\n", each, without, with, gain);
    }
    fprintf(out, "\nWith samples alone it is the classification accuracy score (Ravuri & Vinyals 2019). Rows differ in how long they train: "
                 "compare within a row.\n");
}

void gan_eval_print(const gan_eval *e, const gan_eval_about *a, FILE *out)
{
    char samples[128], data[128];
    fprintf(out, "%s: %d samples against the data of %s\n", gan_text_clean(samples, sizeof samples, a->samples), e->n,
            gan_text_clean(data, sizeof data, a->data));
    if (*a->net && e->accuracy >= 0)
        fprintf(out, "measured with net %s %.12s, which is right on %.2f %% of %d held-out pictures\n", a->net, a->net_sha256,
                100 * e->accuracy, e->n_held);
    else if (*a->net)
        fprintf(out, "measured with net %s %.12s\n", a->net, a->net_sha256);
    fprintf(out, "\n%-26s %-22s %-22s %s\n", "", "samples", "real, held out", "better");
    for (int i = 0; i < gan_measures(); i++)
        if (e->samples[i].known)
            print_row(e, i, out);
    fprintf(out, "\n+- is one standard deviation. Real pictures that nothing was trained on show what a perfect model would get, give or take its error%s;\nfor the last two rows one half of them against the other. A copier looks better than perfect: read C_T and near copies, too.\n",
            !e->n_held ? ": none here" : e->n_held == e->n ? "" : "; they are of another number, so their FID is not comparable");
    if (a->augmented)
        print_augmented(a, out);
    fprintf(out, "Never compare with figures of another net, of another number of samples, or of another program.\n\n");
    explain(e, out);
}

/* ---- eval.json ----------------------------------------------------------------------------------- */

enum { DIGITS = 6 }; /* the figures are the same everywhere to that many */

static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *side(const gan_measured *m)
{
    if (!m->known)
        return json_pack("{s:n, s:s}", "value", "why", m->why);
    json_t *o = json_pack("{s:o, s:o}", "value", number(m->value), "error", m->error < 0 ? json_null() : number(m->error));
    if (o && *m->why)
        json_object_set_new(o, "note", json_string(m->why));
    return o;
}

static json_t *measures(const gan_eval *e)
{
    json_t *all = json_object();
    for (int i = 0; i < gan_measures() && all; i++) {
        const gan_measure_info info = gan_measure_at(i);
        json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", info.name, "better", info.better, "error", info.error, "source",
                                info.source, "samples", side(&e->samples[i]));
        if (row && e->n_held)
            json_object_set_new(row, "held_out", side(&e->held[i]));
        json_object_set_new(all, info.key, row);
    }
    return all;
}

static json_t *augmented(const gan_eval_about *a)
{
    json_t *rows = json_array();
    for (int i = 0; i < GAN_AUGMENT_ROWS && rows; i++) {
        const gan_augmented *r = &a->augmented[i];
        json_t *row = json_pack("{s:o, s:f, s:f}", "each", r->each < 0 ? json_string("all") : json_integer(r->each), "with", r->with,
                                "with_sd", r->with_sd);
        if (row && r->each)
            json_object_update_new(row, json_pack("{s:f, s:f, s:f, s:f}", "without", r->without, "without_sd", r->without_sd, "gain",
                                                  r->gain, "gain_sd", r->gain_sd));
        if (r->known)
            json_array_append_new(rows, row);
        else
            json_decref(row);
    }
    return json_pack("{s:i, s:o}", "draws", a->draws, "rows", rows);
}

static json_t *whole(const gan_eval *e, const gan_eval_about *a)
{
    json_t *net = *a->net ? json_pack("{s:s, s:s, s:o}", "name", a->net, "sha256", a->net_sha256, "accuracy",
                                      e->accuracy < 0 ? json_null() : number(e->accuracy))
                          : json_null();
    return json_pack("{s:s, s:i, s:s, s:i, s:i, s:s, s:s, s:o, s:o}", "format", "gander-eval 1", "arithmetic", gan_arithmetic(),
                     "samples", a->samples, "count", e->n, "count_held_out", e->n_held, "data", a->data, "data_sha256",
                     a->data_sha256, "net", net, "measures", measures(e));
}

gan_status gan_eval_write(const gan_eval *e, const gan_eval_about *about, const char *path, gan_error *err)
{
    json_t *o = whole(e, about);
    if (o && about->augmented)
        json_object_set_new(o, "augment", augmented(about));
    char *text = o ? json_dumps(o, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(DIGITS)) : NULL;
    json_decref(o);
    if (!text)
        return gan__fail(err, GAN_EINVAL, "%s: a name in it is not UTF-8, or memory is short", path);
    const size_t n = strlen(text);
    text[n] = '\n'; /* in place of its zero byte */
    const gan_status s = gan__write_file(path, text, n + 1, err);
    free(text);
    return s;
}
