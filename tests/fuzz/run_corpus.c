/* run_corpus.c - a fuzz target without a fuzzer: every file of a folder, and each of its beginnings
 * (a file that was cut off), once through. Any compiler, any sanitizer, an ordinary test. */
#include "base/fileio.h"
#include "base/paths.h"
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX = 1 << 20, CUTS = 256 };

static int wanted(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool run_file(const char *path)
{
    uint8_t *data = NULL;
    size_t size = 0;
    gan_error err;
    if (gan__read_file(path, INPUT_MAX, &data, &size, &err) != GAN_OK) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    const size_t step = size / CUTS + 1;
    for (size_t n = 0; n < size; n += step)
        LLVMFuzzerTestOneInput(data, n);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return true;
}

int main(int argc, char **argv)
{
    struct dirent **entry = NULL;
    const int n = argc == 2 ? scandir(argv[1], &entry, wanted, alphasort) : -1;
    if (n <= 0) {
        fprintf(stderr, "usage: %s FOLDER (with at least one file)\n", argv[0]);
        return 2;
    }
    int failed = 0;
    for (int i = 0; i < n; i++) {
        char *path = gan__path_join(argv[1], entry[i]->d_name);
        failed += !path || !run_file(path);
        free(path);
        free(entry[i]);
    }
    free(entry);
    printf("%d files, %d could not be read\n", n, failed);
    return failed > 0;
}
