/* train.h - the duel: a trainer in memory, and a run on disk around it.
 *
 * min_G max_D V(D,G) = E_x[log D(x)] + E_z[log(1 - D(G(z)))]     Goodfellow et al. 2014, arXiv:1406.2661
 *
 * One iteration is d_steps updates of D, each on a fresh real batch and fresh fakes, and then one of G;
 * then the moving average of G's weights takes a step. All random numbers are functions of (seed,
 * iteration), so a run that was killed and resumed equals one that was not, byte for byte.
 */
#ifndef GAN_TRAIN_H
#define GAN_TRAIN_H

#include <gan/data.h>
#include <gan/plan.h>
#include <gan/recipe.h>
#include <signal.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the trainer: no files ------------------------------------------------------------------- */

typedef struct gan_trainer gan_trainer;

/* gan_trainer_create - networks initialised from the recipe's seed, iteration 0.
 * The data set and the team (NULL: one thread) are not owned and must outlive it. The recipe is copied.
 * Errors  gan_recipe_check's; GAN_ESHAPE where G does not make what the data set holds; GAN_ENOMEM. */
GAN_API gan_status gan_trainer_create(gan_trainer **out, const gan_recipe *recipe,
                                      const gan_dataset *data, gan_team *team, gan_error *err);
GAN_API void gan_trainer_free(gan_trainer *t);

GAN_API int64_t gan_trainer_iteration(const gan_trainer *t); /* iterations done */

/* What one logged iteration measured; V whatever the objective. Losses as optimised, before the update;
 * D's figures are those of its last step. */
typedef struct gan_metrics {
    int64_t iteration; /* iterations done after it */
    float loss_d, loss_g;
    float value;                  /* V(D,G) on the last D step's batch */
    float d_real, d_fake;         /* mean of D(x) and D(G(z)) = sigmoid(logit) */
    float r1, r2;                 /* penalties as added to the loss; 0 where off */
    float grad_norm_d, grad_norm_g;
    float spread; /* sqrt(sum of pixel variances): 1,000 samples over 1,000 training images */
    float rate_d, rate_g;         /* learning rates */
} gan_metrics;

/* gan_trainer_step - one iteration; with metrics != NULL it also measures (the same bytes of weights
 * either way). Allocates nothing. GAN_ENUMERIC: never here, weights are checked at checkpoints. */
GAN_API gan_status gan_trainer_step(gan_trainer *t, gan_metrics *metrics, gan_error *err);

/* gan_trainer_sample - samples first .. first + n - 1 with the averaged weights (the weights themselves
 * where the recipe averages nothing), as gan_model_sample. */
GAN_API gan_status gan_trainer_sample(gan_trainer *t, uint32_t first, int n, uint8_t *pixels,
                                      gan_error *err);

/* gan_trainer_save / _load - everything to go on exactly; a safetensors file. Loading refuses another
 * recipe (GAN_EKEY, but for train.iterations), other data (GAN_EDATA), another arithmetic number
 * (GAN_EVERSION).
 * gan_trainer_save_model - the generator alone, as gan_model_open reads it.
 * gan_trainer_init_from - G's weights from a model file (a fresh run that starts from a model). */
GAN_API gan_status gan_trainer_save(gan_trainer *t, const char *path, gan_error *err);
GAN_API gan_status gan_trainer_load(gan_trainer *t, const char *path, gan_error *err);
GAN_API gan_status gan_trainer_save_model(gan_trainer *t, const char *path, gan_error *err);
GAN_API gan_status gan_trainer_init_from(gan_trainer *t, const char *model, gan_error *err);

/* gan_trainer_profile - from now on measure every step of the iteration's plan; gan_trainer_profile_print -
 * the table, as gan_plan_profile_print; the rest of the time is fetching batches. Logged iterations do not
 * count. */
GAN_API gan_status gan_trainer_profile(gan_trainer *t, gan_error *err);
GAN_API void gan_trainer_profile_print(const gan_trainer *t, FILE *out);

/* gan_trainer_bad - name of the first tensor that is not finite, or NULL. */
GAN_API const char *gan_trainer_bad(const gan_trainer *t);

GAN_API size_t gan_trainer_parameters(const gan_trainer *t);
GAN_API size_t gan_trainer_bytes(const gan_trainer *t); /* parameters, state and activations */
GAN_API double gan_trainer_flops(const gan_trainer *t); /* products of one iteration */

/* ---- the run: a folder ----------------------------------------------------------------------- */

/* RUN/recipe.ini            resolved, complete
 * RUN/model.safetensors     G alone, averaged weights
 * RUN/metrics.jsonl         a line for every logged iteration
 * RUN/timing.jsonl          rates; outside the promise of same bytes
 * RUN/samples/000000.png    written by an observer (the program) at grid events
 * RUN/state/00001000.safetensors   everything to go on; the last two are kept
 * RUN/state/local.ini       where the data lay, how many threads; outside the promise
 */
typedef enum gan_event_kind {
    GAN_EVENT_START,      /* text: one line about sizes */
    GAN_EVENT_METRICS,    /* metrics */
    GAN_EVENT_GRID,       /* pixels of samples 0 .. n - 1 */
    GAN_EVENT_PROGRESS,   /* about twice a second: iteration, rate, seconds left */
    GAN_EVENT_CHECKPOINT, /* text: its path */
    GAN_EVENT_NOTE,       /* text: something the user should know (an older checkpoint was used, ...) */
    GAN_EVENT_END         /* text: how it ended */
} gan_event_kind;

typedef struct gan_event {
    gan_event_kind kind;
    int64_t iteration, iterations;
    double rate;         /* iterations per second */
    double seconds_left; /* negative: not known yet */
    const gan_metrics *metrics;
    const uint8_t *pixels; /* n x height x width x channels */
    int n, height, width, channels;
    const char *text;
    const char *dir; /* the run's folder */
} gan_event;

/* A non-OK answer ends the run with that status and err's line, after a checkpoint. */
typedef gan_status gan_observer_fn(void *ctx, const gan_event *event, gan_error *err);

typedef struct gan_run_params {
    const char *dir;
    const gan_recipe *recipe; /* start only */
    const char *data;         /* path or name; NULL: what the recipe (start) or local.ini (resume) says */
    const char *init;         /* model to start from, or NULL */
    int threads;              /* 0: all */
    int64_t iterations;       /* > 0: train until this many are done; 0: what the recipe says */
    double minutes;           /* > 0: stop in time */
    FILE *profile;            /* where the table of gan_trainer_profile goes at the end; NULL: none */
    bool force;               /* start only: an existing run there is overwritten */
    bool other_arithmetic;    /* resume only: go on although the arithmetic number differs; recorded */
    gan_observer_fn *observer;
    void *observer_ctx;
    const volatile sig_atomic_t *stop; /* set non-zero (by a signal handler): save and return GAN_ESTOPPED */
} gan_run_params;

/* gan_run_defaults - for a run in dir with an observer; everything else empty. */
GAN_API gan_run_params gan_run_defaults(const char *dir);

/* gan_run_start - a new run; gan_run_resume - go on from the newest whole checkpoint (metrics and samples
 * are cut back to it); both return when it is done or stopped.
 * Errors  GAN_EEXISTS: dir holds something and force is off, or a live run is using it; GAN_ENOTFOUND: nothing to resume;
 *         GAN_ESTOPPED: stopped by request, everything saved; GAN_ENUMERIC: a weight is not finite: err
 *         names the iteration and the tensor; GAN_EIO, GAN_EDATA, ... */
GAN_API gan_status gan_run_start(const gan_run_params *p, gan_error *err);
GAN_API gan_status gan_run_resume(const gan_run_params *p, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
