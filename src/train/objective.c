/* objective.c - see objective.h. */
#include "train/objective.h"

#include <string.h>

enum { ROWS = 1, COLUMNS = 2, ALL = 3 }; /* axes, as bits */

gan__objective gan__objective_named(const char *name)
{
    return !strcmp(name, "minimax") ? GAN__MINIMAX
           : !strcmp(name, "relativistic") ? GAN__RELATIVISTIC
                                           : GAN__NONSATURATING;
}

static gan_node negate(gan_graph *g, gan_node x)
{
    return gan_affine(g, x, -1, 0);
}

static gan_node mean_softplus(gan_graph *g, gan_node x)
{
    return gan_mean(g, gan_softplus(g, x), ALL);
}

/* The first or second half of x's rows. */
static gan_node half(gan_graph *g, gan_node x, int which)
{
    const gan_shape s = gan_graph_shape(g, x);
    const int begin[2] = {which * s.dim[0] / 2, 0}, size[2] = {s.dim[0] / 2, s.dim[1]};
    return gan_slice(g, x, begin, size);
}

/* Logits, and the squared norm of their gradient by the sample, for each row. */
typedef struct seen {
    gan_node logits, squares;
} seen;

static seen look(gan_graph *g, const gan_net *d, gan_node x, bool gradient)
{
    seen s = {gan_net_apply(d, g, x), {-1}};
    if (gradient) {
        gan_node slope;
        gan_grad(g, s.logits, 1, &x, &slope); /* no row sees another, so the sum's gradient is each row's */
        s.squares = gan_sum(g, gan_mul(g, slope, slope), COLUMNS);
    }
    return s;
}

static gan_node penalty(gan_graph *g, gan_node squares, float gamma)
{
    return gan_affine(g, gan_mean(g, squares, ROWS), gamma / 2, 0);
}

gan__d_terms gan__objective_d(gan_graph *g, gan__objective objective, const gan_net *d, gan_node real,
                              gan_node fake, float r1, float r2)
{
    seen at_real, at_fake;
    if (gan_net_mixes_rows(d)) {
        at_real = look(g, d, real, r1 > 0);
        at_fake = look(g, d, fake, r2 > 0);
    } else {
        const seen both = look(g, d, gan_concat(g, real, fake, 0), r1 > 0 || r2 > 0);
        at_real = (seen){half(g, both.logits, 0), {-1}};
        at_fake = (seen){half(g, both.logits, 1), {-1}};
        if (r1 > 0)
            at_real.squares = half(g, both.squares, 0);
        if (r2 > 0)
            at_fake.squares = half(g, both.squares, 1);
    }
    const gan_node real_term = mean_softplus(g, negate(g, at_real.logits)),
                   fake_term = mean_softplus(g, at_fake.logits),
                   both_terms = gan_add(g, real_term, fake_term);
    gan__d_terms t = {
        .loss = objective == GAN__RELATIVISTIC
                    ? mean_softplus(g, gan_sub(g, at_fake.logits, at_real.logits))
                    : both_terms,
        .value = negate(g, both_terms),
        .d_real = gan_mean(g, gan_sigmoid(g, at_real.logits), ALL),
        .d_fake = gan_mean(g, gan_sigmoid(g, at_fake.logits), ALL),
        .r1 = {-1},
        .r2 = {-1},
    };
    if (r1 > 0) {
        t.r1 = penalty(g, at_real.squares, r1);
        t.loss = gan_add(g, t.loss, t.r1);
    }
    if (r2 > 0) {
        t.r2 = penalty(g, at_fake.squares, r2);
        t.loss = gan_add(g, t.loss, t.r2);
    }
    return t;
}

gan_node gan__objective_g(gan_graph *g, gan__objective objective, const gan_net *d, gan_node real,
                          gan_node fake)
{
    const gan_node logits = gan_net_apply(d, g, fake);
    switch (objective) {
    case GAN__MINIMAX: return negate(g, mean_softplus(g, logits));
    case GAN__NONSATURATING: return mean_softplus(g, negate(g, logits));
    case GAN__RELATIVISTIC:
        return mean_softplus(g, gan_sub(g, gan_net_apply(d, g, real), logits));
    }
    return (gan_node){-1};
}
