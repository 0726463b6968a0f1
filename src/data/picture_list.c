/* picture_list.c - see picture_list.h. */
#include "data/picture_list.h"

#include "base/error.h"
#include "base/paths.h"

#include <gan/text.h>

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 32 };

/* Folders that were gone into: links may lead to them again, and never end. */
typedef struct seen {
    struct {
        dev_t device;
        ino_t number;
    } *folder;
    int count, room;
} seen;

/* Is it the first time? */
static bool note(seen *s, const struct stat *st, bool *first)
{
    for (int i = 0; i < s->count; i++)
        if (s->folder[i].device == st->st_dev && s->folder[i].number == st->st_ino)
            return *first = false, true;
    if (s->count == s->room) {
        void *more = realloc(s->folder, (size_t)(2 * s->room + 16) * sizeof *s->folder);
        if (!more)
            return false;
        s->folder = more;
        s->room = 2 * s->room + 16;
    }
    s->folder[s->count].device = st->st_dev;
    s->folder[s->count++].number = st->st_ino;
    return *first = true;
}

/* What gander drew is not what it is to learn from. */
static bool is_run(const char *folder)
{
    char *mark = gan__path_join(folder, ".gander-run");
    const bool is = mark && gan__is_file(mark);
    free(mark);
    return is;
}

static bool is_picture(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".webp"};
    const size_t n = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t m = strlen(endings[i]);
        if (n > m && !strcasecmp(name + n - m, endings[i]))
            return true;
    }
    return false;
}

/* Takes path over. */
static gan_status add(gan__picture_list *list, char *path, const struct stat *st, gan_error *err)
{
    if (list->count == list->room) {
        const int room = list->room < INT_MAX / 4 ? 2 * list->room + 256 : list->room;
        gan__picture_file *more = realloc(list->file, (size_t)room * sizeof *more);
        if (!more || room == list->room) {
            list->file = more ? more : list->file;
            free(path);
            return gan__fail_memory(err, "a list of pictures");
        }
        list->file = more;
        list->room = room;
    }
    list->file[list->count++] = (gan__picture_file){.path = path,
                                                    .bytes = st->st_size,
                                                    .changed = {st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
                                                                st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec},
                                                    .device = (int64_t)st->st_dev,
                                                    .number = (int64_t)st->st_ino};
    return GAN_OK;
}

/* Where in the walk one is. */
typedef struct place {
    seen *seen;
    int depth;
} place;

static gan_status walk(gan__picture_list *list, const char *folder, const char *within, place at, gan_error *err);

/* One entry: a picture, a folder to go into, or neither. */
static gan_status look_at(gan__picture_list *list, const char *folder, const char *within, const char *name, place at, gan_error *err)
{
    bool first;
    struct stat st;
    char *whole = gan__path_join(folder, name), *path = *within ? gan__path_join(within, name) : strdup(name);
    gan_status s = whole && path ? GAN_OK : gan__fail_memory(err, folder);
    if (s == GAN_OK && stat(whole, &st) == 0) {
        if (S_ISREG(st.st_mode) && is_picture(name)) {
            s = add(list, path, &st, err);
            path = NULL;
        } else if (S_ISREG(st.st_mode)) {
            list->others++;
        } else if (S_ISDIR(st.st_mode) && at.depth < DEPTH_MAX && !is_run(whole)) {
            at.depth++;
            s = note(at.seen, &st, &first) ? GAN_OK : gan__fail_memory(err, folder);
            if (s == GAN_OK && first)
                s = walk(list, whole, path, at, err);
        }
    }
    free(whole);
    free(path);
    return s;
}

static gan_status walk(gan__picture_list *list, const char *folder, const char *within, place at, gan_error *err)
{
    DIR *d = opendir(folder);
    if (!d && *within)
        return list->closed++, GAN_OK;
    if (!d)
        return gan__fail_errno(err, GAN_EIO, "%s: cannot be read", folder);
    gan_status s = GAN_OK;
    for (struct dirent *e; s == GAN_OK && (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.')
            s = look_at(list, folder, within, e->d_name, at, err);
    closedir(d);
    return s;
}

/* ---- classes -------------------------------------------------------------------------------------- */

/* Name by name: "a/x" comes before "a-b/x". */
static int by_path(const void *a, const void *b)
{
    const char *p = ((const gan__picture_file *)a)->path, *q = ((const gan__picture_file *)b)->path;
    while (*p && *p == *q)
        p++, q++;
    const int x = *p == '/' ? 1 : (unsigned char)*p + (*p != 0), y = *q == '/' ? 1 : (unsigned char)*q + (*q != 0);
    return (x > y) - (x < y);
}

/* Length of the first folder's name; 0: the picture lies in none. */
static size_t folder_of(const char *path)
{
    const char *slash = strchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

/* Digits alone. */
static bool is_number(const char *name, int64_t *out)
{
    return name[strspn(name, "0123456789")] == 0 && gan_text_int(name, out);
}

/* Names of the folders in the order of the files, which keeps each folder together; their number, or -1: a picture lies in none, or there is but one,
 * or too many. */
static int name_folders(gan__picture_list *list, char *name[GAN__CLASSES_MAX])
{
    int n = 0;
    for (int i = 0; i < list->count; i++) {
        const char *path = list->file[i].path;
        const size_t m = folder_of(path);
        if (!m)
            return list->folders = 0, n;
        if (!n || strlen(name[n - 1]) != m || memcmp(name[n - 1], path, m) != 0) {
            if (n == GAN__CLASSES_MAX)
                return list->folders = n + 1, n;
            if (!(name[n] = strndup(path, m)))
                return list->folders = -1, n;
            n++;
        }
        list->file[i].label = n - 1;
    }
    list->classes = n > 1 ? n : 0;
    return n;
}

static gan_status find_classes(gan__picture_list *list, gan_error *err)
{
    char *name[GAN__CLASSES_MAX];
    int64_t number[GAN__CLASSES_MAX];
    int label[GAN__CLASSES_MAX];
    bool numbers = true;
    const int n = name_folders(list, name);
    for (int i = 0; i < n && numbers; i++) {
        numbers = is_number(name[i], &number[i]);
        for (int k = 0; k < i && numbers; k++)
            numbers = number[k] != number[i];
    }
    for (int i = 0; i < n && numbers; i++) {
        label[i] = 0;
        for (int k = 0; k < n; k++)
            label[i] += number[k] < number[i];
    }
    const bool classes = list->classes > 0;
    for (int i = 0; i < n; i++) {
        if (classes)
            list->class_name[numbers ? label[i] : i] = name[i];
        else
            free(name[i]);
    }
    for (int i = 0; i < list->count; i++)
        list->file[i].label = !classes ? 0 : numbers ? label[list->file[i].label] : list->file[i].label;
    return list->folders < 0 ? gan__fail_memory(err, "a list of classes") : GAN_OK;
}

gan_status gan__picture_list_make(gan__picture_list *out, const char *folder, gan_error *err)
{
    struct stat st;
    *out = (gan__picture_list){0};
    if (stat(folder, &st) != 0)
        return gan__fail_errno(err, GAN_EIO, "%s: cannot be read", folder);
    seen gone_into = {0};
    bool first;
    gan_status s = note(&gone_into, &st, &first) ? walk(out, folder, "", (place){&gone_into, 0}, err) : gan__fail_memory(err, folder);
    free(gone_into.folder);
    if (s == GAN_OK && out->count) {
        qsort(out->file, (size_t)out->count, sizeof *out->file, by_path);
        s = find_classes(out, err);
    }
    if (s != GAN_OK)
        gan__picture_list_release(out);
    return s;
}

void gan__picture_list_release(gan__picture_list *list)
{
    for (int i = 0; i < list->count; i++)
        free(list->file[i].path);
    free(list->file);
    for (int c = 0; c < GAN__CLASSES_MAX; c++)
        free(list->class_name[c]);
    *list = (gan__picture_list){0};
}
