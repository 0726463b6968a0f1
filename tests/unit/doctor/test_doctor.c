/* test_doctor.c - for every rule a planted run that it must see, from when it was planted; healthy runs that none may see; files of lines. */
#include <gan/doctor.h>

#include "base/fileio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVERY = 250, ROWS = 40, PLANTED = 20 /* the first row of what is planted */ };

/* ---- runs ------------------------------------------------------------------------------------------- */

typedef struct figure {
    const char *key;
    double x, noise; /* up and down by that share */
} figure;

/* As `steady`, `dcgan` and `vae` have them in the middle of a run. */
static const figure paired[] = {{"loss_d", 0.6, 0.15},  {"loss_g", 1.2, 0.2},      {"value", -1.3, 0.1},    {"d_real", 0.69, 0.06}, {"d_fake", 0.6, 0.06},
                                {"r1", 0.03, 0.3},      {"r2", 0.03, 0.3},         {"augment", 0.1, 0.3},   {"sign_real", 0.5, 0.4},
                                {"grad_norm_d", 1.2, 0.3}, {"grad_norm_g", 0.6, 0.3}, {"spread", 0.97, 0.03},  {"rate_d", 1.5e-3, 0},  {"rate_g", 1.5e-3, 0},
                                {"dead", 0.05, 0.5},    {"saturated", 0.2, 0.5},   {"weights_least", 0.12, 0.1}, {"gradients_uneven", 120, 0.3},
                                {"judge_real", 0.7, 0.05}, {"judge_held", 0.68, 0.05}, {"judge_fake", 0.4, 0.1},  {NULL, 0, 0}};
static const figure unpaired[] = {{"loss_d", 0.5, 0.4},      {"loss_g", 2.3, 0.4},       {"value", -0.5, 0.4},   {"d_real", 0.85, 0.15}, {"d_fake", 0.2, 0.7},
                                  {"r1", 0, 0},              {"r2", 0, 0},               {"augment", 0, 0},      {"sign_real", 0, 0},
                                  {"grad_norm_d", 88, 0.85}, {"grad_norm_g", 14, 0.4},   {"spread", 0.97, 0.03}, {NULL, 0, 0}};
static const figure coded[] = {{"elbo", -110, 0.05}, {"likelihood", -85, 0.05}, {"kl", 25, 0.1}, {"grad_norm_v", 50, 0.3}, {"spread", 0.78, 0.02}, {NULL, 0, 0}};
static const figure evaluated[] = {{"loss_d", 0.6, 0.1}, {"fid", 40, 0}, {"spread", 0.97, 0.03}, {"precision", 0.7, 0.1}, {"recall", 0.58, 0.1}, {"modes", 8, 0}, {NULL, 0, 0}};

/* What is planted in a run: from row `from` to before row `to` a figure is x, and x + swing in turns of two lines; NAN: no number. */
typedef struct plant {
    const char *key;
    double x, swing;
} plant;

/* -1 to 1, by place. */
static double jitter(int row, int k)
{
    return fmod((row * 0.754877666 + k * 0.569840296 + 0.5) * 2, 2) - 1;
}

static gan_history *history_of(const figure *run, const plant *planted, int from, int to)
{
    gan_history *h;
    gan_error err = {0};
    assert_int_equal(gan_history_create(&h, &err), GAN_OK);
    for (int row = 0; row < ROWS; row++) {
        gan_metrics m = {.iteration = (row + 1) * EVERY};
        for (int k = 0; run[k].key; k++) {
            double x = run[k].x * (1 + run[k].noise * jitter(row, k));
            if (run == evaluated && !strcmp(run[k].key, "fid"))
                x = 100 - row; /* better each time */
            for (const plant *p = planted; p && p->key && row >= from && row < to; p++)
                if (!strcmp(p->key, run[k].key))
                    x = p->x + (row / 2 % 2 ? p->swing : 0);
            m.row[m.count++] = (gan_metric){.key = run[k].key, .value = (float)x};
        }
        assert_int_equal(gan_history_add(h, &m, &err), GAN_OK);
    }
    return h;
}

static gan_recipe *recipe_of(const figure *run)
{
    gan_recipe *r;
    gan_error err = {0};
    if (gan_recipe_load(&r, run == coded ? "vae" : run == unpaired ? "article" : "steady", &err) != GAN_OK)
        fail_msg("%s", err.message);
    if (run == paired)
        assert_int_equal(gan_recipe_assign(r, "train.augment=translation", &err), GAN_OK);
    return r;
}

/* ---- every rule ------------------------------------------------------------------------------------- */

typedef struct row {
    const char *rule;
    const figure *run;
    plant planted[3];
    const char *too;    /* rules that may see it too */
    const char *remedy; /* in it */
} row;

static const row rows[] = {
    {"collapse", unpaired, {{"spread", 0.08, 0.02}}, "", "--set train.objective=relativistic --set train.r1=0.1"},
    {"collapse", paired, {{"spread", 0.3, 0}}, "", "--set train.r1=0.3 --set train.r2=0.3"},
    {"collapse", coded, {{"spread", 0.1, 0}}, "", "--set \"train.optimizer=adam "},
    {"shrinking", paired, {{"spread", 0.6, 0}}, "", "--set train.r1="},
    {"too-wild", paired, {{"spread", 1.5, 0}}, "", "--set \"train.optimizer=adam 7.5e-4 0 0.99\""},
    {"oscillates", paired, {{"spread", 0.95, -0.3}}, "shrinking", "--set train.r1="},
    {"d-wins", unpaired, {{"d_real", 0.999, 0}, {"d_fake", 0.001, 0}}, "", "relativistic"},
    {"d-wins", unpaired, {{"d_real", 0.98, 0}, {"d_fake", 0.02, 0}}, "", "relativistic"},
    {"d-wins", paired, {{"loss_d", 0.003, 0}}, "", "--set train.r1=0.3"},
    {"g-starved", unpaired, {{"grad_norm_g", 0.05, 0.02}}, "", "relativistic"},
    {"g-starved", paired, {{"grad_norm_g", 1e-7, 0}}, "", "--set train.r1=0.3"},
    {"d-blind", paired, {{"d_real", 0.5, 0}, {"d_fake", 0.5, 0}, {"spread", 1.6, 0}}, "too-wild", "--set train.r1=0.03"},
    {"memorises", paired, {{"sign_real", 0.95, 0}, {"augment", 0.9, 0}}, "", "--set data.flip=on"},
    {"held-back", paired, {{"r1", 0.4, 0}, {"d_real", 0.5, 0}, {"d_fake", 0.49, 0}}, "", "--set train.r1=0.03 --set train.r2=0.03"},
    {"not-finite", paired, {{"loss_g", (double)NAN, 0}}, "", "--set \"train.optimizer=adam "},
    {"not-finite", coded, {{"elbo", (double)NAN, 0}}, "", "--set \"train.optimizer=adam "},
    {"diverges", unpaired, {{"grad_norm_d", 3000, 0}}, "", "--set \"train.optimizer=adam 1e-4 0.5 0.999\""},
    {"diverges", paired, {{"grad_norm_g", 100, 0}}, "", "--set \"train.optimizer=adam "},
    {"diverges", coded, {{"grad_norm_v", 1e5, 0}}, "", "--set \"train.optimizer=adam "},
    {"stall", evaluated, {{"fid", 82, 0}}, "", "--set train.patience=5"},
    {"empty-code", coded, {{"kl", 0.1, 0}}, "", "warmup"},
    {"dead-units", paired, {{"dead", 0.95, 0}}, "", "--set \"train.optimizer=adam 7.5e-4 "},
    {"dead-units", paired, {{"dead", 0.7, 0}}, "", "--set \"train.optimizer=adam 7.5e-4 "},
    {"saturated", paired, {{"saturated", 0.99, 0}}, "", "--set \"train.optimizer=adam 7.5e-4 "},
    {"uneven-layers", paired, {{"gradients_uneven", 1e6, 0}}, "", "init = he"},
    {"too-fast", paired, {{"rate_g", 0.05, 0}}, "", "--set \"train.optimizer=adam 7.5e-4 "},
    {"too-fast", paired, {{"weights_least", 0.005, 0}}, "", "--set \"train.optimizer=adam 7.5e-4 "},
    {"by-heart", paired, {{"judge_real", 2, 0}, {"judge_held", 0.3, 0}, {"judge_fake", 0.2, 0}}, "", "--set data.flip=on"},
    {"drops-kinds", evaluated, {{"recall", 0.01, 0}}, "", "--set train.r1=0.3"},
    {"loses-modes", evaluated, {{"modes", 3, 0}}, "", "--set train.r1=0.3"},
};

static const gan_finding *find(const gan_finding *found, int n, const char *rule)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(found[i].rule, rule))
            return &found[i];
    return NULL;
}

static int diagnose(gan_finding found[GAN_FINDINGS_MAX], const gan_history *h, const gan_recipe *r)
{
    int n, judged;
    assert_int_equal(gan_diagnose(found, &n, &judged, h, r, NULL), GAN_OK);
    assert_true(judged > 0 && judged <= gan_rules());
    return n;
}

/* Seen from when it was planted, give or take the lines that a median needs, and no other rule sees anything. */
static void planted_runs_are_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *p = &rows[i];
        gan_finding found[GAN_FINDINGS_MAX];
        gan_history *h = history_of(p->run, p->planted, PLANTED, ROWS);
        gan_recipe *r = recipe_of(p->run);
        const int n = diagnose(found, h, r);
        const gan_finding *f = find(found, n, p->rule);
        if (!f || f->over)
            fail_msg("row %zu: %s is not seen", i, p->rule);
        const int64_t began = (PLANTED + 1) * EVERY;
        const int64_t slack = strcmp(p->rule, "oscillates") ? 6 * EVERY : 14 * EVERY;
        if (f->since < began || f->since > began + slack || f->first != f->since || f->until != ROWS * EVERY)
            fail_msg("row %zu: %s since %lld, first %lld, until %lld", i, p->rule, (long long)f->since, (long long)f->first, (long long)f->until);
        if (!strstr(f->remedy, p->remedy) || !*f->seen || !(f->sure >= 0.5 && f->sure <= 1))
            fail_msg("row %zu: %s: try %s; seen %s; sure %g", i, p->rule, f->remedy, f->seen, f->sure);
        assert_int_equal(f->sick, strcmp(p->rule, "stall") != 0);
        for (int k = 0; k < n; k++)
            if (&found[k] != f && !strstr(p->too, found[k].rule))
                fail_msg("row %zu: %s beside %s: %s", i, found[k].rule, p->rule, found[k].seen);
        gan_recipe_free(r);
        gan_history_free(h);
    }
}

static void every_rule_is_planted(void **state)
{
    (void)state;
    for (int k = 0; k < gan_rules(); k++) {
        bool there = false;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            there |= !strcmp(rows[i].rule, gan_rule(k).name);
        if (!there)
            fail_msg("no planted run for %s", gan_rule(k).name);
        assert_true(strlen(gan_rule(k).what) > 10 && strlen(gan_rule(k).why) > 30 && *gan_rule(k).keys);
    }
}

/* What went away is told as over. */
static void what_is_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *p = &rows[i];
        gan_finding found[GAN_FINDINGS_MAX];
        if (!strcmp(p->rule, "stall"))
            continue;
        gan_history *h = history_of(p->run, p->planted, PLANTED - 8, PLANTED);
        gan_recipe *r = recipe_of(p->run);
        const int n = diagnose(found, h, r);
        for (int k = 0; k < n; k++)
            if (!found[k].over)
                fail_msg("row %zu: %s is not over", i, found[k].rule);
        gan_recipe_free(r);
        gan_history_free(h);
    }
}

static void healthy_runs_are_healthy(void **state)
{
    const figure *const runs[] = {paired, unpaired, coded, evaluated};
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        gan_finding found[GAN_FINDINGS_MAX];
        gan_history *h = history_of(runs[i], NULL, 0, 0);
        gan_recipe *r = recipe_of(runs[i]);
        const int n = diagnose(found, h, r);
        if (n)
            fail_msg("run %zu: %s: %s", i, found[0].rule, found[0].seen);
        gan_recipe_free(r);
        gan_history_free(h);
    }
}

/* A run that logs often shows how it begins: gradients from 0.6 to 100 and samples from all alike to varied (`dcgan`), or from wild noise by way of sameness
 * to pictures (`r3`). Nothing of that is a sickness, at any line; an explosion in the middle of it is. */
static void how_runs_begin(void **state)
{
    enum { LINES = 45, STEP = 20 };
    static const struct {
        double gradient[3], spread[3]; /* at iterations 20, 340 and 900 */
        int explodes;                  /* from that line on */
        const char *seen;              /* NULL: nothing */
    } runs[] = {
        {{0.6, 30, 150}, {0.06, 0.8, 0.97}, LINES, NULL},
        {{2, 0.4, 0.8}, {2.4, 0.58, 0.75}, LINES, NULL},
        {{2, 0.4, 0.8}, {2.4, 0.58, 0.75}, 20, "diverges"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        gan_history *h;
        gan_doctor *d;
        gan_recipe *r = recipe_of(i ? paired : unpaired);
        gan_finding found[GAN_FINDINGS_MAX];
        int n = 0, first_seen = LINES;
        assert_int_equal(gan_history_create(&h, NULL), GAN_OK);
        assert_int_equal(gan_doctor_create(&d, h, r, NULL), GAN_OK);
        for (int line = 0; line < LINES; line++) {
            const int at = (line + 1) * STEP, part = at > 340;
            const double way = part ? (at - 340) / 560.0 : (at - STEP) / 320.0, noise = 1 + 0.5 * jitter(line, 0);
            double gradient = runs[i].gradient[part] * pow(runs[i].gradient[part + 1] / runs[i].gradient[part], way) * noise;
            const double spread = runs[i].spread[part] + way * (runs[i].spread[part + 1] - runs[i].spread[part]);
            gradient *= line >= runs[i].explodes ? 1e5 : 1;
            const gan_metrics m = {.iteration = at, .count = 2, .row = {{.key = "grad_norm_d", .value = (float)gradient}, {.key = "spread", .value = (float)spread}}};
            assert_int_equal(gan_history_add(h, &m, NULL), GAN_OK);
            gan_doctor_advance(d);
            gan_doctor_findings(d, found, &n, NULL);
            for (int k = 0; k < n; k++)
                if (!runs[i].seen || strcmp(found[k].rule, runs[i].seen) != 0)
                    fail_msg("run %zu, iteration %d: %s: %s", i, at, found[k].rule, found[k].seen);
            first_seen = n && line < first_seen ? line : first_seen;
        }
        if (runs[i].seen && (first_seen < runs[i].explodes || first_seen > runs[i].explodes + 4))
            fail_msg("run %zu: %s is seen at line %d", i, runs[i].seen, first_seen);
        gan_doctor_free(d);
        gan_recipe_free(r);
        gan_history_free(h);
    }
}

/* The worse finding says it. */
static void collapse_hides_shrinking(void **state)
{
    const plant planted[] = {{"spread", 0.1, 0}, {NULL, 0, 0}};
    gan_finding found[GAN_FINDINGS_MAX];
    (void)state;
    gan_history *h = history_of(paired, planted, PLANTED, ROWS);
    gan_recipe *r = recipe_of(paired);
    assert_int_equal(diagnose(found, h, r), 1);
    assert_string_equal(found[0].rule, "collapse");
    gan_recipe_free(r);
    gan_history_free(h);
}

static void too_little_to_judge_by(void **state)
{
    gan_finding found[GAN_FINDINGS_MAX];
    gan_history *h;
    int n = 7, judged = 7;
    (void)state;
    assert_int_equal(gan_history_create(&h, NULL), GAN_OK);
    gan_recipe *r = recipe_of(paired);
    assert_int_equal(gan_diagnose(found, &n, &judged, h, r, NULL), GAN_OK);
    assert_true(n == 0 && judged == 0);
    gan_recipe_free(r);
    gan_history_free(h);
}

/* ---- files ------------------------------------------------------------------------------------------- */

static void write_lines(const char *text)
{
    assert_int_equal(gan__write_file("doctor_lines.jsonl", text, strlen(text), NULL), GAN_OK);
}

static void lines_are_read(void **state)
{
    gan_history *h;
    gan_error err = {0};
    (void)state;
    write_lines("{\"iteration\":5,\"a\":1.5,\"b\":null}\n{\"iteration\":10,\"b\":-2e3,\"c\":\"text\"}\n{\"iteration\":15,\"a\":7");
    if (gan_history_read(&h, "doctor_lines.jsonl", &err) != GAN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(gan_history_rows(h), 2);
    assert_int_equal(gan_history_iteration(h, 1), 10);
    assert_true(gan_history_value(h, 0, "a") == 1.5 && gan_history_value(h, 1, "b") == -2000);
    assert_true(isnan(gan_history_value(h, 0, "b")) && isnan(gan_history_value(h, 1, "a")) && isnan(gan_history_value(h, 1, "c")));
    assert_true(gan_history_has(h, "b") && !gan_history_has(h, "iteration") && isnan(gan_history_value(h, 0, "nowhere")));
    gan_history_free(h);
    unlink("doctor_lines.jsonl");
}

static void bad_lines_are_named(void **state)
{
    static const char *const bad[][2] = {
        {"{\"iteration\":5}\n{\"iteration\":5}\n", "doctor_lines.jsonl: line 2 iteration 5 does not follow"},
        {"{\"iteration\":0}\n", "line 1 iteration 0 does not follow"},
        {"{\"a\":1}\n", "line 1 is no object of numbers with an iteration"},
        {"[1]\n", "line 1 is no object"},
        {"{\"iteration\":1.5}\n", "line 1 is no object"},
        {"{\"iteration\":1}\n\n", "line 2 is no object"},
        {"\377\n", "line 1 is no object"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gan_history *h = NULL;
        gan_error err = {0};
        write_lines(bad[i][0]);
        assert_int_equal(gan_history_read(&h, "doctor_lines.jsonl", &err), GAN_EFORMAT);
        if (!strstr(err.message, bad[i][1]))
            fail_msg("row %zu: %s", i, err.message);
        assert_null(h);
    }
    gan_history *h = NULL;
    unlink("doctor_lines.jsonl");
    assert_int_equal(gan_history_read(&h, "doctor_lines.jsonl", NULL), GAN_ENOTFOUND);
}

/* More keys than there is room for, and longer ones, are passed over; a long run is read. */
static void many_keys_and_lines(void **state)
{
    enum { LINES = 3000 };
    gan_history *h;
    gan_error err = {0};
    char *text = malloc(LINES * 64 + 4096), *p = text;
    (void)state;
    p += sprintf(p, "{\"iteration\":1");
    for (int k = 0; k < 100; k++)
        p += sprintf(p, ",\"k%d\":%d", k, k);
    p += sprintf(p, ",\"a_key_that_is_longer_than_any_that_we_have\":1}\n");
    for (int i = 2; i <= LINES; i++)
        p += sprintf(p, "{\"iteration\":%d,\"k1\":%d}\n", i, i);
    write_lines(text);
    assert_int_equal(gan_history_read(&h, "doctor_lines.jsonl", &err), GAN_OK);
    assert_int_equal(gan_history_rows(h), LINES);
    assert_true(gan_history_value(h, 0, "k63") == 63 && !gan_history_has(h, "k64"));
    assert_true(gan_history_value(h, LINES - 1, "k1") == LINES);
    gan_history_free(h);
    free(text);
    unlink("doctor_lines.jsonl");
}

static void append(const char *text)
{
    FILE *out = fopen("doctor_lines.jsonl", "a");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0 && fclose(out) == 0);
}

/* A log that grows is read on, line by line as they are finished; a doctor who goes on with it says what one says who reads it all at once. */
static void lines_that_come(void **state)
{
    enum { LINES = 60 };
    gan_history *h = NULL, *all = NULL;
    gan_doctor *d = NULL;
    gan_recipe *r = NULL;
    gan_error err = {0};
    gan_finding found[GAN_FINDINGS_MAX], whole[GAN_FINDINGS_MAX];
    int n = 0, judged = 0, n_whole = 0, judged_whole = 0;
    (void)state;
    assert_int_equal(gan_recipe_load(&r, "article", &err), GAN_OK);
    assert_int_equal(gan_history_create(&h, &err), GAN_OK);
    assert_int_equal(gan_doctor_create(&d, h, r, &err), GAN_OK);
    unlink("doctor_lines.jsonl");
    assert_int_equal(gan_history_more(h, "doctor_lines.jsonl", &err), GAN_ENOTFOUND);
    for (int i = 1; i <= LINES; i++) {
        char line[128];
        snprintf(line, sizeof line, "{\"iteration\":%d,\"spread\":%g,\"d_real\":0.9,\"d_fake\":0.1}\n", 100 * i, i < 30 ? 0.9 : 0.05);
        const size_t half = strlen(line) / 2;
        char *rest = strdup(line + half);
        line[half] = 0;
        append(line); /* it is being written */
        assert_int_equal(gan_history_more(h, "doctor_lines.jsonl", &err), GAN_OK);
        assert_int_equal(gan_history_rows(h), i - 1);
        append(rest);
        free(rest);
        if (i % 3 == 0)
            continue; /* so that two lines come at once */
        assert_int_equal(gan_history_more(h, "doctor_lines.jsonl", &err), GAN_OK);
        assert_int_equal(gan_history_rows(h), i);
        gan_doctor_advance(d);
    }
    assert_int_equal(gan_history_more(h, "doctor_lines.jsonl", &err), GAN_OK);
    gan_doctor_advance(d);
    gan_doctor_findings(d, found, &n, &judged);
    assert_int_equal(gan_history_read(&all, "doctor_lines.jsonl", &err), GAN_OK);
    assert_int_equal(gan_history_rows(all), LINES);
    assert_int_equal(gan_diagnose(whole, &n_whole, &judged_whole, all, r, &err), GAN_OK);
    assert_true(n == n_whole && n > 0 && judged == judged_whole);
    for (int i = 0; i < n; i++) {
        assert_string_equal(found[i].rule, whole[i].rule);
        assert_string_equal(found[i].seen, whole[i].seen);
        assert_true(found[i].first == whole[i].first && found[i].since == whole[i].since && found[i].until == whole[i].until);
        assert_true(found[i].sure == whole[i].sure && found[i].over == whole[i].over && found[i].lines == whole[i].lines);
    }
    gan_doctor_free(d);
    gan_recipe_free(r);
    gan_history_free(all);
    gan_history_free(h);
    unlink("doctor_lines.jsonl");
}

/* What is no continuation is said: cut short, cut and grown again beyond where it was, replaced by another. A bad line is named by its number. */
static void lines_that_go(void **state)
{
    static const char begin[] = "{\"iteration\":5,\"a\":1}\n{\"iteration\":10,\"a\":2}\n";
    static const struct {
        const char *then;
        gan_status status;
        const char *says;
    } becomes[] = {
        {"{\"iteration\":5,\"a\":1}\n", GAN_EDATA, "does not go on"},
        {"", GAN_EDATA, "does not go on"},
        {"{\"iteration\":5,\"a\":1}\n{\"iteration\":10,\"a\":3}\n{\"iteration\":15,\"a\":2}\n", GAN_EDATA, "does not go on"},
        {"{\"iteration\":5,\"a\":1}\n{\"iteration\":10,\"a\":2}\n{\"iteration\":10,\"a\":2}\n", GAN_EFORMAT, "line 3 iteration 10 does not follow"},
        {"{\"iteration\":5,\"a\":1}\n{\"iteration\":10,\"a\":2}\n{\"iteration\":11}\nnonsense\n", GAN_EFORMAT, "line 4 is no object"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof becomes / sizeof *becomes; i++) {
        gan_history *h = NULL;
        gan_error err = {0};
        write_lines(begin);
        assert_int_equal(gan_history_read(&h, "doctor_lines.jsonl", &err), GAN_OK);
        write_lines(becomes[i].then);
        const gan_status s = gan_history_more(h, "doctor_lines.jsonl", &err);
        if (s != becomes[i].status || !strstr(err.message, becomes[i].says))
            fail_msg("row %zu: %s \"%s\"", i, gan_status_name(s), err.message);
        gan_history_free(h);
    }
    unlink("doctor_lines.jsonl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_runs_are_seen),  cmocka_unit_test(every_rule_is_planted),  cmocka_unit_test(what_is_over),
        cmocka_unit_test(healthy_runs_are_healthy), cmocka_unit_test(collapse_hides_shrinking), cmocka_unit_test(too_little_to_judge_by),
        cmocka_unit_test(lines_are_read),         cmocka_unit_test(bad_lines_are_named),    cmocka_unit_test(many_keys_and_lines),
        cmocka_unit_test(how_runs_begin),         cmocka_unit_test(lines_that_come),        cmocka_unit_test(lines_that_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
