/* penalty.c - see penalty.h. */
#include "game/penalty.h"

enum { ROWS = 1 };

static gan_node half_mean(gan_graph *g, gan_node squares, float weight)
{
    return gan_affine(g, gan_mean(g, squares, ROWS), weight / 2, 0);
}

static gan_node distance_from_one(gan_graph *g, gan_node squares, float weight)
{
    const gan_node d = gan_affine(g, gan_sqrt(g, squares), 1, -1);
    return gan_affine(g, gan_mean(g, gan_mul(g, d, d), ROWS), weight, 0);
}

static const gan__penalty rows_of[] = {
    {"r1", "train.r1", "train.r1_every", GAN__AT_REAL, half_mean},
    {"r2", "train.r2", "train.r2_every", GAN__AT_FAKE, half_mean},
    {"gp", "train.gp", "train.gp_every", GAN__BETWEEN, distance_from_one},
};

int gan__penalties(const gan__penalty **rows)
{
    *rows = rows_of;
    return sizeof rows_of / sizeof *rows_of;
}
