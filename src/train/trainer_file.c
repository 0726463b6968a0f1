/* trainer_file.c - a trainer to and from files.
 *
 * A state file has every tensor's value, moments and (G) average by name:
 * "value/generator.0.weight"...; random numbers need nothing but the iteration, which stands in its
 * metadata.
 */
#include "train/trainer_internal.h"

#include "base/error.h"
#include "train/recipe_internal.h"
#include "train/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    gan_slot slot;
    const char *prefix;
} slots[] = {{GAN_VALUE, "value/"},
             {GAN_MOMENT1, "moment1/"},
             {GAN_MOMENT2, "moment2/"},
             {GAN_AVERAGE, "average/"}};
enum { SLOTS = sizeof slots / sizeof *slots };

gan__provenance gan__trainer_provenance(const gan_trainer *t)
{
    return (gan__provenance){.recipe = t->recipe,
                             .iteration = t->iteration,
                             .height = t->height,
                             .width = t->width,
                             .channels = t->channels,
                             .data_name = gan_dataset_name(t->data),
                             .data_sha256 = gan_dataset_sha256(t->data)};
}

static bool has(const gan_trainer *t, const gan_params *p, gan_slot slot)
{
    return slot != GAN_AVERAGE || (t->duel.average && p == t->g_params);
}

gan_status gan_trainer_save(gan_trainer *t, const char *path, gan_error *err)
{
    const gan__provenance from = gan__trainer_provenance(t);
    const gan_params *sets[2] = {t->g_params, t->d_params};
    gan__bundle b = {0};
    gan_status s = GAN_OK;
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < SLOTS && s == GAN_OK; i++)
            if (has(t, sets[p], slots[i].slot))
                s = gan__bundle_add(&b, sets[p], slots[i].slot, slots[i].prefix, err);
    if (s == GAN_OK)
        s = gan__bundle_write(&b, path, "gander-state", &from, err);
    gan__bundle_release(&b);
    return s;
}

gan_status gan_trainer_save_model(gan_trainer *t, const char *path, gan_error *err)
{
    const gan__provenance from = gan__trainer_provenance(t);
    gan__bundle b = {0};
    gan_status s =
        gan__bundle_add(&b, t->g_params, t->duel.average ? GAN_AVERAGE : GAN_VALUE, "", err);
    if (s == GAN_OK)
        s = gan__bundle_write(&b, path, "gander-model", &from, err);
    gan__bundle_release(&b);
    return s;
}

/* A state goes on only with the recipe that made it: its length may differ, and the data's name
 * (its SHA-256 counts). */
static gan_status check_recipe(const gan_trainer *t, const gan__safetensors *f, const char *path,
                               gan_error *err)
{
    static const char *const free_keys[] = {"data.set", "train.iterations"};
    const char *text;
    const gan_option_info *o;
    const int n = gan_options(&o);
    gan_recipe *theirs = NULL;
    gan_status s = gan__metadata(f, path, "recipe", &text, err);
    if (s == GAN_OK)
        s = gan_recipe_parse(&theirs, path, text, err);
    for (int i = 0; i < n && s == GAN_OK; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s.%s", o[i].section, o[i].name);
        if (strcmp(key, free_keys[0]) != 0 && strcmp(key, free_keys[1]) != 0 &&
            strcmp(gan_recipe_text(theirs, key), gan_recipe_text(t->recipe, key)) != 0)
            s = gan__fail(
                err, GAN_EKEY,
                "%s: was trained with another %s than the recipe has now; put it back, or start a "
                "new run (--init takes a model)",
                path, key);
    }
    gan_recipe_free(theirs);
    return s;
}

static gan_status check_state(const gan_trainer *t, const gan__safetensors *f, const char *path,
                              int64_t *iteration, gan_error *err)
{
    const char *sha;
    gan_status s = gan__check_format(f, path, "gander-state", err);
    if (s == GAN_OK)
        s = check_recipe(t, f, path, err);
    if (s == GAN_OK)
        s = gan__metadata_int(f, path, "iteration", 0, INT64_MAX, iteration, err);
    if (s == GAN_OK)
        s = gan__metadata(f, path, "data_sha256", &sha, err);
    if (s == GAN_OK && strcmp(sha, gan_dataset_sha256(t->data)) != 0)
        s = gan__fail(
            err, GAN_EDATA,
            "%s: was trained on other data than %s (SHA-256 %.12s..., not %.12s...); give the "
            "same data with --data",
            path, gan_dataset_source(t->data), sha, gan_dataset_sha256(t->data));
    return s;
}

gan_status gan__trainer_arithmetic(const char *path, int64_t *arithmetic, gan_error *err)
{
    gan__safetensors *f;
    gan_status s = gan__safetensors_read(&f, path, err);
    if (s != GAN_OK)
        return s;
    s = gan__metadata_int(f, path, "arithmetic", 1, 1000000, arithmetic, err);
    gan__safetensors_free(f);
    return s;
}

gan_status gan__trainer_load(gan_trainer *t, const char *path, bool other_arithmetic,
                             gan_error *err)
{
    gan__safetensors *f;
    int64_t iteration = 0, arithmetic = 0;
    gan_params *sets[2] = {t->g_params, t->d_params};
    gan_status s = gan__safetensors_read(&f, path, err);
    if (s != GAN_OK)
        return s;
    s = check_state(t, f, path, &iteration, err);
    if (s == GAN_OK)
        s = gan__metadata_int(f, path, "arithmetic", 1, 1000000, &arithmetic, err);
    if (s == GAN_OK && arithmetic != GAN__ARITHMETIC && !other_arithmetic)
        s = gan__fail(
            err, GAN_EVERSION,
            "%s: made with arithmetic %lld, this gander has %d: going on would not give the "
            "same bytes; --other-arithmetic does it all the same",
            path, (long long)arithmetic, GAN__ARITHMETIC);
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < SLOTS && s == GAN_OK; i++)
            if (has(t, sets[p], slots[i].slot))
                s = gan__tensors_read(f, path, sets[p], slots[i].slot, slots[i].prefix, err);
    gan__safetensors_free(f);
    if (s == GAN_OK)
        t->iteration = iteration;
    return s;
}

gan_status gan_trainer_load(gan_trainer *t, const char *path, gan_error *err)
{
    return gan__trainer_load(t, path, false, err);
}

gan_status gan_trainer_init_from(gan_trainer *t, const char *model, gan_error *err)
{
    gan__safetensors *f;
    gan_status s = gan__safetensors_read(&f, model, err);
    if (s != GAN_OK)
        return s;
    s = gan__check_format(f, model, "gander-model", err);
    if (s == GAN_OK)
        s = gan__tensors_read(f, model, t->g_params, GAN_VALUE, "", err);
    gan__safetensors_free(f);
    if (s == GAN_OK && t->duel.average && gan_params_average_from_value(t->g_params) != GAN_OK)
        s = gan__fail_memory(err, model);
    return s;
}

const char *gan_trainer_bad(const gan_trainer *t)
{
    const gan_params *sets[2] = {t->g_params, t->d_params};
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < SLOTS; i++) {
            const int bad = gan_params_bad(sets[p], slots[i].slot);
            if (bad >= 0)
                return gan_params_name(sets[p], bad);
        }
    return NULL;
}
