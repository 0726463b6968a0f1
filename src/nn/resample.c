/* resample.c - `up N`, `down N`, `shuffle N`: more places or fewer, axis by axis.
 *
 *     up    nearest    y[N i + j] = x[i]
 *           bilinear   y[2i] = (x[i-1] + 3 x[i]) / 4, y[2i+1] = (3 x[i] + x[i+1]) / 4, the edge repeated
 *           blur       the same, zeros beyond the edge: what [1 3 3 1] / 8 makes of x with a zero behind each number, twice
 *     down  average    y[i] = mean of x[N i + j]         (bilinear at half the size is the same)
 *           nearest    y[i] = x[N i]
 *           blur       y[i] = (x[2i-1] + 3 x[2i] + 3 x[2i+1] + x[2i+2]) / 8, zeros beyond the edge
 *     shuffle          channels C N^axes -> C, N times the places along each axis: Shi et al. 2016, arXiv:1609.05158
 *
 * Blur: Zhang 2019, arXiv:1904.11486; Karras et al. 2020, arXiv:1912.04958. N is 2 for bilinear and blur.
 */
#include "base/error.h"
#include "nn/layer.h"

#include <string.h>

typedef enum filter { NEAREST, AVERAGE, BILINEAR, BLUR } filter;

typedef struct resample {
    int axes, times;
    filter how;
} resample;

/* x as [before, places, behind] around one axis of the sample. */
static gan_shape around(gan_shape s, int axis)
{
    gan_shape t = GAN_SHAPE(1, s.dim[axis], 1);
    for (int i = 0; i < s.rank; i++)
        if (i != axis)
            t.dim[i < axis ? 0 : 2] *= s.dim[i];
    return t;
}

/* Back to the sample's axes, that one with its new extent. */
static gan_node back(gan_graph *g, gan_node x, gan_shape s, int axis, int places)
{
    s.dim[axis] = places;
    return gan_reshape(g, x, s);
}

/* Each place's neighbour, the one before (-1) or behind (1); at the edge itself, or zero. */
static gan_node neighbour(gan_graph *g, gan_node x, int side, bool zero)
{
    const gan_shape s = gan_graph_shape(g, x);
    const int first[3] = {0, 0, 0}, from_second[3] = {0, 1, 0}, at_last[3] = {0, s.dim[1] - 1, 0},
              one[3] = {s.dim[0], 1, s.dim[2]}, others[3] = {s.dim[0], s.dim[1] - 1, s.dim[2]};
    if (s.dim[1] == 1)
        return zero ? gan_const(g, s, 0) : x;
    const gan_node inside = gan_slice(g, x, side < 0 ? first : from_second, others),
                   edge = zero ? gan_const(g, GAN_SHAPE(one[0], 1, one[2]), 0)
                               : gan_slice(g, x, side < 0 ? first : at_last, one);
    return side < 0 ? gan_concat(g, edge, inside, 1) : gan_concat(g, inside, edge, 1);
}

/* (near + 3 x) / 4 */
static gan_node between(gan_graph *g, gan_node near, gan_node x)
{
    const gan_node far = gan_affine(g, near, 0.25f, 0);
    return gan_add(g, far, gan_affine(g, x, 0.75f, 0));
}

/* ---- one axis ------------------------------------------------------------------------------------ */

static gan_node up_axis(gan_graph *g, gan_node x, const resample *r, int axis)
{
    const gan_shape s = gan_graph_shape(g, x);
    if (axis >= s.rank)
        return (gan_node){-1};
    const gan_shape t = around(s, axis), column = GAN_SHAPE(t.dim[0], t.dim[1], 1, t.dim[2]);
    const gan_node flat = gan_reshape(g, x, t);
    if (r->how == NEAREST || r->how == AVERAGE) {
        const gan_node many = gan_broadcast(g, gan_reshape(g, flat, column),
                                            GAN_SHAPE(t.dim[0], t.dim[1], r->times, t.dim[2]));
        return back(g, many, s, axis, t.dim[1] * r->times);
    }
    const gan_node left = neighbour(g, flat, -1, r->how == BLUR), even = between(g, left, flat),
                   right = neighbour(g, flat, 1, r->how == BLUR), odd = between(g, right, flat),
                   evens = gan_reshape(g, even, column), odds = gan_reshape(g, odd, column);
    return back(g, gan_concat(g, evens, odds, 2), s, axis, t.dim[1] * 2);
}

/* Every N-th place of x [before, places N, behind], from one on. */
static gan_node each(gan_graph *g, gan_node x, gan_shape t, int times, int from)
{
    const int begin[4] = {0, 0, from, 0}, size[4] = {t.dim[0], t.dim[1] / times, 1, t.dim[2]};
    const gan_node parted = gan_reshape(g, x, GAN_SHAPE(t.dim[0], t.dim[1] / times, times, t.dim[2]));
    return gan_reshape(g, gan_slice(g, parted, begin, size), GAN_SHAPE(size[0], size[1], size[3]));
}

static gan_node down_axis(gan_graph *g, gan_node x, const resample *r, int axis)
{
    const gan_shape s = gan_graph_shape(g, x);
    if (axis >= s.rank)
        return (gan_node){-1};
    const gan_shape t = around(s, axis);
    const int places = t.dim[1] / r->times;
    if (r->how == NEAREST)
        return back(g, each(g, x, t, r->times, 0), s, axis, places);
    if (r->how != BLUR) {
        const gan_node parted = gan_reshape(g, x, GAN_SHAPE(t.dim[0], places, r->times, t.dim[2]));
        return back(g, gan_mean(g, parted, 1u << 2), s, axis, places);
    }
    const gan_node even = each(g, x, t, 2, 0), odd = each(g, x, t, 2, 1), before = neighbour(g, odd, -1, true),
                   behind = neighbour(g, even, 1, true), inner = gan_add(g, even, odd),
                   outer = gan_add(g, before, behind), near = gan_affine(g, inner, 0.375f, 0);
    return back(g, gan_add(g, near, gan_affine(g, outer, 0.125f, 0)), s, axis, places);
}

/* The channels' innermost factor N goes behind the places of the axis. */
static gan_node shuffle_axis(gan_graph *g, gan_node x, const resample *r, int axis)
{
    static const int order[5] = {0, 1, 4, 2, 3};
    gan_shape s = gan_graph_shape(g, x);
    if (axis >= s.rank)
        return (gan_node){-1};
    const int channels = s.dim[s.rank - 1] / r->times;
    const gan_shape t = around(s, axis);
    const gan_node parted = gan_reshape(g, x, GAN_SHAPE(t.dim[0], t.dim[1], t.dim[2] / (channels * r->times), channels,
                                                        r->times));
    s.dim[s.rank - 1] = channels;
    return back(g, gan_permute(g, parted, order), s, axis, t.dim[1] * r->times);
}

/* ---- layers ---------------------------------------------------------------------------------------- */

static gan_status read_filter(gan__layer *l, resample *r, filter without, gan_error *err)
{
    static const struct {
        const char *name;
        filter how;
    } names[] = {{"nearest", NEAREST}, {"average", AVERAGE}, {"bilinear", BILINEAR}, {"blur", BLUR}};
    r->how = without;
    if (l->options > 1)
        return gan__layer_usage(l, err);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (gan__layer_option(l, names[i].name))
            r->how = names[i].how;
    if (r->times != 2 && (r->how == BLUR || r->how == BILINEAR))
        return gan__fail(err, GAN_EKEY, "%s, line %d: %s: blur and bilinear go by 2, not by %d", l->net, l->line,
                         l->kind->name, r->times);
    return GAN_OK;
}

static gan_status parse_any(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], resample **out, gan_error *err)
{
    resample *r = l->own = gan__arena_alloc(l->arena, sizeof *r);
    if (!r)
        return gan__fail_memory(err, "a network");
    *out = r;
    if (words != 1)
        return gan__layer_usage(l, err);
    const gan_status s = gan__layer_spatial(l, &r->axes, err);
    l->output = l->input;
    return s == GAN_OK ? gan__layer_count(l, word[0], "times", &r->times, err) : s;
}

/* So many times the places, or a share of them. */
static gan_status grow(gan__layer *l, const resample *r, gan_error *err)
{
    for (int i = 0; i < r->axes; i++) {
        if ((double)l->input.dim[i] * r->times > 65536)
            return gan__layer_misfit(l, err, "%d times is more than 65536 places", r->times);
        l->output.dim[i] = l->input.dim[i] * r->times;
    }
    return GAN_OK;
}

static gan_status parse_up(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    resample *r = NULL;
    gan_status s = parse_any(l, words, word, &r, err);
    if (s == GAN_OK)
        s = read_filter(l, r, NEAREST, err);
    return s == GAN_OK ? grow(l, r, err) : s;
}

static gan_status parse_down(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    resample *r = NULL;
    gan_status s = parse_any(l, words, word, &r, err);
    if (s == GAN_OK)
        s = read_filter(l, r, AVERAGE, err);
    for (int i = 0; s == GAN_OK && i < r->axes; i++) {
        if (l->input.dim[i] % r->times)
            s = gan__layer_misfit(l, err, "%d does not divide %d places", r->times, l->input.dim[i]);
        l->output.dim[i] = l->input.dim[i] / r->times;
    }
    return s;
}

static gan_status parse_shuffle(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err)
{
    resample *r = NULL;
    gan_status s = parse_any(l, words, word, &r, err);
    int channels = s == GAN_OK ? l->input.dim[r->axes] : 0;
    for (int i = 0; s == GAN_OK && i < r->axes; i++) {
        if (channels % r->times)
            s = gan__layer_misfit(l, err, "%d channels are no multiple of %d for each of %d axes", l->input.dim[r->axes],
                                  r->times, r->axes);
        channels /= r->times;
    }
    if (s != GAN_OK)
        return s;
    l->output.dim[r->axes] = channels;
    return grow(l, r, err);
}

static gan_node apply_up(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const resample *r = l->own;
    (void)joined;
    for (int i = 0; i < r->axes; i++)
        x = up_axis(pass->graph, x, r, 1 + i);
    return x;
}

static gan_node apply_down(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const resample *r = l->own;
    (void)joined;
    for (int i = 0; i < r->axes; i++)
        x = down_axis(pass->graph, x, r, 1 + i);
    return x;
}

static gan_node apply_shuffle(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined)
{
    const resample *r = l->own;
    (void)joined;
    for (int i = r->axes; i > 0; i--) /* the last axis' factor is the innermost */
        x = shuffle_axis(pass->graph, x, r, i);
    return x;
}

static gan__reach reach_up(const gan__layer *l)
{
    const resample *r = l->own;
    return (gan__reach){r->how == BILINEAR || r->how == BLUR ? 2 : 1, r->times, 1};
}

static gan__reach reach_down(const gan__layer *l)
{
    const resample *r = l->own;
    return (gan__reach){r->how == BLUR ? 4 : r->how == NEAREST ? 1 : r->times, 1, r->times};
}

static gan__reach reach_shuffle(const gan__layer *l)
{
    const resample *r = l->own;
    return (gan__reach){1, r->times, 1};
}

static const gan__option_kind options[] = {
    {"nearest", 0, 0}, {"average", 0, 0}, {"bilinear", 0, 0}, {"blur", 0, 0}, {NULL, 0, 0}};

const gan__layer_kind gan__up = {.name = "up",
                                 .usage = "up N [nearest|bilinear|blur]",
                                 .help = "N times the places along each axis",
                                 .options = options,
                                 .parse = parse_up,
                                 .apply = apply_up,
                                 .reach = reach_up};
const gan__layer_kind gan__down = {.name = "down",
                                   .usage = "down N [average|nearest|bilinear|blur]",
                                   .help = "an N-th of the places along each axis",
                                   .options = options,
                                   .parse = parse_down,
                                   .apply = apply_down,
                                   .reach = reach_down};
const gan__layer_kind gan__shuffle = {.name = "shuffle",
                                      .usage = "shuffle N",
                                      .help = "pixel shuffle: channels become N times the places; Shi et al. 2016",
                                      .parse = parse_shuffle,
                                      .apply = apply_shuffle,
                                      .reach = reach_shuffle};
