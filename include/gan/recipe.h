/* recipe.h - what a run is: every setting by name, from one table.
 *
 * A recipe is an INI file; each key is a row of one table (recipe/options.def): section, name, type,
 * range, default, help. The command line's --set, the files, the resolved recipe.ini of a run and the
 * help text all come from it. An unknown key is an error that names the nearest known one.
 */
#ifndef GAN_RECIPE_H
#define GAN_RECIPE_H

#include <gan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_recipe gan_recipe; /* plain values; owns its texts */

/* gan_recipe_load - a built-in name ("steady") or the path of an .ini file; what it does not say has the
 * table's default; the layers of both networks have none and must be there (GAN_EKEY). gan_recipe_parse - from text; `name` is for messages. */
GAN_API gan_status gan_recipe_load(gan_recipe **out, const char *name_or_path, gan_error *err);
GAN_API gan_status gan_recipe_parse(gan_recipe **out, const char *name, const char *text,
                                    gan_error *err);
GAN_API void gan_recipe_free(gan_recipe *r);
GAN_API gan_status gan_recipe_copy(gan_recipe **out, const gan_recipe *r, gan_error *err);

/* gan_recipe_set - "train.batch", "64". A setting of another game than the recipe's is refused (GAN_EKEY). What is
 * accepted is kept in the one form that equal values have. gan_recipe_assign - "train.batch=64" in one string. */
GAN_API gan_status gan_recipe_set(gan_recipe *r, const char *key, const char *value, gan_error *err);
GAN_API gan_status gan_recipe_assign(gan_recipe *r, const char *assignment, gan_error *err);

/* gan_recipe_has - is it a setting of this recipe's game? */
GAN_API bool gan_recipe_has(const gan_recipe *r, const char *key);

/* Typed reads of a key that the table has; a wrong key or type is a programmer's error (assert). Text
 * values are the recipe's. */
GAN_API const char *gan_recipe_text(const gan_recipe *r, const char *key);
GAN_API int64_t gan_recipe_int(const gan_recipe *r, const char *key);
GAN_API double gan_recipe_number(const gan_recipe *r, const char *key);
GAN_API void gan_recipe_size(const gan_recipe *r, const char *key, int *height, int *width); /* auto: 0, 0 */

/* gan_recipe_check - what one key alone cannot show: the layer lines parse, D ends in a logit, an encoder in twice
 * the latent numbers, ... Done by the trainer too. */
GAN_API gan_status gan_recipe_check(const gan_recipe *r, gan_error *err);

/* gan_recipe_settle - the word `data` in layer lines becomes the size of the pictures that are trained on: all their numbers (dense data), H W C
 * (reshape, basis), H W (crop), C (conv, tconv, mod). gan_recipe_unsettled - does a line say it still? Such a recipe has no shapes yet: gan_recipe_check
 * leaves its nets to the trainer, which settles its own copy. */
GAN_API gan_status gan_recipe_settle(gan_recipe *r, int height, int width, int channels, gan_error *err);
GAN_API bool gan_recipe_unsettled(const gan_recipe *r);

/* gan_recipe_picture - the size of the pictures that the recipe's nets make; zeros where its last line gives a row of
 * numbers, which suits pictures of many shapes, or where it is the data's. Errors  gan_recipe_check's. */
GAN_API gan_status gan_recipe_picture(const gan_recipe *r, int *height, int *width, int *channels, gan_error *err);

/* gan_recipe_shapes - every line of every net, blocks written out: output shape, numbers in its tensors, FLOPs of its
 * products for one sample forward, and how many neighbours of its input a result looks at along an axis. As
 * gan_recipe_check, which it is too: the data is not asked, so lines may not say `data` (GAN_EKEY). */
GAN_API gan_status gan_recipe_shapes(const gan_recipe *r, FILE *out, gan_error *err);

/* gan_recipe_ini - the complete recipe as INI text, every key of its game in the table's order; parsing it gives the
 * same recipe. malloc'd, the caller frees it; NULL when out of memory. */
GAN_API char *gan_recipe_ini(const gan_recipe *r);

/* The built-in recipes: gan_recipe_builtin(i) for 0 <= i < gan_recipe_builtins(); the text is the file
 * of recipes/ as it stands, comments and all; its first comment line says what it is. */
typedef struct gan_recipe_info {
    const char *name, *text;
} gan_recipe_info;
GAN_API int gan_recipe_builtins(void);
GAN_API gan_recipe_info gan_recipe_builtin(int i);

/* The table, for help texts. */
typedef struct gan_option_info {
    const char *section, *name;
    const char *game; /* the game that it belongs to, or those, parted by '|'; "": all */
    const char *type, *range, *fallback, *help, *source;
} gan_option_info;
GAN_API int gan_options(const gan_option_info **rows);

#ifdef __cplusplus
}
#endif

#endif
