/* recipe.c - settings by name: text in, checked text kept, typed reads out.
 *
 *     options.def --> table[] --> values[], one text for each row
 *
 * Reading a file and setting one value are the same function: a value is tidied, checked and put in the one form
 * that equal values have (gan__text_of_number), so that what is written always reads back as the same recipe.
 */
#include "train/recipe_internal.h"
#include "train/recipes_embedded.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/nearest.h"
#include "base/words.h"
#include "file/ini.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum type { INT, NUMBER, CHOICE, TEXT, LAYERS, ADAM } type;

static const gan_option_info table[] = {
#define OPTION(section, name, type, range, low, high, fallback, help, source)                     \
    {#section, #name, #type, range, fallback, help, source},
#include "train/options.def"
#undef OPTION
};

static const struct {
    type type;
    double low, high;
} limits[] = {
#define OPTION(section, name, type, range, low, high, fallback, help, source) {type, low, high},
#include "train/options.def"
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

static bool is_choice(const char *choices, const char *value)
{
    const size_t n = strlen(value);
    for (const char *p = choices; *p;) {
        const size_t m = strcspn(p, "|");
        if (n == m && !memcmp(p, value, n))
            return true;
        p += m + (p[m] == '|');
    }
    return false;
}

static bool to_adam(const char *text, gan__optimizer *o)
{
    char name[16], number[3][GAN__NUMBER_MAX], rest;
    if (sscanf(text, "%15s %31s %31s %31s %c", name, number[0], number[1], number[2], &rest) != 4)
        return false;
    return !strcmp(name, "adam") && gan_text_number(number[0], &o->rate) &&
           gan_text_number(number[1], &o->beta1) && gan_text_number(number[2], &o->beta2) && o->rate > 0 &&
           o->rate <= 1 && o->beta1 >= 0 && o->beta1 < 1 && o->beta2 >= 0 && o->beta2 < 1;
}

static bool within(int i, double x)
{
    return x >= limits[i].low && x <= limits[i].high;
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

/* Is it a value of this option? Numbers are put in the one form that equal numbers have, in place (`room` bytes:
 * GAN__NUMBER_MAX for each word of a value). */
static bool settle(int i, char *value, size_t room)
{
    double d;
    int64_t n;
    gan__optimizer o;
    char text[3][GAN__NUMBER_MAX];
    switch (limits[i].type) {
    case INT:
        if (!gan_text_int(value, &n) || !within(i, (double)n))
            return false;
        snprintf(value, room, "%lld", (long long)n);
        return true;
    case NUMBER:
        if (!gan_text_number(value, &d) || !within(i, d))
            return false;
        gan__text_of_number(d, text[0]);
        snprintf(value, room, "%s", text[0]);
        return true;
    case CHOICE: return is_choice(table[i].range, value);
    case TEXT: return is_line(value);
    case LAYERS: return is_lines(value);
    case ADAM:
        if (!to_adam(value, &o))
            return false;
        gan__text_of_number(o.rate, text[0]);
        gan__text_of_number(o.beta1, text[1]);
        gan__text_of_number(o.beta2, text[2]);
        snprintf(value, room, "adam %s %s %s", text[0], text[1], text[2]);
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
    const bool lines = limits[i].type == LAYERS, words = lines || limits[i].type == ADAM;
    *room = strlen(value) + 4 * GAN__NUMBER_MAX;
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

gan_status gan_recipe_set(gan_recipe *r, const char *key, const char *value, gan_error *err)
{
    const int i = find(key);
    if (i < 0)
        return unknown(key, err);
    size_t room;
    char *text = tidy(i, value, &room);
    if (!text)
        return gan__fail_memory(err, "a recipe");
    if (!settle(i, text, room)) {
        free(text);
        return gan__fail(err, GAN_EKEY, "%s.%s = %.60s%s: must be %s%s", table[i].section, table[i].name, value,
                         strlen(value) > 60 ? "..." : "", limits[i].type == CHOICE ? "one of " : "",
                         table[i].range);
    }
    free(r->value[i]);
    r->value[i] = text;
    return GAN_OK;
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

gan__optimizer gan__recipe_optimizer(const gan_recipe *r)
{
    gan__optimizer o = {0};
    to_adam(gan_recipe_text(r, "train.optimizer"), &o);
    return o;
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
    if (i >= 0 && p->seen[i])
        return gan__fail(err, GAN_EKEY, "%s is set in line %d already", key, p->seen[i]);
    const gan_status s = gan_recipe_set(p->recipe, key, value, err);
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
        if (limits[i].type == LAYERS && !p.seen[i])
            s = gan__fail(err, GAN_EKEY,
                          "%s: says no %s.%s; nets have no default (`gander recipes steady` prints a "
                          "whole recipe to start from)",
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
                     "no recipe '%s': neither built in nor a file; do you mean '%s'?", name, best);
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
    for (int i = 0; i < OPTIONS; i++) {
        if (!i || strcmp(table[i].section, table[i - 1].section) != 0)
            fprintf(f, "%s[%s]\n", i ? "\n" : "", table[i].section);
        write_value(f, i, r->value[i]);
    }
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* ---- networks ----------------------------------------------------------------------------------- */

gan_status gan__recipe_generator(const gan_recipe *r, gan_net **net, gan_params *params,
                                 gan_error *err)
{
    const int latent = (int)gan_recipe_int(r, "generator.latent");
    return gan_net_create(net, "generator", gan_recipe_text(r, "generator.layers"),
                          GAN_SHAPE(latent), params, err);
}

gan_status gan__recipe_discriminator(const gan_recipe *r, int inputs, gan_net **net,
                                     gan_params *params, gan_error *err)
{
    gan_status s = gan_net_create(net, "discriminator", gan_recipe_text(r, "discriminator.layers"),
                                  GAN_SHAPE(inputs), params, err);
    if (s != GAN_OK)
        return s;
    const gan_shape y = gan_net_output(*net);
    if (*gan_net_last_activation(*net))
        s = gan__fail(err, GAN_EKEY,
                      "discriminator: the last line ends in '%s'; D ends in the logit, write `dense 1` "
                      "(its sigmoid belongs to the objective)",
                      gan_net_last_activation(*net));
    else if (y.rank != 1 || y.dim[0] != 1)
        s = gan__fail(err, GAN_EKEY,
                      "discriminator: the last line gives %d numbers; D ends in one logit, write `dense 1`",
                      y.dim[0]);
    if (s != GAN_OK) {
        gan_net_free(*net);
        *net = NULL;
    }
    return s;
}

gan_status gan_recipe_check(const gan_recipe *r, gan_error *err)
{
    gan_params *params = gan_params_create();
    gan_net *g = NULL, *d = NULL;
    gan_status s = params ? gan__recipe_generator(r, &g, params, err) : gan__fail_memory(err, "a recipe");
    if (s == GAN_OK) {
        const gan_shape y = gan_net_output(g);
        int inputs = 1;
        for (int i = 0; i < y.rank; i++)
            inputs *= y.dim[i];
        s = gan__recipe_discriminator(r, inputs, &d, params, err);
    }
    gan_net_free(g);
    gan_net_free(d);
    gan_params_free(params);
    return s;
}
