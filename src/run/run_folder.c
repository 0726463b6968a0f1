/* run_folder.c - see run_folder.h. */
#include "run/run_folder.h"
#include "run/run_place.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *gan__folder_path(const char *dir, const char *name)
{
    return gan__path_join(dir, name);
}

char *gan__folder_state(const char *dir, int64_t iteration)
{
    char name[64];
    snprintf(name, sizeof name, "state/%08lld.safetensors", (long long)iteration);
    return gan__path_join(dir, name);
}

static gan_status write_text(const char *dir, const char *name, const char *text, gan_error *err)
{
    char *path = gan__path_join(dir, name);
    const gan_status s =
        path ? gan__write_file(path, text, strlen(text), err) : gan__fail_memory(err, name);
    free(path);
    return s;
}

gan_status gan__folder_write_recipe(const char *dir, const gan_recipe *recipe, gan_error *err)
{
    char *text = gan_recipe_ini(recipe);
    const gan_status s =
        text ? write_text(dir, "recipe.ini", text, err) : gan__fail_memory(err, "recipe.ini");
    free(text);
    return s;
}

typedef struct contents {
    const gan_recipe *recipe;
    const gan__local *local;
} contents;

static gan_status fill_folder(void *ctx, const char *dir, gan_error *err)
{
    const contents *c = ctx;
    char *state = gan__path_join(dir, "state"), *samples = gan__path_join(dir, "samples");
    gan_status s = state && samples ? gan__make_dir(state, err) : gan__fail_memory(err, dir);
    if (s == GAN_OK)
        s = gan__make_dir(samples, err);
    if (s == GAN_OK)
        s = gan__local_write(dir, c->local, err);
    if (s == GAN_OK)
        s = gan__folder_write_recipe(dir, c->recipe, err);
    free(state);
    free(samples);
    return s;
}

gan_status gan__folder_create(const char *dir, const gan_recipe *recipe, const gan__local *local,
                              bool force, int *lock, gan_error *err)
{
    contents c = {recipe, local};
    return gan__place_make(dir, force, fill_folder, &c, lock, err);
}

gan_status gan__folder_read(const char *dir, gan_recipe **recipe, gan_error *err)
{
    char *path = gan__path_join(dir, "recipe.ini");
    *recipe = NULL;
    gan_status s = path ? GAN_OK : gan__fail_memory(err, dir);
    if (s == GAN_OK && !gan__is_file(path))
        s = gan__fail(err, GAN_ENOTFOUND, "%s: no run to resume there (it has no recipe.ini)", dir);
    if (s == GAN_OK)
        s = gan_recipe_load(recipe, path, err);
    free(path);
    return s;
}

/* ---- checkpoints --------------------------------------------------------------------------------
 */

static int newest_first(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

int gan__folder_states(const char *dir, int64_t iterations[GAN__STATES_MAX])
{
    char *state = gan__path_join(dir, "state");
    DIR *d = state ? opendir(state) : NULL;
    int n = 0;
    for (struct dirent *e; d && n < GAN__STATES_MAX && (e = readdir(d)) != NULL;) {
        const int64_t i = gan__name_number(e->d_name, ".safetensors");
        if (i >= 0)
            iterations[n++] = i;
    }
    if (d)
        closedir(d);
    free(state);
    qsort(iterations, (size_t)n, sizeof *iterations, newest_first);
    return n;
}

static bool is_among(int64_t x, const int64_t *list, int count)
{
    for (int i = 0; i < count; i++)
        if (list[i] == x)
            return true;
    return false;
}

void gan__folder_drop_states(const char *dir, int64_t iteration, int keep, const int64_t *also, int count)
{
    int64_t have[GAN__STATES_MAX];
    const int n = gan__folder_states(dir, have);
    for (int i = 0; i < n; i++) {
        if (have[i] <= iteration && (keep-- > 0 || is_among(have[i], also, count)))
            continue;
        char *path = gan__folder_state(dir, have[i]);
        if (path)
            unlink(path);
        free(path);
    }
}

/* ---- cutting back -------------------------------------------------------------------------------
 */

typedef struct sorted_lines {
    char *kept, *damaged; /* as long as the text; no more is needed */
    size_t kept_bytes, damaged_bytes;
    int first_damaged; /* number of the line; 0: none */
} sorted_lines;

/* The iteration that a line is about, or -1 where it says none. */
static int64_t iteration_of(const char *line, size_t bytes)
{
    json_t *object = json_loadb(line, bytes, 0, NULL);
    const json_t *i = json_object_get(object, "iteration");
    const int64_t iteration = json_is_integer(i) ? json_integer_value(i) : -1;
    json_decref(object);
    return iteration;
}

/* Lines up to the limit are kept, later ones go, and so does what stands behind the last line end: a kill
 * tears no other line. A whole line that cannot be read was damaged by somebody else, and is not ours to
 * throw away. */
static void sort_lines(sorted_lines *out, const char *text, size_t bytes, int64_t limit)
{
    int number = 1;
    const char *p = text;
    for (const char *end; (end = memchr(p, '\n', bytes - (size_t)(p - text))) != NULL; p = end + 1, number++) {
        const size_t n = (size_t)(end - p) + 1;
        const int64_t i = iteration_of(p, n - 1);
        if (i < 0) {
            memcpy(out->damaged + out->damaged_bytes, p, n);
            out->damaged_bytes += n;
            if (!out->first_damaged)
                out->first_damaged = number;
        } else if (i <= limit) {
            memcpy(out->kept + out->kept_bytes, p, n);
            out->kept_bytes += n;
        }
    }
}

/* Behind what an earlier resume has put aside. */
static gan_status put_aside(const char *dir, const sorted_lines *lines, gan_error *err)
{
    char *path = gan__path_join(dir, "metrics.jsonl.damaged");
    gan_status s = path ? GAN_OK : gan__fail_memory(err, "a file name");
    const int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666) : -1;
    if (s == GAN_OK && (fd < 0 || !gan__write_all(fd, lines->damaged, lines->damaged_bytes) || fsync(fd) != 0))
        s = gan__fail_errno(err, GAN_EIO, "%s: cannot be written", path);
    if (fd >= 0)
        close(fd);
    free(path);
    return s;
}

static gan_status cut_lines(const char *dir, const char *name, int64_t iteration, int *damaged,
                            gan_error *err)
{
    char *path = gan__path_join(dir, name);
    uint8_t *text = NULL;
    size_t bytes = 0;
    sorted_lines lines = {0};
    struct stat st;
    gan_status s = path ? GAN_OK : gan__fail_memory(err, name);
    if (s == GAN_OK && lstat(path, &st) == 0)
        s = gan__read_file(path, (size_t)1 << 30, &text, &bytes, err);
    if (s == GAN_OK && text) {
        lines.kept = malloc(bytes + 1);
        lines.damaged = malloc(bytes + 1);
        s = lines.kept && lines.damaged ? GAN_OK : gan__fail_memory(err, name);
    }
    if (s == GAN_OK && text)
        sort_lines(&lines, (const char *)text, bytes, iteration);
    if (s == GAN_OK && lines.damaged_bytes && damaged) {
        *damaged = lines.first_damaged;
        s = put_aside(dir, &lines, err);
    }
    if (s == GAN_OK && lines.kept_bytes < bytes)
        s = gan__write_file(path, lines.kept, lines.kept_bytes, err);
    free(lines.kept);
    free(lines.damaged);
    free(text);
    free(path);
    return s;
}

static void cut_samples(const char *dir, int64_t iteration)
{
    char *samples = gan__path_join(dir, "samples");
    DIR *d = samples ? opendir(samples) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (gan__name_number(e->d_name, ".png") > iteration)
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    free(samples);
}

gan_status gan__folder_cut(const char *dir, int64_t iteration, int *damaged, gan_error *err)
{
    *damaged = 0;
    gan_status s = cut_lines(dir, "metrics.jsonl", iteration, damaged, err);
    if (s == GAN_OK)
        s = cut_lines(dir, "timing.jsonl", iteration, NULL, err);
    cut_samples(dir, iteration);
    return s;
}

bool gan__folder_has_metrics(const char *dir)
{
    struct stat st;
    char *path = gan__path_join(dir, "metrics.jsonl");
    const bool yes = path && stat(path, &st) == 0 && st.st_size > 0;
    free(path);
    return yes;
}
