/* remedies.h - what to change, as settings of the recipe at hand: each writes a line. */
#ifndef GAN_DOCTOR_REMEDIES_H
#define GAN_DOCTOR_REMEDIES_H

#include <gan/doctor.h>

typedef void gan__remedy(const gan_recipe *r, char text[GAN_REMEDY_MAX]);

/* gan__remedy_steadier - the objective and the penalties that keep D's slope in hand; where they are there, heavier ones.
 * gan__remedy_lighter - lighter penalties. gan__remedy_slower - half the learning rates. gan__remedy_augment - D sees its pictures altered.
 * gan__remedy_stop - an end, and the best model kept. gan__remedy_code - a decoder that needs its code.
 * gan__remedy_even - first weights to each layer's measure, and norms. */
gan__remedy gan__remedy_steadier, gan__remedy_lighter, gan__remedy_slower, gan__remedy_augment, gan__remedy_stop, gan__remedy_code,
    gan__remedy_even;

/* Why each helps, for rows of the table. */
#define GAN__HELPS_STEADIER \
    "a relativistic D says which of two is the more real, so it cannot be sure of all at once; and a D that is certain is a cliff, flat at the samples and " \
    "steep before the pictures: R1 and R2 make steepness costly, so the cliff becomes a slope that G can climb (Jolicoeur-Martineau 2019, arXiv:1807.00734; " \
    "Mescheder et al. 2018, arXiv:1801.04406; Huang et al. 2024, arXiv:2501.05441)"
#define GAN__HELPS_LIGHTER "a lighter penalty lets D be steeper, so that it can tell pictures apart again, and its slope teaches G more"
#define GAN__HELPS_SLOWER "smaller steps do not overshoot: both players answer what the other is now, not what it was"
#define GAN__HELPS_AUGMENT \
    "a D that never sees the same picture twice cannot learn it by heart; as generated pictures are altered alike, G does not learn to draw the " \
    "alterations (Zhao et al. 2020, arXiv:2006.10738)"
#define GAN__HELPS_STOP "what does not get better costs time, and may get worse"
#define GAN__HELPS_EVEN "first weights scaled by each layer's size keep gradients alike from layer to layer, and norms hold them there"
#define GAN__HELPS_CODE "a decoder that can do less without its code has to use it; a warm-up lets it, before the KL term punishes that"

#endif
