/* ini.c - inih calls back once for each line of a value; they are gathered into one.
 *
 * inih cuts lines at INI_MAX_LINE (200 in Debian's build) without a word, so longer ones are refused
 * before it sees them. The number of the line is counted here too: Debian's inih does not pass it on.
 */
#include "file/ini.h"

#include "base/error.h"

#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_CHARS = 190, NAME_MAX_CHARS = 64, VALUE_MAX = 16384 };

typedef struct state {
    const char *file, *next; /* what inih has not read yet */
    int line;                /* of what it has */
    gan__ini_fn *fn;
    void *ctx;
    gan_error *err;
    gan_status status;
    char section[NAME_MAX_CHARS], name[NAME_MAX_CHARS], value[VALUE_MAX];
    size_t length;
    int first_line;
    bool open;
} state;

static void flush(state *s)
{
    if (s->open && s->status == GAN_OK)
        s->status = s->fn(s->ctx, s->section, s->name, s->value, s->first_line, s->err);
    s->open = false;
}

static bool append(state *s, const char *text)
{
    const size_t n = strlen(text);
    if (s->length + n + 2 > sizeof s->value) {
        s->status = gan__fail(s->err, GAN_EFORMAT, "%s:%d: the value of %s is too long", s->file,
                              s->line, s->name);
        return false;
    }
    if (s->length)
        s->value[s->length++] = '\n';
    memcpy(s->value + s->length, text, n + 1);
    s->length += n;
    return true;
}

static bool copy_name(state *s, char to[NAME_MAX_CHARS], const char *from)
{
    if (strlen(from) < NAME_MAX_CHARS) {
        strcpy(to, from);
        return true;
    }
    s->status = gan__fail(s->err, GAN_EFORMAT, "%s:%d: a name of more than %d characters", s->file,
                          s->line, NAME_MAX_CHARS - 1);
    return false;
}

/* Is the line that inih has just read the continuation of a value? Only an indented one is. */
static bool continues(const state *s, const char *line)
{
    return s->open && (*line == ' ' || *line == '\t');
}

static const char *line_start(const state *s, const char *text)
{
    const char *p = s->next;
    if (p > text && p[-1] == '\n')
        p--;
    while (p > text && p[-1] != '\n')
        p--;
    return p;
}

typedef struct reader {
    state s;
    const char *text;
} reader;

static int handle(void *user, const char *section, const char *name, const char *value)
{
    reader *r = user;
    state *s = &r->s;
    if (s->status != GAN_OK)
        return 0;
    if (continues(s, line_start(s, r->text)) && !strcmp(name, s->name) && !strcmp(section, s->section))
        return append(s, value);
    flush(s);
    if (s->status != GAN_OK || !copy_name(s, s->section, section) || !copy_name(s, s->name, name))
        return 0;
    s->open = true;
    s->first_line = s->line;
    s->length = 0;
    s->value[0] = 0;
    return *value ? append(s, value) : 1;
}

static char *next_line(char *to, int size, void *stream)
{
    state *s = &((reader *)stream)->s;
    if (!*s->next)
        return NULL;
    const char *end = strchr(s->next, '\n');
    const size_t n = end ? (size_t)(end - s->next) + 1 : strlen(s->next);
    s->line++;
    if (n >= (size_t)size || n > LINE_MAX_CHARS) {
        if (s->status == GAN_OK)
            s->status = gan__fail(s->err, GAN_EFORMAT, "%s:%d: a line of more than %d characters",
                                  s->file, s->line, LINE_MAX_CHARS);
        return NULL;
    }
    memcpy(to, s->next, n);
    to[n] = 0;
    s->next += n;
    return to;
}

gan_status gan__ini_parse(const char *name, const char *text, gan__ini_fn *fn, void *ctx,
                          gan_error *err)
{
    reader *r = calloc(1, sizeof *r);
    if (!r)
        return gan__fail_memory(err, name);
    r->text = text;
    r->s = (state){.file = name, .next = text, .fn = fn, .ctx = ctx, .err = err};
    const int line = ini_parse_stream(next_line, r, handle, r);
    if (r->s.status == GAN_OK && line > 0)
        r->s.status = gan__fail(err, GAN_EFORMAT,
                                "%s:%d: not a [section], a `key = value` or a # comment", name, line);
    flush(&r->s);
    const gan_status s = r->s.status;
    free(r);
    return s;
}
