/* inspect.h - inside the nets of a game while they stand still: what each layer gives and how it is pushed, what D says of a sample and
 * where it looks, which ways through latent space matter.
 *
 *     gan_inspector_create(&x, trainer, &err);      at any iteration; a trainer that was loaded from a checkpoint will do
 *     gan_inspector_layers(x, layer, &err);         one row a layer, nets in the order of the game's roles
 *     gan_inspector_judge(x, n, samples, NULL, logits, slopes, &err);
 *
 * Nothing here changes the trainer; what is found is a function of its weights, its recipe's seed and its data, the same on every machine.
 */
#ifndef GAN_INSPECT_H
#define GAN_INSPECT_H

#include <gan/train.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_inspector gan_inspector;

enum { GAN_INSPECT_SAMPLES = 64, GAN_INSPECT_BINS = 32 };

/* Numbers at a glance. Bins are of equal width between least and most, the last one closed; least = most: all in bin 0. Numbers that are not finite
 * are counted in `bad` alone. */
typedef struct gan_histogram {
    int64_t count, bad;
    double mean, rms, least, most;
    uint32_t bin[GAN_INSPECT_BINS];
} gan_histogram;

/* One layer of one net, seen over GAN_INSPECT_SAMPLES samples: drawn ones for the net that draws; as many of the data and as many drawn ones for
 * the others, as the game shows them.
 * weights    its trained numbers (count 0: it has none)
 * results    what it gives, behind its activation
 * gradients  of the net's own loss (of the phase of the game that trains it, without penalties) by those trained numbers
 * dead       share of its units that are 0 for every sample, where its activation has a flat side (relu); else NaN. A unit is a channel.
 * saturated  share of its results where its activation is flat at the end (sigmoid, tanh: slope below 1/100 of the steepest); else NaN */
typedef struct gan_layer_look {
    const char *net;  /* "generator" */
    int number, line; /* of the layer, from 0, and of the recipe's layers, from 1 */
    const char *text; /* "dense 128 relu"; lives as long as the trainer */
    gan_histogram weights, results, gradients;
    double dead, saturated;
} gan_layer_look;

/* gan_inspector_create - the trainer is not owned, must outlive it, and must not step while a call here is under way.
 * gan_inspector_layer_count, gan_inspector_layers - `layer` has room for all of them.
 * Errors  GAN_EUNSUPPORTED: the trainer's game draws nothing; GAN_ENOMEM. */
GAN_API gan_status gan_inspector_create(gan_inspector **out, gan_trainer *t, gan_error *err);
GAN_API void gan_inspector_free(gan_inspector *x);
GAN_API int gan_inspector_layer_count(const gan_inspector *x);
GAN_API gan_status gan_inspector_layers(gan_inspector *x, gan_layer_look *layer, gan_error *err);

/* gan_inspector_judges - is there a D that says of one sample what it thinks? Not of a VAE, nor where D judges packs of samples.
 * gan_inspector_judge - D's logit of n samples (floats as G makes them, [n, height, width, channels]) and, where slopes is not NULL, the gradient
 * of each logit by its sample, of the same shape. label: each one's class; NULL: sample i is of class i mod classes. A sample's figures depend on
 * the others only where D's layers mix rows. Errors  GAN_EUNSUPPORTED: no such D; GAN_ENOMEM. */
GAN_API bool gan_inspector_judges(const gan_inspector *x);
GAN_API gan_status gan_inspector_judge(gan_inspector *x, int n, const float *samples, const int *label, float *logits, float *slopes,
                                       gan_error *err);

/* gan_inspector_real - n items of the data as D sees them, first .. first + n - 1 of the order of the recipe's seed, floats; with their labels where
 * label is not NULL and the data has some. */
GAN_API gan_status gan_inspector_real(gan_inspector *x, int first, int n, float *samples, int *label, gan_error *err);

/* Ways through latent space that change pictures most, unit vectors [count, latent], the strongest first, each with its share of all (strength,
 * which sums to at most 1).
 * GAN_WAYS_WEIGHTS - eigenvectors of A^T A, A the matrix of the first layer that reads z: Shen & Zhou 2021 (SeFa), arXiv:2007.06600, section 2.2.
 * GAN_WAYS_RESULTS - principal components of what that layer gives before its activation is left, over 1,024 samples, brought back to z by least
 * squares: Haerkoenen et al. 2020 (GANSpace), arXiv:2004.02546, section 3.2.
 * The sign of a vector is such that its largest number is positive. *count: how many there are, at most `most` and at most latent.
 * Errors  GAN_EUNSUPPORTED: the net's first layer is no product (dense, conv); GAN_ENOMEM. */
typedef enum gan_ways { GAN_WAYS_WEIGHTS, GAN_WAYS_RESULTS } gan_ways;
GAN_API gan_status gan_inspector_ways(gan_inspector *x, gan_ways kind, int most, float *way, double *strength, int *count, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
