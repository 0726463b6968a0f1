/* layers.c - the table of layers. */
#include "nn/net_internal.h"

#include "base/error.h"
#include "base/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const gan__layer_kind *const kinds[] = {&gan__dense};
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

gan_status gan__layer_tensor(const gan__layer *l, const char *what, gan_shape shape, bool packed,
                             int *tensor, gan_error *err)
{
    char name[96];
    snprintf(name, sizeof name, "%s.%d.%s", l->net, l->number, what);
    return gan_params_add(l->params, name, shape, packed, tensor, err);
}

gan_status gan__layer_count(const gan__layer *l, const char *word, const char *what, int *out,
                            gan_error *err)
{
    char *end;
    const long n = strtol(word, &end, 10);
    if (*end || end == word || n < 1 || n > 1000000)
        return gan__fail(err, GAN_EKEY, "%s, line %d: '%s' is not a number of %s (1 to 1000000)", l->net,
                         l->line, word, what);
    *out = (int)n;
    return GAN_OK;
}
