/* minibatch.c - `minibatch [GROUP]`: how much the samples of a group differ, as one channel more.
 *
 * x [N, ..., C]; samples n, n + N/g, n + 2 N/g, ... are a group of g, the greatest divisor of N up to GROUP (4). The
 * standard deviation sqrt(variance + 1e-8) over the group at each place and channel, its mean over them all: one number a
 * group, repeated at each place. Karras et al. 2018, arXiv:1710.10196, section 3.
 */
#include "base/error.h"
#include "nn/layer.h"

typedef struct minibatch {
    int group;
} minibatch;

static gan_status parse(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    minibatch *m = l->own = gan__arena_alloc(l->arena, sizeof *m);
    if (!m)
        return gan__fail_memory(err, "a network");
    if (words > 1 || l->input.rank < 1)
        return gan__layer_usage(l, err);
    m->group = 4;
    l->output = l->input;
    l->output.dim[l->output.rank - 1]++;
    return words ? gan__layer_count(l, word[0], "samples", &m->group, err) : GAN_OK;
}

static gan_node apply(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    enum { IN_GROUP = 1 << 0, NUMBERS = 1 << 2 };
    const minibatch *m = l->own;
    gan_graph *g = pass->graph;
    const int rows = gan__layer_rows(pass, x);
    const int numbers = gan__layer_numbers(l->input);
    int size = m->group < rows ? m->group : rows;
    while (rows % size)
        size--;
    (void)joined;
    gan_shape one = {.rank = 1 + l->input.rank, .dim = {rows}}, places = gan__layer_batch(rows, l->input);
    for (int i = 1; i < one.rank; i++)
        one.dim[i] = 1;
    places.dim[places.rank - 1] = 1;
    const gan_node groups = gan_reshape(g, x, GAN_SHAPE(size, rows / size, numbers)),
                   centred = gan_sub(g, groups, gan_mean(g, groups, IN_GROUP)),
                   variance = gan_mean(g, gan_mul(g, centred, centred), IN_GROUP),
                   deviation = gan_mean(g, gan_sqrt(g, gan_affine(g, variance, 1, 1e-8f)), NUMBERS),
                   each = gan_reshape(g, gan_broadcast(g, deviation, GAN_SHAPE(size, rows / size, 1)), one);
    return gan_concat(g, x, gan_broadcast(g, each, places), l->input.rank);
}

const gan__layer_kind gan__minibatch = {.name = "minibatch",
                                        .usage = "minibatch [GROUP]",
                                        .help = "a channel that says how much the samples of a group differ; Karras et al. 2018",
                                        .mixes_rows = true,
                                        .mixes_samples = true,
                                        .parse = parse,
                                        .apply = apply,
                                        .reach = gan__layer_sees_all};
