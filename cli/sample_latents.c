/* sample_latents.c - what samples are drawn from where it is not simply noise by number: numbers that were picked, latents from a file,
 * places on the way between samples; and all of them nearer to the mean.
 *
 *     number k   which sample's noise its layers add, and its class; of a walk, those of the sample that a leg begins with, so that nothing
 *                but the latent moves
 */
#include "command.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sample_latents {
    float *z; /* [n, latent] */
    uint32_t *number;
    int n, latent;
};

static gan_status no_memory(gan_error *err)
{
    return cli_refuse(err, GAN_ENOMEM, "sample", "out of memory");
}

static gan_status make(sample_latents **out, int n, int latent, gan_error *err)
{
    sample_latents *l = calloc(1, sizeof *l);
    if (l) {
        *l = (sample_latents){calloc((size_t)n * (size_t)latent, sizeof *l->z), calloc((size_t)n, sizeof *l->number), n, latent};
        if (l->z && l->number) {
            *out = l;
            return GAN_OK;
        }
    }
    sample_latents_free(l);
    return no_memory(err);
}

void sample_latents_free(sample_latents *l)
{
    if (!l)
        return;
    free(l->z);
    free(l->number);
    free(l);
}

int sample_latents_count(const sample_latents *l)
{
    return l->n;
}

/* "17" or "17,3,9": how many numbers; -1: it is no such list. */
static int read_list(const char *text, uint32_t *number)
{
    int n = 0;
    for (const char *p = text; *p; n++) {
        char *end;
        errno = 0;
        const unsigned long long k = strtoull(p, &end, 10);
        if (end == p || *p == '-' || *p == '+' || errno || k > 4000000000u || (*end && (*end != ',' || !end[1])))
            return -1;
        if (number)
            number[n] = (uint32_t)k;
        p = end + (*end == ',');
    }
    return n ? n : -1;
}

static gan_status picked(sample_latents **out, gan_model *model, const sample_latents_params *p, gan_error *err)
{
    const int n = read_list(p->pick, NULL);
    if (n < 0)
        return cli_refuse(err, GAN_EINVAL, "--pick", "numbers of samples, parted by commas: 17 or 3,9,17");
    gan_status s = make(out, n, gan_model_latent(model), err);
    if (s != GAN_OK)
        return s;
    read_list(p->pick, (*out)->number);
    for (int i = 0; i < n && s == GAN_OK; i++)
        s = gan_model_latents(model, p->seed, (*out)->number[i], 1, (*out)->z + (size_t)i * (size_t)(*out)->latent, err);
    return s;
}

static gan_status from_file(sample_latents **out, gan_model *model, const sample_latents_params *p, gan_error *err)
{
    gan_features rows;
    gan_status s = gan_features_read(&rows, p->file, err);
    if (s != GAN_OK)
        return s;
    if (rows.dims != gan_model_latent(model)) {
        char why[120];
        snprintf(why, sizeof why, "has rows of %d numbers, the model draws from %d", rows.dims, gan_model_latent(model));
        s = cli_refuse(err, GAN_EDATA, p->file, why);
    }
    if (s == GAN_OK)
        s = make(out, rows.n, rows.dims, err);
    for (size_t i = 0; s == GAN_OK && i < (size_t)rows.n * (size_t)rows.dims; i++) {
        (*out)->z[i] = (float)rows.x[i];
        if (!isfinite((*out)->z[i]))
            s = cli_refuse(err, GAN_EDATA, p->file, "has a number that is not finite");
    }
    for (int i = 0; s == GAN_OK && i < rows.n; i++)
        (*out)->number[i] = p->first + (uint32_t)i;
    gan_features_release(&rows);
    return s;
}

/* From each sample to the next in so many pictures, both ends among them. */
static gan_status walk(sample_latents **out, gan_model *model, const sample_latents_params *p, gan_error *err)
{
    const int latent = gan_model_latent(model), legs = p->count - 1, steps = p->steps;
    float *ends = malloc((size_t)p->count * (size_t)latent * sizeof *ends);
    gan_status s = ends ? gan_model_latents(model, p->seed, p->first, p->count, ends, err) : no_memory(err);
    if (s == GAN_OK)
        s = make(out, legs * steps, latent, err);
    for (int i = 0; s == GAN_OK && i < legs * steps; i++) {
        const float *a = ends + (size_t)(i / steps) * (size_t)latent;
        gan_slerp((*out)->z + (size_t)i * (size_t)latent, a, a + latent, latent, (double)(i % steps) / (steps - 1));
        (*out)->number[i] = p->first + (uint32_t)(i / steps);
    }
    free(ends);
    return s;
}

static gan_status in_order(sample_latents **out, gan_model *model, const sample_latents_params *p, gan_error *err)
{
    gan_status s = make(out, p->count, gan_model_latent(model), err);
    if (s == GAN_OK)
        s = gan_model_latents(model, p->seed, p->first, p->count, (*out)->z, err);
    for (int i = 0; s == GAN_OK && i < p->count; i++)
        (*out)->number[i] = p->first + (uint32_t)i;
    return s;
}

gan_status sample_latents_make(sample_latents **out, gan_model *model, const sample_latents_params *p, gan_error *err)
{
    *out = NULL;
    gan_status s = p->pick ? picked(out, model, p, err) : p->file ? from_file(out, model, p, err) : p->steps ? walk(out, model, p, err) : in_order(out, model, p, err);
    for (size_t i = 0; s == GAN_OK && i < (size_t)(*out)->n * (size_t)(*out)->latent; i++)
        (*out)->z[i] *= (float)p->truncation;
    if (s != GAN_OK) {
        sample_latents_free(*out);
        *out = NULL;
    }
    return s;
}

/* How many from i on have numbers that follow each other: they are drawn at once. */
static int run_of(const sample_latents *l, int i, int most)
{
    int n = 1;
    while (n < most && l->number[i + n] == l->number[i] + (uint32_t)n)
        n++;
    return n;
}

gan_status sample_latents_draw(const sample_latents *l, gan_model *model, const sample_latents_params *p, int first, int n, uint8_t *pixels,
                               gan_error *err)
{
    int h, w, c;
    gan_model_shape(model, &h, &w, &c);
    const size_t numbers = (size_t)h * (size_t)w * (size_t)c;
    float *values = calloc((size_t)n * numbers, sizeof *values);
    int *labels = p->label >= 0 ? malloc((size_t)n * sizeof *labels) : NULL;
    gan_status s = values && (labels || p->label < 0) ? GAN_OK : no_memory(err);
    for (int i = 0; labels && i < n; i++)
        labels[i] = p->label;
    for (int i = 0, some; i < n && s == GAN_OK; i += some) {
        some = run_of(l, first + i, n - i);
        s = gan_model_sample_latents(model, p->seed, l->number[first + i], some, l->z + (size_t)(first + i) * (size_t)l->latent, labels,
                                     values + (size_t)i * numbers, err);
    }
    for (size_t i = 0; s == GAN_OK && i < (size_t)n * numbers; i++)
        pixels[i] = (uint8_t)nearbyintf(255 * fminf(1, fmaxf(0, values[i])));
    free(values);
    free(labels);
    return s;
}
