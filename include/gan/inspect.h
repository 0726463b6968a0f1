/* inspect.h - inside the nets of a game while they stand still: what each layer gives and how it is pushed, what D says of a sample and
 * where it looks, which ways through latent space matter.
 *
 *     gan_inspector_create(&x, trainer, &err);      at any iteration; a trainer that was loaded from a checkpoint will do
 *     gan_inspector_layers(x, layer, &err);         one row a layer, nets in the order of the game's roles
 *     gan_inspector_judge(x, n, samples, NULL, logits, slopes, &err);
 *
 * Nothing here changes the trainer; what is found is a function of its weights (as they are, not their averages), its recipe's seed and its data,
 * the same on every machine.
 */
#ifndef GAN_INSPECT_H
#define GAN_INSPECT_H

#include <gan/train.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_inspector gan_inspector;

enum { GAN_INSPECT_SAMPLES = 64, GAN_INSPECT_BINS = 32 };

/* Numbers at a glance; all 0 where there is no finite one. Bins are of equal width between least and most, the last one closed; least = most: all in bin 0. Numbers that are not finite
 * are counted in `bad` alone. */
typedef struct gan_histogram {
    int64_t count, bad;
    double mean, rms, least, most;
    uint32_t bin[GAN_INSPECT_BINS];
} gan_histogram;

/* One layer of one net, seen in the step of the game that trains it, over GAN_INSPECT_SAMPLES samples: G's are drawn; D's are as many of the data
 * and as many drawn ones, as it is shown them (augmented, mirrored, packed); those of an encoder and a decoder are of the data. Rows mix, and numbers
 * drop out, as they do in training. Whenever one looks, it is at the same samples: the first of the seed's stream, and the noise of iteration 0. Where
 * D judges packs they are the most whole packs that are not more; and a batch that is augmented has at most 2^24 pixels.
 * weights    its trained numbers (count 0: it has none)
 * results    what it gives, behind its activation
 * gradients  of the step's loss, without penalties, by those trained numbers
 * dead       share of its units that are 0 for every sample and place, where its activation has a flat side (relu); else NaN. A unit is a channel.
 * saturated  share of its results where its activation is flat at the end (sigmoid, tanh: slope below 1/100 of the steepest); else NaN */
typedef struct gan_layer_look {
    const char *net;  /* "generator" */
    int number, line; /* of the layer, from 0, and of the recipe's layers, from 1 */
    const char *text; /* "dense 128 relu"; lives as long as the trainer, as `net` does */
    gan_histogram weights, results, gradients;
    double dead, saturated;
} gan_layer_look;

/* gan_inspector_create - the trainer is not owned, must outlive it, and must not step while a call here is under way.
 * gan_inspector_layer_count, gan_inspector_layers - `layer` has room for all of them. It takes the memory of some training steps of that batch, for
 * as long as it runs.
 * Errors  GAN_EUNSUPPORTED: the trainer's game draws nothing; GAN_ENOMEM. */
GAN_API gan_status gan_inspector_create(gan_inspector **out, gan_trainer *t, gan_error *err);
GAN_API void gan_inspector_free(gan_inspector *x);
GAN_API int gan_inspector_layer_count(const gan_inspector *x);
GAN_API gan_status gan_inspector_layers(gan_inspector *x, gan_layer_look *layer, gan_error *err);

/* What the layers come to, and D's word on pictures that it learned from and on such as it never saw, as numbers for a line of metrics.
 *
 * gan_health_row - what row i of GAN_HEALTH_ROWS is.
 * gan_inspector_health - all of them; NaN: not known of this game. held: n samples of the data that are not trained on, as gan_inspector_real gives
 * samples, with their classes (NULL: there are none, or no labels). Errors  as gan_inspector_layers and gan_inspector_judge. */
enum { GAN_HEALTH_ROWS = 7 };
typedef struct gan_health_info {
    const char *key, *help;
} gan_health_info;
GAN_API gan_health_info gan_health_row(int i);
GAN_API gan_status gan_inspector_health(gan_inspector *x, int n, const float *held, const int *label, double value[GAN_HEALTH_ROWS],
                                        gan_error *err);

/* gan_inspector_judges - is there a D that says of one sample what it thinks? Not of a VAE, nor where D judges packs of samples.
 * gan_inspector_judge - D's logit of n samples (floats as G makes them, [n, height, width, channels]), not augmented, and, where slopes is not
 * NULL, the gradient of each logit by its sample, of the same shape. label: each one's class; NULL: sample i is of class i mod classes. D stands still:
 * norms of rows read their running statistics and nothing drops out. So a sample's figures are its own, unless a layer of D mixes samples even so
 * (minibatch): then they depend on the 16 that are judged together, and the slope is that of the sum of their logits.
 * Errors  GAN_EUNSUPPORTED: no such D; GAN_EINVAL: no samples, no such class; GAN_ENOMEM. */
GAN_API bool gan_inspector_judges(const gan_inspector *x);
GAN_API gan_status gan_inspector_judge(gan_inspector *x, int n, const float *samples, const int *label, float *logits, float *slopes,
                                       gan_error *err);

/* gan_inspector_real - n items of the data as training shows them (data.flip mirrors some), not augmented: at positions first .. first + n - 1 of the
 * shuffled stream of the recipe's seed; floats, 0..1 or points. With their labels where label is not NULL and the data has some.
 * Errors  GAN_EINVAL: first < 0 or n < 1; GAN_ENOMEM. */
GAN_API gan_status gan_inspector_real(gan_inspector *x, int first, int n, float *samples, int *label, gan_error *err);

GAN_API int gan_inspector_latent(const gan_inspector *x); /* numbers that a sample is drawn from */

/* Ways through latent space that change pictures most, unit vectors [count, latent], the strongest first, each with its share of all (strength,
 * which sums to at most 1). Both are of the first layer that multiplies z with a matrix A, A z + b (dense, conv, tconv; z may be normed, reshaped or
 * fetched by `from` on its way there).
 * GAN_WAYS_WEIGHTS - eigenvectors of A^T A: Shen & Zhou 2021 (SeFa), arXiv:2007.06600, section 2.2.
 * GAN_WAYS_RESULTS - principal components of what that layer gives, behind its activation, over samples 0 .. 1,023 of the recipe's seed, brought back
 * to z by least squares: Haerkoenen et al. 2020 (GANSpace), arXiv:2004.02546, section 3.2. Those of one layer need not be orthogonal. (Before the
 * activation they would be the eigenvectors above, up to which z were drawn.) Class 0, where the layers above read classes.
 * The sign of a vector is such that its number of greatest size is positive. *count: how many there are, at most `most` and at most latent; a way
 * whose eigenvalue is rounding is none. The last digits are LAPACK's, which may differ from machine to machine.
 * Errors  GAN_EUNSUPPORTED: there is no such layer, or no LAPACKE in this build; GAN_ENUMERIC: what it gives is not finite; GAN_ENOMEM. */
typedef enum gan_ways { GAN_WAYS_WEIGHTS, GAN_WAYS_RESULTS } gan_ways;
GAN_API gan_status gan_inspector_ways(gan_inspector *x, gan_ways kind, int most, float *way, double *strength, int *count, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
