/* fuzz_recipe.c - any bytes as settings: the first byte of a line picks the setting, the rest is its value.
 * Whatever is accepted must be written so that it reads back as the same recipe. */
#include "fuzz.h"

#include <gan/recipe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_one(gan_recipe *r, const uint8_t *line, size_t n)
{
    const gan_option_info *rows;
    const int options = gan_options(&rows);
    gan_error err = {0};
    char key[64], *value = malloc(n + 1);
    if (!value || !n) {
        free(value);
        return;
    }
    memcpy(value, line + 1, n - 1);
    value[n - 1] = 0;
    snprintf(key, sizeof key, "%s.%s", rows[line[0] % options].section, rows[line[0] % options].name);
    if (gan_recipe_set(r, key, value, &err) != GAN_OK && !*err.message)
        abort();
    free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan_recipe *r, *back;
    gan_error err = {0};
    if (gan_recipe_load(&r, "steady", &err) != GAN_OK)
        abort();
    while (size > 0) { /* a zero byte parts the settings: values may hold line ends */
        const uint8_t *end = memchr(data, 0, size);
        const size_t n = end ? (size_t)(end - data) : size;
        set_one(r, data, n);
        data += n + (end != NULL);
        size -= n + (end != NULL);
    }
    char *text = gan_recipe_ini(r);
    if (!text || gan_recipe_parse(&back, "written", text, &err) != GAN_OK)
        abort();
    char *again = gan_recipe_ini(back);
    if (!again || strcmp(text, again) != 0)
        abort();
    fuzz_sink = (unsigned)strlen(text);
    free(text);
    free(again);
    gan_recipe_free(r);
    gan_recipe_free(back);
    return 0;
}
