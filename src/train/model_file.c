/* model_file.c - see model_file.h. Metadata holds no time, no path and no thread count: same bytes. */
#include "train/model_file.h"

#include "base/error.h"
#include "train/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_of(gan_shape s)
{
    size_t n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= (size_t)s.dim[i];
    return n;
}

static bool grow(gan__bundle *b, int more)
{
    if (b->count + more <= b->capacity)
        return true;
    const int capacity = 2 * b->capacity + more;
    gan__tensor *grown = realloc(b->tensor, (size_t)capacity * sizeof *grown);
    if (!grown)
        return false;
    b->tensor = grown;
    b->capacity = capacity;
    return true;
}

/* Name and numbers in one allocation: the numbers first, for their alignment. */
static gan_status add_one(gan__bundle *b, const gan_params *p, int i, gan_slot slot, const char *prefix)
{
    const gan_shape shape = gan_params_shape(p, i);
    const size_t bytes = count_of(shape) * sizeof(float);
    const char *name = gan_params_name(p, i);
    float *block = malloc(bytes + strlen(prefix) + strlen(name) + 1);
    if (!block)
        return GAN_ENOMEM;
    char *full = (char *)block + bytes;
    strcat(strcpy(full, prefix), name);
    gan_params_get(p, i, slot, block);
    gan__tensor *t = &b->tensor[b->count++];
    *t = (gan__tensor){.name = full, .dtype = GAN__F32, .rank = shape.rank, .data = block};
    for (int d = 0; d < shape.rank; d++)
        t->dim[d] = shape.dim[d];
    return GAN_OK;
}

/* An optimiser keeps something of what it changes alone. */
static bool has(const gan_params *p, int tensor, gan_slot slot)
{
    return slot == GAN_VALUE || slot == GAN_AVERAGE || gan_params_role(p, tensor) == GAN_TRAINED;
}

gan_status gan__bundle_add(gan__bundle *b, const gan_params *p, gan_slot slot, const char *prefix,
                           gan_error *err)
{
    gan_status s = grow(b, gan_params_count(p)) ? GAN_OK : GAN_ENOMEM;
    for (int i = 0; i < gan_params_count(p) && s == GAN_OK; i++)
        if (has(p, i, slot))
            s = add_one(b, p, i, slot, prefix);
    return s == GAN_OK ? s : gan__fail_memory(err, "a checkpoint");
}

void gan__bundle_release(gan__bundle *b)
{
    for (int i = 0; i < b->count; i++) {
        union {
            const void *in;
            void *out;
        } block = {.in = b->tensor[i].data}; /* what add_one allocated */
        free(block.out);
    }
    free(b->tensor);
    *b = (gan__bundle){0};
}

gan_status gan__bundle_write(const gan__bundle *b, const char *path, const char *format,
                             const gan__provenance *from, gan_error *err)
{
    char number[6][24];
    const long long numbers[6] = {from->iteration, GAN__ARITHMETIC, from->height, from->width,
                                  from->channels, from->classes};
    for (int i = 0; i < 6; i++)
        snprintf(number[i], sizeof number[i], "%lld", numbers[i]);
    char *recipe = gan_recipe_ini(from->recipe);
    if (!recipe)
        return gan__fail_memory(err, "a checkpoint");
    gan__meta meta[13] = {
        {"format", format},       {"recipe", recipe},         {"iteration", number[0]},
        {"arithmetic", number[1]}, {"height", number[2]},     {"width", number[3]},
        {"channels", number[4]},  {"data", from->data_name},  {"data_sha256", from->data_sha256},
        {"version", GAN_VERSION},
    };
    size_t count = 10;
    if (from->classes)
        meta[count++] = (gan__meta){"classes", number[5]};
    if (from->real)
        meta[count++] = (gan__meta){"values", "float"};
    else
        meta[count++] = (gan__meta){"pixel_range", GAN__PIXEL_RANGE};
    const gan_status s = gan__safetensors_write(path, b->tensor, (size_t)b->count, meta, count, err);
    free(recipe);
    return s;
}

static gan_status read_one(const gan__safetensors *f, const char *path, gan_params *p, int i,
                           gan_slot slot, const char *prefix, gan_error *err)
{
    char name[160];
    snprintf(name, sizeof name, "%s%s", prefix, gan_params_name(p, i));
    const gan__tensor *t = gan__safetensors_find(f, name);
    const gan_shape shape = gan_params_shape(p, i);
    const size_t n = count_of(shape);
    if (!t)
        return gan__fail(err, GAN_EFORMAT, "%s: tensor %s is missing", path, name);
    bool fits = t->dtype == GAN__F32 && t->rank == shape.rank;
    for (int d = 0; fits && d < shape.rank; d++)
        fits = t->dim[d] == shape.dim[d];
    if (!fits)
        return gan__fail(err, GAN_EFORMAT, "%s: tensor %s has another shape than the recipe's network",
                         path, name);
    float *v = malloc(n * sizeof *v);
    if (!v)
        return gan__fail_memory(err, path);
    memcpy(v, t->data, n * sizeof *v); /* it may be unaligned in the file */
    gan_status s = GAN_OK;
    for (size_t k = 0; k < n && s == GAN_OK; k++)
        if (!isfinite(v[k]))
            s = gan__fail(err, GAN_ENUMERIC, "%s: tensor %s holds a number that is not finite", path,
                          name);
    if (s == GAN_OK && gan_params_set(p, i, slot, v) != GAN_OK)
        s = gan__fail_memory(err, path);
    free(v);
    return s;
}

gan_status gan__tensors_read(const gan__safetensors *f, const char *path, gan_params *p, gan_slot slot,
                             const char *prefix, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int i = 0; i < gan_params_count(p) && s == GAN_OK; i++)
        if (has(p, i, slot))
            s = read_one(f, path, p, i, slot, prefix, err);
    return s;
}

gan_status gan__check_format(const gan__safetensors *f, const char *path, const char *want,
                             gan_error *err)
{
    const char *format, *digest;
    gan_status s = gan__metadata(f, path, "format", &format, err);
    if (s == GAN_OK && strcmp(format, want) != 0)
        s = gan__fail(err, GAN_EFORMAT, "%s: holds a %s, not a %s; a run's model.safetensors is its model",
                      path, format, want);
    return s == GAN_OK ? gan__metadata(f, path, "sha256", &digest, err) : s;
}

gan_status gan__metadata(const gan__safetensors *f, const char *path, const char *key,
                         const char **value, gan_error *err)
{
    *value = gan__safetensors_meta(f, key);
    if (*value)
        return GAN_OK;
    return gan__fail(err, GAN_EFORMAT, "%s: was not written by gander (no '%s' in its metadata)", path,
                     key);
}

gan_status gan__metadata_int(const gan__safetensors *f, const char *path, const char *key, int64_t low,
                             int64_t high, int64_t *value, gan_error *err)
{
    const char *text;
    char *end;
    const gan_status s = gan__metadata(f, path, key, &text, err);
    if (s != GAN_OK)
        return s;
    *value = strtoll(text, &end, 10);
    if (end == text || *end || *value < low || *value > high)
        return gan__fail(err, GAN_EFORMAT, "%s: '%s' is not a possible %s", path, text, key);
    return GAN_OK;
}

gan_status gan__model_iteration(const char *path, int64_t *iteration, gan_error *err)
{
    gan__safetensors *f;
    gan_status s = gan__safetensors_read(&f, path, err);
    if (s != GAN_OK)
        return s;
    s = gan__metadata_int(f, path, "iteration", 0, INT64_MAX, iteration, err);
    gan__safetensors_free(f);
    return s;
}
