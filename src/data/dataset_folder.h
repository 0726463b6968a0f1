/* dataset_folder.h - a folder of PNG pictures of one size, or of such folders, one for each class. */
#ifndef GAN_DATA_DATASET_FOLDER_H
#define GAN_DATA_DATASET_FOLDER_H

#include "file/idx.h"

/* gan__pictures_read - its pictures in the order of their names; where it holds none, those of the folders in it, which are the
 * classes: by number where all of them are named by numbers from 0 to 255, else in the order of their names. *labels is empty where there
 * are no classes. Other files are passed over.
 * Errors  GAN_ENOTFOUND: no picture; GAN_EFORMAT: one is damaged, or of another size than the first (both are named). */
gan_status gan__pictures_read(gan__idx *images, gan__idx *labels, const char *path, gan_error *err);

#endif
