/* page.c - a page: the table of what can be asked for, and from a request to its row.
 *
 *     "walk.png?u=0.5" -> path, numbers -> row -> bytes, or a line that says why not
 *
 * A request is untrusted: it names a row of the table or a grid by its digits, never a path. What is not so is not there (404).
 */
#include "page/page_internal.h"

#include "base/error.h"
#include "base/paths.h"

#include <gan/run.h>
#include <gan/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan__page_make views;

static const gan__page_route routes[] = {
    {"status.json", NULL, NULL, gan__page_status, "status.json"},
    {"run.json", NULL, NULL, gan__page_run, "run.json"},
    {"views.json", NULL, NULL, views, "views.json"},
    {"metrics.json", NULL, NULL, gan__page_metrics, "metrics.json"},
    {"doctor.json", NULL, NULL, gan__page_doctor, "doctor.json"},
    {"grids.json", NULL, NULL, gan__page_grids, "grids.json"},
    {"samples/", NULL, NULL, gan__page_grid, NULL},
    {"walk.png", "walk", gan__page_need_pictures, gan__page_walk, "walk.png?side=9"},
    {"real.png", "real", gan__page_need_nearest, gan__page_real_pictures, "real.png"},
    {"nearest.json", NULL, gan__page_need_nearest, gan__page_nearest_facts, "nearest.json"},
    {"nearest.png", "nearest", gan__page_need_nearest, gan__page_nearest, "nearest.png"},
    {"layers.json", "layers", gan__page_need_inside, gan__page_layers, "layers.json"},
    {"filters.png", "filters", gan__page_need_filters, gan__page_filters, "filters.png"},
    {"judge.json", "judge", gan__page_need_judge, gan__page_judge, "judge.json"},
    {"slopes.png", NULL, gan__page_need_judge, gan__page_slopes, "slopes.png"},
    {"plane.json", "plane", gan__page_need_plane, gan__page_plane, "plane.json"},
    {"ways.json", "ways", gan__page_need_ways, gan__page_ways_facts, "ways.json?kind=0"},
    {"ways.png", NULL, gan__page_need_ways, gan__page_ways_picture, "ways.png?kind=0"},
    {"pairs.png", "pairs", gan__page_need_pairs, gan__page_pairs, "pairs.png"},
};

/* Which parts of the page this run has something for: true, or why not. */
static gan_status views(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    json_t *root = json_object();
    (void)q;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        gan_error why = {0};
        if (routes[i].view)
            json_object_set_new(root, routes[i].view, routes[i].need(p, &why) == GAN_OK ? json_true() : json_string(why.message));
    }
    return gan__page_json(root, a, err);
}

int gan__page_routes(const gan__page_route **rows)
{
    *rows = routes;
    return (int)(sizeof routes / sizeof *routes);
}

/* ---- a page -------------------------------------------------------------------------------------- */

gan_status gan_page_create(gan_page **out, const char *run, const char *data, int threads, gan_error *err)
{
    *out = NULL;
    gan_page *p = calloc(1, sizeof *p);
    if (!p || !(p->run = strdup(run)) || (data && !(p->data = strdup(data)))) {
        gan_page_free(p);
        return gan__fail_memory(err, "a page");
    }
    char *path = gan__page_path(p, "recipe.ini");
    gan_status s = !path ? gan__fail_memory(err, "a page")
                   : gan__is_file(path) ? gan__page_recipe(p, err)
                   : gan__is_dir(run)
                       ? gan__fail(err, GAN_ENOTFOUND, "%s: is no run: it has no recipe.ini (a run is a folder that `gander train` makes)", run)
                       : gan__fail(err, GAN_ENOTFOUND, "%s: there is no such folder", run);
    free(path);
    if (s == GAN_OK)
        s = gan_team_create(&p->team, threads, err);
    if (s == GAN_OK && data)
        s = gan__page_set(p, err); /* what was asked for by name should be there */
    if (s == GAN_OK)
        *out = p;
    else
        gan_page_free(p);
    return s;
}

void gan_page_free(gan_page *p)
{
    if (!p)
        return;
    gan__page_inside_release(p);
    gan__page_lines_release(p);
    free(p->search.pixels);
    gan_model_free(p->model);
    gan_dataset_free(p->set);
    gan_team_free(p->team);
    gan_recipe_free(p->recipe);
    free(p->data);
    free(p->run);
    free(p);
}

/* ---- requests ------------------------------------------------------------------------------------ */

/* "u=0.5": a name and a number of ours. */
static bool take_number(gan__page_request *q, const char *text, size_t n)
{
    char value[64];
    const char *is = memchr(text, '=', n);
    const size_t name = is ? (size_t)(is - text) : 0, left = n - name - 1;
    if (!name || name >= GAN__PAGE_NAME || left >= sizeof value || q->numbers == GAN__PAGE_NUMBERS)
        return false;
    memcpy(q->number[q->numbers].name, text, name);
    q->number[q->numbers].name[name] = 0;
    memcpy(value, is + 1, left);
    value[left] = 0;
    return gan_text_number(value, &q->number[q->numbers++].value);
}

static bool take_request(gan__page_request *q, const char *request)
{
    const size_t path = strcspn(request, "?");
    *q = (gan__page_request){0};
    if (path >= sizeof q->path || strlen(request) >= GAN_PAGE_REQUEST_MAX)
        return false;
    memcpy(q->path, request, path);
    for (const char *p = request + path; *p;) {
        const size_t n = strcspn(++p, "&");
        if (n && !take_number(q, p, n))
            return false;
        p += n;
    }
    return true;
}

gan_status gan__page_number(const gan__page_request *q, const char *name, double fallback, double low, double high, double *out, gan_error *err)
{
    *out = fallback;
    for (int i = 0; i < q->numbers; i++)
        if (!strcmp(q->number[i].name, name))
            *out = q->number[i].value;
    return *out >= low && *out <= high ? GAN_OK : gan__fail(err, GAN_EINVAL, "%s: %s = %g is not from %g to %g", q->path, name, *out, low, high);
}

gan_status gan__page_whole(const gan__page_request *q, const char *name, int fallback, int high, int *out, gan_error *err)
{
    double x;
    const gan_status s = gan__page_number(q, name, fallback, 0, high, &x, err);
    *out = s == GAN_OK ? (int)x : 0;
    return s;
}

/* ---- answers ------------------------------------------------------------------------------------- */

static void set_type(gan_page_answer *a, const char *type)
{
    snprintf(a->type, sizeof a->type, "%s", type);
}

static void refuse(gan_page_answer *a, int status, const char *why)
{
    gan_page_answer_release(a);
    a->status = status;
    set_type(a, "text/plain; charset=utf-8");
    a->bytes = (uint8_t *)strdup(why);
    a->size = a->bytes ? strlen(why) : 0;
}

static bool answer_file(const char *path, gan_page_answer *a)
{
    const char *name = *path ? path : "page.html";
    for (int i = 0; i < gan__page_file_count; i++) {
        const gan__page_file *f = &gan__page_files[i];
        if (strcmp(name, f->name) != 0)
            continue;
        set_type(a, f->type);
        a->bytes = malloc(f->size + 1);
        if (a->bytes)
            memcpy(a->bytes, f->bytes, f->size);
        a->size = f->size;
        a->status = a->bytes ? 200 : 500;
        return true;
    }
    return false;
}

static const gan__page_route *find(const char *path)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const size_t n = strlen(routes[i].path);
        const bool whole = routes[i].path[n - 1] != '/';
        if (whole ? !strcmp(path, routes[i].path) : !strncmp(path, routes[i].path, n))
            return &routes[i];
    }
    return NULL;
}

static int status_of(gan_status s)
{
    return s == GAN_OK ? 200 : s == GAN_EINVAL ? 400 : s == GAN_ENOTFOUND || s == GAN_EUNSUPPORTED ? 404 : 500;
}

void gan_page_ask(gan_page *p, const char *request, gan_page_answer *a)
{
    gan__page_request q;
    gan_error err = {0};
    *a = (gan_page_answer){0};
    if (!take_request(&q, request)) {
        refuse(a, 400, "a request is a name, and numbers behind it: name?x=1&y=2");
        return;
    }
    if (answer_file(q.path, a))
        return;
    const gan__page_route *row = find(q.path);
    gan_status s = gan__page_recipe(p, &err);
    if (s == GAN_OK)
        s = !row ? gan__fail(&err, GAN_ENOTFOUND, "there is no such thing here") : row->need ? row->need(p, &err) : GAN_OK;
    if (s == GAN_OK)
        s = row->make(p, &q, a, &err);
    if (s == GAN_OK)
        a->status = 200;
    else
        refuse(a, status_of(s), err.message);
}

void gan_page_answer_release(gan_page_answer *a)
{
    free(a->bytes);
    *a = (gan_page_answer){0};
}
