/* dataset_folder.h - a folder of pictures as items of one shape. */
#ifndef GAN_DATA_DATASET_FOLDER_H
#define GAN_DATA_DATASET_FOLDER_H

#include <gan/data.h>

/* gan__dataset_of_folder - see gan_dataset_open.
 * Errors  GAN_ENOTFOUND: no picture; GAN_EFORMAT: none that can be read, or one of them where `how` refuses that; GAN_EIO; GAN_ENOMEM. */
gan_status gan__dataset_of_folder(gan_dataset **out, const char *folder, const gan_pictures *how, gan_error *err);

/* gan__dataset_folder_part - of a folder that has nothing but `train` and `test` (or val, valid, validation), the path of `train`; of one
 * named `train`, that of its `test` or the like (test true). malloc'd; NULL: it is not laid out so, or out of memory. */
char *gan__dataset_folder_part(const char *folder, bool test);

#endif
