/* dims.c - shapes as values. */
#include "graph/dims.h"

#include <stdio.h>
#include <string.h>

size_t gan__shape_count(gan_shape s)
{
    size_t n = 1;
    for (int i = 0; i < s.rank; i++)
        n *= (size_t)s.dim[i];
    return n;
}

bool gan__shape_equal(gan_shape a, gan_shape b)
{
    return a.rank == b.rank && !memcmp(a.dim, b.dim, (size_t)a.rank * sizeof *a.dim);
}

bool gan__shape_valid(gan_shape s)
{
    size_t n = 1;
    if (s.rank < 0 || s.rank > GAN_RANK_MAX)
        return false;
    for (int i = 0; i < s.rank; i++) {
        if (s.dim[i] < 1 || n > ((size_t)1 << 40) / (size_t)s.dim[i])
            return false;
        n *= (size_t)s.dim[i];
    }
    return true;
}

const char *gan__shape_text(gan_shape s, char text[GAN__SHAPE_TEXT])
{
    int n = snprintf(text, GAN__SHAPE_TEXT, "[");
    for (int i = 0; i < s.rank && i < GAN_RANK_MAX; i++)
        n += snprintf(text + n, (size_t)(GAN__SHAPE_TEXT - n), i ? ",%d" : "%d", s.dim[i]);
    snprintf(text + n, (size_t)(GAN__SHAPE_TEXT - n), "]");
    return text;
}
