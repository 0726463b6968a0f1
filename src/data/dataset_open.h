/* dataset_open.h - which files a folder holds. */
#ifndef GAN_DATA_DATASET_OPEN_H
#define GAN_DATA_DATASET_OPEN_H

#include <stdbool.h>

/* gan__plain_or_packed - the first of folder/name and folder/name.gz that is there; malloc'd. NULL:
 * neither, or out of memory. */
char *gan__plain_or_packed(const char *folder, const char *name);

/* gan__is_run - is it a run's folder? What it draws is no data, and `ring` may be a run of ring. */
bool gan__is_run(const char *folder);

#endif
