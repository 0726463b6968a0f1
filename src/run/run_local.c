/* run_local.c - see run_local.h.
 *
 * A path may hold any byte and be long, an INI line may not: so what an INI reader could take amiss
 * is written as in a URL (%3B), and a long value goes on in the next line.
 */
#include "run/run_local.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "file/ini.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 120 };

static void put_value(FILE *f, const char *key, const char *value)
{
    int column = fprintf(f, "%s = ", key);
    for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
        const bool plain = *p < 128 && (isalnum(*p) || strchr("/._-+,@~", *p));
        column += fprintf(f, plain ? "%c" : "%%%02X", *p);
        if (column >= COLUMNS && p[1])
            column = fprintf(f, "\n  ") - 1;
    }
    fputc('\n', f);
}

static void take_value(char *out, size_t bytes, const char *value)
{
    size_t n = 0;
    for (const char *p = value; *p && n + 1 < bytes; p++) {
        unsigned byte;
        if (*p == '\n')
            continue;
        if (*p == '%' && sscanf(p + 1, "%2x", &byte) == 1) {
            out[n++] = (char)byte;
            p += 2;
        } else {
            out[n++] = *p;
        }
    }
    out[n] = 0;
}

gan_status gan__local_write(const char *dir, const gan__local *local, gan_error *err)
{
    char *text = NULL, *path = gan__path_join(dir, "state/local.ini");
    size_t bytes = 0;
    FILE *f = path ? open_memstream(&text, &bytes) : NULL;
    gan_status s = f ? GAN_OK : gan__fail_memory(err, "local.ini");
    if (f) {
        fputs("# Of this machine alone; nothing here changes a byte of the run.\n[local]\n", f);
        put_value(f, "data", local->data);
        put_value(f, "init", local->init);
        fprintf(f, "threads = %d\nother_arithmetic = %d\nitems = %d\n", local->threads, local->other_arithmetic, local->items);
        s = fclose(f) == 0 ? gan__write_file(path, text, bytes, err) : gan__fail_memory(err, path);
    }
    free(text);
    free(path);
    return s;
}

static gan_status take(void *ctx, const char *section, const char *key, const char *value, int line,
                       gan_error *err)
{
    gan__local *l = ctx;
    (void)section, (void)line, (void)err;
    if (!strcmp(key, "data"))
        take_value(l->data, sizeof l->data, value);
    else if (!strcmp(key, "init"))
        take_value(l->init, sizeof l->init, value);
    else if (!strcmp(key, "threads"))
        l->threads = atoi(value);
    else if (!strcmp(key, "other_arithmetic"))
        l->other_arithmetic = atoi(value);
    else if (!strcmp(key, "items"))
        l->items = atoi(value);
    return GAN_OK;
}

gan_status gan__local_read(const char *dir, gan__local *local, gan_error *err)
{
    char *path = gan__path_join(dir, "state/local.ini");
    *local = (gan__local){0};
    gan_status s = path ? GAN_OK : gan__fail_memory(err, "local.ini");
    if (s == GAN_OK && gan__is_file(path))
        s = gan__ini_read(path, take, local, err);
    free(path);
    return s;
}
