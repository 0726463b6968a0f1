/* cmd_train.c - gander train: start or resume a run, and show it while it goes. */
#include "command.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESUME, DATA, OUT, SEED, THREADS, ITERATIONS, MINUTES, SET, INIT, FORCE, OTHER, PROFILE, PLAIN, QUIET };

static const cli_option options[] = {
    [RESUME] = {0, "resume", "RUN", "go on with a run"},
    [DATA] = {0, "data", "DIR|NAME", "where the data is (default: the recipe's set)"},
    [OUT] = {'o', "output", "RUN", "folder of the run (default: runs/RECIPE-1, -2, ...)"},
    [SEED] = {0, "seed", "N", "fixes weights, noise and order of the data"},
    [THREADS] = {0, "threads", "N", "threads (default: all processors); changes no byte"},
    [ITERATIONS] = {0, "iterations", "N", "train until N are done"},
    [MINUTES] = {0, "minutes", "M", "stop in time"},
    [SET] = {0, "set", "KEY=VALUE", "change a setting of the recipe; may be repeated"},
    [INIT] = {0, "init", "MODEL", "start from a model's weights"},
    [FORCE] = {0, "force", NULL, "overwrite a run"},
    [OTHER] = {0, "other-arithmetic", NULL, "resume a run of another arithmetic number"},
    [PROFILE] = {0, "profile", NULL, "at the end: time of each step of the plan"},
    [PLAIN] = {0, "plain", NULL, "on a terminal as in a file: a line for each line of metrics, no pictures, no curves"},
    [QUIET] = {'q', "quiet", NULL, "no progress, no pictures"},
};

enum { SETS_MAX = 64 };

typedef struct arguments {
    const char *recipe, *resume, *data, *out, *init;
    const char *set[SETS_MAX];
    int sets;
    const char *seed;
    long long threads, iterations;
    double minutes;
    bool force, other, profile, plain, quiet;
} arguments;

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
    (void)number;
    if (stop_asked)
        _exit(130); /* asked twice: at once; the last checkpoint is whole */
    stop_asked = 1;
}

/* Ctrl-C, a polite kill, a terminal that was closed: save, and end. What was ignored when we were started
 * (nohup, a background job of a script) stays ignored. */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = on_signal};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

static bool take(void *ctx, int option, const char *value)
{
    arguments *a = ctx;
    long long seed;
    switch (option) {
    case -1:
        if (a->recipe) {
            cli_wrong(&cmd_train, "train: one recipe, not '%s' too", value);
            return false;
        }
        a->recipe = value;
        return true;
    case RESUME: a->resume = value; return true;
    case DATA: a->data = value; return true;
    case OUT: a->out = value; return true;
    case SEED:
        a->seed = value;
        return cli_int(&cmd_train, "--seed", value, 0, 9223372036854775807, &seed);
    case THREADS: return cli_int(&cmd_train, "--threads", value, 1, 256, &a->threads);
    case ITERATIONS:
        return cli_int(&cmd_train, "--iterations", value, 1, 1000000000, &a->iterations);
    case MINUTES: return cli_number(&cmd_train, "--minutes", value, 0.001, 1e6, &a->minutes);
    case SET:
        if (a->sets == SETS_MAX) {
            cli_wrong(&cmd_train, "train: more than %d settings", SETS_MAX);
            return false;
        }
        a->set[a->sets++] = value;
        return true;
    case INIT: a->init = value; return true;
    case FORCE: a->force = true; return true;
    case OTHER: a->other = true; return true;
    case PROFILE: a->profile = true; return true;
    case PLAIN: a->plain = true; return true;
    case QUIET: a->quiet = true; return true;
    }
    return false;
}

/* ---- the command --------------------------------------------------------------------------------
 */

/* runs/RECIPE-1, -2, ...: the recipe's file name without leading dots and its ending. */
static void default_folder(const char *recipe, char *out, size_t bytes)
{
    enum { NAME_BYTES = 200 };
    char trimmed[4200];
    snprintf(trimmed, sizeof trimmed, "%.4100s", recipe);
    for (size_t n = strlen(trimmed); n > 1 && trimmed[n - 1] == '/'; n--)
        trimmed[n - 1] = 0;
    const char *slash = strrchr(trimmed, '/'), *name = slash ? slash + 1 : trimmed;
    name += strspn(name, ".");
    const char *ending = strrchr(name, '.');
    const size_t whole = ending ? (size_t)(ending - name) : strlen(name),
                 length = whole < NAME_BYTES ? whole : NAME_BYTES;
    for (int i = 1; i < 1000000; i++) {
        snprintf(out, bytes, "runs/%.*s-%d", length ? (int)length : 3, length ? name : "run", i);
        if (!cli_exists(out))
            return;
    }
}

static bool is_folder(const char *path)
{
    struct stat st;
    return path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_run(const char *path)
{
    char mark[4200];
    if (!is_folder(path))
        return false;
    snprintf(mark, sizeof mark, "%.4000s/.gander-run", path);
    return cli_exists(mark);
}

/* The line that is being rewritten goes before the error's. */
static int answer(train_view *v, gan_status s, const gan_error *err, const char *dir)
{
    const cli_hint hints[] = {
        {GAN_ESTOPPED, is_run(dir) ? "; go on: gander train --resume " : "; nothing was trained yet", is_run(dir) ? dir : NULL},
        {GAN_EEXISTS, " (--force; or gander train --resume ", dir},
        {GAN_EEXISTS, ")", NULL},
        {GAN_EDATA, " (--data)", NULL},
        {GAN_EVERSION, " (--other-arithmetic goes on all the same)", NULL},
    };
    train_view_close_line(v);
    fflush(stdout);
    return s == GAN_OK ? EXIT_OK : cli_failed_with(err, hints, sizeof hints / sizeof *hints);
}

static gan_status assign_all(gan_recipe *recipe, const arguments *a, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int i = 0; i < a->sets && s == GAN_OK; i++)
        s = gan_recipe_assign(recipe, a->set[i], err);
    return s == GAN_OK && a->seed ? gan_recipe_set(recipe, "train.seed", a->seed, err) : s;
}

static bool show_pictures(void *ctx, int done, int total)
{
    train_view_observe(ctx, &(gan_event){.kind = GAN_EVENT_READING, .iteration = done, .iterations = total}, NULL);
    return !stop_asked;
}

/* The recipe that the rules make for some pictures; *recipe is the one it replaces. What is set by hand counts for both: how the pictures are
 * read, and what is done with them. */
static gan_status fit_recipe(gan_recipe **recipe, const arguments *a, train_view *v, const gan_run_params *p, gan_error *err)
{
    gan_dataset *d;
    gan_pictures_params rules = {.minutes = p->minutes};
    gan_pictures how = gan_recipe_pictures(*recipe);
    how.threads = p->threads;
    how.progress = show_pictures;
    how.progress_ctx = v;
    gan_status s = gan_dataset_find(&d, p->data ? p->data : gan_recipe_text(*recipe, "data.set"), &how, err);
    if (s != GAN_OK)
        return s;
    gan_dataset_shape(d, &rules.height, &rules.width, &rules.channels);
    rules.count = gan_dataset_count(d);
    if (gan_dataset_real(d))
        s = cli_refuse(err, GAN_EDATA, p->data ? p->data : "data.set", "holds points; `pictures` is for pictures");
    gan_dataset_free(d); /* kept in the cache: the run has it at once */
    gan_recipe_free(*recipe);
    *recipe = NULL;
    if (s == GAN_OK)
        s = gan_recipe_for_pictures(recipe, NULL, &rules, err);
    return s == GAN_OK ? assign_all(*recipe, a, err) : s;
}

static bool is_builtin(const char *name)
{
    for (int i = 0; i < gan_recipe_builtins(); i++)
        if (!strcmp(gan_recipe_builtin(i).name, name))
            return true;
    return false;
}

/* Without a recipe: `steady` for pictures of MNIST's kind, `pictures` for those of a folder. */
static const char *choose_recipe(const arguments *a, train_view *v, gan_run_params *p)
{
    const bool builtin = a->recipe && is_builtin(a->recipe) && strcmp(a->recipe, "pictures") != 0; /* that one is of no use without a folder */
    if (is_folder(a->recipe) && !p->data && !builtin && !cli_ends_in(a->recipe, ".ini")) {
        p->data = a->recipe;
        return "pictures";
    }
    if (a->recipe || !is_folder(p->data))
        return a->recipe ? a->recipe : "steady";
    gan_dataset *d;
    gan_recipe *recipe;
    if (gan_recipe_load(&recipe, "pictures", NULL) != GAN_OK)
        return "steady"; /* which will say it too */
    assign_all(recipe, a, NULL);
    gan_pictures how = gan_recipe_pictures(recipe);
    how.threads = p->threads;
    how.progress = show_pictures;
    how.progress_ctx = v;
    gan_recipe_free(recipe);
    const bool pictures = gan_dataset_find(&d, p->data, &how, NULL) == GAN_OK && gan_dataset_from_pictures(d);
    gan_dataset_free(d);
    return pictures ? "pictures" : "steady";
}

static int start(const arguments *a, train_view *v, gan_run_params p)
{
    gan_error err = {0};
    gan_recipe *recipe = NULL;
    char folder[512];
    if (a->other)
        return cli_wrong(&cmd_train, "train: --other-arithmetic goes with --resume");
    if (a->recipe && !is_builtin(a->recipe) && is_run(a->recipe))
        return cli_wrong(&cmd_train, "train: %s is a run; go on with it: gander train --resume %s", a->recipe, a->recipe);
    const char *name = choose_recipe(a, v, &p);
    const bool pictures = !strcmp(name, "pictures");
    gan_status s = gan_recipe_load(&recipe, name, &err);
    if (s == GAN_OK)
        s = assign_all(recipe, a, &err);
    if (s == GAN_OK && pictures)
        s = fit_recipe(&recipe, a, v, &p, &err);
    if (pictures && !(p.minutes > 0) && !p.iterations)
        p.minutes = GAN_PICTURES_MINUTES;
    if (!a->out)
        default_folder(p.data && pictures ? p.data : name, folder, sizeof folder);
    p.dir = a->out ? a->out : folder;
    p.recipe = recipe;
    p.init = a->init;
    p.force = a->force;
    train_view_timed(v, p.minutes);
    train_view_close_line(v);
    if (s == GAN_OK && pictures && !a->quiet && p.minutes > 0)
        printf("%g minutes, by recipe `pictures` (--minutes M: shorter or longer; Ctrl-C: stop, everything is kept)\n", p.minutes);
    if (s == GAN_OK)
        s = gan_run_start(&p, &err);
    gan_recipe_free(recipe);
    return answer(v, s, &err, p.dir);
}

/* A run that only time ends: `pictures` asks for more iterations than anyone waits for. */
static bool only_time_ends(const char *run)
{
    enum { NEVER = 1000000 };
    char path[CLI_PATH];
    gan_recipe *recipe;
    snprintf(path, sizeof path, "%.4000s/recipe.ini", run);
    if (gan_recipe_load(&recipe, path, NULL) != GAN_OK)
        return false; /* resuming it says why */
    const bool is = gan_recipe_int(recipe, "train.iterations") >= NEVER;
    gan_recipe_free(recipe);
    return is;
}

static int resume(const arguments *a, train_view *v, gan_run_params p)
{
    gan_error err = {0};
    if (a->recipe || a->out || a->seed || a->sets || a->init || a->force)
        return cli_wrong(&cmd_train,
                         "train: --resume goes on with a run as it is; only --data, --threads, "
                         "--iterations and --minutes go with it");
    p.dir = a->resume;
    if (!(p.minutes > 0) && !p.iterations && only_time_ends(p.dir)) {
        p.minutes = GAN_PICTURES_MINUTES;
        if (!a->quiet)
            printf("%g minutes more (--minutes M: shorter or longer)\n", p.minutes);
    }
    train_view_timed(v, p.minutes);
    p.other_arithmetic = a->other;
    return answer(v, gan_run_resume(&p, &err), &err, p.dir);
}

static int run(int count, char **words)
{
    arguments a = {0};
    const int done = cli_parse(&cmd_train, count, words, take, &a);
    if (done)
        return done - 1;
    gan_error err = {0};
    train_view *v = train_view_create(a.quiet, a.plain);
    if (!v) {
        cli_refuse(&err, GAN_ENOMEM, "train", "out of memory");
        return cli_failed(&err);
    }
    catch_signals();
    gan_run_params p = gan_run_defaults("");
    p.data = a.data;
    p.threads = (int)a.threads;
    p.iterations = a.iterations;
    p.minutes = a.minutes;
    p.profile = a.profile ? stdout : NULL;
    p.observer = train_view_observe;
    p.observer_ctx = v;
    p.stop = &stop_asked;
    const int code = a.resume ? resume(&a, v, p) : start(&a, v, p);
    train_view_free(v);
    return code;
}

const cli_command cmd_train = {
    "train",
    "train a GAN; Ctrl-C saves and says how to go on",
    "[RECIPE] [options]        RECIPE: a built-in name or an .ini file (default: steady)\n"
    "       gander train DIR [options]             DIR: pictures; recipe `pictures`, 15 minutes\n"
    "       gander train --resume RUN [options]",
    options,
    sizeof options / sizeof *options,
    run,
};
