/* run_checkpoint.c - saving, and finding what to go on from.
 *
 * The order is: metrics to disk, model, state. A state file is the one mark of a checkpoint, each
 * file is renamed into place whole, and whatever is missing after a kill lies behind the last state
 * and is made again with the same bytes.
 */
#include "run/run_checkpoint.h"

#include "base/error.h"
#include "base/paths.h"
#include "run/run_doctor.h"
#include "run/run_events.h"
#include "run/run_folder.h"
#include "run/run_mend.h"
#include "train/model_file.h"
#include "train/trainer_file.h"

#include <gan/gan.h>

#include <stdlib.h>
#include <unistd.h>

/* Back to the last checkpoint, and a look at every tensor after every iteration: the run repeats
 * itself exactly, so the first bad number shows where it began. */
gan_status gan__run_find_bad(gan__run *r, gan_error *err)
{
    const int64_t until = gan_trainer_iteration(r->trainer);
    const char *bad = gan_trainer_bad(r->trainer);
    char *path = r->saved >= 0 ? gan__folder_state(r->dir, r->saved) : NULL;
    if (path && gan__trainer_load(r->trainer, path, gan__run_recipe_at(r, r->saved), true, NULL) == GAN_OK) {
        bad = NULL;
        while (!bad && gan_trainer_iteration(r->trainer) < until) {
            if (gan_trainer_step(r->trainer, NULL, NULL) != GAN_OK) {
                bad = gan_trainer_bad(r->trainer);
                break;
            }
            bad = gan_trainer_bad(r->trainer);
        }
    }
    free(path);
    return gan__fail(err, GAN_ENUMERIC,
                     "%s: iteration %lld: %s is not finite any more; a new run with a lower learning rate "
                     "(train.optimizer), or with train.clip, may hold; the checkpoint of iteration %lld is whole",
                     r->dir, (long long)gan_trainer_iteration(r->trainer), bad ? bad : "the loss",
                     (long long)r->saved);
}

gan_status gan__run_checkpoint(gan__run *r, gan_error *err)
{
    const int64_t i = gan_trainer_iteration(r->trainer);
    if (gan_trainer_bad(r->trainer))
        return gan__run_find_bad(r, err);
    char *model = gan__folder_path(r->dir, "model.safetensors"),
         *state = gan__folder_state(r->dir, i);
    gan_status s = model && state ? GAN_OK : gan__fail_memory(err, "a checkpoint");
    if (s == GAN_OK && fsync(r->metrics) != 0)
        s = gan__fail_errno(err, GAN_EIO, "%s/metrics.jsonl: writing failed", r->dir);
    if (s == GAN_OK)
        s = gan_trainer_save_model(r->trainer, model, err);
    if (s == GAN_OK)
        s = gan_trainer_save(r->trainer, state, err);
    if (s == GAN_OK) {
        r->saved = i;
        int64_t keep[GAN_FINDINGS_MAX + 1];
        const int n = gan__run_doctor_mends(r) ? gan__run_mend_keeps(r, i, keep) : 0;
        gan__folder_drop_states(r->dir, i, GAN__STATES_KEPT, keep, n);
        s = gan__run_say(r, GAN_EVENT_CHECKPOINT, err, "%s", state);
    }
    free(model);
    free(state);
    return s;
}

static gan_status load_one(gan__run *r, int64_t iteration, gan_error *why)
{
    const bool other = r->p->other_arithmetic;
    int64_t arithmetic = 0;
    char *path = gan__folder_state(r->dir, iteration);
    if (!path)
        return gan__fail_memory(why, "a file name");
    const gan_status s = gan__trainer_load(r->trainer, path, gan__run_recipe_at(r, iteration), other, why);
    if (s == GAN_OK && other && gan__trainer_arithmetic(path, &arithmetic, NULL) == GAN_OK &&
        arithmetic != gan_arithmetic())
        r->local.other_arithmetic++;
    free(path);
    return s;
}

gan_status gan__run_load_newest(gan__run *r, gan_error *err)
{
    int64_t have[GAN__STATES_MAX];
    const int n = gan__folder_states(r->dir, have);
    for (int i = 0; i < n; i++) {
        gan_error why = {0};
        gan_status s = load_one(r, have[i], &why);
        if (s == GAN_OK) {
            r->saved = have[i];
            return GAN_OK;
        }
        if (s != GAN_EFORMAT &&
            s != GAN_ENUMERIC) { /* not torn, but of no use: say so, lose nothing */
            if (err)
                *err = why;
            return s;
        }
        if (i + 1 < n)
            s = gan__run_say(r, GAN_EVENT_NOTE, err, "%.300s; the checkpoint before it is used",
                             why.message);
        else
            s = gan__fail(err, GAN_EFORMAT,
                          "%.300s; no other checkpoint is whole: start anew",
                          why.message);
        if (s != GAN_OK)
            return s;
    }
    return GAN_OK;
}

bool gan__run_was_saved(const gan__run *r)
{
    char *path = gan__folder_path(r->dir, "model.safetensors");
    int64_t iteration = 0;
    const bool model = path && gan__is_file(path) &&
                       (gan__model_iteration(path, &iteration, NULL) != GAN_OK || iteration > 0);
    free(path);
    return model || gan__folder_has_metrics(r->dir);
}
