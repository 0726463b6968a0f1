/* slots.c - memory for a parameter set's arrays, made when first asked for. */
#include "plan/slots.h"

#include "base/arena.h"
#include "kernel/kernel.h"

/* Adam walks through all slots at once. Large blocks start at the same place of a page, so the same element of
 * each would fall on the same few lines of L1: they are set apart by this many floats. */
enum { STAGGER = 24 * GAN__LANES };

float *gan__params_slot(gan_params *p, gan_slot slot)
{
    p->sealed = true;
    if (!p->slot[slot]) {
        const size_t apart = (size_t)slot * STAGGER;
        p->block[slot] = gan__aligned_alloc(p->total + apart + GAN__LANES, sizeof(float));
        p->slot[slot] = p->block[slot] ? p->block[slot] + apart : NULL;
    }
    return p->slot[slot];
}
