/* command.c - options, messages, and what the terminal can do. */
#include "command.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int cli_wrong(const cli_command *command, const char *format, ...)
{
    char text[8192], line[GAN_ERROR_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fprintf(stderr, "gander: %s (see gander %s%s--help)\n", gan_text_clean(line, sizeof line, text),
            command ? command->name : "", command ? " " : "");
    return EXIT_USAGE;
}

int cli_failed(const gan_error *err)
{
    return cli_failed_with(err, NULL, 0);
}

int cli_failed_with(const gan_error *err, const cli_hint *hints, int n)
{
    char text[8192], line[1024];
    size_t at = (size_t)snprintf(text, sizeof text, "%s",
                                 *err->message ? err->message : gan_status_text(err->status));
    for (int i = 0; i < n && at < sizeof text; i++)
        if (hints[i].status == err->status)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", hints[i].text,
                                   hints[i].what ? hints[i].what : "");
    fprintf(stderr, "gander: %s\n", gan_text_clean(line, sizeof line, text));
    return err->status == GAN_EKEY || err->status == GAN_EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

void cli_help(const cli_command *command, FILE *out)
{
    fprintf(out, "gander %s - %s\n\nusage: gander %s %s\n", command->name, command->summary,
            command->name, command->usage);
    if (command->option_count)
        fputs("\noptions:\n", out);
    for (int i = 0; i < command->option_count; i++) {
        const cli_option *o = &command->options[i];
        char left[64];
        snprintf(left, sizeof left, "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->word, o->takes ? " " : "",
                 o->takes ? o->takes : "");
        fprintf(out, "  %-28s %s\n", left, o->help);
    }
}

static int find_option(const cli_command *c, const char *word, size_t length)
{
    for (int i = 0; i < c->option_count; i++) {
        const cli_option *o = &c->options[i];
        if (word[0] == '-' && word[1] == '-' && strlen(o->word) == length - 2 &&
            !strncmp(o->word, word + 2, length - 2))
            return i;
        if (word[0] == '-' && length == 2 && o->letter && word[1] == o->letter)
            return i;
    }
    return -1;
}

enum { WORD_MAX = 24 };

static int least(int a, int b, int c)
{
    const int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions and substitutions between two words (Levenshtein 1966), the first cut
 * short. */
static int distance(const char *a, const char *b)
{
    int row[WORD_MAX + 1];
    const int n = (int)strnlen(a, WORD_MAX);
    for (int i = 0; i <= n; i++)
        row[i] = i;
    for (int k = 1; *b; b++, k++) {
        int corner = row[0];
        row[0] = k;
        for (int i = 1; i <= n; i++) {
            const int above = row[i];
            row[i] = least(above + 1, row[i - 1] + 1, corner + (a[i - 1] != *b));
            corner = above;
        }
    }
    return row[n];
}

static int unknown_option(const cli_command *c, const char *word)
{
    const cli_option *best = NULL;
    int nearest = 3; /* further than two letters away is another word */
    char name[WORD_MAX + 1] = "";
    if (word[1] == '-')
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    for (int i = 0; i < c->option_count && *name; i++) {
        const int d = distance(name, c->options[i].word);
        if (d < nearest) {
            nearest = d;
            best = &c->options[i];
        }
    }
    if (best)
        return cli_wrong(c, "%s: no option %s; do you mean --%s?", c->name, word, best->word);
    return cli_wrong(c, "%s: no option %s", c->name, word);
}

int cli_parse(const cli_command *c, int count, char **words, cli_take *take, void *ctx)
{
    bool only_words = false;
    for (int i = 0; i < count; i++) {
        const char *word = words[i], *value = NULL;
        if (only_words || word[0] != '-' || !word[1]) {
            if (!take(ctx, -1, word))
                return 1 + EXIT_USAGE;
            continue;
        }
        if (!strcmp(word, "--")) {
            only_words = true;
            continue;
        }
        if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
            cli_help(c, stdout);
            return 1 + EXIT_OK;
        }
        const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
        const size_t length = equals ? (size_t)(equals - word) : strlen(word);
        const int o = find_option(c, word, length);
        if (o < 0)
            return 1 + unknown_option(c, word);
        if (c->options[o].takes) {
            value = equals ? equals + 1 : i + 1 < count ? words[++i] : NULL;
            if (!value)
                return 1 + cli_wrong(c, "%s: %s needs %s", c->name, word, c->options[o].takes);
        } else if (equals) {
            return 1 + cli_wrong(c, "%s: --%s takes nothing", c->name, c->options[o].word);
        }
        if (!take(ctx, o, value))
            return 1 + EXIT_USAGE;
    }
    return 0;
}

bool cli_int(const cli_command *c, const char *what, const char *text, long long low,
             long long high, long long *out)
{
    int64_t n;
    if (gan_text_int(text, &n) && n >= low && n <= high) {
        *out = n;
        return true;
    }
    cli_wrong(c, "%s: %s %s: must be a whole number from %lld to %lld", c->name, what, text, low,
              high);
    return false;
}

bool cli_number(const cli_command *c, const char *what, const char *text, double low, double high,
                double *out)
{
    if (gan_text_number(text, out) && *out >= low && *out <= high)
        return true;
    cli_wrong(c, "%s: %s %s: must be a number from %g to %g", c->name, what, text, low, high);
    return false;
}

gan_status cli_refuse(gan_error *err, gan_status status, const char *path, const char *why)
{
    char text[8192];
    snprintf(text, sizeof text, "%.7000s: %s", path, why);
    err->status = status;
    gan_text_clean(err->message, sizeof err->message, text);
    return status;
}

gan_colors cli_colors(FILE *stream)
{
    const char *none = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");
    const char *term = getenv("TERM"), *color = getenv("COLORTERM");
    const bool shown = isatty(fileno(stream)) || (force && *force && strcmp(force, "0") != 0);
    if ((none && *none) || !shown || !term || !strcmp(term, "dumb"))
        return GAN_COLORS_NONE;
    if (color && (!strcmp(color, "truecolor") || !strcmp(color, "24bit")))
        return GAN_COLORS_TRUE;
    return GAN_COLORS_256;
}

int cli_columns(FILE *stream)
{
    struct winsize size;
    if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    const int n = columns ? atoi(columns) : 0;
    return n > 0 && n < 10000 ? n : 80;
}

bool cli_ends_in(const char *text, const char *ending)
{
    const size_t n = strlen(text), m = strlen(ending);
    return n >= m && !strcmp(text + n - m, ending);
}

bool cli_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

const char *cli_data(const char *named, const char *run, const gan_recipe *recipe, char where[CLI_PATH])
{
    if (named)
        return named;
    if (*gan_run_data(run, where, CLI_PATH) && (!strchr(where, '/') || cli_exists(where)))
        return where;
    return recipe ? gan_recipe_text(recipe, "data.set") : NULL;
}
