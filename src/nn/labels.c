/* labels.c - `label [NUMBERS]` and `project`: what reads a sample's class.
 *
 *     label       y = the class as a row of `classes` numbers, 1 at its own and 0 elsewhere (Mirza & Osindero 2014,
 *                 arXiv:1411.1784); `label D`: its row of a learned table [classes, D]. For `concat`, `mul`, `add`.
 *     project     y = x w + b + x . E[class]      x [N, anything] as one row; w [in, 1], E [classes, in]
 *                 Miyato & Koyama 2018, arXiv:1802.05637, equation 3: D's last line
 */
#include "base/error.h"
#include "nn/weight.h"

typedef struct table {
    gan__weight w; /* of `project` */
    gan__weight rows; /* [classes, D]; rank 0: none */
} table;

static gan_status start(gan__layer *l, table **out, gan_error *err)
{
    table *t = l->own = gan__arena_alloc(l->arena, sizeof *t);
    if (!t)
        return gan__fail_memory(err, "a network");
    *t = (table){0};
    *out = t;
    l->labelled = true;
    return l->classes ? GAN_OK : gan__layer_unlabelled(l, err);
}

static gan_status parse_label(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    table *t = NULL;
    int numbers;
    gan_status s = words > 1 ? gan__layer_usage(l, err) : start(l, &t, err);
    if (s != GAN_OK)
        return s;
    l->output = GAN_SHAPE(l->classes);
    if (!words)
        return GAN_OK;
    s = gan__layer_count(l, word[0], "numbers", &numbers, err);
    l->output = GAN_SHAPE(numbers);
    return s == GAN_OK ? gan__weight_add_named(l, &t->rows, "table", GAN_SHAPE(l->classes, numbers), err) : s;
}

/* 1 where (label - k)^2 < 1/2, for the whole numbers that classes are. */
gan_node gan_one_hot(gan_graph *g, gan_node label, int classes)
{
    const gan_shape s = gan_graph_shape(g, label);
    gan_node numbers = gan_const(g, GAN_SHAPE(1, 1), 0);
    for (int k = 1; k < classes; k++)
        numbers = gan_concat(g, numbers, gan_const(g, GAN_SHAPE(1, 1), (float)k), 1);
    const gan_node column = gan_reshape(g, label, GAN_SHAPE(s.rank ? s.dim[0] : 1, 1)), off = gan_sub(g, column, numbers);
    return gan_slope(g, gan_affine(g, gan_mul(g, off, off), -1, 0.5f), 0);
}

static gan_node apply_label(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const table *t = l->own;
    gan_graph *g = pass->graph;
    const gan_node label = gan__layer_label(pass);
    (void)x, (void)joined;
    if (t->rows.shape.rank)
        return gan_gather(g, gan__weight_read(l, pass, &t->rows), label);
    return gan_one_hot(g, label, l->classes);
}

static gan_status parse_project(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    table *t = NULL;
    const int in = gan__layer_numbers(l->input);
    (void)word;
    gan_status s = words ? gan__layer_usage(l, err) : start(l, &t, err);
    if (s != GAN_OK)
        return s;
    l->output = GAN_SHAPE(1);
    t->w = (gan__weight){.shape = GAN_SHAPE(in, 1), .out_axis = 1, .in = in, .out = 1};
    s = gan__weight_add(l, &t->w, false, 1, err);
    return s == GAN_OK ? gan__weight_add_named(l, &t->rows, "table", GAN_SHAPE(l->classes, in), err) : s;
}

static gan_node apply_project(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    enum { NUMBERS = 1 << 1 };
    const table *t = l->own;
    gan_graph *g = pass->graph;
    (void)joined;
    const gan_node row = gan_reshape(g, x, GAN_SHAPE(gan__layer_rows(pass, x), t->w.in)),
                   product = gan_matmul(g, row, gan__weight_read(l, pass, &t->w), false, false),
                   plain = gan__weight_biased(l, pass, &t->w, product),
                   of_class = gan_gather(g, gan__weight_read(l, pass, &t->rows), gan__layer_label(pass)),
                   meets = gan_sum(g, gan_mul(g, row, of_class), NUMBERS);
    return gan_add(g, plain, meets);
}

static gan_status initialise(const gan__layer *l, const gan__init *init, uint64_t seed, gan_error *err)
{
    const table *t = l->own;
    gan_status s = GAN_OK;
    if (t->w.shape.rank)
        s = gan__weight_initialise(l, &t->w, init, seed, err);
    return s == GAN_OK && t->rows.shape.rank ? gan__weight_initialise(l, &t->rows, init, seed, err) : s;
}

static double flops(const gan__layer *l)
{
    const table *t = l->own;
    return 4.0 * t->w.in;
}

static const gan__option_kind options_of_label[] = {GAN__WEIGHT_OPTIONS_NAMED, {NULL, 0, 0}};
static const gan__option_kind options[] = {GAN__WEIGHT_OPTIONS, {NULL, 0, 0}};

const gan__layer_kind gan__label = {.name = "label",
                                    .usage = "label [NUMBERS [spectral] [init RULE]]",
                                    .help = "the sample's class as a row: 0s and a 1, or so many learned numbers",
                                    .options = options_of_label,
                                    .parse = parse_label,
                                    .apply = apply_label,
                                    .initialise = initialise,
                                    .reach = gan__layer_sees_all};
const gan__layer_kind gan__project = {.name = "project",
                                      .usage = "project [nobias] [spectral] [init RULE]",
                                      .help = "D's logit with the class's own direction; Miyato & Koyama 2018",
                                      .options = options,
                                      .parse = parse_project,
                                      .apply = apply_project,
                                      .initialise = initialise,
                                      .flops = flops,
                                      .reach = gan__layer_sees_all};
