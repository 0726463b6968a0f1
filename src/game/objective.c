/* objective.c - the functions of recipe/objectives.def. */
#include "game/objective.h"

#include <string.h>

static gan_node mean(gan_graph *g, gan_node x)
{
    return gan_mean(g, x, (1u << gan_graph_shape(g, x).rank) - 1);
}

static gan_node negate(gan_graph *g, gan_node x)
{
    return gan_affine(g, x, -1, 0);
}

static gan_node mean_softplus(gan_graph *g, gan_node x)
{
    return mean(g, gan_softplus(g, x));
}

static gan_node mean_relu(gan_graph *g, gan_node x)
{
    return mean(g, gan_lrelu(g, x, 0));
}

static gan_node half_mean_square(gan_graph *g, gan_node x)
{
    return gan_affine(g, mean(g, gan_mul(g, x, x)), 0.5f, 0);
}

static gan_node cross_entropy(gan_graph *g, gan_node real, gan_node fake)
{
    const gan_node at_real = mean_softplus(g, negate(g, real)), at_fake = mean_softplus(g, fake);
    return gan_add(g, at_real, at_fake);
}

gan_node gan__objective_value(gan_graph *g, gan_node real, gan_node fake)
{
    return negate(g, cross_entropy(g, real, fake));
}

static gan_node minimax_g(gan_graph *g, gan_node real, gan_node fake)
{
    (void)real;
    return negate(g, mean_softplus(g, fake));
}

static gan_node nonsaturating_g(gan_graph *g, gan_node real, gan_node fake)
{
    (void)real;
    return mean_softplus(g, negate(g, fake));
}

static gan_node relativistic_d(gan_graph *g, gan_node real, gan_node fake)
{
    return mean_softplus(g, gan_sub(g, fake, real));
}

static gan_node relativistic_g(gan_graph *g, gan_node real, gan_node fake)
{
    return mean_softplus(g, gan_sub(g, real, fake));
}

static gan_node hinge_d(gan_graph *g, gan_node real, gan_node fake)
{
    const gan_node at_real = mean_relu(g, gan_affine(g, real, -1, 1)),
                   at_fake = mean_relu(g, gan_affine(g, fake, 1, 1));
    return gan_add(g, at_real, at_fake);
}

static gan_node minus_mean_g(gan_graph *g, gan_node real, gan_node fake)
{
    (void)real;
    return negate(g, mean(g, fake));
}

static gan_node least_squares_d(gan_graph *g, gan_node real, gan_node fake)
{
    const gan_node at_real = half_mean_square(g, gan_affine(g, real, 1, -1)), at_fake = half_mean_square(g, fake);
    return gan_add(g, at_real, at_fake);
}

static gan_node least_squares_g(gan_graph *g, gan_node real, gan_node fake)
{
    (void)real;
    return half_mean_square(g, gan_affine(g, fake, 1, -1));
}

static gan_node wasserstein_d(gan_graph *g, gan_node real, gan_node fake)
{
    const gan_node at_fake = mean(g, fake), at_real = mean(g, real);
    return gan_sub(g, at_fake, at_real);
}

static const gan__objective rows[] = {
#define OBJECTIVE(word, g_sees_real, d, g) {word, g_sees_real, d, g},
#include "recipe/objectives.def"
#undef OBJECTIVE
};

const gan__objective *gan__objective_find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}
