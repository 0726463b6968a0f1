/* page_report.c - the page as one file: its HTML with style and script put in, and every answer that the script would ask for beside them.
 *
 *     page.html with <link ... page.css> -> <style>, <script src=page.js> -> <script type="application/json" id="answers">{...}</script><script>
 *
 * The script asks `answers` first, and a server only where there are none: one page, two ways to it.
 */
#include "page/page_internal.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRIDS_MOST = 60, BYTES_MOST = 30 << 20 /* of grids of a long run, evenly chosen: a mail is no archive */ };

static const gan__page_file *file_named(const char *name)
{
    for (int i = 0; i < gan__page_file_count; i++)
        if (!strcmp(gan__page_files[i].name, name))
            return &gan__page_files[i];
    return NULL;
}

static char *data_uri(const gan_page_answer *a)
{
    const size_t head = strlen(a->type) + sizeof "data:;base64,";
    char *uri = malloc(head + BASE64_ENCODE_RAW_LENGTH(a->size) + 1);
    if (!uri)
        return NULL;
    const int n = snprintf(uri, head, "data:%s;base64,", a->type);
    base64_encode_raw(uri + n, a->size, a->bytes);
    uri[(size_t)n + BASE64_ENCODE_RAW_LENGTH(a->size)] = 0;
    return uri;
}

/* An answer under what it was asked for: JSON as it is, pictures as addresses that hold them. GAN_EFORMAT: it cannot be answered,
 * and why; nothing is kept then. */
static gan_status keep(json_t *answers, gan_page *p, const char *request, size_t *bytes, gan_error *err)
{
    gan_page_answer a;
    json_t *value = NULL;
    gan_page_ask(p, request, &a);
    if (a.status == 200 && !strcmp(a.type, "application/json")) {
        value = json_loadb((const char *)a.bytes, a.size, 0, NULL);
    } else if (a.status == 200) {
        char *uri = data_uri(&a);
        value = json_string(uri);
        free(uri);
    }
    gan_status s = GAN_OK;
    if (a.status != 200)
        s = gan__fail(err, GAN_EFORMAT, "%.*s", (int)a.size, a.bytes ? (const char *)a.bytes : "");
    else if (!value)
        s = gan__fail_memory(err, "a report");
    *bytes += a.size;
    if (value)
        json_object_set_new(answers, request, value);
    gan_page_answer_release(&a);
    return s;
}

static gan_status keep_grids(json_t *answers, gan_page *p, gan_error *err)
{
    char(*names)[GAN__PAGE_GRID_NAME];
    int n = 0;
    gan_status s = gan__page_grid_list(p, &names, &n, err);
    json_t *list = json_array();
    size_t bytes = 0;
    const int kept = n < GRIDS_MOST ? n : GRIDS_MOST;
    for (int i = 0; i < kept && s == GAN_OK && bytes < BYTES_MOST; i++) {
        const int at = kept > 1 ? (int)((long)i * (n - 1) / (kept - 1)) : 0;
        char request[GAN_PAGE_REQUEST_MAX];
        snprintf(request, sizeof request, "samples/%s", names[at]);
        const gan_status kept_one = keep(answers, p, request, &bytes, NULL);
        if (kept_one == GAN_ENOMEM)
            s = gan__fail_memory(err, "a report");
        if (kept_one == GAN_OK) /* one that is being written, or damaged, is left out */
            json_array_append_new(list, json_pack("[Is]", (json_int_t)gan__name_number(names[at], ".png"), names[at]));
    }
    json_object_set_new(answers, "grids.json", list);
    free(names);
    return s;
}

/* "</script>" and "<!--" within a script end it, whatever quotes they stand in. */
static bool put_json(FILE *out, const json_t *answers)
{
    char *text = json_dumps(answers, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(7));
    for (const char *p = text; p && *p; p++)
        if (*p == '<')
            fputs("\\u003c", out);
        else
            putc(*p, out);
    const bool whole = text != NULL;
    free(text);
    return whole;
}

static void put_file(FILE *out, const char *name)
{
    const gan__page_file *f = file_named(name);
    if (f)
        fwrite(f->bytes, 1, f->size, out);
}

/* The page's HTML, what its two references stand for put in their place. */
static bool put_page(FILE *out, const json_t *answers)
{
    static const char style[] = "<link rel=\"stylesheet\" href=\"page.css\">", script[] = "<script src=\"page.js\" defer></script>",
                      end[] = "</body>";
    const gan__page_file *f = file_named("page.html");
    char *html = f ? strndup((const char *)f->bytes, f->size) : NULL, *at_style = html ? strstr(html, style) : NULL,
         *at_script = html ? strstr(html, script) : NULL, *at_end = html ? strstr(html, end) : NULL;
    bool whole = at_style && at_script && at_end && at_style < at_script && at_script < at_end;
    if (whole) {
        fprintf(out, "%.*s<style>\n", (int)(at_style - html), html);
        put_file(out, "page.css");
        fprintf(out, "</style>%.*s", (int)(at_script - at_style - (long)(sizeof style - 1)), at_style + sizeof style - 1);
        fprintf(out, "%.*s<script type=\"application/json\" id=\"answers\">", (int)(at_end - at_script - (long)(sizeof script - 1)),
                at_script + sizeof script - 1);
        whole = put_json(out, answers);
        fputs("</script>\n<script>\n", out);
        put_file(out, "page.js");
        fprintf(out, "</script>\n%s", at_end);
    }
    free(html);
    return whole;
}

gan_status gan_page_report(gan_page *p, const char *file, gan_error *err)
{
    const gan__page_route *row;
    const int rows = gan__page_routes(&row);
    json_t *answers = json_object();
    size_t bytes_kept = 0;
    gan_status s = answers ? keep_grids(answers, p, err) : gan__fail_memory(err, "a report");
    for (int i = 0; i < rows && s == GAN_OK; i++)
        if (row[i].kept && strcmp(row[i].kept, "grids.json") != 0) {
            gan_error why = {0};
            s = keep(answers, p, row[i].kept, &bytes_kept, &why);
            if (s == GAN_EFORMAT && row[i].need)
                s = GAN_OK; /* not of this run */
            if (s != GAN_OK && err)
                *err = why;
        }
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = s == GAN_OK ? open_memstream(&text, &bytes) : NULL;
    if (s == GAN_OK && !out)
        s = gan__fail_memory(err, "a report");
    const bool put = out && put_page(out, answers), written = out && !ferror(out);
    if (out && (fclose(out) != 0 || !put || !written))
        s = gan__fail_memory(err, "a report");
    if (s == GAN_OK)
        s = gan__write_file(file, text, bytes, err);
    free(text);
    json_decref(answers);
    return s;
}
