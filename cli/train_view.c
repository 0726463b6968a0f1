/* train_view.c - what `gander train` shows of a run while it goes: see command.h. */
#include "command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- curves ------------------------------------------------------------------------------------------ */

/* A figure's way so far, in at most POINTS means of as many lines each; where they are full, two become one. */
enum { POINTS = 128, CURVES = 2, COLUMNS_MOST = 56 };
typedef struct curve {
    const char *label; /* NULL: none */
    float point[POINTS];
    int points, each, left; /* each: lines in a point; left: lines that are missing in the last one */
    float now;
} curve;

static void add_point(curve *c, float x)
{
    c->now = x;
    if (!isfinite(x))
        return;
    if (c->left > 0) { /* the mean goes on */
        const int had = c->each - c->left;
        c->point[c->points - 1] += (x - c->point[c->points - 1]) / (float)(had + 1);
        c->left--;
        return;
    }
    if (c->points == POINTS) {
        for (int i = 0; i < POINTS / 2; i++)
            c->point[i] = (c->point[2 * i] + c->point[2 * i + 1]) / 2;
        c->points = POINTS / 2;
        c->each *= 2;
    }
    c->each = c->each ? c->each : 1;
    c->point[c->points++] = x;
    c->left = c->each - 1;
}

static bool speaks_utf8(void)
{
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8") || strstr(value, "utf-8");
    }
    return false;
}

/* "D    [curve]  0.0312, from 0.012 to 0.63" */
static void print_curve(const curve *c, int columns)
{
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char *const letters[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    const char *const *level = speaks_utf8() ? blocks : letters;
    const int width = columns - 40 < COLUMNS_MOST ? columns - 40 : COLUMNS_MOST, shown = c->points < width ? c->points : width;
    float low = c->points ? c->point[0] : 0, high = low;
    if (shown < 2)
        return;
    for (int i = 0; i < c->points; i++) {
        low = fminf(low, c->point[i]);
        high = fmaxf(high, c->point[i]);
    }
    printf("%8.8s  ", c->label);
    for (int i = 0; i < shown; i++) {
        const float x = c->point[i * c->points / shown];
        fputs(level[high > low ? (int)(7.99f * (x - low) / (high - low)) : 0], stdout);
    }
    printf("  %.3g, from %.3g to %.3g\n", (double)c->now, (double)low, (double)high);
}

/* ---- the view ------------------------------------------------------------------------------------------ */

/* On a terminal one line is written over and over, and stays only above a grid; in a file every
 * line of metrics.jsonl has one of its own. */
struct train_view {
    bool quiet, terminal;
    bool line_open; /* a line stands without its newline */
    bool estimated;
    double minutes;   /* that were asked for */
    gan_metrics last; /* iteration 0: none yet */
    curve curve[CURVES];
    char doctor[GAN_ERROR_MAX]; /* what it said last; "": nothing yet */
};

train_view *train_view_create(bool quiet, bool plain)
{
    train_view *v = calloc(1, sizeof *v);
    if (v) {
        v->quiet = quiet;
        v->terminal = isatty(STDOUT_FILENO) && !plain;
    }
    return v;
}

void train_view_free(train_view *v)
{
    free(v);
}

void train_view_timed(train_view *v, double minutes)
{
    v->minutes = minutes;
}

void train_view_close_line(train_view *v)
{
    if (v->line_open)
        fputs("\r\033[K", stdout);
    v->line_open = false;
}

static const char *duration(double s, char text[32])
{
    if (s < 100)
        snprintf(text, 32, "%.0f s", s);
    else if (s < 6000)
        snprintf(text, 32, "%.0f min", s / 60);
    else
        snprintf(text, 32, "%.1f h", s / 3600);
    return text;
}

enum { LINE_MAX_BYTES = 256 };

/* What the game wants a person to see: "D 0.5  G 0.9 ..."; each as its row says. */
static void describe(const gan_metrics *m, char text[LINE_MAX_BYTES])
{
    size_t n = 0;
    *text = 0;
    for (int i = 0; i < m->count && n < LINE_MAX_BYTES; i++) {
        const gan_metric *row = &m->row[i];
        if (row->label)
            n += (size_t)snprintf(text + n, LINE_MAX_BYTES - n, row->share ? "%s%s %.2f" : "%s%s %.4g", n ? "  " : "",
                                  row->label, (double)row->value);
    }
}

static void show_progress(train_view *v, const gan_event *e)
{
    char left[32], losses[LINE_MAX_BYTES] = "", line[2 * LINE_MAX_BYTES];
    if (v->terminal) {
        if (v->last.iteration)
            describe(&v->last, losses);
        char of[32] = "";
        if (!e->timed)
            snprintf(of, sizeof of, " of %lld", (long long)e->iterations);
        const int n = snprintf(line, sizeof line, "%lld%s  %.*f it/s  %s left  %s", (long long)e->iteration, of, e->rate < 10, e->rate,
                               duration(e->seconds_left, left), losses),
                  room = cli_columns(stdout) - 1;
        printf("\r%.*s\033[K", n < room ? n : room,
               line); /* a line that wraps cannot be rewritten */
        fflush(stdout);
        v->line_open = true;
    } else if (!v->estimated) {
        printf("%.*f iterations a second: about %s\n", e->rate < 10, e->rate, duration(e->seconds_left, left));
    }
    v->estimated = true;
}

static void show_reading(train_view *v, const gan_event *e)
{
    if (!v->terminal)
        return;
    printf("\rreading pictures: %lld %%\033[K", (long long)(100 * e->iteration / e->iterations));
    fflush(stdout);
    v->line_open = true;
}

static void print_metrics(const train_view *v)
{
    char losses[LINE_MAX_BYTES];
    describe(&v->last, losses);
    printf("%8lld  %s\n", (long long)v->last.iteration, losses);
    fflush(stdout);
}

/* The first figures that people see and that are no shares: of a GAN the losses of D and G. */
static void take_points(train_view *v, const gan_metrics *m)
{
    int n = 0;
    for (int i = 0; i < m->count && n < CURVES; i++)
        if (m->row[i].label && !m->row[i].share) {
            v->curve[n].label = m->row[i].label;
            add_point(&v->curve[n++], m->row[i].value);
        }
}

static void show_metrics(train_view *v, const gan_event *e)
{
    v->last = *e->metrics;
    take_points(v, e->metrics);
    if (!v->terminal)
        print_metrics(v);
}

static gan_status save_grid(const gan_event *e, gan_image *image, gan_error *err)
{
    enum { SCATTER_SIDE = 384 };
    char path[4200];
    const gan_grid grid = {e->n, e->height, e->width, e->channels, 5, 2, 1};
    gan_status s = e->points ? gan_image_scatter(image, SCATTER_SIDE, e->real, e->n, e->points, e->n, err)
                             : gan_image_grid(image, &grid, e->pixels, err);
    snprintf(path, sizeof path, "%s/samples/%06lld.png", e->dir, (long long)e->iteration);
    if (s == GAN_OK)
        s = gan_image_write_png(image, path, err);
    return s;
}

static gan_status show_grid(train_view *v, const gan_event *e, gan_error *err)
{
    gan_image image = {0};
    gan_status s = save_grid(e, &image, err);
    if (s == GAN_OK && !v->quiet && v->terminal) {
        const int columns = cli_columns(stdout);
        train_view_close_line(v);
        if (v->last.iteration && v->last.iteration == e->iteration)
            print_metrics(v);
        else
            printf("%8lld\n", (long long)e->iteration);
        s = gan_image_print(&image, stdout, columns < 78 ? columns : 78, cli_colors(stdout), err);
        for (int i = 0; i < CURVES && s == GAN_OK; i++)
            print_curve(&v->curve[i], columns);
        if (s == GAN_OK && v->last.iteration)
            printf("%8s  %.*s\n", "doctor", columns > 20 ? columns - 11 : 9, *v->doctor ? v->doctor : "nothing wrong so far");
    }
    gan_image_release(&image);
    return s;
}

gan_status train_view_observe(void *ctx, const gan_event *e, gan_error *err)
{
    train_view *v = ctx;
    char dir[1024];
    switch (e->kind) {
    case GAN_EVENT_GRID: return show_grid(v, e, err);
    case GAN_EVENT_READING:
        if (!v->quiet)
            show_reading(v, e);
        break;
    case GAN_EVENT_METRICS:
        if (!v->quiet)
            show_metrics(v, e);
        break;
    case GAN_EVENT_PROGRESS:
        if (!v->quiet)
            show_progress(v, e);
        break;
    case GAN_EVENT_DOCTOR:
        snprintf(v->doctor, sizeof v->doctor, "%s", e->text);
        train_view_close_line(v);
        fflush(stdout);
        fprintf(stderr, "gander: doctor: %s\n", e->text);
        break;
    case GAN_EVENT_NOTE:
        train_view_close_line(v);
        fflush(stdout);
        fprintf(stderr, "gander: %s\n", e->text);
        break;
    case GAN_EVENT_START:
    case GAN_EVENT_END:
        train_view_close_line(v);
        if (!v->quiet && e->kind == GAN_EVENT_END && e->iteration < e->iterations && !e->over && e->timed)
            printf("%s; go on: gander train --resume %s --minutes %g\n", e->text, gan_text_clean(dir, sizeof dir, e->dir), v->minutes);
        else if (!v->quiet && e->kind == GAN_EVENT_END && e->iteration < e->iterations && !e->over)
            printf("%s; go on: gander train --resume %s\n", e->text, gan_text_clean(dir, sizeof dir, e->dir));
        else if (!v->quiet)
            printf("%s\n", e->text);
        fflush(stdout);
        break;
    case GAN_EVENT_CHECKPOINT: break;
    }
    return GAN_OK;
}
