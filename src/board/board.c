/* board.c - see gan/board.h. A run's folder is read from one end to the other, each thing an event as soon as it is read: no more than
 * one picture or checkpoint is in memory. */
#include <gan/board.h>

#include "base/error.h"

#if GAN_HAVE_PROTOBUF

#include "base/paths.h"
#include "board/board_clock.h"
#include "board/event_file.h"
#include "file/png.h"
#include "file/safetensors.h"

#include <gan/doctor.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double start = 1767225600; /* the first of January 2026, UTC: TensorBoard shows dates */

typedef struct board {
    const char *run, *folder;
    gan_history *history;
    gan__board_clock clock;
    gan__event_file events;
} board;

static gan__moment moment(const board *b, int64_t iteration)
{
    return (gan__moment){iteration, start + gan__board_clock_at(&b->clock, iteration)};
}

/* ---- scalars ---------------------------------------------------------------------------------------- */

/* Keys of each group; one that ends in _ stands for all that begin so. */
static const struct {
    const char *name, *keys;
} groups[] = {{"loss", "loss_ class_ value elbo likelihood kl"},
              {"penalty", "r1 r2 gp"},
              {"discriminator", "d_real d_fake sign_real augment"},
              {"measure", "spread accuracy fid kid precision recall modes quality mode_kl"},
              {"gradient", "grad_norm_"},
              {"rate", "rate_"}};
enum { GROUPS = sizeof groups / sizeof *groups };

static bool holds(const char *keys, const char *key)
{
    for (size_t n; *keys; keys += n + (keys[n] == ' ')) {
        n = strcspn(keys, " ");
        if (!strncmp(keys, key, n) && (keys[n - 1] == '_' || !key[n]))
            return true;
    }
    return false;
}

static const char *group_of(const char *key)
{
    int g = 0;
    while (g < GROUPS && !holds(groups[g].keys, key))
        g++;
    return g < GROUPS ? groups[g].name : "other";
}

static gan_status put_line(board *b, int row, gan_error *err)
{
    gan__scalar scalar[GAN_METRICS_MAX];
    int n = 0;
    for (int k = 0; k < gan_history_keys(b->history); k++) {
        const char *key = gan_history_key(b->history, k);
        const double x = gan_history_value(b->history, row, key);
        if (isnan(x))
            continue;
        snprintf(scalar[n].tag, sizeof scalar[n].tag, "%s/%s", group_of(key), key);
        scalar[n++].value = (float)x;
    }
    return n ? gan__events_scalars(&b->events, moment(b, gan_history_iteration(b->history, row)), scalar, n, err) : GAN_OK;
}

static gan_status put_lines(board *b, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int row = 0; row < gan_history_rows(b->history) && s == GAN_OK; row++)
        s = put_line(b, row, err);
    return s;
}

/* ---- pictures and tensors: files by number ----------------------------------------------------------- */

typedef gan_status put_fn(board *b, const char *path, int64_t iteration, gan_error *err);

static gan_status put_picture(board *b, const char *path, int64_t iteration, gan_error *err)
{
    static char tag[] = "samples";
    uint8_t *png = NULL;
    size_t bytes = 0;
    gan_image image = {0};
    gan_status s = gan__read_file(path, GAN__PICTURE_FILE_MAX, &png, &bytes, err);
    if (s == GAN_OK)
        s = gan__png_decode(&image, path, png, bytes, err); /* a damaged one would only show in TensorBoard */
    if (s == GAN_OK)
        s = gan__events_image(&b->events, moment(b, iteration), tag, &image, png, bytes, err);
    gan_image_release(&image);
    free(png);
    return s;
}

/* "value/generator.0.weight" is generator/0.weight: TensorBoard groups by what stands before the slash. */
static gan_status put_tensor(board *b, const gan__tensor *t, int64_t iteration, gan_error *err)
{
    static const char value[] = "value/";
    char tag[GAN__TAG_MAX], *dot;
    gan__histogram h;
    if (t->dtype != GAN__F32 || strncmp(t->name, value, sizeof value - 1) != 0)
        return GAN_OK;
    gan__histogram_of(&h, t->data, t->bytes / sizeof(float));
    snprintf(tag, sizeof tag, "%s", t->name + sizeof value - 1);
    if ((dot = strchr(tag, '.')) != NULL)
        *dot = '/';
    return h.count > 0 ? gan__events_histogram(&b->events, moment(b, iteration), tag, &h, err) : GAN_OK;
}

static gan_status put_checkpoint(board *b, const char *path, int64_t iteration, gan_error *err)
{
    gan__safetensors *file = NULL;
    gan_status s = gan__safetensors_read(&file, path, err);
    for (size_t i = 0; s == GAN_OK && i < gan__safetensors_count(file); i++)
        s = put_tensor(b, gan__safetensors_at(file, i), iteration, err);
    if (file)
        gan__safetensors_free(file);
    return s;
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
    const long long x = strtoll((*a)->d_name, NULL, 10), y = strtoll((*b)->d_name, NULL, 10);
    return x != y ? (x > y) - (x < y) : strcmp((*a)->d_name, (*b)->d_name);
}

/* One that went away since its name was read is an old checkpoint of a run that trains. */
static gan_status put_file(board *b, const char *dir, const char *name, const char *ending, put_fn *put, gan_error *err)
{
    const int64_t iteration = gan__name_number(name, ending);
    if (iteration < 0)
        return GAN_OK;
    gan_error why = {0};
    char *path = gan__path_join(dir, name);
    const gan_status s = path ? put(b, path, iteration, &why) : gan__fail_memory(&why, dir);
    free(path);
    if (s == GAN_ENOTFOUND)
        return GAN_OK;
    if (s != GAN_OK && err)
        *err = why;
    return s;
}

static gan_status put_files(board *b, const char *folder, const char *ending, put_fn *put, gan_error *err)
{
    char *dir = gan__path_join(b->run, folder);
    if (!dir)
        return gan__fail_memory(err, folder);
    struct dirent **entry = NULL;
    const int n = scandir(dir, &entry, NULL, by_number);
    gan_status s = n >= 0 || errno == ENOENT ? GAN_OK : gan__fail_errno(err, GAN_EIO, "%s: cannot be read", dir);
    for (int i = 0; i < n; i++) {
        if (s == GAN_OK)
            s = put_file(b, dir, entry[i]->d_name, ending, put, err);
        free(entry[i]);
    }
    free(entry);
    free(dir);
    return s;
}

/* ---- the file --------------------------------------------------------------------------------------- */

static const char before[] = "events.out.tfevents.", behind[] = ".gander";
enum { DIGITS = 10, NAME_ROOM = 64 };

static bool is_ours(const char *name)
{
    const size_t n = sizeof before - 1;
    return !strncmp(name, before, n) && strspn(name + n, "0123456789") >= DIGITS && gan__name_number(name + n, behind) >= 0;
}

/* Those that were there before `name`: with them, TensorBoard would read the run twice. */
static gan_status sweep(const char *folder, const char *name, gan_error *err)
{
    DIR *d = opendir(folder);
    gan_status s = d ? GAN_OK : gan__fail_errno(err, GAN_EIO, "%s: cannot be read", folder);
    for (struct dirent *e; s == GAN_OK && (e = readdir(d)) != NULL;)
        if (is_ours(e->d_name) && strcmp(e->d_name, name) != 0 && unlinkat(dirfd(d), e->d_name, 0) != 0)
            s = gan__fail_errno(err, GAN_EIO, "%s/%s: is an older one and cannot be removed", folder, e->d_name);
    if (d)
        closedir(d);
    return s;
}

static gan_status put_run(board *b, const char *path, gan_error *err)
{
    gan_status s = gan__events_begin(&b->events, path, start, err);
    if (s == GAN_OK)
        s = put_lines(b, err);
    if (s == GAN_OK)
        s = put_files(b, "samples", ".png", put_picture, err);
    if (s == GAN_OK)
        s = put_files(b, "state", ".safetensors", put_checkpoint, err);
    if (s == GAN_OK)
        return gan__events_commit(&b->events, err);
    gan__events_abort(&b->events);
    return s;
}

static gan_status put_folder(board *b, gan_error *err)
{
    const int rows = gan_history_rows(b->history);
    char name[NAME_ROOM];
    snprintf(name, sizeof name, "%s%0*lld%s", before, DIGITS, rows ? (long long)gan_history_iteration(b->history, rows - 1) : 0, behind);
    char *path = gan__path_join(b->folder, name);
    gan_status s = path ? gan__make_dir(b->folder, err) : gan__fail_memory(err, b->folder);
    if (s == GAN_OK)
        s = put_run(b, path, err);
    if (s == GAN_OK)
        s = sweep(b->folder, name, err);
    free(path);
    return s;
}

gan_status gan_board_write(const char *run, const char *folder, gan_error *err)
{
    board b = {.run = run, .folder = folder};
    if (!gan__is_dir(run))
        return gan__fail(err, GAN_ENOTFOUND, "%s: there is no such folder", run);
    gan_status s = gan_history_read(&b.history, run, err);
    if (s == GAN_OK)
        s = gan__board_clock_read(&b.clock, run, err);
    if (s == GAN_OK)
        s = put_folder(&b, err);
    gan__board_clock_release(&b.clock);
    gan_history_free(b.history);
    return s;
}

#else

gan_status gan_board_write(const char *run, const char *folder, gan_error *err)
{
    (void)run, (void)folder;
    return gan__fail(err, GAN_EUNSUPPORTED,
                     "this gander was built without libprotobuf-c: install libprotobuf-c-dev and protobuf-c-compiler, and build it again");
}

#endif
