/* picture_cache.c - see picture_cache.h. */
#include "data/picture_cache.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/memory.h"
#include "base/paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Rises with any change of what pictures become. */
enum { VERSION = 1, DAY = 24 * 60 * 60, JSON_MAX = 1 << 26 };

/* malloc'd "folder/KEYending"; NULL: no place, or out of memory. `make`: the folder too. */
static char *path_of(const char *key, const char *ending, bool make)
{
    char name[GAN__SHA256_HEX + 16], *folder, *path = NULL;
    snprintf(name, sizeof name, "%.64s%s", key, ending);
    if (gan__cache_folder(&folder, "pictures", NULL) != GAN_OK)
        return NULL;
    if (!make || gan__make_dir(folder, NULL) == GAN_OK)
        path = gan__path_join(folder, name);
    free(folder);
    return path;
}

/* ---- regions -------------------------------------------------------------------------------------- */

static bool map(gan__region *r, size_t bytes, bool writable)
{
    const int flags = r->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *at = mmap(NULL, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, flags, r->fd, 0);
    if (at == MAP_FAILED)
        return false;
    r->at = at;
    r->bytes = bytes;
    return true;
}

static void drop_file(gan__region *r)
{
    if (r->fd >= 0)
        close(r->fd);
    if (r->path)
        unlink(r->path);
    free(r->path);
    r->path = NULL;
    r->fd = -1;
}

/* The whole file has its room on the disk before a byte of it is touched: writing through a map knows no "disk full". */
static bool in_cache(gan__region *r, const char *key, size_t bytes)
{
    char *place = path_of(key, ".bytes", true);
    r->path = place ? gan__temporary_name(place, ".tmp") : NULL;
    free(place);
    if (!r->path)
        return false;
    r->fd = open(r->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (r->fd >= 0 && posix_fallocate(r->fd, 0, (off_t)bytes) == 0 && map(r, bytes, true))
        return true;
    drop_file(r);
    return false;
}

gan_status gan__region_create(gan__region *r, const char *key, size_t bytes, gan_error *err)
{
    *r = (gan__region){.fd = -1};
    if (in_cache(r, key, bytes))
        return GAN_OK;
    const gan_status s = gan__memory_check(bytes, "pictures, which the cache (XDG_CACHE_HOME) has no room for", err);
    if (s != GAN_OK || map(r, bytes, true))
        return s;
    return gan__fail(err, GAN_ENOMEM, "%zu MB for pictures: not in memory, and not in the cache (XDG_CACHE_HOME)", bytes >> 20);
}

void gan__region_shrink(gan__region *r, size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), kept = (bytes + page - 1) / page * page,
                 had = (r->bytes + page - 1) / page * page;
    if (kept < had)
        munmap(r->at + kept, had - kept);
    r->bytes = bytes;
    if (r->fd >= 0 && ftruncate(r->fd, (off_t)bytes) != 0)
        drop_file(r); /* it would not be found again; what is mapped stays */
}

void gan__region_release(gan__region *r)
{
    if (r->at)
        munmap(r->at, r->bytes);
    drop_file(r);
    *r = (gan__region){.fd = -1};
}

/* ---- facts ---------------------------------------------------------------------------------------- */

void gan__picture_facts_release(gan__picture_facts *f)
{
    free(f->broken);
    free(f->notes);
    *f = (gan__picture_facts){0};
}

/* A digest begun with how pictures are read. NULL: out of memory. */
static gan__sha256 *begin_digest(const gan_pictures *how)
{
    const int64_t head[] = {VERSION, GAN_HAVE_WEBP, how->height, how->width, how->fit, how->alpha, how->gray, how->channels};
    gan__sha256 *sha = gan__sha256_create();
    if (sha)
        gan__sha256_update(sha, head, sizeof head);
    return sha;
}

gan_status gan__picture_cache_key(const gan__picture_list *list, const gan_pictures *how, char key[GAN__SHA256_HEX], gan_error *err)
{
    gan__sha256 *sha = begin_digest(how);
    if (!sha)
        return gan__fail_memory(err, "a digest");
    for (int i = 0; i < list->count; i++) {
        const gan__picture_file *f = &list->file[i];
        const int64_t numbers[] = {f->bytes, f->changed[0], f->changed[1], f->device, f->number};
        gan__sha256_update(sha, f->path, strlen(f->path) + 1);
        gan__sha256_update(sha, numbers, sizeof numbers);
    }
    gan__sha256_hex(sha, key);
    gan__sha256_free(sha);
    return GAN_OK;
}

static bool read_facts(gan__picture_facts *f, const char *key, int files)
{
    char *path = path_of(key, ".json", false);
    uint8_t *text = NULL;
    size_t bytes = 0;
    json_t *root = NULL;
    const json_t *broken;
    const char *sha256 = NULL, *notes = NULL;
    *f = (gan__picture_facts){0};
    if (path && gan__read_file(path, JSON_MAX, &text, &bytes, NULL) == GAN_OK)
        root = json_loadb((const char *)text, bytes, 0, NULL);
    bool ok = root && json_unpack(root, "{s:[iiii] s:s s:s s:o}", "shape", &f->shape[0], &f->shape[1], &f->shape[2], &f->shape[3],
                                  "sha256", &sha256, "notes", &notes, "broken", &broken) == 0;
    f->broken = ok ? calloc((size_t)files, sizeof *f->broken) : NULL;
    f->notes = ok ? strdup(notes) : NULL;
    ok = f->broken && f->notes && strlen(sha256) == GAN__SHA256_HEX - 1;
    if (ok)
        strcpy(f->sha256, sha256);
    int left = files;
    for (size_t i = 0; ok && i < json_array_size(broken); i++) {
        const json_int_t k = json_integer_value(json_array_get(broken, i));
        ok = k >= 0 && k < files && !f->broken[k];
        if (ok)
            f->broken[k] = true;
        left--;
    }
    ok = ok && f->shape[0] == left;
    json_decref(root);
    free(text);
    free(path);
    if (!ok)
        gan__picture_facts_release(f);
    return ok;
}

/* Bytes of all items; 0: no shape. */
static size_t bytes_of(const int shape[4])
{
    size_t bytes = 1;
    for (int i = 0; i < 4; i++)
        if (shape[i] < 1 || __builtin_mul_overflow(bytes, (size_t)shape[i], &bytes))
            return 0;
    return bytes;
}

bool gan__picture_cache_find(gan__region *r, gan__picture_facts *f, const char *key, int files)
{
    struct stat st;
    char sha256[GAN__SHA256_HEX];
    *r = (gan__region){.fd = -1};
    if (!read_facts(f, key, files))
        return false;
    const size_t bytes = bytes_of(f->shape);
    char *path = path_of(key, ".bytes", false);
    r->fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    bool ok = r->fd >= 0 && bytes && fstat(r->fd, &st) == 0 && st.st_size == (off_t)bytes && map(r, bytes, false);
    ok = ok && gan__sha256_of(r->at, bytes, sha256, NULL) == GAN_OK && !strcmp(sha256, f->sha256);
    free(path);
    if (!ok) {
        gan__region_release(r);
        gan__picture_facts_release(f);
    }
    return ok;
}

/* What a killed gander left, and what was kept of the same folder with the same settings before a file of it changed. */
static void tidy(const char *key, const char *owner)
{
    char *cache, *json = path_of(key, ".json", false);
    const char *name = json ? strrchr(json, '/') + 1 : NULL;
    DIR *d = json && gan__cache_folder(&cache, "pictures", NULL) == GAN_OK ? opendir(cache) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        struct stat st;
        char *path = gan__path_join(cache, e->d_name), *ending = strrchr(e->d_name, '.');
        if (path && gan__is_temporary(e->d_name, ".tmp")) {
            if (stat(path, &st) == 0 && st.st_mtime < time(NULL) - DAY)
                unlink(path);
        } else if (path && ending && !strcmp(ending, ".bytes")) {
            *ending = 0;
            char *other = path_of(e->d_name, ".json", false);
            if (other && !gan__is_file(other) && stat(path, &st) == 0 && st.st_mtime < time(NULL) - DAY)
                unlink(path);
            free(other);
        } else if (path && ending && !strcmp(ending, ".json") && strcmp(e->d_name, name) != 0) {
            json_t *root = json_load_file(path, 0, NULL);
            const char *of = json_string_value(json_object_get(root, "owner"));
            if (of && !strcmp(of, owner)) {
                *ending = 0;
                char *bytes = path_of(e->d_name, ".bytes", false);
                unlink(path);
                if (bytes)
                    unlink(bytes);
                free(bytes);
            }
            json_decref(root);
        }
        free(path);
    }
    if (d) {
        closedir(d);
        free(cache);
    }
    free(json);
}

/* The file that says what the bytes of a key are; false: it cannot be written. */
static bool write_facts(const gan__picture_facts *f, const char *key, const char *folder, const gan_pictures *how, int files)
{
    char *json = path_of(key, ".json", false), *text = NULL, owner[GAN__SHA256_HEX] = "";
    gan__sha256 *sha = begin_digest(how);
    json_t *broken = json_array(), *root = NULL;
    for (int i = 0; i < files; i++)
        if (f->broken[i])
            json_array_append_new(broken, json_integer(i));
    if (sha) {
        gan__sha256_update(sha, folder, strlen(folder));
        gan__sha256_hex(sha, owner);
        root = json_pack("{s:[iiii] s:s s:s s:O s:s}", "shape", f->shape[0], f->shape[1], f->shape[2], f->shape[3], "sha256", f->sha256,
                         "notes", f->notes, "broken", broken, "owner", owner);
    }
    text = root ? json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    const bool ok = json && text && gan__write_file(json, text, strlen(text), NULL) == GAN_OK;
    if (ok)
        tidy(key, owner);
    free(text);
    json_decref(root);
    json_decref(broken);
    gan__sha256_free(sha);
    free(json);
    return ok;
}

void gan__picture_cache_keep(gan__region *r, const gan__picture_facts *f, const char *key, const char *folder, const gan_pictures *how,
                             int files)
{
    char *bytes = path_of(key, ".bytes", false);
    if (r->path && bytes && rename(r->path, bytes) == 0) {
        free(r->path);
        r->path = NULL; /* it stays */
        if (!write_facts(f, key, folder, how, files))
            unlink(bytes);
    }
    free(bytes);
}

void gan__picture_cache_also(const gan__picture_facts *f, const char *key, const char *other, const char *folder, const gan_pictures *how,
                             int files)
{
    char *bytes = path_of(key, ".bytes", false), *same = path_of(other, ".bytes", false);
    if (bytes && same && (link(bytes, same) == 0 || gan__is_file(same)) && !write_facts(f, other, folder, how, files))
        unlink(same);
    free(bytes);
    free(same);
}
