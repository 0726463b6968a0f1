/* model.h - a trained generator alone: from a file to samples.
 *
 *     gan_model_open(&m, "runs/first", NULL, &err);
 *     gan_model_sample(m, 1, 0, 25, pixels, &err);
 *
 * Sample i of a seed is always the same picture, whatever n and first are.
 */
#ifndef GAN_MODEL_H
#define GAN_MODEL_H

#include <gan/plan.h>
#include <gan/recipe.h>
#include <gan/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_model gan_model;

/* gan_model_open - from a run's folder (its model.safetensors) or a model file.
 * team  not owned, must outlive the model; NULL: the caller's thread alone.
 * Errors GAN_EIO, GAN_EFORMAT, GAN_EVERSION, GAN_ENOMEM; one line that names the file. */
GAN_API gan_status gan_model_open(gan_model **out, const char *path, gan_team *team, gan_error *err);
GAN_API void gan_model_free(gan_model *m);

GAN_API void gan_model_shape(const gan_model *m, int *height, int *width, int *channels);
GAN_API int gan_model_classes(const gan_model *m); /* that it can draw; 0: its generator reads no labels */
GAN_API bool gan_model_real(const gan_model *m);   /* samples are points (data.h): gan_model_sample_floats alone */
GAN_API int gan_model_latent(const gan_model *m);
GAN_API const gan_recipe *gan_model_recipe(const gan_model *m);
GAN_API int64_t gan_model_iteration(const gan_model *m);
GAN_API size_t gan_model_elements(const gan_model *m); /* parameters */

/* gan_model_sample - samples first .. first + n - 1 of `seed`, n * height * width * channels bytes, NHWC:
 * round(255 * clamp(value, 0, 1)), ties to even. */
GAN_API gan_status gan_model_sample(gan_model *m, uint64_t seed, uint32_t first, int n,
                                    uint8_t *pixels, gan_error *err);
/* gan_model_sample_class - the same, all of one class. Of a model with classes, sample i is of class i mod classes
 * elsewhere. GAN_EUNSUPPORTED: it knows none; GAN_EINVAL: it has no such class. */
GAN_API gan_status gan_model_sample_class(gan_model *m, int label, uint64_t seed, uint32_t first, int n,
                                          uint8_t *pixels, gan_error *err);
/* gan_model_sample_floats - the same before rounding; of points the only way. */
GAN_API gan_status gan_model_sample_floats(gan_model *m, uint64_t seed, uint32_t first, int n,
                                           float *values, gan_error *err);

/* gan_model_latents - the noise that samples first .. first + n - 1 of a seed are drawn from, [n, latent].
 * gan_model_sample_latents - samples from given latents, as samples first .. first + n - 1 of the seed: of their own noise what
 * gan_model_sample_floats gives, noise that layers add too. labels: of which classes; NULL: sample i's is i mod classes. Errors  as
 * gan_model_sample_class. */
GAN_API gan_status gan_model_latents(gan_model *m, uint64_t seed, uint32_t first, int n, float *z, gan_error *err);
GAN_API gan_status gan_model_sample_latents(gan_model *m, uint64_t seed, uint32_t first, int n, const float *z, const int *labels, float *values, gan_error *err);

/* gan_slerp - the place t (0 to 1) on the way from latent a to b along the great circle, n numbers: White 2016, arXiv:1609.04468, section
 * 2.1. Latents of one number, or of one direction, lie on a line. out may be neither. */
GAN_API void gan_slerp(float *out, const float *a, const float *b, int n, double t);

/* gan_model_reconstruct - n samples (bytes, as above) through encoder and decoder, by the mean of their codes, into
 * out. GAN_EUNSUPPORTED: the model's game has no encoder. */
GAN_API gan_status gan_model_reconstruct(gan_model *m, int n, const uint8_t *pixels, uint8_t *out,
                                         gan_error *err);

/* Of a classifier's model (train.game): gan_model_features - how many numbers its features' net gives of a picture;
 * gan_model_outcomes - how many logits it has; 0: of another game's.
 * gan_model_look - n pictures (bytes, as above): features [n, features] and logits [n, outcomes]. A picture's do not depend
 * on the others. GAN_EUNSUPPORTED: the model's game has no such net. gan_model_look_floats - of values in 0..1 that were never
 * rounded. */
GAN_API int gan_model_features(const gan_model *m);
GAN_API int gan_model_outcomes(const gan_model *m);
GAN_API gan_status gan_model_look(gan_model *m, int n, const uint8_t *pixels, float *features, float *logits, gan_error *err);
GAN_API gan_status gan_model_look_floats(gan_model *m, int n, const float *values, float *features, float *logits, gan_error *err);

/* gan_info_print - what is in a checkpoint, model or any safetensors file, for people: metadata, then a
 * line per tensor with its shape and range. */
GAN_API gan_status gan_info_print(const char *path, FILE *out, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
