/* idset.h - a set of small numbers that knows its lowest. */
#ifndef GAN_PLAN_IDSET_H
#define GAN_PLAN_IDSET_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { GAN__IDSET_LEVELS = 6 };

/* Bit i of level 0: i is in it; bit i of level k + 1: word i of level k is not 0. */
typedef struct gan__idset {
    uint64_t *level[GAN__IDSET_LEVELS];
    int words[GAN__IDSET_LEVELS], levels;
} gan__idset;

/* gan__idset_init - empty, for 0 .. n - 1; owned by the arena. False: out of memory. */
bool gan__idset_init(gan__idset *s, gan__arena *arena, int n);
void gan__idset_add(gan__idset *s, int i);
void gan__idset_remove(gan__idset *s, int i);
/* gan__idset_next - the lowest that is at least `from`; -1: none. */
int gan__idset_next(const gan__idset *s, int from);

#endif
