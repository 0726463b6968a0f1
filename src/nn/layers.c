/* layers.c - the table of layers. */
#include "nn/layers.h"

#include "base/nearest.h"

#include <string.h>

#define LAYER(name) extern const gan__layer_kind gan__##name;
#include "nn/layers.def"
#undef LAYER

static const gan__layer_kind *const kinds[] = {
#define LAYER(name) &gan__##name,
#include "nn/layers.def"
#undef LAYER
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const gan__layer_kind *gan__layer_find(const char *name)
{
    for (int i = 0; i < KINDS; i++)
        if (!strcmp(kinds[i]->name, name))
            return kinds[i];
    return NULL;
}

const char *gan__layer_nearest(const char *name)
{
    int best = 0;
    for (int i = 1; i < KINDS; i++)
        if (gan__distance(kinds[i]->name, name) < gan__distance(kinds[best]->name, name))
            best = i;
    return kinds[best]->name;
}

int gan_layer_kinds(void)
{
    return KINDS;
}

gan_word_info gan_layer_info(int i)
{
    return (gan_word_info){kinds[i]->usage, kinds[i]->help};
}
