/* dataset_digest.c - which data is this? A digest of the fields that are asked for.
 *
 *     image alone        the SHA-256 of the pixels, as they lie
 *     other fields       the SHA-256 of one line for each, in the set's order:  NAME SP DIGEST NL
 *     a part of a set    the SHA-256 of  whole SP DIGEST NL  and one line for each split that led
 * to it
 *
 * A part is known by its whole and by which items it has, so nothing of 47 MB is read again.
 */
#include "base/error.h"
#include "base/sha256.h"
#include "data/dataset.h"

#include <stdbool.h>
#include <string.h>

static void add_line(gan__sha256 *sha, const char *word, const char *digest)
{
    gan__sha256_update(sha, word, strlen(word));
    gan__sha256_update(sha, " ", 1);
    gan__sha256_update(sha, digest, strlen(digest));
    gan__sha256_update(sha, "\n", 1);
}

static gan_status digest(const gan_dataset *d, const bool wanted[GAN__FIELDS_MAX],
                         char hex[GAN__SHA256_HEX], gan_error *err)
{
    gan__sha256 *sha = gan__sha256_create();
    if (!sha)
        return gan__fail_memory(err, "a digest");
    if (wanted[GAN__IMAGE] && !wanted[GAN__LABEL]) {
        strcpy(hex, d->store->sha256[GAN__IMAGE]);
    } else {
        for (int f = 0; f < d->fields; f++)
            if (wanted[f])
                add_line(sha, d->field[f].name, d->store->sha256[f]);
        gan__sha256_hex(sha, hex);
    }
    if (d->part) {
        add_line(sha, "whole", hex);
        gan__sha256_update(sha, d->part, strlen(d->part));
        gan__sha256_hex(sha, hex);
    }
    gan__sha256_free(sha);
    return GAN_OK;
}

gan_status gan_dataset_digest(const gan_dataset *d, const char *const *fields, int n, char hex[65],
                              gan_error *err)
{
    bool wanted[GAN__FIELDS_MAX] = {false};
    gan_status s = n > 0 ? GAN_OK : gan__fail(err, GAN_EINVAL, "a digest of no field");
    for (int i = 0, f; i < n && s == GAN_OK; i++) {
        s = gan_dataset_field_need(d, fields[i], &f, err);
        if (s == GAN_OK)
            wanted[f] = true;
    }
    return s == GAN_OK ? digest(d, wanted, hex, err) : s;
}
