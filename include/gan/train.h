/* train.h - a trainer in memory: a recipe's nets, a data set, iteration after iteration. The run on disk around it:
 * run.h.
 *
 * What is played is the recipe's train.game:
 *   gan   min_G max_D V(D,G) = E_x[log D(x)] + E_z[log(1 - D(G(z)))]     Goodfellow et al. 2014, arXiv:1406.2661
 *         One iteration is d_steps updates of D, each on a fresh real batch and fresh fakes, and then one of G;
 *         then the moving average of G's weights takes a step.
 *   vae   max E_q[log p(x|z)] - KL(q(z|x) || N(0,1))                     Kingma & Welling 2014, arXiv:1312.6114
 *         One iteration is one update of encoder and decoder.
 *   classifier   min -log p(class|x), or -log p(turn|x), Gidaris et al. 2018, arXiv:1803.07728
 *         One iteration is one update of the features' net and its head. It draws nothing; what it is for: measure.h.
 * All random numbers are functions of (seed, iteration), so a run that was killed and resumed equals one that was
 * not, byte for byte.
 */
#ifndef GAN_TRAIN_H
#define GAN_TRAIN_H

#include <gan/data.h>
#include <gan/model.h>
#include <gan/plan.h>
#include <gan/recipe.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_trainer gan_trainer;

/* gan_recipe_pictures - how a recipe wants its pictures; NULL, or a recipe of another game: the defaults. */
GAN_API gan_pictures gan_recipe_pictures(const gan_recipe *r);

/* gan_trainer_create - networks initialised from the recipe's seed, iteration 0.
 * The data set and the team (NULL: one thread) are not owned and must outlive it. The recipe is copied.
 * Errors  gan_recipe_check's; GAN_ESHAPE where G does not make what the data set holds; GAN_ENOMEM. */
GAN_API gan_status gan_trainer_create(gan_trainer **out, const gan_recipe *recipe,
                                      const gan_dataset *data, gan_team *team, gan_error *err);
GAN_API void gan_trainer_free(gan_trainer *t);

GAN_API int64_t gan_trainer_iteration(const gan_trainer *t); /* iterations done */

/* What one logged iteration measured: the rows of its game, in their order, but for those that are not due (a row's
 * `every` setting); losses as optimised, before the update; of a step that is repeated, the last one's. What each row is:
 * gan_metric_kind. Keys keep their meaning; where one must change, the run's number of metrics rises (DESIGN.md). */
enum { GAN_METRICS_MAX = 64 };
typedef struct gan_metric {
    const char *key;
    const char *label; /* on the line for people: "D(x)"; NULL: not there */
    bool share;        /* on that line with two digits behind the point; else with four that count */
    float value;
} gan_metric;
typedef struct gan_metrics {
    int64_t iteration; /* iterations done after it */
    int count;
    gan_metric row[GAN_METRICS_MAX];
} gan_metrics;
GAN_API float gan_metrics_value(const gan_metrics *m, const char *key); /* 0: no such key, or not due */

/* The rows of every game, for help texts: gan_metric_kind(i) for 0 <= i < gan_metric_kinds(). */
typedef struct gan_metric_info {
    const char *game, *key, *label; /* label: NULL where people do not see it */
    const char *every;              /* setting: iterations from one measurement to the next; NULL: each line */
    const char *help;
} gan_metric_info;
GAN_API int gan_metric_kinds(void);
GAN_API gan_metric_info gan_metric_kind(int i);

/* gan_trainer_step - one iteration; with metrics != NULL it also measures (the same bytes of weights
 * either way). Allocates nothing. GAN_ENUMERIC: the iteration is done, and its last loss is not finite: a weight, or
 * what it was computed from, is NaN or infinite. */
GAN_API gan_status gan_trainer_step(gan_trainer *t, gan_metrics *metrics, gan_error *err);

/* gan_trainer_draws - does its game draw samples? A classifier does not: GAN_EUNSUPPORTED.
 * gan_trainer_sample - samples first .. first + n - 1 with the averaged weights (the weights themselves
 * where the recipe averages nothing), as gan_model_sample; of points GAN_EUNSUPPORTED. gan_trainer_sample_floats - of any, as
 * gan_model_sample_floats. */
GAN_API bool gan_trainer_draws(const gan_trainer *t);
GAN_API gan_status gan_trainer_sample(gan_trainer *t, uint32_t first, int n, uint8_t *pixels,
                                      gan_error *err);
GAN_API gan_status gan_trainer_sample_floats(gan_trainer *t, uint32_t first, int n, float *values, gan_error *err);

/* gan_trainer_save / _load - everything to go on exactly; a safetensors file. Loading refuses another
 * recipe (GAN_EKEY, but for train.iterations), other data (GAN_EDATA), another arithmetic number
 * (GAN_EVERSION).
 * gan_trainer_save_model - the generator alone, as gan_model_open reads it.
 * gan_trainer_model - the same in memory: what gan_model_open would read. team: the model's, as there.
 * gan_trainer_init_from - G's weights from a model file (a fresh run that starts from a model). */
GAN_API gan_status gan_trainer_save(gan_trainer *t, const char *path, gan_error *err);
GAN_API gan_status gan_trainer_load(gan_trainer *t, const char *path, gan_error *err);
GAN_API gan_status gan_trainer_save_model(gan_trainer *t, const char *path, gan_error *err);
GAN_API gan_status gan_trainer_model(gan_model **out, gan_trainer *t, gan_team *team, gan_error *err);
GAN_API gan_status gan_trainer_init_from(gan_trainer *t, const char *model, gan_error *err);

/* gan_trainer_profile - from now on measure every step of the iteration's plan; gan_trainer_profile_print -
 * the table, as gan_plan_profile_print; the rest of the time is fetching batches. Logged iterations do not
 * count. */
GAN_API gan_status gan_trainer_profile(gan_trainer *t, gan_error *err);
GAN_API void gan_trainer_profile_print(const gan_trainer *t, FILE *out);

GAN_API double gan_trainer_profile_seconds(const gan_trainer *t); /* of those iterations */

/* gan_trainer_bad - name of the first tensor that is not finite, or NULL. */
GAN_API const char *gan_trainer_bad(const gan_trainer *t);

GAN_API void gan_trainer_shape(const gan_trainer *t, int *height, int *width, int *channels); /* of a sample */
GAN_API int gan_trainer_roles(const gan_trainer *t); /* nets */
GAN_API const char *gan_trainer_role(const gan_trainer *t, int role, size_t *parameters); /* "generator" */
GAN_API size_t gan_trainer_parameters(const gan_trainer *t);
GAN_API size_t gan_trainer_bytes(const gan_trainer *t); /* parameters, state and activations */
GAN_API double gan_trainer_flops(const gan_trainer *t); /* products of one iteration */

#ifdef __cplusplus
}
#endif

#endif
