/* ini.c - INI text, by inih, with what inih is silent about made an error.
 *
 * inih reads lines through our reader and calls our handler before it asks for the next line, so
 * both see the same line and its number. Left alone it would split a line of more than 199 bytes,
 * cut a section's name after 49, and drop what follows a ']'; the reader looks at each line first
 * and refuses those. A value is held back until the next key, section or end, since lines that
 * continue it may follow.
 *
 * inih's options are variables of its own, shared by the whole process: they are left as they are,
 * which is why the line limit stands (Debian builds it with 200).
 */
#include "file/ini.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/words.h"

#include <ini.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = GAN__INI_LINE_MAX, SECTION_MAX = 49, FILE_MAX = 1 << 20 };

typedef struct parser {
    const char *name, *at, *end;
    gan__ini_fn *fn;
    void *ctx;
    gan_error *err;
    gan_status status; /* once not OK, nothing more is read or called */
    int line;          /* the one that inih has in hand */
    bool goes_on;      /* it continues the value that is held back */
    char section[SECTION_MAX + 1];
    char *key, *value; /* held back; key NULL: none */
    size_t value_bytes;
    int key_line, bad_line;
} parser;

static void refuse(parser *p, int line, gan_status status, const char *what)
{
    p->status = gan__fail(p->err, status, "%s:%d: %s", p->name, line, what);
    p->bad_line = line;
}

/* ---- one line, before inih sees it ----------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* "[name]", and behind it nothing but a comment. */
static bool is_section(const char *s, size_t bytes)
{
    const char *close = memchr(s, ']', bytes);
    if (!close)
        return true; /* inih has the word for it */
    const char *rest = close + 1, *end = s + bytes;
    while (rest < end && is_space(*rest))
        rest++;
    return close - s - 1 <= SECTION_MAX && (rest == end || *rest == ';' || *rest == '#');
}

static void flush(parser *p)
{
    if (!p->key)
        return;
    if (p->status == GAN_OK) {
        gan_error inner = {.message = "the entry is not accepted"};
        const gan_status s = p->fn(p->ctx, p->section, p->key, p->value, p->key_line, &inner);
        if (s != GAN_OK)
            refuse(p, p->key_line, s, inner.message);
    }
    free(p->key);
    free(p->value);
    p->key = p->value = NULL;
}

/* Look at the line; false: it says nothing (blank, comment) or was refused. */
static bool inspect(parser *p, const char *line, size_t bytes)
{
    size_t indent = 0;
    while (indent < bytes && is_space(line[indent]))
        indent++;
    p->goes_on = indent > 0 && p->key;
    if (!gan__text_is_plain(line, bytes))
        refuse(p, p->line, GAN_EFORMAT, "control characters, or text that is not UTF-8");
    else if (indent == bytes || line[indent] == '#' || line[indent] == ';')
        return false;
    else if (bytes > LINE_MAX_BYTES)
        refuse(p, p->line, GAN_EFORMAT, "a line of more than 197 bytes; break the value");
    else if (!p->goes_on && line[indent] == '[') {
        flush(p);
        if (!is_section(line + indent, bytes - indent))
            refuse(p, p->line, GAN_EFORMAT,
                   "a section is [name], at most 49 bytes, on a line of its own");
    }
    return p->status == GAN_OK;
}

/* ---- inih's two hooks -------------------------------------------------------------------------
 */

static char *next_line(char *out, int room, void *stream)
{
    parser *p = stream;
    if (p->status != GAN_OK || p->at == p->end || room < LINE_MAX_BYTES + 3)
        return NULL;
    const char *line = p->at;
    const char *stop = memchr(line, '\n', (size_t)(p->end - line));
    p->at = stop ? stop + 1 : p->end;
    size_t bytes = (size_t)((stop ? stop : p->end) - line);
    if (bytes > 0 && line[bytes - 1] == '\r')
        bytes--;
    p->line++;
    if (!inspect(p, line, bytes))
        bytes = 0;
    memcpy(out, line, bytes);
    memcpy(out + bytes, "\n", 2);
    return out;
}

/* Put text behind the value held back, with a line end between. */
static void append(parser *p, const char *text)
{
    size_t bytes = 0; /* up to " ;", which begins a comment as it does behind a key */
    while (text[bytes] && !(text[bytes] == ';' && bytes > 0 && is_space(text[bytes - 1])))
        bytes++;
    while (bytes > 0 && is_space(text[bytes - 1]))
        bytes--;
    char *longer = realloc(p->value, p->value_bytes + bytes + 2);
    if (!longer) {
        p->status = gan__fail_memory(p->err, p->name);
        return;
    }
    p->value = longer;
    if (p->value_bytes > 0)
        longer[p->value_bytes++] = '\n';
    memcpy(longer + p->value_bytes, text, bytes);
    p->value_bytes += bytes;
    longer[p->value_bytes] = 0;
}

static int entry(void *user, const char *section, const char *key, const char *value)
{
    parser *p = user;
    if (p->status != GAN_OK)
        return 1;
    if (p->goes_on) {
        append(p, value);
        return 1;
    }
    flush(p);
    if (p->status != GAN_OK)
        return 1;
    if (!*key) {
        refuse(p, p->line, GAN_EFORMAT, "a value without a key");
        return 1;
    }
    strcpy(p->section, section); /* inih holds at most 49 bytes of it */
    p->key_line = p->line;
    p->key = strdup(key);
    p->value_bytes = 0;
    if (p->key)
        append(p, value);
    else
        p->status = gan__fail_memory(p->err, p->name);
    return 1;
}

/* ---- whole files -------------------------------------------------------------------------------
 */

gan_status gan__ini_parse(const char *name, const char *text, size_t bytes, gan__ini_fn *fn,
                          void *ctx, gan_error *err)
{
    parser p = {.name = name, .at = text, .end = text + bytes, .fn = fn, .ctx = ctx, .err = err};
    if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        p.at += 3;
    const int bad = ini_parse_stream(next_line, &p, entry, &p);
    flush(&p); /* it stands before the end, and before a bad line that inih saw too */
    if (bad > 0 && (p.status == GAN_OK || bad < p.bad_line))
        refuse(&p, bad, GAN_EFORMAT, "neither [section] nor key = value");
    else if (bad < 0 && p.status == GAN_OK)
        p.status = gan__fail_memory(err, name);
    return p.status;
}

gan_status gan__ini_read(const char *path, gan__ini_fn *fn, void *ctx, gan_error *err)
{
    uint8_t *text = NULL;
    size_t bytes = 0;
    gan_status s = gan__read_file(path, FILE_MAX, &text, &bytes, err);
    if (s == GAN_OK)
        s = gan__ini_parse(path, (const char *)text, bytes, fn, ctx, err);
    free(text);
    return s;
}
