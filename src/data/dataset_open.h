/* dataset_open.h - which files a folder holds. */
#ifndef GAN_DATA_DATASET_OPEN_H
#define GAN_DATA_DATASET_OPEN_H

/* gan__plain_or_packed - the first of folder/name and folder/name.gz that is there; malloc'd. NULL:
 * neither, or out of memory. */
char *gan__plain_or_packed(const char *folder, const char *name);

#endif
