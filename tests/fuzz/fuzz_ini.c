/* fuzz_ini.c - any bytes as INI text: entries are whole, trimmed, and come with rising line
 * numbers. */
#include "file/ini.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static gan_status take(void *ctx, const char *section, const char *key, const char *value, int line,
                       gan_error *err)
{
    (void)err;
    int *last = ctx;
    if (line <= *last || !*key || strlen(section) > 49 || strchr(key, '\n'))
        abort();
    const size_t n = strlen(value);
    if (n > 0 && (value[0] == ' ' || value[n - 1] == ' ' || value[n - 1] == '\t'))
        abort();
    *last = line;
    fuzz_sink = (unsigned)n;
    return GAN_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan_error err = {0};
    int last = 0;
    const gan_status s = gan__ini_parse("fuzz.ini", (const char *)data, size, take, &last, &err);
    if (s != GAN_OK && err.message[0] == 0)
        abort();
    return 0;
}
