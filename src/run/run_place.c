/* run_place.c - see run_place.h.
 *
 *     parent/.gander-0123456789abcdef.new   made, locked, filled
 *         --rename (or exchange with the old run)-->  parent/run
 *
 * What a killed process leaves under such a name is swept by the next run made beside it: whoever can take
 * its lock knows that nobody is at work there, and only files that gander writes are removed even then.
 */
#include "run/run_place.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "train/version.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The mark is this text, and behind it the number of the run's metrics; the first runs have none. */
static const char mark_name[] = ".gander-run", mark_text[] = "a run of gander\n";

/* ---- what gander writes ------------------------------------------------------------------------ */

/* The folders of a run and the files in each; "#" stands for a number. */
static const struct {
    const char *folder, *file, *ending; /* ending: behind a number, where file is "#" */
} known[] = {
    {".", mark_name, NULL},
    {".", "recipe.ini", NULL},
    {".", "model.safetensors", NULL},
    {".", "best.safetensors", NULL},
    {".", "mends.jsonl", NULL},
    {".", "metrics.jsonl", NULL},
    {".", "metrics.jsonl.damaged", NULL},
    {".", "timing.jsonl", NULL},
    {".", "eval.json", NULL},
    {"state", "local.ini", NULL},
    {"state", "#", ".safetensors"},
    {"samples", "#", ".png"},
};
static const char *const folders[] = {"state", "samples", "."}; /* the outer one last: it must be empty then */
enum { KNOWN = sizeof known / sizeof *known, FOLDERS = sizeof folders / sizeof *folders };

static bool is_file_of_ours(const char *folder, const char *name)
{
    if (gan__is_temporary(name, ".tmp"))
        return true;
    for (int i = 0; i < KNOWN; i++) {
        const size_t digits = strspn(name, "0123456789");
        if (!strcmp(folder, known[i].folder) &&
            (known[i].ending ? digits > 0 && !strcmp(name + digits, known[i].ending)
                             : !strcmp(name, known[i].file)))
            return true;
    }
    return false;
}

static bool is_folder_of_ours(const char *folder, const char *name)
{
    return !strcmp(folder, ".") && (!strcmp(name, "state") || !strcmp(name, "samples"));
}

/* One entry of a run's folder; the answer ends the walk where it is not 0. */
typedef int visit(void *ctx, int fd, const char *folder, const char *name);

static int walk(const char *dir, visit *fn, void *ctx)
{
    int answer = 0;
    const int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; top >= 0 && i < FOLDERS && !answer; i++) {
        const int fd = openat(top, folders[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
        for (struct dirent *e; d && !answer && (e = readdir(d)) != NULL;)
            if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
                answer = fn(ctx, fd, folders[i], e->d_name);
        if (d)
            closedir(d);
        else if (fd >= 0)
            close(fd);
    }
    if (top >= 0)
        close(top);
    return answer;
}

static int find_foreign(void *ctx, int fd, const char *folder, const char *name)
{
    struct stat st;
    char *text = ctx;
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        (S_ISREG(st.st_mode) ? is_file_of_ours(folder, name)
                             : S_ISDIR(st.st_mode) && is_folder_of_ours(folder, name)))
        return 0;
    snprintf(text, GAN_ERROR_MAX, "%s%s%.255s", strcmp(folder, ".") ? folder : "",
             strcmp(folder, ".") ? "/" : "", name);
    return 1;
}

static int remove_ours(void *ctx, int fd, const char *folder, const char *name)
{
    struct stat st;
    (void)ctx;
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISREG(st.st_mode) && is_file_of_ours(folder, name))
            unlinkat(fd, name, 0);
        else if (S_ISDIR(st.st_mode) && is_folder_of_ours(folder, name))
            unlinkat(fd, name, AT_REMOVEDIR); /* only if it is empty by now */
    }
    return 0;
}

static int remove_temporary(void *ctx, int fd, const char *folder, const char *name)
{
    (void)ctx, (void)folder;
    if (gan__is_temporary(name, ".tmp"))
        unlinkat(fd, name, 0);
    return 0;
}

void gan__place_sweep(const char *dir)
{
    walk(dir, remove_temporary, NULL);
}

static void remove_run(const char *dir)
{
    walk(dir, remove_ours, NULL);
    rmdir(dir);
}

gan_status gan__place_mark(const char *dir, int metrics, gan_error *err)
{
    char text[64], *path = gan__path_join(dir, mark_name);
    gan_status s = path ? GAN_OK : gan__fail_memory(err, "a file name");
    const size_t n = (size_t)snprintf(text, sizeof text, "%smetrics %d\n", mark_text, metrics);
    if (s == GAN_OK && !gan__is_file(path))
        s = gan__write_file(path, text, n, err);
    free(path);
    return s;
}

/* ---- may a run be there? ----------------------------------------------------------------------- */

/* The number in the mark; 1 where it has none, 0 where there is no mark. */
static int read_mark(const char *dir)
{
    char *path = gan__path_join(dir, mark_name);
    uint8_t *text = NULL;
    size_t bytes = 0;
    int number = 0;
    const size_t n = sizeof mark_text - 1;
    if (path && gan__read_file(path, 4096, &text, &bytes, NULL) == GAN_OK && !strncmp((char *)text, mark_text, n) &&
        sscanf((char *)text + n, "metrics %9d", &number) != 1)
        number = text[n] ? 0 : 1;
    free(text);
    free(path);
    return number;
}

static bool is_marked(const char *dir)
{
    return read_mark(dir) > 0;
}

int gan__place_metrics(const char *dir)
{
    const int number = read_mark(dir);
    return number > 0 ? number : 1;
}

static int any(void *ctx, int fd, const char *folder, const char *name)
{
    (void)ctx, (void)fd, (void)folder, (void)name;
    return 1;
}

static bool is_same(const char *a, const char *b)
{
    struct stat x, y;
    return a && b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The folder that one stands in, or one around it: its name can be taken from it, but the shell would go
 * on standing in what is no more. */
static bool is_around_us(const char *dir)
{
    char *here = realpath(".", NULL);
    const size_t n = strlen(dir);
    const bool yes = here && !strncmp(here, dir, n) && (here[n] == 0 || here[n] == '/' || n == 1);
    free(here);
    return yes;
}

static bool is_mount_point(const char *dir)
{
    struct statx x;
    return statx(AT_FDCWD, dir, 0, STATX_TYPE, &x) == 0 && (x.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
           (x.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static gan_status check_folder(const char *dir, const char *said, gan_error *err)
{
    const char *what = is_same(dir, "/")                ? "the root folder"
                       : is_same(dir, getenv("HOME"))   ? "your home folder"
                       : is_around_us(dir)              ? "the folder you are in, or one around it"
                       : is_mount_point(dir)            ? "a mount point"
                                                        : NULL;
    if (!what)
        return GAN_OK;
    return gan__fail(err, GAN_EINVAL, "%s: is %s; a run needs a folder of its own, say %s%sfirst", said, what,
                     said, said[strlen(said) - 1] == '/' ? "" : "/");
}

/* `dir` is there, with its links followed; `said` is how the user named it. */
static gan_status check_there(const char *dir, const char *said, bool force, gan_error *err)
{
    char foreign[GAN_ERROR_MAX];
    const bool folder = gan__is_dir(dir), empty = folder && !walk(dir, any, NULL);
    if (!folder)
        return gan__fail(err, GAN_EFOREIGN, "%s: is there and is not a run; choose another folder", said);
    const gan_status s = check_folder(dir, said, err);
    if (s != GAN_OK || empty)
        return s;
    if (!is_marked(dir))
        return gan__fail(err, GAN_EFOREIGN, "%s: is there and is not a run (it has no %s); choose another folder",
                         said, mark_name);
    if (!force)
        return gan__fail(err, GAN_EEXISTS, "%s: holds a run already; resume it, or overwrite it", said);
    if (walk(dir, find_foreign, foreign))
        return gan__fail(err, GAN_EFOREIGN,
                         "%s: holds %s, which gander did not write; move it away, or choose another folder", said,
                         foreign);
    return GAN_OK;
}

/* The folder's real path, checked; what is not there yet keeps its name. *out is malloc'd. */
static gan_status find_place(char **out, const char *said, bool force, gan_error *err)
{
    struct stat st;
    *out = NULL;
    if (!*said)
        return gan__fail(err, GAN_EINVAL, "the run's folder has an empty name");
    if (lstat(said, &st) == 0) {
        *out = realpath(said, NULL);
        return *out ? check_there(*out, said, force, err)
                    : gan__fail_errno(err, GAN_EIO, "%s: cannot be used as a run's folder", said);
    }
    *out = strdup(said);
    for (size_t n = *out ? strlen(*out) : 0; n > 1 && (*out)[n - 1] == '/';)
        (*out)[--n] = 0;
    return *out ? GAN_OK : gan__fail_memory(err, "a file name");
}

/* ---- making it --------------------------------------------------------------------------------- */

gan_status gan__place_lock(const char *dir, int *fd, gan_error *err)
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
    return gan__fail(err, GAN_EBUSY,
                     "%s: another gander is training there; stop it first, or choose another folder", dir);
}

/* A new folder beside `dir`, locked. Between mkdir and the lock another process may take it for one that
 * was left behind and sweep it: then it is tried again. */
static char *make_temporary(const char *dir, int *lock)
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        struct stat at_name, at_lock;
        char *name = gan__temporary_name(dir, ".new");
        if (!name || (mkdir(name, 0777) != 0 && errno != EEXIST)) {
            const int why = errno;
            free(name);
            errno = why;
            return NULL;
        }
        if (gan__place_lock(name, lock, NULL) == GAN_OK) {
            if (stat(name, &at_name) == 0 && fstat(*lock, &at_lock) == 0 && at_name.st_ino == at_lock.st_ino)
                return name;
            close(*lock);
            *lock = -1;
        }
        free(name);
    }
    errno = EAGAIN;
    return NULL;
}

/* What killed processes left beside `dir`. */
static void sweep_beside(const char *dir)
{
    const char *slash = strrchr(dir, '/');
    char *parent = slash ? strndup(dir, (size_t)(slash - dir) + 1) : strdup(".");
    DIR *d = parent ? opendir(parent) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        int lock = -1;
        char *path = gan__is_temporary(e->d_name, ".new") ? gan__path_join(parent, e->d_name) : NULL;
        if (path && gan__place_lock(path, &lock, NULL) == GAN_OK)
            remove_run(path);
        if (lock >= 0)
            close(lock);
        free(path);
    }
    if (d)
        closedir(d);
    free(parent);
}

/* Put the new folder in the old one's place in one step where the file system can. */
static gan_status put_in_place(const char *new_dir, const char *dir, bool old, gan_error *err)
{
    if (old && renameat2(AT_FDCWD, new_dir, AT_FDCWD, dir, RENAME_EXCHANGE) == 0) {
        remove_run(new_dir);
        return GAN_OK;
    }
    if (old)
        remove_run(dir);
    if (rename(new_dir, dir) != 0)
        return gan__fail_errno(err, GAN_EIO, "%s: the folder cannot be made", dir);
    return gan__sync_dir(dir, err);
}

/* The folders above `dir` that are not there yet; *first: the outermost that was made, malloc'd, or NULL. */
static gan_status make_parents(const char *dir, char **first, gan_error *err)
{
    *first = NULL;
    const char *slash = strrchr(dir, '/');
    char *parent = slash && slash > dir ? strndup(dir, (size_t)(slash - dir)) : NULL;
    if (!parent)
        return GAN_OK;
    for (char *p = parent + 1;; p++) {
        const char end = *p;
        if (end && end != '/')
            continue;
        *p = 0;
        const bool missing = access(parent, F_OK) != 0;
        if (missing)
            *first = strdup(parent);
        *p = end;
        if (missing || !end)
            break;
    }
    const gan_status s = gan__make_dir(parent, err);
    free(parent);
    return s;
}

static void remove_parents(const char *dir, const char *first)
{
    char *path = first ? strdup(dir) : NULL;
    for (char *slash; path && (slash = strrchr(path, '/')) != NULL;) {
        *slash = 0;
        if (strlen(path) < strlen(first) || rmdir(path) != 0)
            break;
    }
    free(path);
}

static gan_status fill_and_place(const char *dir, gan__place_fill *fill, void *ctx, int *lock, gan_error *err)
{
    gan_error why = {0};
    sweep_beside(dir);
    char *new_dir = make_temporary(dir, lock);
    if (!new_dir)
        return gan__fail_errno(err, GAN_EIO, "%s: the folder cannot be made", dir);
    gan_status s = gan__place_mark(new_dir, GAN__METRICS_SCHEMA, &why);
    if (s == GAN_OK)
        s = fill(ctx, new_dir, &why);
    if (s == GAN_OK) {
        s = put_in_place(new_dir, dir, gan__is_dir(dir) && walk(dir, any, NULL), err);
    } else { /* its line names a folder that nobody knows; the reason stands at its end */
        const char *reason = strrchr(why.message, ':');
        gan__fail(err, s, "%s: the run cannot be begun%s", dir, reason ? reason : "");
    }
    if (s != GAN_OK) {
        remove_run(new_dir);
        close(*lock);
        *lock = -1;
    }
    free(new_dir);
    return s;
}

gan_status gan__place_make(const char *dir, bool force, gan__place_fill *fill, void *ctx, int *lock,
                           gan_error *err)
{
    int old = -1;
    char *place = NULL, *made = NULL;
    gan_status s = find_place(&place, dir, force, err);
    if (s == GAN_OK && gan__is_dir(place))
        s = gan__place_lock(place, &old, err);
    if (s == GAN_OK)
        s = make_parents(place, &made, err);
    if (s == GAN_OK)
        s = fill_and_place(place, fill, ctx, lock, err);
    if (s != GAN_OK && place)
        remove_parents(place, made);
    if (old >= 0)
        close(old);
    free(made);
    free(place);
    return s;
}
