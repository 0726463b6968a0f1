/* augmentation.c - see augmentation.h.
 *
 * All of it is graph: noise, pointwise work, and one GATHER of pixels for the shift, whose zeros are rows that are not there. A whole number
 * of 0 .. n - 1 is how many of 1 .. n - 1 lie below u n; a choice is SLOPE with 0, which is 1 above zero and 0 elsewhere.
 */
#include "game/augmentation.h"

#include "base/error.h"

#include <string.h>

static const char strength_name[] = "augment.strength";
enum { BATCH, HEIGHT, WIDTH, CHANNELS, AXES };
enum { OF_H = 1 << HEIGHT, OF_W = 1 << WIDTH, OF_C = 1 << CHANNELS };
static const float most_shift = 0.125f, cut_share = 0.5f;

static bool has_word(const gan_recipe *r, const char *word)
{
    return gan_recipe_has(r, "train.augment") && strstr(gan_recipe_text(r, "train.augment"), word) != NULL;
}

bool gan__augmented(const gan_recipe *r)
{
    return gan_recipe_has(r, "train.augment") && !has_word(r, "none");
}

bool gan__augment_adapts(const gan_recipe *r)
{
    return gan__augmented(r) && gan_recipe_number(r, "train.augment_target") > 0;
}

enum { EXACT = 1 << 24 }; /* whole numbers that floats hold: of pixels of a batch */

long gan__augment_most(const gan__match *m)
{
    const bool is = gan_recipe_has(m->recipe, "train.augment") && gan__augmented(m->recipe);
    return is ? EXACT / ((long)m->sample.dim[0] * m->sample.dim[1]) : EXACT;
}

gan_status gan__augment_check(const gan__match *m, gan_error *err)
{
    if (!gan__augmented(m->recipe) || m->sample.rank != AXES - 1) /* of no data yet: a row of numbers */
        return GAN_OK;
    const long pixels = (long)m->sample.dim[0] * m->sample.dim[1];
    if (pixels == 2)
        return gan__fail(err, GAN_EKEY, "train.augment: is for pictures");
    if (gan_recipe_int(m->recipe, "train.batch") > gan__augment_most(m))
        return gan__fail(err, GAN_EKEY, "train.augment: a batch of %ld pictures of %d x %d is more than %d pixels; a smaller train.batch will do",
                         (long)gan_recipe_int(m->recipe, "train.batch"), m->sample.dim[0], m->sample.dim[1], EXACT);
    return GAN_OK;
}

gan_status gan__augment_keep(gan_params *params, gan_error *err)
{
    int tensor;
    const gan_status s = gan_params_add(params, strength_name, GAN_SHAPE(1), false, &tensor, err);
    if (s == GAN_OK)
        gan_params_set_role(params, tensor, GAN_STATISTIC);
    return s;
}

/* ---- amounts --------------------------------------------------------------------------------------- */

/* What is drawn for each sample: columns of u [N, numbers], taken in order. */
typedef struct chance {
    gan_graph *g;
    gan_node u, strength; /* strength: [1, 1, 1, 1] */
    int next;
} chance;

static gan_node number(chance *c)
{
    const int n = gan_graph_shape(c->g, c->u).dim[0], begin[2] = {0, c->next++}, size[2] = {n, 1};
    return gan_reshape(c->g, gan_slice(c->g, c->u, begin, size), GAN_SHAPE(n, 1, 1, 1));
}

/* 1 with the probability p, else 0. */
static gan_node whether(chance *c)
{
    return gan_slope(c->g, gan_sub(c->g, c->strength, number(c)), 0);
}

/* 0, 1, .. n - 1 along an axis of four. */
static gan_node ramp(gan_graph *g, int n, int axis)
{
    gan_node x = gan_const(g, GAN_SHAPE(1), 0);
    gan_shape shape = GAN_SHAPE(1, 1, 1, 1);
    int have = 1;
    for (; have < n; have *= 2)
        x = gan_concat(g, x, gan_affine(g, x, 1, (float)have), 0);
    shape.dim[axis] = n;
    return gan_reshape(g, gan_slice(g, x, (const int[]){0}, &n), shape);
}

/* One of 0 .. n - 1, equally likely: [N, 1, 1, 1]. */
static gan_node whole_number(chance *c, int n)
{
    const gan_node at = gan_affine(c->g, number(c), (float)n, 0);
    if (n < 2)
        return gan_affine(c->g, at, 0, 0);
    const gan_node steps = gan_affine(c->g, ramp(c->g, n - 1, HEIGHT), 1, 1);
    return gan_sum(c->g, gan_slope(c->g, gan_sub(c->g, at, steps), 0), OF_H);
}

/* ---- the steps ------------------------------------------------------------------------------------- */

/* Pixels as they lie, a sample a row, so that pointwise work runs along long rows and not along three or four channels. */
static gan_shape as_rows(gan_shape s)
{
    return GAN_SHAPE(s.dim[BATCH], s.dim[HEIGHT] * s.dim[WIDTH] * s.dim[CHANNELS]);
}

/* [1, numbers]: 1 where a number of the sample is a colour's, 0 where it is alpha. */
static gan_node colours_of(gan_graph *g, gan_shape s)
{
    const int c = s.dim[CHANNELS], colours = c % 2 ? c : c - 1, n = s.dim[HEIGHT] * s.dim[WIDTH] * c;
    gan_node x = gan_const(g, GAN_SHAPE(colours), 1);
    if (c > colours)
        x = gan_concat(g, x, gan_const(g, GAN_SHAPE(1), 0), 0);
    for (int have = c; have < n; have *= 2)
        x = gan_concat(g, x, x, 0);
    return gan_reshape(g, gan_slice(g, x, (const int[]){0}, &n), GAN_SHAPE(1, n));
}

/* Each pixel's mean over its colours, in the place of each of them; alpha as it is: a product with a small matrix. */
static gan_node greys(gan_graph *g, gan_node x, gan_shape s)
{
    const int c = s.dim[CHANNELS], colours = c % 2 ? c : c - 1, pixels = s.dim[BATCH] * s.dim[HEIGHT] * s.dim[WIDTH];
    gan_node mean = gan_const(g, GAN_SHAPE(colours, colours), 1.0f / (float)colours);
    if (c > colours) {
        const int none[2] = {0, 0}, behind[2] = {1, 1}, before[2] = {colours, colours};
        const gan_node of_colours = gan_pad(g, mean, none, behind), of_alpha = gan_pad(g, gan_const(g, GAN_SHAPE(1, 1), 1), before, none);
        mean = gan_add(g, of_colours, of_alpha);
    }
    return gan_reshape(g, gan_matmul(g, gan_reshape(g, x, GAN_SHAPE(pixels, c)), mean, false, false), as_rows(s));
}

/* An amount of each sample: where the step is not done, 0. */
static gan_node amount(chance *c, float scale, float offset)
{
    const gan_node done = whether(c), by = gan_mul(c->g, done, gan_affine(c->g, number(c), scale, offset));
    return gan_reshape(c->g, by, GAN_SHAPE(gan_graph_shape(c->g, by).dim[0], 1));
}

static gan_node change_color(chance *c, gan_node x)
{
    gan_graph *g = c->g;
    const gan_shape s = gan_graph_shape(g, x);
    const int colours = s.dim[CHANNELS] % 2 ? s.dim[CHANNELS] : s.dim[CHANNELS] - 1;
    const gan_node is_colour = colours_of(g, s), light = amount(c, 0.5f, -0.25f), saturation = amount(c, 2, -1), contrast = amount(c, 1, -0.5f);
    x = gan_add(g, gan_reshape(g, x, as_rows(s)), gan_mul(g, is_colour, light));
    if (colours > 1)
        x = gan_add(g, x, gan_mul(g, gan_sub(g, x, greys(g, x, s)), saturation)); /* mean + (1 + a) (x - mean) */
    const float share = 1.0f / (float)(s.dim[HEIGHT] * s.dim[WIDTH] * colours);
    const gan_node mean = gan_affine(g, gan_sum(g, gan_mul(g, x, is_colour), 2), share, 0);
    x = gan_add(g, x, gan_mul(g, gan_mul(g, gan_sub(g, x, mean), is_colour), contrast));
    return gan_reshape(g, x, s);
}

/* How far a side of n pixels is moved: a whole number. */
static gan_node shift_of(chance *c, gan_node done, int n)
{
    const int most = (int)((float)n * most_shift + 0.5f);
    return gan_mul(c->g, done, gan_affine(c->g, whole_number(c, 2 * most + 1), 1, -(float)most));
}

/* 1 where 0 <= at <= n - 1. */
static gan_node inside(gan_graph *g, gan_node at, int n)
{
    const gan_node low = gan_slope(g, gan_affine(g, at, 1, 0.5f), 0), high = gan_slope(g, gan_affine(g, at, -1, (float)n - 0.5f), 0);
    return gan_mul(g, low, high);
}

static gan_node translate(chance *c, gan_node x)
{
    gan_graph *g = c->g;
    const gan_shape s = gan_graph_shape(g, x);
    const int n = s.dim[BATCH], h = s.dim[HEIGHT], w = s.dim[WIDTH];
    const gan_node done = whether(c), down = shift_of(c, done, h), across = shift_of(c, done, w);
    const gan_node y = gan_sub(g, ramp(g, h, HEIGHT), down), x_at = gan_sub(g, ramp(g, w, WIDTH), across);
    const gan_node line = gan_add(g, gan_affine(g, ramp(g, n, BATCH), (float)h, 0), y);
    const gan_node pixel = gan_add(g, gan_affine(g, line, (float)w, 0), x_at);
    const gan_node in_rows = inside(g, y, h), in_columns = inside(g, x_at, w);
    const gan_node there = gan_mul(g, in_rows, in_columns);
    const gan_node row = gan_mul(g, pixel, there), none = gan_affine(g, there, 1, -1); /* -1: no row */
    const gan_node index = gan_add(g, row, none);
    const gan_node flat = gan_reshape(g, index, GAN_SHAPE(n * h * w)), rows = gan_reshape(g, x, GAN_SHAPE(n * h * w, s.dim[CHANNELS]));
    return gan_reshape(g, gan_gather(g, rows, flat), s);
}

/* 1 within a box's reach along an axis of n: the middle is anywhere in the picture. */
static gan_node reach(chance *c, gan_node done, int n, int axis)
{
    gan_graph *g = c->g;
    const float half = (float)n * cut_share / 2;
    const gan_node middle = gan_affine(g, number(c), (float)n, 0), at = gan_affine(g, ramp(g, n, axis), 1, 0.5f);
    const gan_node d = gan_sub(g, at, middle);
    const gan_node most = gan_affine(g, done, half * half, 0), squared = gan_mul(g, d, d);
    return gan_slope(g, gan_sub(g, most, squared), 0);
}

static gan_node cut_out(chance *c, gan_node x)
{
    const gan_shape s = gan_graph_shape(c->g, x);
    const gan_node done = whether(c), rows = reach(c, done, s.dim[HEIGHT], HEIGHT), columns = reach(c, done, s.dim[WIDTH], WIDTH);
    return gan_mul(c->g, x, gan_affine(c->g, gan_mul(c->g, rows, columns), -1, 1));
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static gan_node strength_of(gan__scene *s, gan_params *params)
{
    const gan_recipe *r = s->match->recipe;
    if (!gan__augment_adapts(r))
        return gan_const(s->graph, GAN_SHAPE(1, 1, 1, 1), (float)gan_recipe_number(r, "train.augment_strength"));
    const gan_node p = gan_params_read(params, s->graph, gan_params_find(params, strength_name));
    return gan_reshape(s->graph, p, GAN_SHAPE(1, 1, 1, 1));
}

gan_node gan__augment(gan__scene *s, gan_params *params, gan_node x, const char *name)
{
    static const struct {
        const char *word;
        int first; /* of its numbers */
        gan_node (*change)(chance *c, gan_node x);
    } steps[] = {{"color", 0, change_color}, {"translation", 6, translate}, {"cutout", 9, cut_out}};
    if (!gan__augmented(s->match->recipe) || gan_graph_shape(s->graph, x).rank != AXES)
        return x;
    chance c = {.g = s->graph, .u = gan__scene_uniform(s, name, GAN__AUGMENT_NUMBERS)};
    c.strength = strength_of(s, params);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        c.next = steps[i].first;
        if (has_word(s->match->recipe, steps[i].word))
            x = steps[i].change(&c, x);
    }
    return x;
}

void gan__augment_adapt(gan__scene *s, gan_params *params, gan_node real, gan_node fake)
{
    const gan_recipe *r = s->match->recipe;
    gan_graph *g = s->graph;
    if (!gan__augmented(r))
        return;
    const unsigned all = (1u << gan_graph_shape(g, real).rank) - 1;
    const gan_node ahead = fake.id < 0 ? real : gan_sub(g, real, fake),
                   sign = gan_affine(g, gan_mean(g, gan_slope(g, gan_stop(g, ahead), 0), all), 2, -1);
    const gan_node strength = strength_of(s, params);
    gan__scene_report(s, "augment", gan_reshape(g, strength, GAN_SCALAR));
    gan__scene_report(s, "sign_real", gan_reshape(g, sign, GAN_SCALAR));
    if (!gan__augment_adapts(r) || s->params->still)
        return;
    const int tensor = gan_params_find(params, strength_name);
    const float step = (float)((double)s->batch / (double)gan_recipe_int(r, "train.augment_images")),
                target = (float)gan_recipe_number(r, "train.augment_target");
    const gan_node too_well = gan_slope(g, gan_affine(g, gan_reshape(g, sign, GAN_SHAPE(1)), 1, -target), 0);
    const gan_node next = gan_add(g, gan_reshape(g, strength, GAN_SHAPE(1)), gan_affine(g, too_well, 2 * step, -step));
    const gan_node above_0 = gan_lrelu(g, next, 0), to_1 = gan_lrelu(g, gan_affine(g, above_0, -1, 1), 0);
    gan__scene_write(s, gan_assign(g, gan_params_state(params, g, tensor), gan_affine(g, to_1, -1, 1)));
}
