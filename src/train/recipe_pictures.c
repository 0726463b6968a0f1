/* recipe_pictures.c - a recipe's [data], as data sets take it. The words of a choice stand in the order of the enum, and NULL behind them. */
#include <gan/train.h>

#include <string.h>

static int word(const gan_recipe *r, const char *key, const char *const *words)
{
    int i = 0;
    while (words[i + 1] && strcmp(gan_recipe_text(r, key), words[i]) != 0)
        i++;
    return i;
}

gan_pictures gan_recipe_pictures(const gan_recipe *r)
{
    gan_pictures how = {0};
    if (!r || !gan_recipe_has(r, "data.size"))
        return how;
    gan_recipe_size(r, "data.size", &how.height, &how.width);
    how.fit = (gan_fit)word(r, "data.fit", (const char *const[]){"crop", "pad", "stretch", NULL});
    how.alpha = (gan_alpha)word(r, "data.alpha", (const char *const[]){"keep", "drop", "white", "black", NULL});
    how.gray = (gan_gray)word(r, "data.gray", (const char *const[]){"auto", "on", "off", NULL});
    how.refuse_broken = !strcmp(gan_recipe_text(r, "data.broken"), "refuse");
    return how;
}
