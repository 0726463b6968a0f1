/* run_folder.h - a run's folder: its files, its checkpoints, cutting its logs back. Where it may be made,
 * and how: run_place.h. */
#ifndef GAN_RUN_RUN_FOLDER_H
#define GAN_RUN_RUN_FOLDER_H

#include "run/run_local.h"

#include <gan/recipe.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { GAN__STATES_MAX = 64 };

/* gan__folder_create - the folder with its recipe, locked; errors: gan__place_make's. */
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
/* gan__folder_drop_states - remove all but the newest `keep` and those of `also`, and whatever is newer than
 * `iteration`. */
void gan__folder_drop_states(const char *dir, int64_t iteration, int keep, const int64_t *also, int count);

/* gan__folder_cut - metrics and samples back to an iteration: later ones, and a torn last line, go. A whole
 * line of the metrics that cannot be read goes into metrics.jsonl.damaged; *damaged is the number of the
 * first, 0: none. */
gan_status gan__folder_cut(const char *dir, int64_t iteration, int *damaged, gan_error *err);
bool gan__folder_has_metrics(const char *dir); /* a line or more */

#endif
