/* strokes.h - digits that the program draws itself, so that there is always something to learn
 * from. */
#ifndef GAN_DATA_STROKES_H
#define GAN_DATA_STROKES_H

#include <stdint.h>

/* Images to learn from, and those of the numbers behind them, to test with. */
enum { GAN__STROKES_COUNT = 60000, GAN__STROKES_TEST = 10000 };
enum { GAN__STROKES_SIDE = 28, GAN__STROKES_CLASSES = 10 };

/* gan__strokes_draw - image i (GAN__STROKES_SIDE squared bytes, ink 255 on 0) of class i mod 10. A
 * function of i alone: the same bytes from every compiler and processor. */
void gan__strokes_draw(uint32_t i, uint8_t *pixels);

#endif
