/* joins.c - `add @NAME`, `mul @NAME`, `concat @NAME`, `from @NAME`: a line that was named is read again.
 *
 * A row of numbers [C] meets a picture [..., C] at each of its places, whichever of the two is named.
 */
#include "base/error.h"
#include "nn/layer.h"

#include <stdio.h>
#include <string.h>

static gan_status do_not_meet(const gan__layer *l, gan_error *err)
{
    char here[GAN__LAYER_SHAPE_TEXT], there[GAN__LAYER_SHAPE_TEXT], lines[2][32] = {"the net's input", "the net's input"};
    if (l->joined_line)
        snprintf(lines[0], sizeof lines[0], "line %d", l->joined_line);
    if (l->above)
        snprintf(lines[1], sizeof lines[1], "line %d", l->above);
    return gan__fail(err, GAN_EKEY, "%s, line %d: %s: %s of %s does not meet %s of %s", l->net, l->line, l->kind->name,
                     gan__layer_shape_text(l->joined_shape, there), lines[0], gan__layer_shape_text(l->input, here),
                     lines[1]);
}

/* The first so many axes alike. */
static bool alike(gan_shape a, gan_shape b, int axes)
{
    return !memcmp(a.dim, b.dim, (size_t)axes * sizeof *a.dim);
}

static int last(gan_shape s)
{
    return s.rank ? s.dim[s.rank - 1] : 0;
}

static gan_status parse_pair(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    const gan_shape a = l->input, b = l->joined_shape;
    (void)word;
    if (words != 1)
        return gan__layer_usage(l, err);
    l->output = a.rank >= b.rank ? a : b;
    const bool same = a.rank == b.rank && alike(a, b, a.rank), row = (a.rank == 1 || b.rank == 1) && last(a) == last(b);
    return same || row ? GAN_OK : do_not_meet(l, err);
}

/* A row [N, C] as [N, 1..., C], so that it meets what has `rank` axes. */
static gan_node raised(gan_graph *g, gan_node x, int rank)
{
    const gan_shape s = gan_graph_shape(g, x);
    gan_shape to = {.rank = rank};
    if (s.rank != 2 || rank == 2)
        return x;
    for (int i = 0; i < rank; i++)
        to.dim[i] = i == 0 ? s.dim[0] : i == rank - 1 ? s.dim[1] : 1;
    return gan_reshape(g, x, to);
}

static gan_node apply_add(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const gan_node a = raised(pass->graph, x, l->output.rank + 1), b = raised(pass->graph, joined, l->output.rank + 1);
    return gan_add(pass->graph, a, b);
}

static gan_node apply_mul(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const gan_node a = raised(pass->graph, x, l->output.rank + 1), b = raised(pass->graph, joined, l->output.rank + 1);
    return gan_mul(pass->graph, a, b);
}

/* Along the last axis: channels. A row is repeated at each place. */
static gan_status parse_concat(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    const gan_shape a = l->input, b = l->joined_shape;
    (void)word;
    if (words != 1)
        return gan__layer_usage(l, err);
    const bool same = a.rank == b.rank && a.rank > 0 && alike(a, b, a.rank - 1);
    if (!same && a.rank != 1 && b.rank != 1)
        return do_not_meet(l, err);
    l->output = a.rank >= b.rank ? a : b;
    l->output.dim[l->output.rank - 1] = last(a) + last(b);
    return GAN_OK;
}

/* x at each place of the output, with its own channels. */
static gan_node repeated(const gan__layer *l, gan_graph *g, gan_node x, int rows, int channels)
{
    gan_shape to = gan__layer_batch(rows, l->output);
    to.dim[to.rank - 1] = channels;
    return gan_broadcast(g, raised(g, x, to.rank), to);
}

static gan_node apply_concat(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    gan_graph *g = pass->graph;
    const int rows = gan__layer_rows(pass, x);
    const gan_node a = repeated(l, g, x, rows, last(l->input)), b = repeated(l, g, joined, rows, last(l->joined_shape));
    return gan_concat(g, a, b, l->output.rank);
}

static gan_status parse_from(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    (void)word;
    l->output = l->joined_shape;
    return words == 1 ? GAN_OK : gan__layer_usage(l, err);
}

static gan_node apply_from(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    (void)l, (void)pass, (void)x;
    return joined;
}

const gan__layer_kind gan__add = {.name = "add",
                                  .usage = "add @NAME",
                                  .help = "the sum with a named line; a row of numbers meets each place",
                                  .joins = true,
                                  .parse = parse_pair,
                                  .apply = apply_add};
const gan__layer_kind gan__mul = {.name = "mul",
                                  .usage = "mul @NAME",
                                  .help = "the product with a named line; a row of numbers meets each place",
                                  .joins = true,
                                  .parse = parse_pair,
                                  .apply = apply_mul};
const gan__layer_kind gan__concat = {.name = "concat",
                                     .usage = "concat @NAME",
                                     .help = "a named line's channels behind these; a row is repeated at each place",
                                     .joins = true,
                                     .parse = parse_concat,
                                     .apply = apply_concat};
const gan__layer_kind gan__from = {.name = "from",
                                   .usage = "from @NAME",
                                   .help = "go on from a named line instead of the one above: another branch",
                                   .forgets = true,
                                   .joins = true,
                                   .way = GAN__WAY_ON,
                                   .parse = parse_from,
                                   .apply = apply_from};
