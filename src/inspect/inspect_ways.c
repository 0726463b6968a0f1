/* inspect_ways.c - directions in the latent space that change pictures most, by the first matrix that meets z.
 *
 *     z --> [normed, reshaped, ... --> matrix, bias] --> y --> [activation] --> a
 *           f(z) = A z + b
 *
 * A's columns are f(e_j) - f(0), whatever kind of product it is and however the line reaches z; a norm of z in between stretches all unit
 * vectors alike, which moves no direction. Of results: with K = Y Y' the products of centred rows, K q = s q, the coordinates of the
 * samples along the k-th principal component are sqrt(s_k) q_k, orthogonal to one another, so the least squares of z on them is a sum:
 * way k ~ Z' q_k. So no matrix has more rows than there are samples, however wide the layer is.
 */
#include "base/error.h"
#include "base/memory.h"
#include "inspect/inspector.h"
#include "measure/eigen.h"
#include "measure/pairs.h"
#include "nn/layer.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 1024, AT_ONCE = 64 };

/* What is run: latents in or drawn, and what the layer gives of them. */
typedef struct source {
    gan_plan *plan;
    gan_node z, y;
    int latent, numbers; /* of a row of z, of y */
} source;

/* ---- the layer ----------------------------------------------------------------------------------- */

/* The net that draws: the one that the setting of the latent belongs to, "generator.latent". */
static const gan_net *net_that_draws(const gan__match *m)
{
    int r = 0;
    while (strncmp(m->game->latent, m->role[r].kind->name, strcspn(m->game->latent, ".")) != 0)
        r++;
    return m->role[r].net;
}

/* Does what layer i reads (-1: the net's input) carry z's directions? */
static bool is_way_in(const gan_net *net, int i)
{
    while (i >= 0) {
        const gan__layer *l = gan__net_layer(net, i);
        if (l->kind->way != GAN__WAY_ON || l->activation)
            return false;
        i = l->kind->joins ? l->joined : i - 1;
    }
    return true;
}

static const gan__layer *first_product(const gan_net *net)
{
    for (int i = 0; i < gan_net_layers(net); i++) {
        const gan__layer *l = gan__net_layer(net, i);
        if (l->kind->way == GAN__WAY_PRODUCT && is_way_in(net, i - 1))
            return l;
    }
    return NULL;
}

/* ---- a plan -------------------------------------------------------------------------------------- */

/* Of class 0, where classes are read. drawn: z is noise, y behind the activation; else an input and before it. */
static gan_status build(source *s, const gan_inspector *x, gan_graph *g, bool drawn, gan_error *err)
{
    const gan__match *m = &x->trainer->match;
    const gan_net *net = net_that_draws(m);
    const gan__layer *l = first_product(net);
    const gan_shape shape = GAN_SHAPE(AT_ONCE, s->latent);
    if (!l)
        return gan__fail(err, GAN_EUNSUPPORTED, "the net that draws: no first line multiplies z with a matrix (dense, conv, tconv)");
    gan_node *result = calloc((size_t)gan_net_layers(net), sizeof *result);
    if (!result)
        return gan__fail_memory(err, "ways");
    const gan_node label = gan_const(g, GAN_SHAPE(AT_ONCE), 0);
    gan_pass pass = {.graph = g, .label = m->labelled ? &label : NULL, .stream = "sample", .results = result};
    s->z = drawn ? gan_noise(g, "sample", shape) : gan_input(g, "z", shape);
    gan_net_run(net, &pass, s->z);
    s->y = drawn ? result[l->number] : l->kind->apply(l, &pass, l->number ? result[l->number - 1] : s->z, (gan_node){-1});
    free(result);
    s->numbers = gan__layer_numbers(l->output);
    return gan__inspector_plan(&s->plan, x, g, &s->z, 2, err);
}

static gan_status begin(source *s, const gan_inspector *x, bool drawn, gan_error *err)
{
    *s = (source){.latent = gan__match_latent(&x->trainer->match)};
    gan_graph *g = gan_graph_create();
    if (!g)
        return gan__fail_memory(err, "ways");
    const gan_status status = build(s, x, g, drawn, err);
    gan_graph_free(g);
    return status;
}

/* The first n rows of a sink, as doubles. */
static void take(const source *s, gan_node sink, int n, int width, double *out)
{
    const float *from = gan_plan_value(s->plan, sink);
    for (size_t i = 0; i < (size_t)n * (size_t)width; i++)
        out[i] = (double)from[i];
}

/* ---- two kinds ----------------------------------------------------------------------------------- */

/* What is decomposed: row i of y belongs to row i of z; way k is sum_i q_k[i] z_i. */
typedef struct rows {
    gan_features y, z;
} rows;

/* f(e_1) - f(0), f(e_2) - f(0), ...: A's columns; z the unit vectors. */
static gan_status columns_of(source *s, rows *r, gan_error *err)
{
    float *in = gan_plan_input(s->plan, "z");
    const size_t latent = (size_t)s->latent, width = (size_t)s->numbers, bytes = AT_ONCE * latent * sizeof *in;
    double *still = malloc(width * sizeof *still);
    if (!still)
        return gan__fail_memory(err, "ways");
    memset(in, 0, bytes);
    gan_plan_run(s->plan, (gan_step){0});
    take(s, s->y, 1, s->numbers, still);
    for (size_t first = 0; first < latent; first += AT_ONCE) {
        const size_t some = latent - first < AT_ONCE ? latent - first : AT_ONCE;
        memset(in, 0, bytes);
        for (size_t i = 0; i < some; i++)
            in[i * latent + first + i] = 1;
        gan_plan_run(s->plan, (gan_step){0});
        take(s, s->y, (int)some, s->numbers, r->y.x + first * width);
    }
    for (size_t i = 0; i < latent; i++) {
        r->z.x[i * latent + i] = 1;
        for (size_t k = 0; k < width; k++)
            r->y.x[i * width + k] -= still[k];
    }
    free(still);
    return GAN_OK;
}

/* The samples of the recipe's seed, from 0 on; y centred. */
static gan_status samples_of(source *s, uint64_t seed, rows *r, gan_error *err)
{
    const size_t latent = (size_t)s->latent, width = (size_t)s->numbers;
    double *mean = calloc(width, sizeof *mean);
    if (!mean)
        return gan__fail_memory(err, "ways");
    for (size_t first = 0; first < SAMPLES; first += AT_ONCE) {
        gan_plan_run(s->plan, (gan_step){.seed = seed, .sample = (uint32_t)first});
        take(s, s->z, AT_ONCE, s->latent, r->z.x + first * latent);
        take(s, s->y, AT_ONCE, s->numbers, r->y.x + first * width);
    }
    for (size_t i = 0; i < SAMPLES * width; i++)
        mean[i % width] += r->y.x[i] / SAMPLES;
    for (size_t i = 0; i < SAMPLES * width; i++)
        r->y.x[i] -= mean[i % width];
    free(mean);
    return GAN_OK;
}

/* ---- ways ---------------------------------------------------------------------------------------- */

/* Of length 1, its largest number positive. False: it is nothing. */
static bool tidy(const double *way, int n, float *out)
{
    double square = 0, largest = 0;
    for (int k = 0; k < n; k++) {
        square += way[k] * way[k];
        largest = fabs(way[k]) > fabs(largest) ? way[k] : largest;
    }
    if (!(square > 0) || !isfinite(square))
        return false;
    const double length = largest > 0 ? sqrt(square) : -sqrt(square);
    for (int k = 0; k < n; k++)
        out[k] = (float)(way[k] / length);
    return true;
}

/* vector [count, n], value [count]: eigenvectors and -values, ascending; way: room for one. The number of ways that there are. */
static int strongest(const rows *r, int count, const double *vector, const double *value, double *way, float *out)
{
    const size_t n = (size_t)r->z.n, latent = (size_t)r->z.dims;
    int ways = 0;
    for (int k = count - 1; k >= 0 && value[k] > value[count - 1] * r->z.n * DBL_EPSILON; k--) {
        memset(way, 0, latent * sizeof *way);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < latent; j++)
                way[j] += vector[(size_t)k * n + i] * r->z.x[i * latent + j];
        if (!tidy(way, r->z.dims, out + (size_t)ways * latent))
            break;
        ways++;
    }
    return ways;
}

static gan_status decompose(const gan_inspector *x, const rows *r, int most, float *way, double *strength, int *count, gan_error *err)
{
    const size_t n = (size_t)r->y.n;
    const int all = r->z.dims < r->y.n ? r->z.dims : r->y.n, few = most < all ? most : all;
    double sum = 0, *square = malloc((n * n + n * (size_t)few + n + (size_t)r->z.dims) * sizeof *square);
    double *vector = square + n * n, *value = vector + n * (size_t)few;
    if (!square)
        return gan__fail_memory(err, "ways");
    gan_status s = gan__products(&r->y, &r->y, x->trainer->source.team, square, err);
    for (size_t i = 0; s == GAN_OK && i < n; i++)
        sum += square[i * n + i];
    if (s == GAN_OK && !isfinite(sum))
        s = gan__fail(err, GAN_ENUMERIC, "ways: what the first layer gives is not finite");
    if (s == GAN_OK)
        s = gan__eigen_largest(square, (int)n, few, value, vector, err);
    if (s == GAN_OK)
        *count = strongest(r, few, vector, value, value + n, way);
    for (int k = 0; k < *count; k++)
        strength[k] = value[few - 1 - k] / sum;
    free(square);
    return s;
}

/* Rows, and the matrix of their products. */
static gan_status make_rows(rows *r, const source *s, int n, gan_error *err)
{
    const size_t doubles = (size_t)n * (2 * (size_t)s->numbers + (size_t)s->latent + 3 * (size_t)n); /* rows are laid out twice; LAPACK works in two */
    gan_status status = gan__memory_check(doubles * sizeof(double), "ways", err);
    if (status == GAN_OK)
        status = gan_features_make(&r->y, n, s->numbers, err);
    return status == GAN_OK ? gan_features_make(&r->z, n, s->latent, err) : status;
}

gan_status gan_inspector_ways(gan_inspector *x, gan_ways kind, int most, float *way, double *strength, int *count, gan_error *err)
{
    const bool drawn = kind == GAN_WAYS_RESULTS;
    source s;
    rows r = {0};
    *count = 0;
    gan_status status = begin(&s, x, drawn, err);
    const int n = drawn ? SAMPLES : s.latent;
    if (status == GAN_OK)
        status = make_rows(&r, &s, n, err);
    if (status == GAN_OK)
        status = drawn ? samples_of(&s, x->trainer->source.seed, &r, err) : columns_of(&s, &r, err);
    if (status == GAN_OK)
        status = decompose(x, &r, most, way, strength, count, err);
    gan_features_release(&r.y);
    gan_features_release(&r.z);
    gan_plan_free(s.plan);
    return status;
}
