/* run_internal.h - what a run has in hand while it goes, for run*.c. */
#ifndef GAN_TRAIN_RUN_INTERNAL_H
#define GAN_TRAIN_RUN_INTERNAL_H

#include "train/run_folder.h"
#include "train/run_place.h"
#include "train/trainer_internal.h"

enum { GAN__GRID = 25, GAN__STATES_KEPT = 2 };

typedef struct gan__run {
    const gan_run_params *p;
    const char *dir;
    int lock; /* the folder's; -1: none */
    gan_recipe *recipe;
    gan__local local;
    gan_dataset *data;
    gan_team *team;
    gan_trainer *trainer;
    int metrics, timing; /* logs; -1: not open */
    uint8_t *grid;
    int64_t target, log_every, grid_every, checkpoint_every;
    int64_t saved;       /* iteration of the newest checkpoint; -1: none */
    double began, shown; /* seconds */
    int64_t first; /* iteration at the loop's start */
    int64_t shown_at;    /* iteration at the last progress event */
    double rate;         /* iterations a second, lately; 0: not known yet */
} gan__run;

/* ---- events ---------------------------------------------------------------------------------- */

gan_event gan__run_event(const gan__run *r, gan_event_kind kind);
gan_status gan__run_emit(const gan__run *r, const gan_event *e, gan_error *err);
gan_status gan__run_say(const gan__run *r, gan_event_kind kind, gan_error *err, const char *format,
                        ...) GAN_PRINTF(4, 5);
gan_status gan__run_show_grid(gan__run *r, gan_error *err);
gan_status gan__run_show_progress(gan__run *r, gan_error *err); /* about twice a second */
gan_status gan__run_log(gan__run *r, const gan_metrics *m, gan_error *err);

/* ---- checkpoints ----------------------------------------------------------------------------- */

/* gan__run_checkpoint - GAN_ENUMERIC where a weight is not finite: nothing is written then, and err
 * says when it began. gan__run_find_bad - looks for that; always answers GAN_ENUMERIC. */
gan_status gan__run_checkpoint(gan__run *r, gan_error *err);
gan_status gan__run_find_bad(gan__run *r, gan_error *err);

/* gan__run_load_newest - the newest checkpoint that is whole; an older one is used with a word
 * about it. r->saved stays -1 where there is none yet: killed before its first one. */
gan_status gan__run_load_newest(gan__run *r, gan_error *err);

/* gan__run_was_saved - has it metrics, or a model of a later iteration than 0? Then it once had checkpoints.
 * (The model of iteration 0 is written before the first of them.) */
bool gan__run_was_saved(const gan__run *r);

#endif
