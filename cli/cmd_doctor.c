/* cmd_doctor.c - gander doctor: what is wrong with a run, why, and what to change. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

enum { RULES };
enum { TEXT_WIDTH = 78, INDENT = 8 };

static const cli_option options[] = {
    [RULES] = {0, "rules", NULL, "every rule: what it is, why it means that, which figures it reads"},
};

typedef struct arguments {
    const char *run;
    bool rules;
} arguments;

static bool take(void *ctx, int option, const char *value)
{
    arguments *a = ctx;
    if (option == RULES)
        return a->rules = true;
    if (a->run) {
        cli_wrong(&cmd_doctor, "doctor: one run, not '%s' too", value);
        return false;
    }
    a->run = value;
    return true;
}

/* A word in front, then the text in lines of at most TEXT_WIDTH, indented. */
static void print_text(const char *word, const char *text)
{
    printf("  %-*s", INDENT - 2, word);
    int column = INDENT;
    for (const char *p = text; *p;) {
        const size_t n = strcspn(p, " ");
        if (column > INDENT && column + (int)n > TEXT_WIDTH) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        }
        printf("%.*s", (int)n, p);
        column += (int)n + 1;
        p += n;
        p += strspn(p, " ");
        if (*p && column + (int)strcspn(p, " ") <= TEXT_WIDTH)
            printf(" ");
    }
    printf("\n");
}

static const char *certainty(double sure)
{
    return sure > 0.9 ? "sure" : sure > 0.77 ? "very likely" : "likely";
}

/* For a shell, whatever is in it. */
static void print_quoted(const char *text, const char *behind)
{
    if (!text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-")]) {
        printf("%s%s", text, behind);
        return;
    }
    putchar('\'');
    for (const char *p = text; *p; p++)
        *p == '\'' ? fputs("'\\''", stdout) : putchar(*p);
    printf("%s'", behind);
}

/* Settings as a command for a run like this one; other remedies as they are. */
static void print_remedy(const gan_finding *f, const char *run, const gan_recipe *recipe)
{
    char where[CLI_PATH];
    const char *data = cli_data(NULL, run, recipe, where);
    printf("  %-*s", INDENT - 2, "try");
    if (strncmp(f->remedy, "--set", 5) != 0) {
        printf("%s\n", f->remedy);
        return;
    }
    printf("gander train ");
    print_quoted(run, "/recipe.ini");
    if (data && strcmp(data, gan_recipe_text(recipe, "data.set")) != 0) {
        printf(" --data ");
        print_quoted(data, "");
    }
    printf(" %s -o NEW\n", f->remedy);
}

/* before: the finding above it, whose words are not said again; NULL: none. */
static void print_finding(const gan_finding *f, const gan_finding *before, const char *run, const gan_recipe *recipe)
{
    if (f->over)
        printf("\n[%s] was seen from iteration %lld to %lld, and is over: %s\n", f->rule, (long long)f->since, (long long)f->until, f->what);
    else
        printf("\n[%s] %s\n", f->rule, f->what);
    if (f->over)
        return;
    char since[120];
    const int n = snprintf(since, sizeof since, "iteration %lld", (long long)f->since);
    if (f->first < f->since)
        snprintf(since + n, sizeof since - (size_t)n, ", and before, first at %lld; %s", (long long)f->first, certainty(f->sure));
    else
        snprintf(since + n, sizeof since - (size_t)n, "; %s", certainty(f->sure));
    print_text("since", since);
    print_text("seen", f->seen);
    print_text("why", f->why);
    print_remedy(f, run, recipe); /* one line: it can be pasted */
    if (!before || before->helps != f->helps)
        print_text("helps", f->helps);
}

static int print_rules(void)
{
    for (int i = 0; i < gan_rules(); i++) {
        const gan_rule_info rule = gan_rule(i);
        printf("%s[%s] %s\n", i ? "\n" : "", rule.name, rule.what);
        print_text("why", rule.why);
        print_text("reads", rule.keys);
    }
    return EXIT_OK;
}

/* What a healthy run has to show: how varied its samples are. */
static void print_variety(const gan_history *h)
{
    double spread = -1;
    for (int row = 0; row < gan_history_rows(h); row++) {
        const double x = gan_history_value(h, row, "spread");
        spread = x >= 0 ? x : spread;
    }
    if (spread >= 0)
        printf("  samples are %.2f as varied as the data (0: all alike)\n", spread);
}

static int print_all(const char *run, const gan_recipe *recipe, const gan_history *h, const gan_finding *found, int n, int judged)
{
    enum { MANY = 8 /* lines: fewer are a beginning */ };
    char name[512];
    const int rows = gan_history_rows(h);
    int sick = 0;
    for (int i = 0; i < n; i++)
        sick += found[i].sick && !found[i].over;
    gan_text_clean(name, sizeof name, run);
    if (!judged) {
        printf("%s: too early to say: %d line%s of metrics\n", name, rows, rows == 1 ? "" : "s");
        return EXIT_OK;
    }
    printf("%s: %s. %d line%s of metrics, iterations %lld to %lld; %d of %d rules could judge, the others need more lines, or figures that it does "
           "not log\n",
           name, sick ? "sick" : rows < MANY ? "healthy so far" : "healthy", rows, rows == 1 ? "" : "s", (long long)gan_history_iteration(h, 0),
           (long long)gan_history_iteration(h, rows - 1), judged, gan_rules());
    if (!sick)
        print_variety(h);
    for (int i = 0; i < n; i++)
        print_finding(&found[i], i ? &found[i - 1] : NULL, run, recipe);
    return sick ? EXIT_SICK : EXIT_OK;
}

/* What train.doctor = mend has changed so far. */
static gan_status print_mends(const char *run, gan_error *err)
{
    gan_mend mend[GAN_MENDS_MAX];
    int n = 0;
    const gan_status s = gan_run_mends(run, mend, &n, err);
    for (int i = 0; i < n; i++)
        printf("%s  mended: lost at iteration %lld [%s]; back to %lld, and on with %s\n", i ? "" : "\n", (long long)mend[i].seen, mend[i].rule,
               (long long)mend[i].at, mend[i].settings);
    return s;
}

static int examine(const char *run)
{
    char path[CLI_PATH];
    gan_finding found[GAN_FINDINGS_MAX];
    gan_recipe *recipe = NULL;
    gan_history *h = NULL;
    gan_error err = {0};
    int n = 0, judged = 0, code;
    snprintf(path, sizeof path, "%.4000s/recipe.ini", run);
    const char *why = cli_exists(run) ? "is no run: it has no recipe.ini (a run is a folder that `gander train` makes)" : "there is no such folder";
    gan_status s = cli_exists(path) ? gan_run_recipe(&recipe, run, &err) : cli_refuse(&err, GAN_ENOTFOUND, run, why);
    if (s == GAN_OK)
        s = gan_history_read(&h, run, &err);
    if (s == GAN_OK)
        s = gan_diagnose(found, &n, &judged, h, recipe, &err);
    code = s == GAN_OK ? print_all(run, recipe, h, found, n, judged) : EXIT_OK;
    if (s == GAN_OK)
        s = print_mends(run, &err);
    code = s == GAN_OK ? code : cli_failed(&err);
    gan_history_free(h);
    gan_recipe_free(recipe);
    return code;
}

static int run(int count, char **words)
{
    arguments a = {0};
    const int done = cli_parse(&cmd_doctor, count, words, take, &a);
    if (done)
        return done - 1;
    if (a.rules)
        return print_rules();
    return a.run ? examine(a.run) : cli_wrong(&cmd_doctor, "doctor: which run?");
}

const cli_command cmd_doctor = {"doctor",
                                "what is wrong with a run, why, and what to change",
                                "RUN        exit code 0: healthy, 3: sick\n"
                                "       gander doctor --rules    what it looks for",
                                options,
                                sizeof options / sizeof *options,
                                run};
