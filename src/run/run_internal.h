/* run_internal.h - what a run has in hand while it goes. */
#ifndef GAN_RUN_RUN_INTERNAL_H
#define GAN_RUN_RUN_INTERNAL_H

#include "run/run_local.h"

#include <gan/doctor.h>
#include <gan/inspect.h>
#include <gan/measure.h>
#include <gan/run.h>

enum { GAN__GRID = 25, GAN__POINTS_SHOWN = 2500, GAN__STATES_KEPT = 2 };

/* The small evaluations (run_eval.h). */
typedef struct gan__run_watch {
    gan_watch *watch; /* NULL: none */
    gan_model *net;   /* NULL: points */
    uint8_t *pixels;
    float *points;
    int n;
    int64_t every, patience; /* every 0: none */
    int criterion; /* what best is of; -1: nothing measured yet, and best_at too */
    double best;
    int64_t best_at, since; /* since: evaluations that brought nothing better */
} gan__run_watch;

/* The looks inside (run_health.h). */
typedef struct gan__run_health_state {
    gan_inspector *inspector; /* NULL: none */
    float *held;              /* n pictures that are not trained on; NULL: none are held out */
    int *label, n;
    int64_t every; /* 0: none */
} gan__run_health_state;

typedef struct gan__run {
    const gan_run_params *p;
    const char *dir;
    int lock; /* the folder's; -1: none */
    gan_recipe *recipe;              /* with all mends on it */
    gan_recipe *was[GAN_MENDS_MAX];  /* with the first 0, 1, ... of them */
    gan_mend mend[GAN_MENDS_MAX];
    int mends;
    bool mended; /* it went back: it is to be resumed */
    gan__local local;
    gan_dataset *data, *held; /* held: what the recipe holds out; NULL: nothing */
    gan_team *team;
    gan_trainer *trainer;
    int metrics, timing; /* logs; -1: not open */
    uint8_t *grid;
    float *points; /* of samples, then of the data; NULL: pictures */
    int64_t target, log_every, grid_every, checkpoint_every;
    int64_t saved;       /* iteration of the newest checkpoint; -1: none */
    double began, shown; /* seconds */
    int64_t first; /* iteration at the loop's start */
    int64_t shown_at;    /* iteration at the last progress event */
    gan__run_watch watch;
    gan__run_health_state health;
    gan_history *history; /* what was logged; NULL: nobody looks */
    gan_doctor *doctor;
    bool told[GAN_RULES_MAX]; /* what it sees, and has told */
    bool ends;                /* it ends the run */
    bool over;                /* the run ended by itself, with iterations left */
    double rate;         /* iterations a second, lately; 0: not known yet */
} gan__run;

#endif
