/* joins.c - `add @NAME`, `concat @NAME`, `from @NAME`: a line that was named is read again. */
#include "base/error.h"
#include "nn/layer.h"

#include <string.h>

static gan_status do_not_meet(const gan__layer *l, gan_error *err)
{
    char here[GAN__LAYER_SHAPE_TEXT], there[GAN__LAYER_SHAPE_TEXT];
    return gan__fail(err, GAN_EKEY, "%s, line %d: %s: %s, which that line gives, does not meet %s, which line %d gives",
                     l->net, l->line, l->kind->name, gan__layer_shape_text(l->joined_shape, there),
                     gan__layer_shape_text(l->input, here), l->line - 1);
}

static gan_status parse_add(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    (void)word;
    if (words != 1)
        return gan__layer_usage(l, err);
    l->output = l->input;
    const bool meet = l->input.rank == l->joined_shape.rank &&
                      !memcmp(l->input.dim, l->joined_shape.dim, (size_t)l->input.rank * sizeof *l->input.dim);
    return meet ? GAN_OK : do_not_meet(l, err);
}

static gan_node apply_add(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    (void)l;
    return gan_add(pass->graph, x, joined);
}

/* Along the last axis: channels. */
static gan_status parse_concat(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    (void)word;
    if (words != 1)
        return gan__layer_usage(l, err);
    const int last = l->input.rank - 1;
    bool meet = last >= 0 && l->joined_shape.rank == l->input.rank;
    for (int i = 0; meet && i < last; i++)
        meet = l->input.dim[i] == l->joined_shape.dim[i];
    if (!meet)
        return do_not_meet(l, err);
    l->output = l->input;
    l->output.dim[last] += l->joined_shape.dim[last];
    return GAN_OK;
}

static gan_node apply_concat(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    return gan_concat(pass->graph, x, joined, l->input.rank);
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
                                  .usage = "add @NAME [activation]",
                                  .help = "the sum with a named line of the same shape",
                                  .joins = true,
                                  .parse = parse_add,
                                  .apply = apply_add};
const gan__layer_kind gan__concat = {.name = "concat",
                                     .usage = "concat @NAME [activation]",
                                     .help = "a named line's channels behind these",
                                     .joins = true,
                                     .parse = parse_concat,
                                     .apply = apply_concat};
const gan__layer_kind gan__from = {.name = "from",
                                   .usage = "from @NAME [activation]",
                                   .help = "go on from a named line instead of the one above: another branch",
                                   .joins = true,
                                   .parse = parse_from,
                                   .apply = apply_from};
