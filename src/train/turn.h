/* turn.h - a picture turned, in place. */
#ifndef GAN_TRAIN_TURN_H
#define GAN_TRAIN_TURN_H

#include <stdint.h>

/* gan__turn - h x w x c bytes, turned in way 0, 1, 2 or 3 (GAN__TURNS): a square by so many quarters of a turn to the left;
 * any other not at all, mirrored (left and right), by half a turn, upside down. The four of either kind are a group. */
void gan__turn(uint8_t *pixels, int h, int w, int c, int way);

/* gan__mirror - left and right change places. */
void gan__mirror(uint8_t *pixels, int h, int w, int c);

#endif
