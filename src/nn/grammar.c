/* grammar.c - see grammar.h.
 *
 * A block is kept as the part of the text that it is; using it reads that part again, with its parameters' words put in
 * and its names made its own by the number of the use ("h" -> "h.3").
 */
#include "nn/grammar.h"

#include "base/error.h"
#include "nn/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 32, DEPTH_MAX = 8 };

typedef struct block {
    char name[GAN__WORD_MAX];
    char parameter[GAN__WORDS_MAX][GAN__WORD_MAX];
    int parameters, line; /* line: where its first line is */
    const char *text, *end;
} block;

typedef struct reader {
    const char *net;
    gan__line *line;
    int count;
    block block[BLOCKS_MAX];
    int blocks, uses;
    gan_error *err;
} reader;

/* The use of a block that lines are read for; NULL: the net itself. */
typedef struct use {
    const block *b;
    const gan__line *words; /* the line that used it: a word for each parameter */
    int number, start, depth;
    const struct use *outer;
} use;

/* Words of a line, what follows '#' left out; -1: too many or too long. */
static int split(const char *line, size_t length, char word[][GAN__WORD_MAX])
{
    int words = 0;
    for (size_t i = 0; i < length && line[i] != '#';) {
        if (line[i] == ' ' || line[i] == '\t' || line[i] == '\r') {
            i++;
            continue;
        }
        size_t n = 0;
        while (i < length && !strchr(" \t\r#", line[i])) {
            if (words == GAN__WORDS_MAX || n == GAN__WORD_MAX - 1)
                return -1;
            word[words][n++] = line[i++];
        }
        word[words++][n] = 0;
    }
    return words;
}

static const block *find_block(const reader *r, const char *name)
{
    for (int i = 0; i < r->blocks; i++)
        if (!strcmp(r->block[i].name, name))
            return &r->block[i];
    return NULL;
}

static void put_in_parameters(gan__line *l, const use *u)
{
    for (int w = 0; u->b && w < l->words; w++)
        for (int p = 0; p < u->b->parameters; p++)
            if (!strcmp(l->word[w], u->b->parameter[p])) {
                strcpy(l->word[w], u->words->word[p + 1]);
                break;
            }
}

/* A name of a block's own: h -> h.3. */
static gan_status make_own(const reader *r, const gan__line *l, char name[GAN__WORD_MAX], const use *u)
{
    const size_t n = strlen(name);
    if (!u->b)
        return GAN_OK;
    if (snprintf(name + n, GAN__WORD_MAX - n, ".%d", u->number) >= (int)(GAN__WORD_MAX - n))
        return gan__fail(r->err, GAN_EKEY, "%s, line %d: the name %s is too long", r->net, l->number, name);
    return GAN_OK;
}

/* A name that is read: of this use of the block, else of the one around it, ..., else the net's. What nobody has made so
 * far stays this use's: there it is missed.
 */
static gan_status find_own(const reader *r, const gan__line *l, char word[GAN__WORD_MAX], const use *u)
{
    for (const use *at = u; at; at = at->outer) {
        char name[GAN__WORD_MAX + 12];
        if (at->b)
            snprintf(name, sizeof name, "%s.%d", word + 1, at->number);
        else
            snprintf(name, sizeof name, "%s", word + 1);
        for (int i = 0; i < r->count; i++)
            if (!strcmp(r->line[i].name, name)) {
                snprintf(word + 1, GAN__WORD_MAX - 1, "%.*s", GAN__WORD_MAX - 2, name);
                return GAN_OK;
            }
    }
    return make_own(r, l, word, u);
}

/* Take "@h" off the end of a line, and make the names that it reads this use's own. */
static gan_status take_names(const reader *r, gan__line *l, const use *u)
{
    const gan__layer_kind *kind = gan__layer_find(l->word[0]);
    const char *last = l->word[l->words - 1];
    const bool is_read = l->words == 2 && kind && kind->joins; /* `add @h` reads a name, and gives none */
    gan_status s = GAN_OK;
    if (l->words > 1 && last[0] == '@' && !is_read) {
        strcpy(l->name, last + 1);
        l->words--;
        if (!*l->name || !strcmp(l->name, "in"))
            return gan__fail(r->err, GAN_EKEY, "%s, line %d: '%s' cannot be a line's name", r->net, l->number, last);
        s = make_own(r, l, l->name, u);
    }
    for (int w = 1; w < l->words && s == GAN_OK; w++)
        if (l->word[w][0] == '@' && strcmp(l->word[w], "@in") != 0)
            s = find_own(r, l, l->word[w], u);
    for (int i = 0; i < r->count && *l->name && s == GAN_OK; i++)
        if (!strcmp(r->line[i].name, l->name))
            s = gan__fail(r->err, GAN_EKEY, "%s, line %d: @%s is the name of line %d already", r->net, l->number, l->name,
                          r->line[i].number);
    return s;
}

static gan_status read_lines(reader *r, const char *text, const char *end, int number, const use *u);

static gan_status use_block(reader *r, const block *b, const gan__line *l, const use *outer)
{
    const use u = {b, l, ++r->uses, r->count, outer->depth + 1, outer};
    if (l->words - 1 != b->parameters)
        return gan__fail(r->err, GAN_EKEY, "%s, line %d: block %s takes %d words, not %d", r->net, l->number, b->name,
                         b->parameters, l->words - 1);
    if (u.depth > DEPTH_MAX)
        return gan__fail(r->err, GAN_EKEY, "%s, line %d: blocks within blocks, more than %d deep", r->net, l->number,
                         DEPTH_MAX);
    return read_lines(r, b->text, b->end, b->line, &u);
}

static gan_status read_line(reader *r, gan__line *l, const use *u)
{
    put_in_parameters(l, u);
    const block *b = find_block(r, l->word[0]);
    if (b && b != u->b)
        return use_block(r, b, l, u);
    if (r->count == GAN__LINES_MAX)
        return gan__fail(r->err, GAN_EKEY, "%s, line %d: more than %d lines, blocks written out", r->net, l->number,
                         GAN__LINES_MAX);
    const gan_status s = take_names(r, l, u);
    l->start = u->start;
    r->line[r->count++] = *l;
    return s;
}

/* A block's head was read; its lines go up to "end". *at moves behind them. */
static gan_status take_block(reader *r, const gan__line *head, const char **at, const char *end, int *number)
{
    if (head->words < 2 || r->blocks == BLOCKS_MAX || find_block(r, head->word[1]))
        return gan__fail(r->err, GAN_EKEY, "%s, line %d: %s", r->net, head->number,
                         head->words < 2            ? "write `block NAME [PARAMETER ...]`"
                         : r->blocks == BLOCKS_MAX ? "too many blocks"
                                                    : "a block of that name stands above");
    block *b = &r->block[r->blocks++];
    *b = (block){.parameters = head->words - 2, .line = *number, .text = *at};
    strcpy(b->name, head->word[1]);
    for (int p = 0; p < b->parameters; p++)
        strcpy(b->parameter[p], head->word[p + 2]);
    while (*at < end) {
        char word[GAN__WORDS_MAX][GAN__WORD_MAX];
        const size_t n = strcspn(*at, "\n");
        const int words = split(*at, n, word);
        b->end = *at;
        *at += n + ((*at)[n] == '\n');
        ++*number;
        if (words == 1 && !strcmp(word[0], "end"))
            return GAN_OK;
        if (words > 0 && !strcmp(word[0], "block"))
            break;
    }
    return gan__fail(r->err, GAN_EKEY, "%s, line %d: block %s has no end", r->net, head->number, b->name);
}

static gan_status read_lines(reader *r, const char *text, const char *end, int number, const use *u)
{
    gan_status s = GAN_OK;
    while (s == GAN_OK && text < end) {
        const size_t n = strcspn(text, "\n");
        gan__line l = {.number = number++};
        l.words = split(text, n, l.word);
        text += n + (text[n] == '\n');
        if (l.words < 0)
            s = gan__fail(r->err, GAN_EKEY, "%s, line %d: too many words, or one too long", r->net, l.number);
        else if (l.words > 0 && !strcmp(l.word[0], "block") && !u->b)
            s = take_block(r, &l, &text, end, &number);
        else if (l.words > 0)
            s = read_line(r, &l, u);
    }
    return s;
}

gan_status gan__lines_read(gan__line **out, int *count, const char *net, const char *text, gan_error *err)
{
    reader *r = calloc(1, sizeof *r);
    *out = NULL;
    if (!r || !(r->line = malloc(GAN__LINES_MAX * sizeof *r->line))) {
        free(r);
        return gan__fail_memory(err, "a network");
    }
    r->net = net;
    r->err = err;
    const gan_status s = read_lines(r, text, text + strlen(text), 1, &(use){0});
    if (s == GAN_OK) {
        *out = r->line;
        *count = r->count;
    } else {
        free(r->line);
    }
    free(r);
    return s;
}
