/* run_folder.c - see run_folder.h. */
#include "train/run_folder.h"

#include "base/error.h"
#include "base/fileio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static int remove_below(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type;
    return ftw->level ? remove(path) : 0;
}

/* Only ever called on a folder that is a run, or that we have just made. */
static void remove_tree(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void remove_inside(const char *dir)
{
    nftw(dir, remove_below, 16, FTW_DEPTH | FTW_PHYS);
}

static bool is_empty_dir(const char *dir)
{
    DIR *d = opendir(dir);
    int entries = 0;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        entries += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (d)
        closedir(d);
    return d && !entries;
}

static bool is_run(const char *dir)
{
    char *recipe = gan__path_join(dir, "recipe.ini");
    const bool yes = recipe && gan__is_file(recipe);
    free(recipe);
    return yes;
}

static gan_status check_place(const char *dir, bool force, gan_error *err)
{
    struct stat st;
    if (lstat(dir, &st) != 0 || is_empty_dir(dir))
        return GAN_OK;
    if (!is_run(dir))
        return gan__fail(err, GAN_EEXISTS, "%s: is there and is not a run; choose another -o", dir);
    if (!force)
        return gan__fail(
            err, GAN_EEXISTS,
            "%s: holds a run already; go on with --resume %s, or overwrite it with --force", dir,
            dir);
    return GAN_OK;
}

gan_status gan__folder_lock(const char *dir, int *fd, gan_error *err)
{
    *fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return gan__fail(err, GAN_ENOTFOUND, "%s: no run to resume there (no such folder)", dir);
    if (*fd < 0)
        return gan__fail_errno(err, GAN_EIO, "%s: cannot be opened", dir);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return GAN_OK; /* a file system without locks: its users must take care themselves */
    close(*fd);
    *fd = -1;
    return gan__fail(
        err, GAN_EEXISTS,
        "%s: another gander is training there; stop it first, or choose another folder", dir);
}

/* Put the new folder in the old one's place in one step where the file system can. */
static gan_status put_in_place(const char *new_dir, const char *dir, gan_error *err)
{
    if (is_run(dir) && renameat2(AT_FDCWD, new_dir, AT_FDCWD, dir, RENAME_EXCHANGE) == 0) {
        remove_tree(new_dir);
        return GAN_OK;
    }
    if (is_run(dir))
        remove_tree(dir);
    if (rename(new_dir, dir) != 0)
        return gan__fail_errno(err, GAN_EIO, "%s: the folder cannot be made", dir);
    return gan__sync_dir(dir, err);
}

static gan_status fill_folder(const char *dir, const gan_recipe *recipe, const gan__local *local,
                              gan_error *err)
{
    char *state = gan__path_join(dir, "state"), *samples = gan__path_join(dir, "samples");
    gan_status s = state && samples ? gan__make_dir(state, err) : gan__fail_memory(err, dir);
    if (s == GAN_OK)
        s = gan__make_dir(samples, err);
    if (s == GAN_OK)
        s = gan__local_write(dir, local, err);
    if (s == GAN_OK)
        s = gan__folder_write_recipe(dir, recipe, err);
    free(state);
    free(samples);
    return s;
}

/* The new folder, locked and filled, in the place of the old one, which is locked meanwhile. */
static gan_status make(const char *new_dir, const char *dir, const gan_recipe *recipe,
                       const gan__local *local, int *lock, gan_error *err)
{
    int old = -1;
    gan_status s = is_run(dir) ? gan__folder_lock(dir, &old, err) : GAN_OK;
    if (s == GAN_OK)
        s = gan__make_dir(new_dir, err); /* its parents too: -o runs/first */
    if (s == GAN_OK)
        s = gan__folder_lock(new_dir, lock, err);
    if (s == GAN_OK) {
        remove_inside(new_dir); /* left behind by one that was killed */
        s = fill_folder(new_dir, recipe, local, err);
    }
    if (s == GAN_OK)
        s = put_in_place(new_dir, dir, err);
    if (old >= 0)
        close(old);
    return s;
}

gan_status gan__folder_create(const char *dir, const gan_recipe *recipe, const gan__local *local,
                              bool force, int *lock, gan_error *err)
{
    char *plain = strdup(dir), *new_dir = NULL;
    gan_status s = plain ? GAN_OK : gan__fail_memory(err, dir);
    for (size_t n = plain ? strlen(plain) : 0; n > 1 && plain[n - 1] == '/';)
        plain[--n] = 0;
    if (s == GAN_OK)
        s = check_place(plain, force, err);
    if (s == GAN_OK && asprintf(&new_dir, "%s.gander-new", plain) < 0) {
        new_dir = NULL;
        s = gan__fail_memory(err, dir);
    }
    if (s == GAN_OK)
        s = make(new_dir, plain, recipe, local, lock, err);
    free(new_dir);
    free(plain);
    return s;
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

/* "00001000.safetensors" -> 1000; -1 for other names. */
static int64_t number_of(const char *name, const char *ending)
{
    char *end;
    const int64_t n = strtoll(name, &end, 10);
    return end != name && !strcmp(end, ending) && n >= 0 ? n : -1;
}

int gan__folder_states(const char *dir, int64_t iterations[GAN__STATES_MAX])
{
    char *state = gan__path_join(dir, "state");
    DIR *d = state ? opendir(state) : NULL;
    int n = 0;
    for (struct dirent *e; d && n < GAN__STATES_MAX && (e = readdir(d)) != NULL;) {
        const int64_t i = number_of(e->d_name, ".safetensors");
        if (i >= 0)
            iterations[n++] = i;
    }
    if (d)
        closedir(d);
    free(state);
    qsort(iterations, (size_t)n, sizeof *iterations, newest_first);
    return n;
}

void gan__folder_drop_states(const char *dir, int64_t iteration, int keep)
{
    int64_t have[GAN__STATES_MAX];
    const int n = gan__folder_states(dir, have);
    for (int i = 0; i < n; i++) {
        if (have[i] <= iteration && keep-- > 0)
            continue;
        char *path = gan__folder_state(dir, have[i]);
        if (path)
            unlink(path);
        free(path);
    }
}

/* ---- cutting back -------------------------------------------------------------------------------
 */

/* Bytes of the lines that belong to iterations up to the limit; lines come in ascending order. */
static size_t kept_bytes(const char *text, int64_t limit)
{
    const char *p = text;
    for (const char *end; (end = strchr(p, '\n')) != NULL; p = end + 1) {
        json_t *line = json_loadb(p, (size_t)(end - p), 0, NULL);
        const json_t *i = json_object_get(line, "iteration");
        const bool keep = json_is_integer(i) && json_integer_value(i) <= limit;
        json_decref(line);
        if (!keep)
            break;
    }
    return (size_t)(p - text);
}

static gan_status cut_lines(const char *dir, const char *name, int64_t iteration, gan_error *err)
{
    char *path = gan__path_join(dir, name);
    uint8_t *text = NULL;
    size_t bytes = 0;
    gan_status s = path ? GAN_OK : gan__fail_memory(err, name);
    if (s == GAN_OK && gan__is_file(path))
        s = gan__read_file(path, (size_t)1 << 30, &text, &bytes, err);
    if (s == GAN_OK && text) {
        const size_t keep = kept_bytes((const char *)text, iteration);
        if (keep < bytes)
            s = gan__write_file(path, text, keep, err);
    }
    free(text);
    free(path);
    return s;
}

static void cut_samples(const char *dir, int64_t iteration)
{
    char *samples = gan__path_join(dir, "samples");
    DIR *d = samples ? opendir(samples) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (number_of(e->d_name, ".png") > iteration)
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    free(samples);
}

gan_status gan__folder_cut(const char *dir, int64_t iteration, gan_error *err)
{
    gan_status s = cut_lines(dir, "metrics.jsonl", iteration, err);
    if (s == GAN_OK)
        s = cut_lines(dir, "timing.jsonl", iteration, err);
    cut_samples(dir, iteration);
    return s;
}
