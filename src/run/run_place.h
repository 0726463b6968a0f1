/* run_place.h - where a run may be made, and what of an old one may go.
 *
 * A run's folder carries a mark (.gander-run). Only what gander itself writes in a run is ever removed: a
 * folder that holds anything else is refused, and the file named. The new folder is made whole under a
 * name of its own (random, marked) and renamed, so a run is never there without its recipe.
 */
#ifndef GAN_RUN_RUN_PLACE_H
#define GAN_RUN_RUN_PLACE_H

#include <gan/status.h>
#include <stdbool.h>

/* gan__place_lock - keep other processes off a folder until *fd is closed; a process that dies leaves no
 * lock behind. GAN_EBUSY: one is training there; GAN_ENOTFOUND: no such folder. */
gan_status gan__place_lock(const char *dir, int *fd, gan_error *err);

/* gan__place_make - the run's folder `dir`, made, filled by `fill` and locked (*lock).
 * force   an old run there goes; else it is refused
 * Errors  GAN_EEXISTS: a run is there; GAN_EFOREIGN: what is none, or a run with a file of the user's; GAN_EBUSY: a run
 *         in use; GAN_EINVAL: no place for a run: an empty name, /, home, the folder one stands in, a
 *         mount point; GAN_EIO. On failure nothing that was made is left, and nothing that was there is
 *         touched. */
typedef gan_status gan__place_fill(void *ctx, const char *dir, gan_error *err);
gan_status gan__place_make(const char *dir, bool force, gan__place_fill *fill, void *ctx, int *lock,
                           gan_error *err);

/* gan__place_mark - put the mark there, with the number of the run's metrics (version.h); one that is there stays. A run of
 * a gander that knew no mark gets it when it goes on, with the number 1. gan__place_metrics - the number; 1: none.
 * gan__place_sweep - remove the temporary files that a killed process left in a run; its lock is held. */
gan_status gan__place_mark(const char *dir, int metrics, gan_error *err);
int gan__place_metrics(const char *dir);
void gan__place_sweep(const char *dir);

#endif
