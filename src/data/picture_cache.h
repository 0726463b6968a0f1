/* picture_cache.h - pictures that were read once, as they lie in memory: a file of bytes that is mapped, and a small one that says what
 * they are.
 *
 *     ~/.cache/gander/pictures/KEY.bytes   items, one behind the other
 *                              KEY.json    shape, SHA-256, what was left out; written last: without it there is nothing
 *
 * The key is a digest of all files' names, sizes and times and of how they are read. So a set that is larger than memory is read by way of the
 * kernel's page cache, which is a bounded ring that nobody had to write; and a second start reads no picture.
 */
#ifndef GAN_DATA_PICTURE_CACHE_H
#define GAN_DATA_PICTURE_CACHE_H

#include "base/sha256.h"
#include "data/picture_list.h"

#include <gan/data.h>

/* Bytes in a file of the cache, or, where there can be none, in memory. */
typedef struct gan__region {
    uint8_t *at;
    size_t bytes;
    int fd;     /* -1: memory */
    char *path; /* of the file; owned; NULL: memory */
} gan__region;

/* gan__region_create - to write into. It is of the cache where its folder can be made and the disk has the room, else of memory.
 * gan__region_shrink - to its first `bytes`. gan__region_release - unmap; the file goes unless it was kept. */
gan_status gan__region_create(gan__region *r, const char *key, size_t bytes, gan_error *err);
void gan__region_shrink(gan__region *r, size_t bytes);
void gan__region_release(gan__region *r);

/* What was found out while they were read. */
typedef struct gan__picture_facts {
    int shape[4];
    char sha256[GAN__SHA256_HEX];
    bool *broken; /* of each file of the list: left out; owned */
    char *notes;  /* owned */
} gan__picture_facts;
void gan__picture_facts_release(gan__picture_facts *f);

/* gan__picture_cache_key  - 64 hex digits.
 * gan__picture_cache_find - a region that is read, and the facts; false: it is not there, or not what it says.
 * gan__picture_cache_keep - the region's file and the facts for the next time; what was kept of the same folder, read the same way, as it was before
 *                           goes. That it cannot be kept is no failure. */
gan_status gan__picture_cache_key(const gan__picture_list *list, const gan_pictures *how, char key[GAN__SHA256_HEX], gan_error *err);
bool gan__picture_cache_find(gan__region *r, gan__picture_facts *f, const char *key, int files);
void gan__picture_cache_keep(gan__region *r, const gan__picture_facts *f, const char *key, const char *folder,
                            const gan_pictures *how, int files);
/* gan__picture_cache_also - what was kept under a key, under another one too: the same file. */
void gan__picture_cache_also(const gan__picture_facts *f, const char *key, const char *other, const char *folder,
                             const gan_pictures *how, int files);

#endif
