/* trainer_file.c - a trainer to and from files.
 *
 * A state file has every tensor's value, what its optimiser keeps, and its average where there is one, by name:
 * "value/generator.0.weight", "moment1/...";  random numbers need nothing but the iteration, which stands in its
 * metadata.
 */
#include "train/trainer_file.h"
#include "train/trainer_internal.h"

#include "base/error.h"
#include "train/model_file.h"
#include "train/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan__provenance provenance_of(const gan_trainer *t)
{
    return (gan__provenance){.recipe = t->recipe,
                             .iteration = t->iteration,
                             .height = t->height,
                             .width = t->width,
                             .channels = t->channels,
                             .data_name = gan_recipe_text(t->recipe, "data.set"), /* as it was called first: a folder that was moved changes no byte */
                             .classes = t->match.labelled ? t->match.classes : 0,
                             .data_sha256 = t->digest,
                             .real = t->match.real};
}

/* What a role keeps, array by array: its weights, what its optimiser remembers, its average. */
enum { SLOTS_MAX = 2 + GAN__OPTIMISER_SLOTS };
typedef struct kept {
    gan_slot slot;
    char prefix[32];
} kept;

static int kept_by(const gan__role *r, kept out[SLOTS_MAX])
{
    int n = 0;
    out[n++] = (kept){GAN_VALUE, "value/"};
    for (int i = 0; i < GAN__OPTIMISER_SLOTS && r->optimiser.kind->slot[i]; i++) {
        out[n].slot = gan__optimiser_slot(i);
        snprintf(out[n++].prefix, sizeof out->prefix, "%s/", r->optimiser.kind->slot[i]);
    }
    if (r->averaged)
        out[n++] = (kept){GAN_AVERAGE, "average/"};
    return n;
}

gan_status gan_trainer_save(gan_trainer *t, const char *path, gan_error *err)
{
    const gan__provenance from = provenance_of(t);
    gan__bundle b = {0};
    gan_status s = GAN_OK;
    for (int r = 0; r < t->match.game->roles; r++) {
        kept array[SLOTS_MAX];
        const int n = kept_by(&t->match.role[r], array);
        for (int i = 0; i < n && s == GAN_OK; i++)
            s = gan__bundle_add(&b, t->match.role[r].params, array[i].slot, array[i].prefix, err);
    }
    if (s == GAN_OK)
        s = gan__bundle_write(&b, path, "gander-state", &from, err);
    gan__bundle_release(&b);
    return s;
}

gan_status gan_trainer_save_model(gan_trainer *t, const char *path, gan_error *err)
{
    const gan__provenance from = provenance_of(t);
    gan__bundle b = {0};
    gan_status s = GAN_OK;
    for (int r = 0; r < t->match.game->roles && s == GAN_OK; r++) {
        const gan__role *role = &t->match.role[r];
        if (role->kind->shipped)
            s = gan__bundle_add(&b, role->params, role->averaged ? GAN_AVERAGE : GAN_VALUE, "", err);
    }
    if (s == GAN_OK)
        s = gan__bundle_write(&b, path, "gander-model", &from, err);
    gan__bundle_release(&b);
    return s;
}

/* A state goes on only with the recipe that made it: its length may differ, and the data's name
 * (its SHA-256 counts). */
static gan_status check_recipe(const gan_recipe *ours, const gan__safetensors *f, const char *path, gan_error *err)
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
        if (gan_recipe_has(ours, key) && strcmp(key, free_keys[0]) != 0 && strcmp(key, free_keys[1]) != 0 &&
            strcmp(gan_recipe_text(theirs, key), gan_recipe_text(ours, key)) != 0)
            s = gan__fail(
                err, GAN_EKEY,
                "%s: was trained with another %s than the recipe has now; put it back, or start a "
                "new run (a model can be where it begins)",
                path, key);
    }
    gan_recipe_free(theirs);
    return s;
}

static gan_status check_state(const gan_trainer *t, const gan_recipe *was, const gan__safetensors *f, const char *path, int64_t *iteration,
                              gan_error *err)
{
    const char *sha;
    gan_status s = gan__check_format(f, path, "gander-state", err);
    if (s == GAN_OK)
        s = check_recipe(was ? was : t->recipe, f, path, err);
    if (s == GAN_OK)
        s = gan__metadata_int(f, path, "iteration", 0, INT64_MAX, iteration, err);
    if (s == GAN_OK)
        s = gan__metadata(f, path, "data_sha256", &sha, err);
    if (s == GAN_OK && strcmp(sha, t->digest) != 0)
        s = gan__fail(
            err, GAN_EDATA,
            "%s: was trained on other data than %s (SHA-256 %.12s..., not %.12s...); give it the "
            "same data",
            path, gan_dataset_source(t->data), sha, t->digest);
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

gan_status gan__trainer_load(gan_trainer *t, const char *path, const gan_recipe *was, bool other_arithmetic, gan_error *err)
{
    gan__safetensors *f;
    int64_t iteration = 0, arithmetic = 0;
    gan_status s = gan__safetensors_read(&f, path, err);
    if (s != GAN_OK)
        return s;
    s = check_state(t, was, f, path, &iteration, err);
    if (s == GAN_OK)
        s = gan__metadata_int(f, path, "arithmetic", 1, 1000000, &arithmetic, err);
    if (s == GAN_OK && arithmetic != GAN__ARITHMETIC && !other_arithmetic)
        s = gan__fail(
            err, GAN_EVERSION,
            "%s: made with arithmetic %lld, this gander has %d: going on would not give the "
            "same bytes",
            path, (long long)arithmetic, GAN__ARITHMETIC);
    for (int r = 0; r < t->match.game->roles; r++) {
        kept array[SLOTS_MAX];
        const int n = kept_by(&t->match.role[r], array);
        for (int i = 0; i < n && s == GAN_OK; i++)
            s = gan__tensors_read(f, path, t->match.role[r].params, array[i].slot, array[i].prefix, err);
    }
    gan__safetensors_free(f);
    if (s == GAN_OK)
        t->iteration = iteration;
    return s;
}

gan_status gan_trainer_load(gan_trainer *t, const char *path, gan_error *err)
{
    return gan__trainer_load(t, path, NULL, false, err);
}

gan_status gan_trainer_init_from(gan_trainer *t, const char *model, gan_error *err)
{
    gan__safetensors *f;
    gan_status s = gan__safetensors_read(&f, model, err);
    if (s != GAN_OK)
        return s;
    s = gan__check_format(f, model, "gander-model", err);
    for (int r = 0; r < t->match.game->roles && s == GAN_OK; r++) {
        const gan__role *role = &t->match.role[r];
        if (role->kind->shipped)
            s = gan__tensors_read(f, model, role->params, GAN_VALUE, "", err);
        if (s == GAN_OK && role->averaged && gan_params_average_from_value(role->params) != GAN_OK)
            s = gan__fail_memory(err, model);
    }
    gan__safetensors_free(f);
    return s;
}

const char *gan_trainer_bad(const gan_trainer *t)
{
    for (int r = 0; r < t->match.game->roles; r++) {
        kept array[SLOTS_MAX];
        const gan__role *role = &t->match.role[r];
        const int n = kept_by(role, array);
        for (int i = 0; i < n; i++) {
            const int bad = gan_params_bad(role->params, array[i].slot);
            if (bad >= 0)
                return gan_params_name(role->params, bad);
        }
    }
    return NULL;
}
