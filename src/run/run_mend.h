/* run_mend.h - train.doctor = mend: a run that is lost goes back to its last healthy checkpoint and on from there with what the remedy says.
 *
 * To mend is: later checkpoints go, a line is added to mends.jsonl, and the run is resumed. So a run that was killed anywhere in between does the same
 * again, and one that goes on later does as one that never stopped.
 */
#ifndef GAN_RUN_RUN_MEND_H
#define GAN_RUN_RUN_MEND_H

#include "run/run_internal.h"

/* gan__run_mends_open - of a run that goes on, its recipe read: that becomes the recipe with all mends on it. _release - what it keeps.
 * gan__run_begun_recipe - as the run was begun: what recipe.ini says.
 * gan__run_recipe_at - the recipe that the checkpoint of an iteration was made with. */
gan_status gan__run_mends_open(gan__run *r, gan_error *err);
void gan__run_mends_release(gan__run *r);
const gan_recipe *gan__run_begun_recipe(const gan__run *r);
const gan_recipe *gan__run_recipe_at(const gan__run *r, int64_t iteration);

/* gan__run_mendable - does the finding's remedy change a setting that a trained net can go on with? Not where the run has been mended as often
 * as may be, or twice for the same reason from the same place on.
 * gan__run_mend_keeps - checkpoints that may yet be gone back to, of a run at iteration i; their number.
 * gan__run_mend - back, as said above; r->mended is set, and the caller resumes. Errors  GAN_ENOTFOUND: no healthy checkpoint is there. */
bool gan__run_mendable(const gan__run *r, const gan_finding *f);
int gan__run_mend_keeps(const gan__run *r, int64_t i, int64_t keep[GAN_FINDINGS_MAX + 1]);
gan_status gan__run_mend(gan__run *r, const gan_finding *f, gan_error *err);

#endif
