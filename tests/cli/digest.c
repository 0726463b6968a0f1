/* digest.c - what a run computed, without how its files say it: a digest of the tensors of safetensors files, or
 * of the values in a metrics.jsonl. A file's own digest changes when a recipe gains a word; these may not.
 *
 * usage: digest tensors FILE...     names, shapes and numbers, by name
 *        digest values FILE KEY...  "ITERATION VALUE..." a line, as the numbers are written
 */
#include "base/sha256.h"
#include "file/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan__sha256 *sha;

static void fail(const char *why)
{
    fprintf(stderr, "digest: %s\n", why);
    exit(1);
}

static void add_tensors(const char *path)
{
    gan__safetensors *f;
    gan_error err = {0};
    if (gan__safetensors_read(&f, path, &err) != GAN_OK)
        fail(err.message);
    for (size_t i = 0; i < gan__safetensors_count(f); i++) {
        const gan__tensor *t = gan__safetensors_at(f, i);
        gan__sha256_update(sha, t->name, strlen(t->name) + 1);
        gan__sha256_update(sha, t->dim, (size_t)t->rank * sizeof *t->dim);
        gan__sha256_update(sha, t->data, t->bytes);
    }
    gan__safetensors_free(f);
}

/* The text behind "key": as it stands in the line. */
static void add_value(const char *line, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *p = strstr(line, quoted);
    if (!p)
        fail(key);
    p += strlen(quoted);
    gan__sha256_update(sha, p, strcspn(p, ",}"));
    gan__sha256_update(sha, " ", 1);
}

static void add_values(const char *path, char **keys, int n)
{
    char line[65536];
    FILE *f = fopen(path, "r");
    if (!f)
        fail(path);
    while (fgets(line, sizeof line, f)) {
        add_value(line, "iteration");
        for (int i = 0; i < n; i++)
            add_value(line, keys[i]);
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    char hex[GAN__SHA256_HEX];
    sha = gan__sha256_create();
    if (argc < 3 || !sha)
        fail("usage: digest tensors FILE... | values FILE KEY...");
    if (!strcmp(argv[1], "tensors"))
        for (int i = 2; i < argc; i++)
            add_tensors(argv[i]);
    else
        add_values(argv[2], argv + 3, argc - 3);
    gan__sha256_hex(sha, hex);
    puts(hex);
    gan__sha256_free(sha);
    return 0;
}
