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

gan_params *gan__state_owner(const gan__state *s)
{
    /* A graph knows its states' owners only as identities; here they are the parameter sets that
     * gan_params_read handed in, which a plan may write. */
    union {
        const void *in;
        gan_params *out;
    } owner = {.in = s->owner};
    return owner.out;
}

const gan__param *gan__state_tensor(const gan__state *s)
{
    return &gan__state_owner(s)->tensor[s->tensor / GAN_SLOTS];
}

gan_slot gan__state_slot(const gan__state *s)
{
    return (gan_slot)(s->tensor % GAN_SLOTS);
}
