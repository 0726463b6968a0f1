/* model.c - a generator from a file. */
#include "train/model_file.h"
#include "train/model_internal.h"
#include "train/trainer_internal.h"
#include "train/version.h"

#include "base/error.h"
#include "base/paths.h"

#include <gan/model.h>
#include <gan/text.h>

#include <stdlib.h>
#include <string.h>

static gan_status read_facts(gan_model *m, const gan__safetensors *f, const char *path, gan_error *err)
{
    const char *recipe;
    int64_t side[3], arithmetic;
    static const char *const keys[3] = {"height", "width", "channels"};
    gan_status s = gan__check_format(f, path, "gander-model", err);
    if (s == GAN_OK)
        s = gan__metadata_int(f, path, "arithmetic", 1, 1000000, &arithmetic, err);
    if (s == GAN_OK && arithmetic > GAN__ARITHMETIC)
        s = gan__fail(err, GAN_EVERSION, "%s: made by a newer gander (arithmetic %lld, this one has %d)",
                      path, (long long)arithmetic, GAN__ARITHMETIC);
    if (s == GAN_OK)
        s = gan__metadata_int(f, path, "iteration", 0, INT64_MAX, &m->iteration, err);
    for (int i = 0; i < 3 && s == GAN_OK; i++)
        s = gan__metadata_int(f, path, keys[i], 1, i < 2 ? 4096 : 4, &side[i], err);
    const char *values = gan__safetensors_meta(f, "values");
    m->match.real = values && !strcmp(values, "float");
    if (s == GAN_OK && m->match.real && side[0] * side[1] * side[2] != 2)
        s = gan__fail(err, GAN_EFORMAT, "%s: its values are points, which have 2 numbers, not %lld x %lld x %lld", path,
                      (long long)side[0], (long long)side[1], (long long)side[2]);
    const char *range = gan__safetensors_meta(f, "pixel_range"); /* files of before it was written have the same */
    if (s == GAN_OK && range && strcmp(range, GAN__PIXEL_RANGE) != 0)
        s = gan__fail(err, GAN_EUNSUPPORTED, "%s: its pixels range over %s; this gander knows " GAN__PIXEL_RANGE, path, range);
    int64_t classes = 0;
    if (s == GAN_OK && gan__safetensors_meta(f, "classes"))
        s = gan__metadata_int(f, path, "classes", 1, 256, &classes, err);
    if (s == GAN_OK)
        s = gan__metadata(f, path, "recipe", &recipe, err);
    if (s != GAN_OK)
        return s;
    m->height = (int)side[0];
    m->width = (int)side[1];
    m->channels = (int)side[2];
    m->classes = (int)classes;
    return gan_recipe_parse(&m->recipe, path, recipe, err);
}

static gan_status build(gan_model *m, const gan__safetensors *f, const char *path, gan_error *err)
{
    const bool real = m->match.real;
    gan_status s = gan__match_create(&m->match, m->recipe, GAN_SHAPE(m->height, m->width, m->channels), m->classes,
                                     path, err);
    m->match.real = real;
    for (int r = 0; s == GAN_OK && r < m->match.game->roles; r++)
        if (m->match.role[r].kind->shipped)
            s = gan__tensors_read(f, path, m->match.role[r].params, GAN_VALUE, "", err);
    if (s == GAN_ESHAPE) { /* the nets do not make what the file says: here that is the file's fault */
        s = GAN_EFORMAT;
        if (err)
            err->status = s;
    }
    return s == GAN_OK && m->match.game->draw ? gan__sampler_create(&m->sampler, &m->match, false, m->team, err) : s;
}

gan_status gan_model_open(gan_model **out, const char *path, gan_team *team, gan_error *err)
{
    *out = NULL;
    gan_model *m = calloc(1, sizeof *m);
    char *file = gan__is_dir(path) ? gan__path_join(path, "model.safetensors") : strdup(path);
    gan__safetensors *f = NULL;
    gan_status s = m && file ? GAN_OK : gan__fail_memory(err, path);
    if (m)
        m->team = team;
    if (s == GAN_OK && gan__is_dir(path) && !gan__is_file(file))
        s = gan__fail(err, GAN_ENOTFOUND, "%s: is no run: it has no model.safetensors", path);
    if (s == GAN_OK)
        s = gan__safetensors_read(&f, file, err);
    if (s == GAN_OK)
        s = read_facts(m, f, file, err);
    if (s == GAN_OK)
        s = build(m, f, file, err);
    gan__safetensors_free(f);
    free(file);
    if (s != GAN_OK) {
        gan_model_free(m);
        return s;
    }
    *out = m;
    return GAN_OK;
}

/* A role's weights, or their average, as another set's weights. */
static gan_status copy_weights(gan_params *to, const gan_params *from, gan_slot slot, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int i = 0; i < gan_params_count(from) && s == GAN_OK; i++) {
        const gan_shape shape = gan_params_shape(from, i);
        float *numbers = malloc((size_t)gan__match_numbers(shape) * sizeof *numbers);
        s = numbers ? GAN_OK : gan__fail_memory(err, "a model");
        if (s == GAN_OK) {
            gan_params_get(from, i, slot, numbers);
            s = gan_params_set(to, i, GAN_VALUE, numbers);
        }
        free(numbers);
    }
    return s;
}

gan_status gan_trainer_model(gan_model **out, gan_trainer *t, gan_team *team, gan_error *err)
{
    *out = NULL;
    gan_model *m = calloc(1, sizeof *m);
    if (!m)
        return gan__fail_memory(err, "a model");
    *m = (gan_model){.team = team,
                     .height = t->height,
                     .width = t->width,
                     .channels = t->channels,
                     .classes = t->match.labelled ? t->match.classes : 0,
                     .iteration = t->iteration};
    gan_status s = gan_recipe_copy(&m->recipe, t->recipe, err);
    if (s == GAN_OK)
        s = gan__match_create(&m->match, m->recipe, t->match.sample, m->classes, "the model's data", err);
    m->match.real = t->match.real;
    for (int r = 0; s == GAN_OK && r < m->match.game->roles; r++)
        if (m->match.role[r].kind->shipped)
            s = copy_weights(m->match.role[r].params, t->match.role[r].params,
                             t->match.role[r].averaged ? GAN_AVERAGE : GAN_VALUE, err);
    if (s == GAN_OK && m->match.game->draw)
        s = gan__sampler_create(&m->sampler, &m->match, false, m->team, err);
    if (s == GAN_OK)
        *out = m;
    else
        gan_model_free(m);
    return s;
}

void gan_model_free(gan_model *m)
{
    if (!m)
        return;
    gan_plan *const plans[] = {m->encoder, m->teller, m->teller_of_floats, m->drawer, m->noise};
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        gan_plan_free(plans[i]);
    gan__sampler_free(m->sampler);
    gan__match_release(&m->match);
    gan_recipe_free(m->recipe);
    free(m);
}

void gan_model_shape(const gan_model *m, int *height, int *width, int *channels)
{
    *height = m->height;
    *width = m->width;
    *channels = m->channels;
}

int gan_model_classes(const gan_model *m)
{
    return m->sampler ? gan__sampler_classes(m->sampler) : 0;
}

bool gan_model_real(const gan_model *m)
{
    return m->match.real;
}

int gan_model_latent(const gan_model *m)
{
    return gan__match_latent(&m->match);
}

const gan_recipe *gan_model_recipe(const gan_model *m)
{
    return m->recipe;
}

int64_t gan_model_iteration(const gan_model *m)
{
    return m->iteration;
}

size_t gan_model_elements(const gan_model *m)
{
    size_t n = 0;
    for (int r = 0; r < m->match.game->roles; r++)
        n += m->match.role[r].kind->shipped ? gan_params_elements(m->match.role[r].params) : 0;
    return n;
}

gan_status gan_model_sample(gan_model *m, uint64_t seed, uint32_t first, int n, uint8_t *pixels,
                            gan_error *err)
{
    const gan_status s = gan__sampler_check(m->sampler, m->match.game->name, true, first, n, err);
    if (s == GAN_OK)
        gan__sampler_bytes(m->sampler, seed, first, n, pixels);
    return s;
}

gan_status gan_model_sample_class(gan_model *m, int label, uint64_t seed, uint32_t first, int n, uint8_t *pixels,
                                  gan_error *err)
{
    const int classes = gan_model_classes(m);
    if (!classes)
        return gan__fail(err, GAN_EUNSUPPORTED, "the model knows no classes: its generator reads no labels");
    if (label < 0 || label >= classes)
        return gan__fail(err, GAN_EINVAL, "class %d: the model's are 0 to %d", label, classes - 1);
    gan__sampler_class(m->sampler, label);
    const gan_status s = gan_model_sample(m, seed, first, n, pixels, err);
    gan__sampler_class(m->sampler, -1);
    return s;
}

gan_status gan_model_sample_floats(gan_model *m, uint64_t seed, uint32_t first, int n, float *values,
                                   gan_error *err)
{
    const gan_status s = gan__sampler_check(m->sampler, m->match.game->name, false, first, n, err);
    if (s == GAN_OK)
        gan__sampler_floats(m->sampler, seed, first, n, values);
    return s;
}

/* ---- what is in a file --------------------------------------------------------------------------- */

enum { WORD_BYTES = 200 }; /* of a name, or a line of a value: whoever made the file may have put anything there */

static void print_tensor(const gan__tensor *t, FILE *out)
{
    char name[WORD_BYTES];
    fprintf(out, "  %-32s [", gan_text_clean(name, sizeof name, t->name));
    for (int i = 0; i < t->rank; i++)
        fprintf(out, i ? ", %lld" : "%lld", (long long)t->dim[i]);
    const size_t n = t->bytes / sizeof(float);
    if (t->dtype != GAN__F32 || !n) {
        fprintf(out, "]  bytes\n");
        return;
    }
    double low = 0, high = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        float x;
        memcpy(&x, (const char *)t->data + i * sizeof x, sizeof x);
        if (!i || (double)x < low)
            low = (double)x;
        if (!i || (double)x > high)
            high = (double)x;
        sum += (double)x;
    }
    fprintf(out, "]  %.4g to %.4g, mean %.4g\n", low, high, sum / (double)n);
}

/* One pair; a value of several lines stands indented below its key. */
static void print_meta(gan__meta m, FILE *out)
{
    char key[WORD_BYTES], line[WORD_BYTES + 1];
    gan_text_clean(key, sizeof key, m.key);
    if (!strchr(m.value, '\n')) {
        fprintf(out, "%-12s %s\n", key, gan_text_clean(line, sizeof line, m.value));
        return;
    }
    fprintf(out, "%s\n", key);
    for (const char *p = m.value; *p;) {
        const size_t n = strcspn(p, "\n");
        char *copy = strndup(p, n);
        fprintf(out, "    %s\n", copy ? gan_text_clean(line, sizeof line, copy) : "");
        free(copy);
        p += n + (p[n] == '\n');
    }
}

gan_status gan_info_print(const char *path, FILE *out, gan_error *err)
{
    gan__safetensors *f = NULL;
    char *file = gan__is_dir(path) ? gan__path_join(path, "model.safetensors") : strdup(path);
    gan_status s = file ? gan__safetensors_read(&f, file, err) : gan__fail_memory(err, path);
    for (size_t i = 0; s == GAN_OK && i < gan__safetensors_meta_count(f); i++)
        print_meta(gan__safetensors_meta_at(f, i), out);
    if (s == GAN_OK)
        fprintf(out, "%zu tensors\n", gan__safetensors_count(f));
    for (size_t i = 0; s == GAN_OK && i < gan__safetensors_count(f); i++)
        print_tensor(gan__safetensors_at(f, i), out);
    gan__safetensors_free(f);
    free(file);
    return s;
}
