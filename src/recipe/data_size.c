/* data_size.c - the word `data` in layer lines: the size of the pictures that a run is trained on, put in before the lines are parsed.
 *
 *     dense data sigmoid --> dense 784 sigmoid     reshape data --> reshape 28 28 1     conv data 3 same --> conv 1 3 same
 *
 * What it stands for follows from the layer's kind, so a table says all; behind another kind it stays, and is refused as any unknown word is. */
#include "base/error.h"

#include <gan/recipe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum size_part { ALL_NUMBERS, PLACES_AND_CHANNELS, PLACES, CHANNELS } size_part;

static const struct {
    const char *kind;
    size_part part;
} kinds[] = {{"dense", ALL_NUMBERS}, {"reshape", PLACES_AND_CHANNELS}, {"basis", PLACES_AND_CHANNELS}, {"crop", PLACES},
             {"conv", CHANNELS},     {"tconv", CHANNELS},              {"mod", CHANNELS}};

static const char word[] = "data";

/* The next word of a line: its start; *n: its length, 0 at the end or before a comment. */
static const char *next_word(const char *at, size_t *n)
{
    at += strspn(at, " \t\r");
    *n = strcspn(at, " \t\r\n#");
    return at;
}

/* `data` as the second word of a line of one of the kinds; NULL: it is not. */
static const char *find_in(const char *line, size_part *part)
{
    size_t n, m;
    const char *kind = next_word(line, &n), *second = next_word(kind + n, &m);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n == strlen(kinds[i].kind) && !memcmp(kind, kinds[i].kind, n) && m == sizeof word - 1 && !memcmp(second, word, m)) {
            *part = kinds[i].part;
            return second;
        }
    return NULL;
}

/* The first in some lines. */
static const char *find(const char *lines, size_part *part)
{
    while (*lines) {
        const char *at = find_in(lines, part);
        if (at)
            return at;
        lines += strcspn(lines, "\n");
        lines += *lines == '\n';
    }
    return NULL;
}

static void print_size(FILE *f, size_part part, int height, int width, int channels)
{
    switch (part) {
    case ALL_NUMBERS: fprintf(f, "%lld", (long long)height * width * channels); break;
    case PLACES_AND_CHANNELS: fprintf(f, "%d %d %d", height, width, channels); break;
    case PLACES: fprintf(f, "%d %d", height, width); break;
    case CHANNELS: fprintf(f, "%d", channels); break;
    }
}

static gan_status settle(gan_recipe *r, const char *key, int height, int width, int channels, gan_error *err)
{
    size_part part;
    size_t bytes;
    char *text = NULL;
    const char *lines = gan_recipe_text(r, key);
    FILE *f = open_memstream(&text, &bytes);
    if (!f)
        return gan__fail_memory(err, key);
    for (const char *at; (at = find(lines, &part)) != NULL; lines = at + sizeof word - 1) {
        fwrite(lines, 1, (size_t)(at - lines), f);
        print_size(f, part, height, width, channels);
    }
    fputs(lines, f);
    const bool failed = ferror(f) != 0;
    const gan_status s = fclose(f) != 0 || failed ? gan__fail_memory(err, key) : gan_recipe_set(r, key, text, err);
    free(text);
    return s;
}

/* Row i of the table, as a key, if it is lines of this recipe's that say `data`. */
static bool key_of(const gan_recipe *r, const gan_option_info *row, char key[64])
{
    size_part part;
    snprintf(key, 64, "%s.%s", row->section, row->name);
    return !strcmp(row->type, "LAYERS") && gan_recipe_has(r, key) && find(gan_recipe_text(r, key), &part);
}

bool gan_recipe_unsettled(const gan_recipe *r)
{
    const gan_option_info *rows;
    char key[64];
    const int n = gan_options(&rows);
    for (int i = 0; i < n; i++)
        if (key_of(r, &rows[i], key))
            return true;
    return false;
}

gan_status gan_recipe_settle(gan_recipe *r, int height, int width, int channels, gan_error *err)
{
    const gan_option_info *rows;
    char key[64];
    gan_status s = GAN_OK;
    const int n = gan_options(&rows);
    for (int i = 0; i < n && s == GAN_OK; i++)
        if (key_of(r, &rows[i], key))
            s = settle(r, key, height, width, channels, err);
    return s;
}
