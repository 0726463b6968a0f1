/* recipe.c - settings by name: text in, checked text kept, typed reads out.
 *
 *     options.def --> table[] --> values[], one text for each row
 *
 * Reading a file and setting one value are the same function: a value is tidied, checked and put in the one form
 * that equal values have (gan__text_of_number), so that what is written always reads back as the same recipe.
 */
#include "recipe/optimiser_words.h"
#include "recipe/recipes_embedded.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "base/nearest.h"
#include "base/words.h"
#include "file/ini.h"

#include <gan/recipe.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum type { INT, NUMBER, CHOICE, TEXT, LAYERS, OPTIMISER, SIZE, WORDS } type;

/* The ranges that other tables have: each word with " | " or "|" before it, which its reader steps over. */
#define OBJECTIVE(word, g_sees_real, d, g) "|" word
static const char objectives[] =
#include "recipe/objectives.def"
    ;
#undef OBJECTIVE
#define OBJECTIVES objectives + 1

#define OPTIMISER(word, numbers, kinds) " | " #word " " numbers
static const char optimisers[] =
#include "recipe/optimisers.def"
    ;
static const char optimisers_or_same[] =
#include "recipe/optimisers.def"
    " | same (as train.optimizer)";
#undef OPTIMISER
#define OPTIMISERS optimisers + 3
#define OPTIMISERS_OR_SAME optimisers_or_same + 3

/* This room does not see nn/init.c, whose rules these are: test_recipe.c holds them together. */
#define FIRST_WEIGHTS "glorot|he|lecun|normal N|fan N|zero"

static const gan_option_info table[] = {
#define OPTION(section, name, game, type, range, low, high, fallback, help, source)                     \
    {#section, #name, game, #type, range, fallback, help, source},
#include "recipe/options.def"
#undef OPTION
};

static const struct {
    type type;
    double low, high;
} limits[] = {
#define OPTION(section, name, game, type, range, low, high, fallback, help, source) {type, low, high},
#include "recipe/options.def"
#undef OPTION
};

/* A value's line, with its name before it, must fit into a line of INI text. */
enum { OPTIONS = sizeof table / sizeof *table, KEY_MAX = 64, VALUE_MAX = 160, LINES_MAX = 16384 };

struct gan_recipe {
    char *value[OPTIONS];
};

int gan_options(const gan_option_info **rows)
{
    *rows = table;
    return OPTIONS;
}

/* ---- keys ------------------------------------------------------------------------------------- */

static void key_of(int i, char key[KEY_MAX])
{
    snprintf(key, KEY_MAX, "%s.%s", table[i].section, table[i].name);
}

static int find(const char *key)
{
    for (int i = 0; i < OPTIONS; i++) {
        char k[KEY_MAX];
        key_of(i, k);
        if (!strcmp(k, key))
            return i;
    }
    return -1;
}

static gan_status unknown(const char *key, gan_error *err)
{
    char best[KEY_MAX] = "";
    int least = KEY_MAX;
    for (int i = 0; i < OPTIONS; i++) {
        char k[KEY_MAX];
        key_of(i, k);
        const int whole = gan__distance(k, key), name = gan__distance(table[i].name, key);
        const int d = whole < name ? whole : name;
        if (d < least) {
            least = d;
            strcpy(best, k);
        }
    }
    return gan__fail(err, GAN_EKEY, "no setting '%s'; do you mean '%s'?", key, best);
}

/* ---- values ----------------------------------------------------------------------------------- */

/* One of the words; of "normal N" the word, or the word and a number above 0, which is put in its one form. */
static bool settle_choice(const char *choices, char *value, size_t room)
{
    const size_t n = strcspn(value, " ");
    for (const char *p = choices; *p;) {
        const size_t m = strcspn(p, "|"), word = strcspn(p, " |");
        double x;
        char text[GAN__NUMBER_MAX];
        if (n == word && !memcmp(p, value, n)) {
            if (!value[n])
                return true;
            if (word == m || !gan_text_number(value + n + 1, &x) || !(x > 0 && x <= 100))
                return false;
            gan__text_of_number(x, text);
            snprintf(value + n + 1, room - n - 1, "%s", text);
            return true;
        }
        p += m + (p[m] == '|');
    }
    return false;
}

static bool within(int i, double x)
{
    return x >= limits[i].low && x <= limits[i].high;
}

/* Is `word` (n bytes) one of the words of a text? */
static bool has_word(const char *text, const char *word, size_t n)
{
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        const size_t m = strcspn(text, " ");
        if (m == n && !memcmp(text, word, n))
            return true;
        text += m;
    }
    return false;
}

/* "none", or words of the list: each once, in its order. */
static bool settle_words(const char *list, char *value, size_t room)
{
    char out[VALUE_MAX] = "";
    if (!strcmp(value, "none"))
        return true;
    if (!*value)
        return false;
    for (const char *p = value + strspn(value, " "); *p; p += strcspn(p, " "), p += strspn(p, " "))
        if (!has_word(list, p, strcspn(p, " ")))
            return false;
    for (const char *p = list; *p; p += strcspn(p, " "), p += strspn(p, " "))
        if (has_word(value, p, strcspn(p, " ")))
            snprintf(out + strlen(out), sizeof out - strlen(out), "%s%.*s", *out ? " " : "", (int)strcspn(p, " "), p);
    snprintf(value, room, "%s", out);
    return true;
}

/* "auto"; or height and width, "37 53", which may have an x between them. */
static bool settle_size(int i, char *value, size_t room)
{
    int64_t h, w;
    char first[GAN__NUMBER_MAX], second[GAN__NUMBER_MAX], more;
    if (!strcmp(value, "auto"))
        return true;
    if ((sscanf(value, "%31[0-9] x %31[0-9]%c", first, second, &more) != 2 && sscanf(value, "%31[0-9] %31[0-9]%c", first, second, &more) != 2) ||
        !gan_text_int(first, &h) || !gan_text_int(second, &w) || !within(i, (double)h) || !within(i, (double)w))
        return false;
    snprintf(value, room, "%lld %lld", (long long)h, (long long)w);
    return true;
}

/* One line that an INI file can hold: plain text, and not too long for it. */
static bool is_line(const char *value)
{
    const size_t n = strlen(value);
    return n > 0 && n <= VALUE_MAX && gan__text_is_plain(value, n);
}

static bool is_lines(const char *value)
{
    bool ok = *value && strlen(value) <= LINES_MAX;
    while (ok && *value) {
        const size_t n = strcspn(value, "\n");
        ok = n <= VALUE_MAX && gan__text_is_plain(value, n);
        value += n + (value[n] == '\n');
    }
    return ok;
}

/* Is it a value of this option? If not, err says what it must be. Numbers are put in the one form that equal numbers have, in place (`room` bytes:
 * GAN__NUMBER_MAX for each word of a value). */
static bool settle(int i, char *value, size_t room, gan_error *err)
{
    double d;
    int64_t n;
    gan__optimiser_words o;
    char text[GAN__NUMBER_MAX];
    switch (limits[i].type) {
    case INT:
        if (!gan_text_int(value, &n) || !within(i, (double)n))
            return false;
        snprintf(value, room, "%lld", (long long)n);
        return true;
    case NUMBER:
        if (!gan_text_number(value, &d) || !within(i, d))
            return false;
        gan__text_of_number(d, text);
        snprintf(value, room, "%s", text);
        return true;
    case CHOICE: return settle_choice(table[i].range, value, room);
    case TEXT: return is_line(value);
    case LAYERS: return is_lines(value);
    case SIZE: return settle_size(i, value, room);
    case WORDS: return settle_words(strstr(table[i].range, "some of ") + 8, value, room);
    case OPTIMISER:
        if (limits[i].low > 0 && !strcmp(value, "same"))
            return true;
        if (gan__optimiser_words_read(&o, value, err) != GAN_OK)
            return false;
        gan__optimiser_words_write(&o, value, room);
        return true;
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* What says nothing goes: blanks around a value and on both sides of each of its lines, empty lines; in layers
 * and numbers blanks beyond one, in layers what stands behind '#'. Returns room for a settled value too. */
static char *tidy(int i, const char *value, size_t *room)
{
    const bool lines = limits[i].type == LAYERS,
               words = lines || limits[i].type == OPTIMISER || limits[i].type == CHOICE || limits[i].type == SIZE ||
                       limits[i].type == WORDS;
    *room = strlen(value) + (GAN__OPTIMISER_NUMBERS + 1) * GAN__NUMBER_MAX;
    char *out = malloc(*room);
    size_t n = 0;
    for (const char *p = value; out && *p;) {
        const size_t whole = strcspn(p, "\n;");
        const char *comment = lines ? memchr(p, '#', whole) : NULL;
        size_t first = 0, end = comment ? (size_t)(comment - p) : whole;
        while (first < end && is_blank(p[first]))
            first++;
        while (end > first && is_blank(p[end - 1]))
            end--;
        if (end > first && n)
            out[n++] = '\n';
        for (size_t k = first; k < end; k++)
            if (!words || !is_blank(p[k]))
                out[n++] = p[k];
            else if (!is_blank(p[k - 1]))
                out[n++] = ' ';
        p += whole + (p[whole] != 0);
    }
    if (out)
        out[n] = 0;
    return out;
}

/* `why` is what settle said, or "": then the range says it. */
static gan_status refuse(int i, const char *value, const char *why, gan_error *err)
{
    const bool choice = limits[i].type == CHOICE;
    const char *more = strlen(value) > 60 ? "..." : "";
    if (*why)
        return gan__fail(err, GAN_EKEY, "%s.%s = %.60s%s: %s", table[i].section, table[i].name, value, more, why);
    return gan__fail(err, GAN_EKEY, "%s.%s = %.60s%s: must be %s%s", table[i].section, table[i].name, value, more,
                     choice ? "one of " : "", table[i].range);
}

static gan_status set(gan_recipe *r, int i, const char *value, gan_error *err)
{
    size_t room;
    gan_error why = {0};
    char *text = tidy(i, value, &room);
    if (!text)
        return gan__fail_memory(err, "a recipe");
    if (!settle(i, text, room, &why)) {
        free(text);
        return refuse(i, value, why.message, err);
    }
    free(r->value[i]);
    r->value[i] = text;
    return GAN_OK;
}

/* Is the option one of the game that the recipe plays? */
static bool belongs(const gan_recipe *r, int i)
{
    const char *plays = gan_recipe_text(r, "train.game"), *game = table[i].game;
    const size_t n = strlen(plays);
    while (*game && (strncmp(game, plays, n) != 0 || (game[n] && game[n] != '|'))) {
        game += strcspn(game, "|");
        if (!*game)
            return false;
        game++;
    }
    return true;
}

static gan_status of_another_game(const gan_recipe *r, int i, gan_error *err)
{
    return gan__fail(err, GAN_EKEY, "%s.%s is a setting of train.game = %s; this recipe's is %s", table[i].section,
                     table[i].name, table[i].game, gan_recipe_text(r, "train.game"));
}

bool gan_recipe_has(const gan_recipe *r, const char *key)
{
    const int i = find(key);
    return i >= 0 && belongs(r, i);
}

gan_status gan_recipe_set(gan_recipe *r, const char *key, const char *value, gan_error *err)
{
    const int i = find(key);
    if (i < 0)
        return unknown(key, err);
    return belongs(r, i) ? set(r, i, value, err) : of_another_game(r, i, err);
}

gan_status gan_recipe_assign(gan_recipe *r, const char *assignment, gan_error *err)
{
    const char *equals = strchr(assignment, '=');
    if (!equals)
        return gan__fail(err, GAN_EKEY, "'%s': write key=value, as in train.batch=64", assignment);
    char key[KEY_MAX];
    size_t n = (size_t)(equals - assignment);
    while (n && assignment[n - 1] == ' ')
        n--;
    if (n >= sizeof key)
        n = sizeof key - 1;
    memcpy(key, assignment, n);
    key[n] = 0;
    return gan_recipe_set(r, key, equals + 1, err);
}

const char *gan_recipe_text(const gan_recipe *r, const char *key)
{
    const int i = find(key);
    assert(i >= 0);
    return r->value[i];
}

int64_t gan_recipe_int(const gan_recipe *r, const char *key)
{
    int64_t n = 0;
    const bool ok = gan_text_int(gan_recipe_text(r, key), &n);
    assert(ok);
    (void)ok;
    return n;
}

double gan_recipe_number(const gan_recipe *r, const char *key)
{
    double d = 0;
    const bool ok = gan_text_number(gan_recipe_text(r, key), &d);
    assert(ok);
    (void)ok;
    return d;
}

void gan_recipe_size(const gan_recipe *r, const char *key, int *height, int *width)
{
    *height = *width = 0;
    const char *text = gan_recipe_text(r, key);
    const bool ok = !strcmp(text, "auto") || sscanf(text, "%d %d", height, width) == 2;
    assert(ok);
    (void)ok;
}

/* ---- whole recipes ------------------------------------------------------------------------------ */

static gan_recipe *create(void)
{
    gan_recipe *r = calloc(1, sizeof *r);
    for (int i = 0; r && i < OPTIONS; i++)
        if (!(r->value[i] = strdup(table[i].fallback))) {
            gan_recipe_free(r);
            r = NULL;
        }
    return r;
}

void gan_recipe_free(gan_recipe *r)
{
    if (!r)
        return;
    for (int i = 0; i < OPTIONS; i++)
        free(r->value[i]);
    free(r);
}

gan_status gan_recipe_copy(gan_recipe **out, const gan_recipe *r, gan_error *err)
{
    *out = create();
    for (int i = 0; *out && i < OPTIONS; i++) {
        free((*out)->value[i]);
        if (!((*out)->value[i] = strdup(r->value[i]))) {
            gan_recipe_free(*out);
            *out = NULL;
        }
    }
    return *out ? GAN_OK : gan__fail_memory(err, "a recipe");
}

typedef struct parse {
    gan_recipe *recipe;
    int seen[OPTIONS]; /* the line that set it */
} parse;

static gan_status take(void *ctx, const char *section, const char *name, const char *value, int line,
                       gan_error *err)
{
    parse *p = ctx;
    char key[2 * KEY_MAX];
    snprintf(key, sizeof key, "%s.%s", section, name);
    const int i = find(key);
    if (i < 0)
        return unknown(key, err);
    if (p->seen[i])
        return gan__fail(err, GAN_EKEY, "%s is set in line %d already", key, p->seen[i]);
    const gan_status s = set(p->recipe, i, value, err); /* its game may be said further down */
    if (s == GAN_OK)
        p->seen[i] = line;
    return s;
}

gan_status gan_recipe_parse(gan_recipe **out, const char *name, const char *text, gan_error *err)
{
    *out = NULL;
    parse p = {.recipe = create()};
    if (!p.recipe)
        return gan__fail_memory(err, "a recipe");
    gan_status s = gan__ini_parse(name, text, strlen(text), take, &p, err);
    for (int i = 0; i < OPTIONS && s == GAN_OK; i++)
        if (p.seen[i] && !belongs(p.recipe, i)) {
            gan_error why;
            s = of_another_game(p.recipe, i, &why);
            gan__fail(err, s, "%s:%d: %s", name, p.seen[i], why.message);
        } else if (limits[i].type == LAYERS && belongs(p.recipe, i) && !p.seen[i])
            s = gan__fail(err, GAN_EKEY,
                          "%s: says no %s.%s; nets have no default (the built-in recipe steady is a whole one to "
                          "start from)",
                          name, table[i].section, table[i].name);
    if (s != GAN_OK) {
        gan_recipe_free(p.recipe);
        return s;
    }
    *out = p.recipe;
    return GAN_OK;
}

static gan_status no_such_recipe(const char *name, gan_error *err)
{
    const char *best = gan__embedded_recipes[0].name;
    for (int i = 1; i < gan__embedded_recipe_count; i++)
        if (gan__distance(gan__embedded_recipes[i].name, name) < gan__distance(best, name))
            best = gan__embedded_recipes[i].name;
    return gan__fail(err, GAN_ENOTFOUND,
                     "no recipe '%s': neither built in nor a file, nor a folder of pictures; do you mean '%s'?", name, best);
}

gan_status gan_recipe_load(gan_recipe **out, const char *name_or_path, gan_error *err)
{
    *out = NULL;
    for (int i = 0; i < gan__embedded_recipe_count; i++)
        if (!strcmp(gan__embedded_recipes[i].name, name_or_path))
            return gan_recipe_parse(out, name_or_path, gan__embedded_recipes[i].text, err);
    if (!strchr(name_or_path, '/') && !strstr(name_or_path, ".ini") && !gan__is_file(name_or_path))
        return no_such_recipe(name_or_path, err);
    uint8_t *text;
    size_t bytes;
    gan_status s = gan__read_file(name_or_path, 1 << 20, &text, &bytes, err);
    if (s == GAN_OK && strlen((char *)text) != bytes)
        s = gan__fail(err, GAN_EFORMAT, "%s: is not text (it holds a zero byte)", name_or_path);
    if (s == GAN_OK)
        s = gan_recipe_parse(out, name_or_path, (char *)text, err);
    free(text);
    return s;
}

int gan_recipe_builtins(void)
{
    return gan__embedded_recipe_count;
}

gan_recipe_info gan_recipe_builtin(int i)
{
    return (gan_recipe_info){gan__embedded_recipes[i].name, gan__embedded_recipes[i].text};
}

static void write_value(FILE *f, int i, const char *value)
{
    fprintf(f, "%s =", table[i].name);
    if (limits[i].type != LAYERS) {
        fprintf(f, " %s\n", value);
        return;
    }
    while (*value) {
        const size_t n = strcspn(value, "\n");
        fprintf(f, "\n  %.*s", (int)n, value);
        value += n + (value[n] == '\n');
    }
    fputc('\n', f);
}

char *gan_recipe_ini(const gan_recipe *r)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    if (!f)
        return NULL;
    const char *section = NULL;
    for (int i = 0; i < OPTIONS; i++) {
        if (!belongs(r, i))
            continue;
        if (!section || strcmp(table[i].section, section) != 0)
            fprintf(f, "%s[%s]\n", section ? "\n" : "", table[i].section);
        section = table[i].section;
        write_value(f, i, r->value[i]);
    }
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
