/* chance.c - `dropout P` and `noise`: what depends on chance, by position as all noise here.
 *
 *     dropout  y = x / (1 - P) where u > P, else 0; u uniform in (0, 1]    Srivastava et al. 2014; a sample: y = x
 *     noise    y = x + strength e, e standard normal at each place         Karras et al. 2019, arXiv:1812.04948
 *
 * u = exp(-(a^2 + b^2) / 2) of two normals. strength is one trained number, from 0. e has one channel.
 */
#include "base/error.h"
#include "nn/layer.h"

typedef struct chance {
    double share;
    int strength; /* tensor */
} chance;

static gan_status parse_dropout(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    chance *c = l->own = gan__arena_alloc(l->arena, sizeof *c);
    if (!c)
        return gan__fail_memory(err, "a network");
    l->output = l->input;
    return words == 1 ? gan__layer_number(l, word[0], "share to drop", 0, 0.99, &c->share, err) : gan__layer_usage(l, err);
}

static gan_node apply_dropout(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    enum { PAIR = 1 << 2 };
    const chance *c = l->own;
    gan_graph *g = pass->graph;
    const int rows = gan__layer_rows(pass, x), numbers = gan__layer_numbers(l->input);
    (void)joined;
    if (!pass->training || !(c->share > 0))
        return x;
    const gan_node pair = gan__layer_noise(l, pass, GAN_SHAPE(rows, numbers, 2)),
                   sum = gan_sum(g, gan_mul(g, pair, pair), PAIR), u = gan_exp(g, gan_affine(g, sum, -0.5f, 0)),
                   kept = gan_slope(g, gan_affine(g, u, 1, (float)-c->share), 0),
                   mask = gan_affine(g, kept, (float)(1 / (1 - c->share)), 0);
    return gan_mul(g, x, gan_reshape(g, mask, gan__layer_batch(rows, l->input)));
}

static gan_status parse_noise(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    chance *c = l->own = gan__arena_alloc(l->arena, sizeof *c);
    (void)word;
    if (!c)
        return gan__fail_memory(err, "a network");
    if (words != 0 || l->input.rank < 1)
        return gan__layer_usage(l, err);
    l->output = l->input;
    return gan__layer_tensor(l, "strength", GAN_SHAPE(1), false, GAN_TRAINED, &c->strength, err);
}

static gan_node apply_noise(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const chance *c = l->own;
    gan_graph *g = pass->graph;
    gan_shape places = gan__layer_batch(gan__layer_rows(pass, x), l->input);
    places.dim[places.rank - 1] = 1;
    (void)joined;
    const gan_node e = gan__layer_noise(l, pass, places);
    return gan_add(g, x, gan_mul(g, e, gan__layer_read(l, pass, c->strength)));
}

const gan__layer_kind gan__dropout = {.name = "dropout",
                                      .usage = "dropout SHARE",
                                      .help = "in training a share of the numbers is 0; Srivastava et al. 2014",
                                      .parse = parse_dropout,
                                      .apply = apply_dropout};
const gan__layer_kind gan__noise = {.name = "noise",
                                    .usage = "noise",
                                    .help = "normal noise at each place, of a learned strength; Karras et al. 2019",
                                    .parse = parse_noise,
                                    .apply = apply_noise};
