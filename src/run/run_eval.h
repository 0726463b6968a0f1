/* run_eval.h - a small evaluation every so often: into the metrics, the best model kept, the end of a run that gets no better. */
#ifndef GAN_RUN_RUN_EVAL_H
#define GAN_RUN_RUN_EVAL_H

#include "run/run_internal.h"

/* gan__run_eval_open - where the recipe asks for it (train.eval_every): the net that measures, made where it is not there yet, which
 * is told; the best so far is read from metrics.jsonl, which must have been cut back to where the run goes on.
 * gan__run_eval - measure now: m gets the rows, best.safetensors the model if it is the best yet.
 * gan__run_eval_stalled - as many evaluations as train.patience allows have brought nothing better. */
gan_status gan__run_eval_open(gan__run *r, gan_error *err);
void gan__run_eval_release(gan__run *r);
bool gan__run_eval_due(const gan__run *r, int64_t iteration);
gan_status gan__run_eval(gan__run *r, gan_metrics *m, gan_error *err);
bool gan__run_eval_stalled(const gan__run *r);

#endif
