/* paths.h - folders and names. */
#ifndef GAN_BASE_PATHS_H
#define GAN_BASE_PATHS_H

#include <gan/status.h>
#include <stdbool.h>
#include <stdint.h>

/* gan__make_dir - mkdir -p. gan__path_join - malloc'd "dir/name" or NULL. */
gan_status gan__make_dir(const char *path, gan_error *err);
char *gan__path_join(const char *dir, const char *name);
bool gan__is_dir(const char *path);
bool gan__is_file(const char *path);

/* gan__name_number - of a file that is called by its number: "00001000.png" with the ending ".png" is 1000; -1: other names. */
int64_t gan__name_number(const char *name, const char *ending);

/* gan__cache_folder - where the user's copy of a thing that can be had again lies: $XDG_CACHE_HOME/gander/NAME, else
 * ~/.cache/gander/NAME; malloc'd, not made. GAN_ENOTFOUND: neither is set. */
gan_status gan__cache_folder(char **out, const char *name, gan_error *err);

/* gan__sync_dir - fsync of the folder that holds path. */
gan_status gan__sync_dir(const char *path, gan_error *err);

#endif
