/* picture_list.h - which pictures a folder holds, and of which class each is. Nothing is opened yet. */
#ifndef GAN_DATA_PICTURE_LIST_H
#define GAN_DATA_PICTURE_LIST_H

#include <gan/status.h>
#include <stdbool.h>
#include <stdint.h>

enum { GAN__CLASSES_MAX = 256 };

typedef struct gan__picture_file {
    char *path; /* from the folder on; any bytes but zero */
    int64_t bytes, changed[2]; /* its size; when its content, and when anything about it, last changed: nanoseconds */
    int64_t device, number;    /* of the file system, and of the file in it */
    int label;
} gan__picture_file;

/* Owns its texts. */
typedef struct gan__picture_list {
    gan__picture_file *file; /* in the order of their paths, byte by byte */
    int count, room;
    char *class_name[GAN__CLASSES_MAX];
    int classes; /* greatest label + 1; 0: no classes */
    int others;  /* files that are none by their names */
    int closed;  /* folders that cannot be read */
    int folders; /* in which the pictures lie, where that are too many for classes; else 0 */
} gan__picture_list;

/* gan__picture_list_make - regular files whose names end as pictures' do (.png, .jpg, .jpeg, .webp, in any case), below `folder`, through
 * symbolic links too, each folder once. Hidden ones are passed over, and folders that are runs of gander.
 * Errors  GAN_EIO: the folder itself cannot be read (one in it is passed over and counted); GAN_ENOMEM. A list without pictures is none. */
gan_status gan__picture_list_make(gan__picture_list *out, const char *folder, gan_error *err);
void gan__picture_list_release(gan__picture_list *list);

#endif
