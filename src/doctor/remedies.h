/* remedies.h - what to change, as settings of the recipe at hand: each writes a line. */
#ifndef GAN_DOCTOR_REMEDIES_H
#define GAN_DOCTOR_REMEDIES_H

#include <gan/doctor.h>

typedef void gan__remedy(const gan_recipe *r, char text[GAN_REMEDY_MAX]);

/* gan__remedy_steadier - the objective and the penalties that keep D's slope in hand; where they are there, heavier ones.
 * gan__remedy_lighter - lighter penalties. gan__remedy_slower - half the learning rates. gan__remedy_augment - D sees its pictures altered.
 * gan__remedy_stop - an end, and the best model kept. gan__remedy_code - a decoder that needs its code. */
gan__remedy gan__remedy_steadier, gan__remedy_lighter, gan__remedy_slower, gan__remedy_augment, gan__remedy_stop, gan__remedy_code;

#endif
