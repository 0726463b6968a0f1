/* recipe.c - settings by name: text in, checked text kept, typed reads out.
 *
 *     options.def --> table[] --> values[], one text for each row
 *
 * Values stay the text that was given (whole numbers in plain form), so writing a recipe and reading it
 * again gives the same recipe, and no number is rounded on the way.
 */
#include "train/recipe_internal.h"
#include "train/recipes_embedded.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/nearest.h"
#include "file/ini.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
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

enum { OPTIONS = sizeof table / sizeof *table, KEY_MAX = 64, TEXT_MAX = 16384 };

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

/* Numbers are written with a point whatever the user's locale. */
static bool to_number(const char *text, double *out)
{
    char *end;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return false;
    *out = strtod_l(text, &end, c);
    freelocale(c);
    return end != text && !*end && isfinite(*out) && strspn(text, "0123456789+-.eE") == strlen(text);
}

/* 10000 and 1e4 are whole numbers. */
static bool to_int(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (end != text && !*end && !errno)
        return true;
    double d;
    if (!to_number(text, &d) || d != floor(d) || fabs(d) > 9e15)
        return false;
    *out = (int64_t)d;
    return true;
}

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
    char name[16], number[3][32], rest;
    if (sscanf(text, "%15s %31s %31s %31s %c", name, number[0], number[1], number[2], &rest) != 4)
        return false;
    return !strcmp(name, "adam") && to_number(number[0], &o->rate) &&
           to_number(number[1], &o->beta1) && to_number(number[2], &o->beta2) && o->rate > 0 &&
           o->rate <= 1 && o->beta1 >= 0 && o->beta1 < 1 && o->beta2 >= 0 && o->beta2 < 1;
}

static bool is_text(const char *value, bool lines)
{
    if (!*value || strlen(value) >= TEXT_MAX)
        return false;
    for (const unsigned char *p = (const unsigned char *)value; *p; p++)
        if (*p < ' ' && !(lines && (*p == '\n' || *p == '\t')))
            return false;
    return true;
}

static gan_status check(int i, const char *value, gan_error *err)
{
    bool ok = false;
    double d;
    int64_t n;
    gan__optimizer o;
    switch (limits[i].type) {
    case INT: ok = to_int(value, &n) && (double)n >= limits[i].low && (double)n <= limits[i].high; break;
    case NUMBER: ok = to_number(value, &d) && d >= limits[i].low && d <= limits[i].high; break;
    case CHOICE: ok = is_choice(table[i].range, value); break;
    case TEXT: ok = is_text(value, false); break;
    case LAYERS: ok = is_text(value, true); break;
    case ADAM: ok = to_adam(value, &o); break;
    }
    if (ok)
        return GAN_OK;
    return gan__fail(err, GAN_EKEY, "%s.%s = %.60s: must be %s%s", table[i].section, table[i].name,
                     value, limits[i].type == CHOICE ? "one of " : "", table[i].range);
}

/* Spaces around a value, and on both sides of each of its lines, say nothing. */
static char *tidy(const char *value)
{
    char *out = malloc(strlen(value) + 1);
    size_t n = 0;
    for (const char *p = value; out && *p;) {
        const size_t line = strcspn(p, "\n;");
        size_t first = 0, end = line;
        while (first < end && strchr(" \t\r", p[first]))
            first++;
        while (end > first && strchr(" \t\r", p[end - 1]))
            end--;
        if (end > first) {
            if (n)
                out[n++] = '\n';
            memcpy(out + n, p + first, end - first);
            n += end - first;
        }
        p += line + (p[line] != 0);
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
    char *text = tidy(value);
    if (!text)
        return gan__fail_memory(err, "a recipe");
    gan_status s = check(i, text, err);
    if (s == GAN_OK && limits[i].type == INT) {
        int64_t n = 0;
        char plain[32];
        to_int(text, &n);
        snprintf(plain, sizeof plain, "%lld", (long long)n);
        free(text);
        text = strdup(plain);
        if (!text)
            s = gan__fail_memory(err, "a recipe");
    }
    if (s != GAN_OK) {
        free(text);
        return s;
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
    const bool ok = to_int(gan_recipe_text(r, key), &n);
    assert(ok);
    (void)ok;
    return n;
}

double gan_recipe_number(const gan_recipe *r, const char *key)
{
    double d = 0;
    const bool ok = to_number(gan_recipe_text(r, key), &d);
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
