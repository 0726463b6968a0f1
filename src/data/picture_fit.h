/* picture_fit.h - a picture of any shape as an item of one. */
#ifndef GAN_DATA_PICTURE_FIT_H
#define GAN_DATA_PICTURE_FIT_H

#include <gan/data.h>
#include <gan/image.h>

/* What a picture has, as bits. */
enum { GAN__HAS_COLOUR = 1, GAN__HAS_ALPHA = 2 };

/* gan__picture_fit - as `how` says, to height x width x 4 bytes (RGBA) at out. The filter is stb_image_resize's: Catmull-Rom to
 * enlarge, Mitchell to reduce; transparent pixels lend no colour to their neighbours. *has gets bits. GAN_ENOMEM. */
gan_status gan__picture_fit(const gan_image *in, const gan_pictures *how, int height, int width, uint8_t *out, unsigned *has,
                            gan_error *err);

/* gan__picture_channels - how many channels pictures keep that have all this. gan__picture_narrow - `pixels` of RGBA as so many; out may be
 * where they stand. */
int gan__picture_channels(const gan_pictures *how, unsigned has);
void gan__picture_narrow(uint8_t *out, const uint8_t *rgba, size_t pixels, int channels, const gan_pictures *how);

#endif
