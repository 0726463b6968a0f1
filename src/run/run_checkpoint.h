/* run_checkpoint.h - saving a run, and finding what to go on from. */
#ifndef GAN_RUN_RUN_CHECKPOINT_H
#define GAN_RUN_RUN_CHECKPOINT_H

#include "run/run_internal.h"

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
