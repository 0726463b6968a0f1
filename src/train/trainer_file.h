/* trainer_file.h - what a run asks of a trainer's files beyond train.h. */
#ifndef GAN_TRAIN_TRAINER_FILE_H
#define GAN_TRAIN_TRAINER_FILE_H

#include <gan/train.h>

/* gan__trainer_load - gan_trainer_load; was: the recipe that the file was made with, where that is another one by intent (NULL: the trainer's);
 * other_arithmetic: go on although the arithmetic number differs.
 * gan__trainer_arithmetic - of a state file. */
gan_status gan__trainer_load(gan_trainer *t, const char *path, const gan_recipe *was, bool other_arithmetic, gan_error *err);
gan_status gan__trainer_arithmetic(const char *path, int64_t *arithmetic, gan_error *err);

#endif
