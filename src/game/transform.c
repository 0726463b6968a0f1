/* transform.c - see transform.h. */
#include "game/transform.h"

/* clip: g times min(1, most / (norm + 1e-6)), as PyTorch's clip_grad_norm_; Pascanu et al. 2013, arXiv:1211.5063,
 * algorithm 1. The minimum is minus the maximum of the negatives: exact. */
static bool wants_clip(const gan_recipe *r)
{
    return gan_recipe_number(r, "train.clip") > 0;
}

static void clip(gan__gradients *c)
{
    gan_graph *g = c->graph;
    const float most = (float)gan_recipe_number(c->recipe, "train.clip");
    const gan_shape one = GAN_SHAPE(1);
    const gan_node norm = gan_reshape(g, c->norm, one),
                   share = gan_div(g, gan_const(g, one, -most), gan_affine(g, norm, 1, 1e-6f)),
                   both = gan_concat(g, share, gan_const(g, one, -1), 0),
                   factor = gan_affine(g, gan_max(g, both, 1), -1, 0);
    for (int i = 0; i < c->count; i++)
        c->grad[i] = gan_mul(g, c->grad[i], gan_reshape(g, factor, GAN_SCALAR));
}

static const gan__transform rows[] = {{"clip", wants_clip, clip}};

void gan__transform_all(gan__gradients *g)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].wanted(g->recipe))
            rows[i].apply(g);
}
