/* feature_net.c - the net that measures: found in the user's cache, else made there.
 *
 *     training pictures, built-in recipe --> what it will be (a digest) --> CACHE/features/DIGEST.safetensors
 *
 * The digest is of everything that its bytes depend on; so the file is found without making it, and is the same wherever it is
 * made. */
#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "base/sha256.h"
#include "measure/feature_net.h"

#include <gan/gan.h>
#include <gan/measure.h>
#include <gan/train.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 40, LINES = 1000, EPOCHS_MOST = 30, ITERATIONS_LEAST = 200, BATCH_OF_TURNS = 16 };

/* ---- its recipe ---------------------------------------------------------------------------------- */

static gan_status set_number(gan_recipe *r, const char *key, int64_t n, gan_error *err)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)n);
    return gan_recipe_set(r, key, text, err);
}

/* A picture of more than SIDE pixels a side: the first convolution takes steps of 2, 4 or more, so that all behind it is as for a
 * small one; with three quarters of the iterations both take the same time. */
static gan_status set_layers(gan_recipe *r, int height, int width, gan_error *err)
{
    char lines[LINES];
    const char *rest = strchr(gan_recipe_text(r, "features.layers"), '\n');
    int stride = 1;
    for (int side = height > width ? height : width; side > SIDE; side = (side + 1) / 2)
        stride *= 2;
    if (stride == 1)
        return GAN_OK;
    snprintf(lines, sizeof lines, "conv 16 %d stride %d same nobias%s", stride > 4 ? stride : 4, stride, rest ? rest : "");
    const gan_status s = gan_recipe_set(r, "features.layers", lines, err);
    return s == GAN_OK ? set_number(r, "train.iterations", gan_recipe_int(r, "train.iterations") * 3 / 4, err) : s;
}

/* Few pictures are seen at most EPOCHS_MOST times each. */
gan_status gan__feature_recipe(gan_recipe **out, const gan_dataset *train, gan_error *err)
{
    int h, w, c;
    const bool labels = gan_dataset_classes(train) > 1;
    gan_dataset_shape(train, &h, &w, &c);
    gan_status s = gan_recipe_load(out, "features", err);
    if (s == GAN_OK)
        s = set_layers(*out, h, w, err);
    if (s == GAN_OK)
        gan_recipe_set(*out, "data.set", gan_dataset_name(train), NULL); /* a name that is no line of text is left out */
    if (s == GAN_OK && !labels)
        s = gan_recipe_set(*out, "train.task", "turns", err);
    if (s == GAN_OK && !labels)
        s = set_number(*out, "train.batch", BATCH_OF_TURNS, err);
    if (s != GAN_OK)
        return s;
    const int64_t most = (int64_t)EPOCHS_MOST * gan_dataset_count(train) / gan_recipe_int(*out, "train.batch"),
                  full = gan_recipe_int(*out, "train.iterations");
    return most >= full ? GAN_OK : set_number(*out, "train.iterations", most > ITERATIONS_LEAST ? most : ITERATIONS_LEAST, err);
}

/* ---- where it is kept ---------------------------------------------------------------------------- */

static gan_status find_place(char **path, const gan_recipe *r, const gan_dataset *train, gan_error *err)
{
    static const char *const fields[] = {"image", "label"};
    char data[65], key[GAN__SHA256_HEX], what[256], *text = gan_recipe_ini(r), *folder = NULL;
    int h, w, c;
    *path = NULL;
    gan__sha256 *sha = gan__sha256_create();
    gan_status s = text && sha ? GAN_OK : gan__fail_memory(err, "a net");
    if (s == GAN_OK)
        s = gan_dataset_digest(train, fields, gan_dataset_classes(train) > 1 ? 2 : 1, data, err);
    if (s == GAN_OK)
        s = gan__cache_folder(&folder, "features", err);
    if (s == GAN_OK) {
        gan_dataset_shape(train, &h, &w, &c);
        snprintf(what, sizeof what, "arithmetic %d\ndata %s\nshape %d %d %d\n", gan_arithmetic(), data, h, w, c);
        gan__sha256_update(sha, what, strlen(what));
        gan__sha256_update(sha, text, strlen(text));
        gan__sha256_hex(sha, key);
        snprintf(what, sizeof what, "%s.safetensors", key);
        *path = gan__path_join(folder, what);
        s = *path ? gan__make_dir(folder, err) : gan__fail_memory(err, "a net");
    }
    gan__sha256_free(sha);
    free(folder);
    free(text);
    return s;
}

/* ---- making it ----------------------------------------------------------------------------------- */

typedef struct teller {
    gan_say_fn *say;
    void *ctx;
} teller;

static void GAN_PRINTF(2, 3) tell(const teller *t, const char *format, ...)
{
    char line[256];
    va_list list;
    if (!t->say)
        return;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    t->say(t->ctx, line);
}

static gan_status train_it(const char *path, const gan_recipe *r, const gan_dataset *train, gan_team *team, const teller *t,
                           gan_error *err)
{
    gan_trainer *trainer = NULL;
    gan_metrics m;
    const int64_t n = gan_recipe_int(r, "train.iterations"), every = n / 4 > 0 ? n / 4 : 1;
    tell(t, "making the net that measures %s (once; a minute or two)", gan_dataset_name(train));
    gan_status s = gan_trainer_create(&trainer, r, train, team, err);
    for (int64_t i = 1; i <= n && s == GAN_OK; i++) {
        s = gan_trainer_step(trainer, i % every ? NULL : &m, err);
        if (s == GAN_OK && i % every == 0)
            tell(t, "  %lld of %lld iterations, %.1f %% of a batch right", (long long)i, (long long)n,
                 100 * (double)gan_metrics_value(&m, "accuracy"));
    }
    if (s == GAN_OK)
        s = gan_trainer_save_model(trainer, path, err);
    if (s == GAN_OK)
        tell(t, "  kept in %s", path);
    gan_trainer_free(trainer);
    return s;
}

static gan_status digest_of(const char *path, char name[65], gan_error *err)
{
    uint8_t *file = NULL;
    size_t bytes = 0;
    gan_status s = gan__read_file(path, (size_t)1 << 30, &file, &bytes, err);
    if (s == GAN_OK)
        s = gan__sha256_of(file, bytes, name, err);
    free(file);
    return s;
}

gan_status gan_feature_net(gan_model **out, char name[65], const gan_dataset *train, gan_team *team, gan_say_fn *say, void *ctx,
                           gan_error *err)
{
    const teller t = {say, ctx};
    gan_recipe *recipe = NULL;
    char *path = NULL;
    *out = NULL;
    gan_status s = gan__feature_recipe(&recipe, train, err);
    if (s == GAN_OK)
        s = find_place(&path, recipe, train, err);
    if (s == GAN_OK && gan_model_open(out, path, team, NULL) != GAN_OK) { /* not there, or damaged */
        s = train_it(path, recipe, train, team, &t, err);
        if (s == GAN_OK)
            s = gan_model_open(out, path, team, err);
    }
    if (s == GAN_OK)
        s = digest_of(path, name, err);
    free(path);
    gan_recipe_free(recipe);
    return s;
}
