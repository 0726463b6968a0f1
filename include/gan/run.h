/* run.h - a run on disk: a folder, from its first iteration to its last, killed and resumed at any moment. */
#ifndef GAN_RUN_H
#define GAN_RUN_H

#include <gan/doctor.h>
#include <gan/train.h>
#include <signal.h>

#ifdef __cplusplus
extern "C" {
#endif

/* RUN/recipe.ini            resolved, complete
 * RUN/model.safetensors     G alone, averaged weights
 * RUN/best.safetensors      the same of the best evaluation yet (train.eval_every)
 * RUN/metrics.jsonl         a line for every logged iteration, and for every one that is evaluated
 * RUN/mends.jsonl          what train.doctor = mend changed, if it did
 * RUN/timing.jsonl          rates; outside the promise of same bytes
 * RUN/samples/000000.png    written by an observer (the program) at grid events
 * RUN/state/00001000.safetensors   everything to go on; the last two are kept
 * RUN/state/local.ini       where the data lay, how many threads; outside the promise
 */
typedef enum gan_event_kind {
    GAN_EVENT_READING,    /* now and then, before all others: iteration of iterations is how far the pictures are read; its answer counts for nothing */
    GAN_EVENT_START,      /* text: one line about sizes */
    GAN_EVENT_METRICS,    /* metrics */
    GAN_EVENT_GRID,       /* pixels (or points) of samples 0 .. n - 1 */
    GAN_EVENT_PROGRESS,   /* about twice a second: iteration, rate, seconds left */
    GAN_EVENT_CHECKPOINT, /* text: its path */
    GAN_EVENT_DOCTOR,     /* text: what the doctor sees newly, or no longer (train.doctor) */
    GAN_EVENT_NOTE,       /* text: something the user should know (an older checkpoint was used, ...) */
    GAN_EVENT_END         /* text: how it ended */
} gan_event_kind;

typedef struct gan_event {
    gan_event_kind kind;
    int64_t iteration, iterations;
    double rate;         /* iterations per second */
    double seconds_left; /* negative: not known yet */
    bool over;           /* of GAN_EVENT_END: going on would end at once again, though iterations are left */
    bool timed;          /* it is time that ends the run (minutes), not its iterations */
    const gan_metrics *metrics;
    const uint8_t *pixels; /* n x height x width x channels; NULL where they are points: */
    const float *points, *real; /* n samples, as many numbers each, and as many of the data */
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
 * Errors  GAN_EEXISTS: dir holds a run and force is off; GAN_EFOREIGN: or something else; GAN_EBUSY: a live run is using it; GAN_ENOTFOUND: nothing to resume;
 *         GAN_ESTOPPED: stopped by request, everything saved; GAN_ENUMERIC: a weight is not finite: err
 *         names the iteration and the tensor; GAN_EIO, GAN_EDATA, ... */
GAN_API gan_status gan_run_start(const gan_run_params *p, gan_error *err);
GAN_API gan_status gan_run_resume(const gan_run_params *p, gan_error *err);

/* A run with train.doctor = mend that is lost goes back to its last healthy checkpoint, and on from there with the remedy's settings: rates, penalties,
 * objective. It repeats byte by byte: which checkpoint, and when, follow from what was logged, and `gander train RUN/recipe.ini` does it all again.
 *
 * gan_run_mends - what was changed, in order. A run without: none.
 * gan_run_recipe - recipe.ini with all that on it: what the run goes on with. *out is the caller's.
 * Errors  GAN_ENOTFOUND: no run there; GAN_EFORMAT, GAN_EKEY: mends.jsonl is damaged; GAN_EIO; GAN_ENOMEM. */
enum { GAN_MENDS_MAX = 8 };
typedef struct gan_mend {
    int64_t at;                    /* the iteration that it went back to */
    int64_t seen;                  /* the iteration at which it was lost */
    char rule[32];                 /* "collapse" */
    char settings[GAN_REMEDY_MAX]; /* "--set train.r1=0.1 --set train.r2=0.1" */
} gan_mend;
GAN_API gan_status gan_run_mends(const char *dir, gan_mend mend[GAN_MENDS_MAX], int *count, gan_error *err);
GAN_API gan_status gan_run_recipe(gan_recipe **out, const char *dir, gan_error *err);

/* gan_run_data - where the data of the run in `dir` lay when it was last trained: a path or a name; "": not known, or no run. Returns
 * out. */
GAN_API const char *gan_run_data(const char *dir, char *out, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
