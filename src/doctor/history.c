/* history.c - see gan/doctor.h and history.h. */
#include "doctor/history.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/hash.h"
#include "base/paths.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = GAN_METRICS_MAX, KEY_MAX = 32, WINDOW_MAX = 64, FIRST_MAX = 16 };

typedef struct figure {
    double x, most, least; /* most, least: of all up to there, from GAN__WARM on */
    int at;                /* row of the last one up to there; -1: none yet. So a key that is rarely logged is not looked for row by row */
} figure;

/* Rows of a key's first figures. */
typedef struct firsts {
    int row[FIRST_MAX], n;
} firsts;

struct gan_history {
    char key[KEYS_MAX][KEY_MAX];
    int keys, rows, room;
    firsts first[KEYS_MAX], warm[KEYS_MAX]; /* of all; from GAN__WARM on */
    int64_t *iteration; /* [room] */
    figure *of; /* [room][KEYS_MAX] */
    size_t read, last; /* bytes of the file that were read, of which the last line begins at `last` */
    uint64_t was;      /* that line: whether it is still there */
};

gan_status gan_history_create(gan_history **out, gan_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out ? GAN_OK : gan__fail_memory(err, "a history");
}

void gan_history_free(gan_history *h)
{
    if (!h)
        return;
    free(h->iteration);
    free(h->of);
    free(h);
}

int gan_history_rows(const gan_history *h)
{
    return h->rows;
}

int64_t gan_history_iteration(const gan_history *h, int row)
{
    return h->iteration[row];
}

static int column(const gan_history *h, const char *key)
{
    for (int k = 0; k < h->keys; k++)
        if (!strcmp(h->key[k], key))
            return k;
    return -1;
}

int gan_history_keys(const gan_history *h)
{
    return h->keys;
}

const char *gan_history_key(const gan_history *h, int k)
{
    return h->key[k];
}

bool gan_history_has(const gan_history *h, const char *key)
{
    return column(h, key) >= 0;
}

double gan_history_value(const gan_history *h, int row, const char *key)
{
    const int k = column(h, key);
    return k < 0 ? nan("") : h->of[(size_t)row * KEYS_MAX + (size_t)k].x;
}

/* ---- rows in -------------------------------------------------------------------------------------- */

gan_status gan_history_reserve(gan_history *h, int room, gan_error *err)
{
    if (room <= h->room)
        return GAN_OK;
    int64_t *iteration = realloc(h->iteration, (size_t)room * sizeof *iteration);
    if (iteration)
        h->iteration = iteration;
    figure *of = realloc(h->of, (size_t)room * KEYS_MAX * sizeof *of);
    if (of)
        h->of = of;
    if (!iteration || !of)
        return gan__fail_memory(err, "a history");
    h->room = room;
    return GAN_OK;
}

/* A row of NaNs; GAN_EINVAL: no later than the last one. */
static gan_status begin_row(gan_history *h, int64_t iteration, gan_error *err)
{
    if (iteration < 1 || (h->rows && iteration <= h->iteration[h->rows - 1]))
        return gan__fail(err, GAN_EINVAL, "iteration %lld does not follow", (long long)iteration);
    const gan_status s = h->rows < h->room ? GAN_OK : gan_history_reserve(h, 2 * h->room + 64, err);
    if (s != GAN_OK)
        return s;
    h->iteration[h->rows] = iteration;
    for (size_t k = 0, at = (size_t)h->rows * KEYS_MAX; k < KEYS_MAX; k++) {
        h->of[at + k] = h->rows ? h->of[at - KEYS_MAX + k] : (figure){nan(""), nan(""), nan(""), -1};
        h->of[at + k].x = nan("");
    }
    h->rows++;
    return GAN_OK;
}

static void note_first(firsts *f, int row)
{
    if (f->n < FIRST_MAX)
        f->row[f->n++] = row;
}

/* What there is no room for is no figure that a rule knows. */
static void put(gan_history *h, const char *key, double x)
{
    int k = column(h, key);
    if (k < 0 && (h->keys == KEYS_MAX || strlen(key) >= KEY_MAX))
        return;
    if (k < 0)
        strcpy(h->key[k = h->keys++], key);
    figure *f = &h->of[(size_t)(h->rows - 1) * KEYS_MAX + (size_t)k];
    f->x = isfinite(x) ? x : nan("");
    const bool warm = h->iteration[h->rows - 1] >= GAN__WARM;
    if (warm) {
        f->most = fmax(f->most, f->x); /* a NaN is neither */
        f->least = fmin(f->least, f->x);
    }
    if (isnan(f->x) || f->at == h->rows - 1)
        return;
    f->at = h->rows - 1;
    note_first(&h->first[k], f->at);
    if (warm)
        note_first(&h->warm[k], f->at);
}

gan_status gan_history_add(gan_history *h, const gan_metrics *m, gan_error *err)
{
    const gan_status s = begin_row(h, m->iteration, err);
    for (int i = 0; i < m->count && s == GAN_OK; i++)
        put(h, m->row[i].key, (double)m->row[i].value);
    return s;
}

/* ---- a file of lines ------------------------------------------------------------------------------- */

static gan_status add_line(gan_history *h, const char *line, size_t bytes, gan_error *err)
{
    json_t *row = json_loadb(line, bytes, 0, NULL);
    const json_t *iteration = json_object_get(row, "iteration");
    gan_status s = json_is_integer(iteration) ? begin_row(h, json_integer_value(iteration), err) : GAN_EFORMAT;
    const char *key;
    json_t *value;
    if (s == GAN_EFORMAT)
        gan__fail(err, s, "is no object of numbers with an iteration");
    if (s == GAN_OK)
        json_object_foreach(row, key, value)
            if (strcmp(key, "iteration") != 0)
                put(h, key, json_is_number(value) ? json_number_value(value) : nan(""));
    json_decref(row);
    return s == GAN_EINVAL ? GAN_EFORMAT : s;
}

/* text: the file from h->last on. */
static gan_status add_lines(gan_history *h, const char *path, const char *text, size_t bytes, gan_error *err)
{
    const size_t again = h->read - h->last;
    gan_error why = {0};
    if (bytes < again || (again && gan__hash(text, again) != h->was))
        return gan__fail(err, GAN_EDATA, "%s: does not go on with what was read of it", path);
    for (const char *p = text + again, *end; (end = memchr(p, '\n', bytes - (size_t)(p - text))) != NULL; p = end + 1) {
        const gan_status s = add_line(h, p, (size_t)(end - p), &why);
        if (s != GAN_OK)
            return gan__fail(err, s, "%s: line %d %s", path, h->rows + 1, why.message);
        h->last = h->read;
        h->read += (size_t)(end + 1 - p);
        h->was = gan__hash(p, (size_t)(end + 1 - p));
    }
    return GAN_OK;
}

gan_status gan_history_more(gan_history *h, const char *run, gan_error *err)
{
    char *path = gan__is_dir(run) ? gan__path_join(run, "metrics.jsonl") : strdup(run);
    uint8_t *text = NULL;
    size_t bytes = 0;
    gan_status s = path ? gan__read_file_from(path, h->last, (size_t)1 << 30, &text, &bytes, err) : gan__fail_memory(err, run);
    if (s == GAN_OK)
        s = add_lines(h, path, (const char *)text, bytes, err);
    free(text);
    free(path);
    return s;
}

gan_status gan_history_read(gan_history **out, const char *run, gan_error *err)
{
    gan_status s = gan_history_create(out, err);
    if (s == GAN_OK)
        s = gan_history_more(*out, run, err);
    if (s != GAN_OK) {
        gan_history_free(*out);
        *out = NULL;
    }
    return s;
}

/* ---- what rules ask -------------------------------------------------------------------------------- */

int64_t gan__sight_iteration(gan__sight s)
{
    return s.h->iteration[s.row];
}

/* The last n figures of a key, the latest first; how many there are. */
static int last(gan__sight s, const char *key, int n, double *x)
{
    int found = 0, row = s.row;
    const int k = column(s.h, key);
    while (k >= 0 && row >= 0 && found < n) {
        row = s.h->of[(size_t)row * KEYS_MAX + (size_t)k].at;
        if (row >= 0)
            x[found++] = s.h->of[(size_t)row-- * KEYS_MAX + (size_t)k].x;
    }
    return found;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, ascending);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

double gan__last_median(gan__sight s, const char *key, int n)
{
    double x[WINDOW_MAX] = {0};
    return last(s, key, n, x) < n ? nan("") : median(x, n);
}

static double median_of(gan__sight s, const firsts *of, int k, int n)
{
    double x[FIRST_MAX] = {0};
    if (n > FIRST_MAX || of->n < n || of->row[n - 1] > s.row)
        return nan("");
    for (int i = 0; i < n; i++)
        x[i] = s.h->of[(size_t)of->row[i] * KEYS_MAX + (size_t)k].x;
    return median(x, n);
}

double gan__first_median(gan__sight s, const char *key, int n)
{
    const int k = column(s.h, key);
    return k < 0 ? nan("") : median_of(s, &s.h->first[k], k, n);
}

double gan__warm_median(gan__sight s, const char *key, int n)
{
    const int k = column(s.h, key);
    return k < 0 ? nan("") : median_of(s, &s.h->warm[k], k, n);
}

double gan__last_least(gan__sight s, const char *key, int n)
{
    double x[WINDOW_MAX] = {0}, least;
    if (last(s, key, n, x) < n)
        return nan("");
    least = x[0];
    for (int i = 1; i < n; i++)
        least = fmin(least, x[i]);
    return least;
}

double gan__last_most(gan__sight s, const char *key, int n)
{
    double x[WINDOW_MAX] = {0}, most;
    if (last(s, key, n, x) < n)
        return nan("");
    most = x[0];
    for (int i = 1; i < n; i++)
        most = fmax(most, x[i]);
    return most;
}

double gan__ever_most(gan__sight s, const char *key)
{
    const int k = column(s.h, key);
    return k < 0 ? nan("") : s.h->of[(size_t)s.row * KEYS_MAX + (size_t)k].most;
}

double gan__ever_least(gan__sight s, const char *key)
{
    const int k = column(s.h, key);
    return k < 0 ? nan("") : s.h->of[(size_t)s.row * KEYS_MAX + (size_t)k].least;
}

int gan__turns(gan__sight s, const char *key, int n, double by)
{
    double x[WINDOW_MAX] = {0};
    if (last(s, key, n, x) < n)
        return 0;
    int turns = 0, way = 0;
    double low = x[0], high = x[0];
    for (int i = 1; i < n; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        const int now = x[i] >= low + by ? 1 : x[i] <= high - by ? -1 : 0;
        if (!now || now == way)
            continue;
        turns += way != 0;
        way = now;
        low = high = x[i];
    }
    return turns;
}
