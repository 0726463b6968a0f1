/* picture_limits.h - what the decoders of all kinds of pictures share: limits, and which way is up. */
#ifndef GAN_FILE_PICTURE_LIMITS_H
#define GAN_FILE_PICTURE_LIMITS_H

#include <gan/image.h>
#include <stdbool.h>

/* A picture beyond these is a mistake or an attack. */
enum { GAN__PICTURE_SIDE_MAX = 16384, GAN__PICTURE_PIXELS_MAX = 1 << 26, GAN__PICTURE_FILE_MAX = 1 << 28 };

typedef struct gan__picture_info {
    int height, width; /* upright */
    bool profile;      /* has a colour profile */
} gan__picture_info;

/* gan__picture_room - are these sides within the limits? And may so many bytes of a file hold them (ratio: pixels a byte at the
 * very most)? GAN_EFORMAT. */
gan_status gan__picture_room(const char *name, size_t height, size_t width, size_t bytes, size_t ratio, gan_error *err);

/* gan__picture_upright - turn a picture in place that was stored in one of EXIF's orientations (1 to 8). */
gan_status gan__picture_upright(gan_image *image, int orientation, gan_error *err);

#endif
