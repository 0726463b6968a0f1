/* clock.h - a clock that only goes forward. */
#ifndef GAN_BASE_CLOCK_H
#define GAN_BASE_CLOCK_H

double gan__seconds(void);

#endif
