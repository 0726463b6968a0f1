/* dataset_folder.c - many picture files, read once by all threads, as items of one shape.
 *
 *     list of files -> (kept already? then that) -> look: each one's size, unless the items' was given -> the items' size
 *                   -> decode, fit: RGBA, item i in its slot -> what no item needs goes: alpha, colour, broken ones
 *
 * Every slot is a function of its file alone, so threads change no byte. Items are narrowed where they stand.
 */
#include "data/dataset_folder.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "base/team.h"
#include "data/dataset.h"
#include "data/picture_cache.h"
#include "data/picture_fit.h"
#include "data/picture_list.h"
#include "file/picture.h"

#include <gan/text.h>

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIDE_MOST = 64, SIDE_LEAST = 8, NAMED_MOST = 5, BATCH = 16, HEAD = 1 << 16 };

typedef struct look {
    int height, width;
    bool profile, broken;
    bool passing; /* broken for a reason that may pass: nothing is kept then */
    unsigned has;
    char *why; /* broken: the line that says why; owned */
} look;

typedef struct reading {
    const char *folder;
    const gan_pictures *how;
    const gan__picture_list *list;
    look *of; /* of each file */
    gan__region region;
    int height, width;
    atomic_int next, done;
    atomic_bool no_memory, stopped;
} reading;

/* ---- one file ------------------------------------------------------------------------------------- */

static void set_broken(reading *r, int i, const gan_error *err)
{
    if (err->status == GAN_ENOMEM)
        atomic_store(&r->no_memory, true);
    const size_t n = strlen(r->folder);
    const bool whole = !strncmp(err->message, r->folder, n) && err->message[n] == '/'; /* a name from the folder on will do */
    r->of[i].broken = true;
    r->of[i].passing |= err->status != GAN_EFORMAT && err->status != GAN_EUNSUPPORTED;
    free(r->of[i].why);
    r->of[i].why = strdup(err->message + (whole ? n + 1 : 0));
    if (!r->of[i].why)
        atomic_store(&r->no_memory, true);
}

static gan_status read_file(const reading *r, int i, uint8_t **file, size_t *bytes, gan_error *err)
{
    char *path = gan__path_join(r->folder, r->list->file[i].path);
    const gan_status s = path ? gan__read_file(path, GAN__PICTURE_FILE_MAX, file, bytes, err) : gan__fail_memory(err, r->folder);
    free(path);
    return s;
}

/* The first bytes of a file: headers stand there, as a rule. */
static gan_status look_at_head(const reading *r, int i, gan__picture_info *info)
{
    static _Thread_local uint8_t head[HEAD];
    char *path = gan__path_join(r->folder, r->list->file[i].path);
    FILE *f = path ? fopen(path, "rbe") : NULL;
    const size_t bytes = f ? fread(head, 1, sizeof head, f) : 0;
    const gan_status s = bytes ? gan__picture_look(info, "", head, bytes, NULL) : GAN_EIO;
    if (f)
        fclose(f);
    free(path);
    return s;
}

static void note_look(reading *r, int i, const gan__picture_info *info)
{
    r->of[i] = (look){.height = info->height, .width = info->width, .profile = info->profile};
}

static gan_status look_within(reading *r, int i, const uint8_t *file, size_t bytes, gan_error *err)
{
    gan__picture_info info;
    const gan_status s = gan__picture_look(&info, r->list->file[i].path, file, bytes, err);
    if (s == GAN_OK)
        note_look(r, i, &info);
    return s;
}

static void look_at(reading *r, int i)
{
    gan__picture_info info;
    gan_error err = {0};
    uint8_t *file = NULL;
    size_t bytes = 0;
    if (look_at_head(r, i, &info) == GAN_OK) {
        note_look(r, i, &info);
        return;
    }
    gan_status s = read_file(r, i, &file, &bytes, &err); /* what is wrong with it? */
    if (s == GAN_OK)
        s = look_within(r, i, file, bytes, &err);
    free(file);
    if (s != GAN_OK)
        set_broken(r, i, &err);
}

static void decode(reading *r, int i)
{
    if (r->of[i].broken)
        return;
    gan_error err = {0};
    gan_image image = {0};
    uint8_t *file = NULL;
    size_t bytes = 0;
    const int least = 2 * (r->height > r->width ? r->height : r->width);
    gan_status s = read_file(r, i, &file, &bytes, &err);
    if (s == GAN_OK && !r->of[i].height)
        s = look_within(r, i, file, bytes, &err);
    if (s == GAN_OK)
        s = gan__picture_decode(&image, r->list->file[i].path, file, bytes, least, &err);
    if (s == GAN_OK)
        s = gan__picture_fit(&image, r->how, r->height, r->width,
                             r->region.at + (size_t)i * (size_t)r->height * (size_t)r->width * 4, &r->of[i].has, &err);
    gan_image_release(&image);
    free(file);
    if (s != GAN_OK)
        set_broken(r, i, &err);
}

/* ---- all files, by all threads -------------------------------------------------------------------- */

typedef struct work {
    reading *r;
    void (*one)(reading *r, int i);
} work;

static void do_some(void *ctx, int thread, int threads)
{
    const work *w = ctx;
    reading *r = w->r;
    (void)threads;
    for (int first; !atomic_load(&r->stopped) && (first = atomic_fetch_add(&r->next, BATCH)) < r->list->count;) {
        const int end = first + BATCH < r->list->count ? first + BATCH : r->list->count;
        for (int i = first; i < end; i++)
            w->one(r, i);
        const int done = atomic_fetch_add(&r->done, end - first) + end - first;
        if (!thread && r->how->progress && !r->how->progress(r->how->progress_ctx, done, (r->how->height ? 1 : 2) * r->list->count))
            atomic_store(&r->stopped, true);
    }
}

static gan_status do_all(reading *r, gan__team *team, void (*one)(reading *r, int i), gan_error *err)
{
    work w = {r, one};
    atomic_store(&r->next, 0);
    gan__team_run(team, do_some, &w);
    if (atomic_load(&r->stopped))
        return gan__fail(err, GAN_ESTOPPED, "%s: stopped while the pictures were read", r->folder);
    return atomic_load(&r->no_memory) ? gan__fail_memory(err, r->folder) : GAN_OK;
}

/* ---- which size ----------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    const look *p = a, *q = b;
    return p->height != q->height ? (p->height > q->height) - (p->height < q->height) : (p->width > q->width) - (p->width < q->width);
}

static int by_shorter(const void *a, const void *b)
{
    const look *p = a, *q = b;
    const int x = p->height < p->width ? p->height : p->width, y = q->height < q->width ? q->height : q->width;
    return (x > y) - (x < y);
}

static int within(double side)
{
    const int n = (int)(side + 0.5);
    return n < SIDE_LEAST ? SIDE_LEAST : n > SIDE_MOST ? SIDE_MOST : n;
}

/* As gan_pictures says. `some`: those that can be read. */
static void settle_size(reading *r, look *some, int n)
{
    int most = 0, h = 0, w = 0;
    qsort(some, (size_t)n, sizeof *some, by_size);
    for (int i = 0, same = 0; i < n; i++) {
        same = i && !by_size(&some[i], &some[i - 1]) ? same + 1 : 1;
        if (same > most) {
            most = same;
            h = some[i].height;
            w = some[i].width;
        }
    }
    if (2 * most < n) {
        qsort(some, (size_t)n, sizeof *some, by_shorter);
        const look *middle = &some[n / 2];
        h = w = middle->height < middle->width ? middle->height : middle->width;
    }
    const double longer = h > w ? h : w, scale = longer > SIDE_MOST ? SIDE_MOST / longer : 1;
    r->height = within(h * scale);
    r->width = within(w * scale);
}

static gan_status any_left(const reading *r, gan_error *err)
{
    for (int i = 0; i < r->list->count; i++)
        if (!r->of[i].broken)
            return GAN_OK;
    return gan__fail(err, GAN_EFORMAT, "%s: none of %d pictures can be read; the first: %s", r->folder, r->list->count, r->of[0].why);
}

static gan_status choose_size(reading *r, gan_error *err)
{
    int n = 0;
    r->height = r->how->height;
    r->width = r->how->width;
    look *some = malloc((size_t)r->list->count * sizeof *some);
    if (!some)
        return gan__fail_memory(err, r->folder);
    for (int i = 0; i < r->list->count; i++)
        if (!r->of[i].broken)
            some[n++] = r->of[i];
    if (n && !r->height)
        settle_size(r, some, n);
    free(some);
    return any_left(r, err);
}

/* ---- what is said of them ------------------------------------------------------------------------- */

static void add_note(FILE *notes, bool *first, const char *format, ...) GAN_PRINTF(3, 4);
static void add_note(FILE *notes, bool *first, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs(*first ? "" : "\n", notes);
    vfprintf(notes, format, list);
    va_end(list);
    *first = false;
}

static gan_status write_notes(const reading *r, char **out, gan_error *err)
{
    size_t bytes;
    FILE *notes = open_memstream(out, &bytes);
    if (!notes)
        return gan__fail_memory(err, r->folder);
    int broken = 0, profiles = 0, other = 0;
    bool first = true;
    for (int i = 0; i < r->list->count; i++) {
        const look *l = &r->of[i];
        char why[GAN_ERROR_MAX];
        broken += l->broken;
        profiles += !l->broken && l->profile;
        other += !l->broken && l->height && (l->height != r->height || l->width != r->width);
        if (l->broken && broken <= NAMED_MOST)
            add_note(notes, &first, "left out: %s", gan_text_clean(why, sizeof why, l->why));
    }
    if (broken > NAMED_MOST)
        add_note(notes, &first, "left out: %d more that cannot be read", broken - NAMED_MOST);
    if (other)
        add_note(notes, &first, "%d of %d pictures are of another size than %d x %d, and were made to fit", other, r->list->count - broken,
                 r->height, r->width);
    if (profiles)
        add_note(notes, &first, "%d picture%s a colour profile, which is ignored", profiles, profiles == 1 ? " has" : "s have");
    if (r->list->others)
        add_note(notes, &first, "passed over: %d file%s of other kinds than .png, .jpg, .jpeg and .webp", r->list->others,
                 r->list->others == 1 ? "" : "s");
    if (r->list->closed)
        add_note(notes, &first, "passed over: %d folder%s that cannot be read", r->list->closed, r->list->closed == 1 ? "" : "s");
    if (r->list->folders)
        add_note(notes, &first, "the pictures lie in more than %d folders: too many to be classes", GAN__CLASSES_MAX);
    const bool failed = ferror(notes) != 0;
    if (fclose(notes) == 0 && !failed)
        return GAN_OK;
    free(*out);
    *out = NULL;
    return gan__fail_memory(err, r->folder);
}

/* ---- all of it ------------------------------------------------------------------------------------ */

/* What nobody needs goes; items close up. */
static void narrow(reading *r, gan__picture_facts *f)
{
    const size_t pixels = (size_t)r->height * (size_t)r->width;
    unsigned has = 0;
    int n = 0;
    for (int i = 0; i < r->list->count; i++)
        has |= r->of[i].broken ? 0 : r->of[i].has;
    const int channels = gan__picture_channels(r->how, has);
    for (int i = 0; i < r->list->count; i++) {
        f->broken[i] = r->of[i].broken;
        if (!f->broken[i])
            gan__picture_narrow(r->region.at + (size_t)n++ * pixels * (size_t)channels, r->region.at + (size_t)i * pixels * 4, pixels,
                                channels, r->how);
    }
    memcpy(f->shape, (int[4]){n, r->height, r->width, channels}, sizeof f->shape);
    gan__region_shrink(&r->region, (size_t)n * pixels * (size_t)channels);
}

static gan_status refuse_broken(const reading *r, gan_error *err)
{
    for (int i = 0; r->how->refuse_broken && i < r->list->count; i++)
        if (r->of[i].broken)
            return gan__fail(err, GAN_EFORMAT, "%s/%s (data.broken = skip leaves it out)", r->folder, r->of[i].why);
    return GAN_OK;
}

/* Under this key, and under that of the size and channels that came of it: a run is gone on with by those. */
static gan_status keep(reading *r, const char *key, const gan__picture_facts *f, gan_error *err)
{
    char settled[GAN__SHA256_HEX];
    gan_pictures how = *r->how;
    how.height = r->height;
    how.width = r->width;
    how.gray = f->shape[3] < 3 ? GAN_GRAY_ON : GAN_GRAY_OFF;
    gan__picture_cache_keep(&r->region, f, key, r->folder, r->how, r->list->count);
    const gan_status s = gan__picture_cache_key(r->list, &how, settled, err);
    if (s == GAN_OK && strcmp(settled, key) != 0)
        gan__picture_cache_also(f, key, settled, r->folder, &how, r->list->count);
    return s;
}

static gan_status read_all(reading *r, gan__team *team, const char *key, gan__picture_facts *f, gan_error *err)
{
    gan_status s = r->how->height ? GAN_OK : do_all(r, team, look_at, err);
    if (s == GAN_OK)
        s = choose_size(r, err);
    if (s == GAN_OK)
        s = gan__region_create(&r->region, key, (size_t)r->list->count * (size_t)r->height * (size_t)r->width * 4, err);
    if (s == GAN_OK)
        s = do_all(r, team, decode, err);
    if (s == GAN_OK)
        s = any_left(r, err);
    if (s == GAN_OK)
        s = refuse_broken(r, err);
    f->broken = s == GAN_OK ? calloc((size_t)r->list->count, sizeof *f->broken) : NULL;
    if (s == GAN_OK && !f->broken)
        s = gan__fail_memory(err, r->folder);
    if (s == GAN_OK)
        s = write_notes(r, &f->notes, err);
    if (s == GAN_OK) {
        narrow(r, f);
        s = gan__sha256_of(r->region.at, r->region.bytes, f->sha256, err);
    }
    bool passing = false;
    for (int i = 0; i < r->list->count; i++)
        passing |= r->of[i].passing;
    return s == GAN_OK && !passing ? keep(r, key, f, err) : s;
}

static gan_status find_or_read(reading *r, gan__picture_facts *f, gan_error *err)
{
    char key[GAN__SHA256_HEX];
    gan__team *team = NULL;
    gan_status s = gan__picture_cache_key(r->list, r->how, key, err);
    if (s == GAN_OK && gan__picture_cache_find(&r->region, f, key, r->list->count)) {
        bool refused = false;
        for (int i = 0; i < r->list->count; i++)
            refused |= f->broken[i] && r->how->refuse_broken;
        if (!refused)
            return GAN_OK;
        gan__region_release(&r->region);
        gan__picture_facts_release(f);
    }
    if (s == GAN_OK)
        s = gan__team_create(&team, r->how->threads ? r->how->threads : gan__cpu_count(), err);
    r->of = s == GAN_OK ? calloc((size_t)r->list->count, sizeof *r->of) : NULL;
    if (s == GAN_OK)
        s = r->of ? read_all(r, team, key, f, err) : gan__fail_memory(err, r->folder);
    for (int i = 0; r->of && i < r->list->count; i++)
        free(r->of[i].why);
    free(r->of);
    gan__team_free(team);
    return s;
}

static gan_status labels_of(gan__idx *labels, const gan__picture_list *list, const gan__picture_facts *f, gan_error *err)
{
    *labels = (gan__idx){0};
    if (!list->classes)
        return GAN_OK;
    uint8_t *of = malloc((size_t)list->count);
    if (!of)
        return gan__fail_memory(err, "labels");
    int n = 0;
    for (int i = 0; i < list->count; i++)
        if (!f->broken[i])
            of[n++] = (uint8_t)list->file[i].label;
    *labels = (gan__idx){1, {n, 1, 1, 1}, of, (size_t)n, of};
    return GAN_OK;
}

static gan_status build(gan_dataset **out, reading *r, gan__picture_list *list, gan__picture_facts *f, gan_error *err)
{
    gan__idx images = {4, {f->shape[0], f->shape[1], f->shape[2], f->shape[3]}, r->region.at, r->region.bytes, NULL}, labels;
    gan_status s = labels_of(&labels, list, f, err);
    if (s == GAN_OK)
        s = gan__dataset_build_known(out, NULL, r->folder, &images, &labels, f->sha256, err);
    if (s != GAN_OK)
        return s;
    gan__store *store = (*out)->store;
    store->region = r->region;
    r->region = (gan__region){.fd = -1};
    store->how = *r->how;
    store->notes = f->notes;
    f->notes = NULL;
    for (int c = 0; c < list->classes; c++) {
        store->class_name[c] = list->class_name[c];
        list->class_name[c] = NULL;
    }
    return GAN_OK;
}

gan_status gan__dataset_of_folder(gan_dataset **out, const char *folder, const gan_pictures *how, gan_error *err)
{
    gan__picture_list list;
    gan__picture_facts facts = {0};
    *out = NULL;
    gan_status s = gan__picture_list_make(&list, folder, err);
    if (s != GAN_OK)
        return s;
    reading r = {.folder = folder, .how = how, .list = &list, .region = {.fd = -1}};
    if (!list.count)
        s = gan__fail(err, GAN_ENOTFOUND, "%s: no pictures here, nor in the folders in it", folder);
    if (s == GAN_OK)
        s = find_or_read(&r, &facts, err);
    if (s == GAN_OK)
        s = build(out, &r, &list, &facts, err);
    gan__region_release(&r.region);
    gan__picture_facts_release(&facts);
    gan__picture_list_release(&list);
    return s;
}

/* ---- train and test ------------------------------------------------------------------------------- */

static const char *const tests[] = {"test", "val", "valid", "validation"};
enum { TESTS = sizeof tests / sizeof *tests };

static bool is_test(const char *name)
{
    for (int i = 0; i < TESTS; i++)
        if (!strcmp(name, tests[i]))
            return true;
    return false;
}

char *gan__dataset_folder_part(const char *folder, bool test)
{
    const char *slash = strrchr(folder, '/');
    if (test && slash && !strcmp(slash + 1, "train"))
        for (int i = 0; i < TESTS; i++) {
            char *path = malloc(strlen(folder) + 16);
            if (path)
                sprintf(path, "%.*s/%s", (int)(slash - folder), folder, tests[i]);
            if (path && gan__is_dir(path))
                return path;
            free(path);
        }
    if (test)
        return NULL;
    bool train = false, held = false, others = false;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) { /* a licence beside them does no harm */
        char *path = e->d_name[0] == '.' ? NULL : gan__path_join(folder, e->d_name);
        const bool is_folder = path && gan__is_dir(path);
        free(path);
        train |= is_folder && !strcmp(e->d_name, "train");
        held |= is_folder && is_test(e->d_name);
        others |= is_folder && strcmp(e->d_name, "train") != 0 && !is_test(e->d_name);
    }
    if (d)
        closedir(d);
    return train && held && !others ? gan__path_join(folder, "train") : NULL;
}
