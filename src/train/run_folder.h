/* run_folder.h - a run's folder: making it, finding its checkpoints, cutting its logs back.
 *
 * The folder is made whole under another name (RUN.gander-new) and renamed, so it is never there
 * without its recipe: from the moment that it exists, a run can be resumed.
 */
#ifndef GAN_TRAIN_RUN_FOLDER_H
#define GAN_TRAIN_RUN_FOLDER_H

#include "train/run_local.h"

#include <gan/recipe.h>
#include <stdbool.h>
#include <stdio.h>

enum { GAN__STATES_MAX = 64 };

/* gan__folder_lock - keep other processes off a run's folder until *fd is closed; a process that
 * dies leaves no lock behind. GAN_EEXISTS: one is training there; GAN_ENOTFOUND: no such folder. */
gan_status gan__folder_lock(const char *dir, int *fd, gan_error *err);

/* gan__folder_create - the folder, locked. GAN_EEXISTS where something is there and force is off,
 * or where it is no run, or is in use. */
gan_status gan__folder_create(const char *dir, const gan_recipe *recipe, const gan__local *local,
                              bool force, int *lock, gan_error *err);
gan_status gan__folder_write_recipe(const char *dir, const gan_recipe *recipe, gan_error *err);
/* GAN_ENOTFOUND: no run there. */
gan_status gan__folder_read(const char *dir, gan_recipe **recipe, gan_error *err);

/* gan__folder_path - malloc'd "dir/name"; NULL: out of memory. _state: of an iteration's state
 * file. */
char *gan__folder_path(const char *dir, const char *name);
char *gan__folder_state(const char *dir, int64_t iteration);

/* gan__folder_states - iterations of the state files, newest first; their number. */
int gan__folder_states(const char *dir, int64_t iterations[GAN__STATES_MAX]);
/* gan__folder_drop_states - remove all but the newest `keep`, and whatever is newer than
 * `iteration`. */
void gan__folder_drop_states(const char *dir, int64_t iteration, int keep);

/* gan__folder_cut - metrics and samples back to an iteration: later ones, and a torn last line, go.
 */
gan_status gan__folder_cut(const char *dir, int64_t iteration, gan_error *err);

#endif
