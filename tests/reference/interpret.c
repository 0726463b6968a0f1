/* interpret.c - see interpret.h. Every loop is the definition, index by index. */
#include "reference/interpret.h"

#include "graph/dims.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void unravel(size_t i, gan_shape s, int *ix)
{
    for (int k = s.rank - 1; k >= 0; k--) {
        ix[k] = (int)(i % (size_t)s.dim[k]);
        i /= (size_t)s.dim[k];
    }
}

/* Axes of one element repeat. */
static size_t ravel(const int *ix, gan_shape s)
{
    size_t r = 0;
    for (int k = 0; k < s.rank; k++)
        r = r * (size_t)s.dim[k] + (size_t)(s.dim[k] == 1 ? 0 : ix[k]);
    return r;
}

static double pointwise(const gan__node *n, double a, double b)
{
    switch (n->op) {
    case GAN__OP_ADD: return a + b;
    case GAN__OP_SUB: return a - b;
    case GAN__OP_MUL: return a * b;
    case GAN__OP_DIV: return a / b;
    case GAN__OP_AFFINE: return (double)n->a * a + (double)n->b;
    case GAN__OP_EXP: return exp(a);
    case GAN__OP_LOG: return log(a);
    case GAN__OP_SQRT: return sqrt(a);
    case GAN__OP_TANH: return tanh(a);
    case GAN__OP_SIGMOID: return 1 / (1 + exp(-a));
    case GAN__OP_SOFTPLUS: return fmax(a, 0) + log1p(exp(-fabs(a)));
    case GAN__OP_LRELU: return a > 0 ? a : (double)n->a * a;
    case GAN__OP_SLOPE: return a > 0 ? 1 : (double)n->a;
    case GAN__OP_INPUT:
    case GAN__OP_CONST:
    case GAN__OP_PARAM:
    case GAN__OP_UPDATE:
    case GAN__OP_AVERAGE:
    case GAN__OP_ASSIGN:
    case GAN__OP_STOP:
    case GAN__OP_RESHAPE:
    case GAN__OP_PERMUTE:
    case GAN__OP_BROADCAST:
    case GAN__OP_SLICE:
    case GAN__OP_PAD:
    case GAN__OP_CONCAT:
    case GAN__OP_GATHER:
    case GAN__OP_SCATTER_ADD:
    case GAN__OP_SUM:
    case GAN__OP_MAX:
    case GAN__OP_MATMUL:
    case GAN__OP_CONV:
    case GAN__OP_CONV_DX:
    case GAN__OP_CONV_DW:
    case GAN__OP_COUNT: break;
    }
    assert(n->op == GAN__OP_COUNT); /* never: not a pointwise op */
    return 0;
}

/* Ops whose element i comes from one element of each input, or from none. */
static void elementwise(const gan_graph *g, const gan__node *n, double *y, double **x)
{
    const gan__node *in[2] = {n->in[0] < 0 ? NULL : &g->node[n->in[0]],
                              n->in[1] < 0 ? NULL : &g->node[n->in[1]]};
    const double *a = in[0] ? x[n->in[0]] : NULL, *b = in[1] ? x[n->in[1]] : NULL;
    const size_t count = gan__shape_count(n->shape);
    for (size_t i = 0; i < count; i++) {
        int ix[GAN_RANK_MAX] = {0}, jx[GAN_RANK_MAX] = {0};
        bool inside = true;
        unravel(i, n->shape, ix);
        memcpy(jx, ix, sizeof jx);
        if (n->op == GAN__OP_CONST) {
            y[i] = (double)n->a;
        } else if (n->op == GAN__OP_RESHAPE || n->op == GAN__OP_STOP) {
            y[i] = a[i];
        } else if (n->op == GAN__OP_PERMUTE) {
            for (int k = 0; k < n->shape.rank; k++)
                jx[n->p[k]] = ix[k];
            y[i] = a[ravel(jx, in[0]->shape)];
        } else if (n->op == GAN__OP_SLICE) {
            for (int k = 0; k < n->shape.rank; k++)
                jx[k] += n->p[k];
            y[i] = a[ravel(jx, in[0]->shape)];
        } else if (n->op == GAN__OP_PAD) {
            for (int k = 0; k < n->shape.rank; k++) {
                jx[k] -= n->p[k];
                inside = inside && jx[k] >= 0 && jx[k] < in[0]->shape.dim[k];
            }
            y[i] = inside ? a[ravel(jx, in[0]->shape)] : 0;
        } else if (n->op == GAN__OP_CONCAT) {
            const int axis = n->p[0], first = in[0]->shape.dim[axis];
            if (ix[axis] >= first)
                jx[axis] -= first;
            y[i] = ix[axis] < first ? a[ravel(ix, in[0]->shape)] : b[ravel(jx, in[1]->shape)];
        } else if (n->op == GAN__OP_GATHER) {
            jx[0] = (int)b[ix[0]];
            y[i] = a[ravel(jx, in[0]->shape)];
        } else if (n->op == GAN__OP_BROADCAST) {
            y[i] = a[ravel(ix, in[0]->shape)];
        } else {
            y[i] = pointwise(n, a[ravel(ix, in[0]->shape)], in[1] ? b[ravel(ix, in[1]->shape)] : 0);
        }
    }
}

/* Ops that add up: walk the input, find the result. */
static void reduce(const gan_graph *g, const gan__node *n, double *y, double **x)
{
    const gan__node *in = &g->node[n->in[0]];
    const double *a = x[n->in[0]];
    const size_t count = gan__shape_count(n->shape), from = gan__shape_count(in->shape);
    for (size_t i = 0; i < count; i++)
        y[i] = n->op == GAN__OP_MAX ? -HUGE_VAL : 0;
    for (size_t i = 0; i < from; i++) {
        int ix[GAN_RANK_MAX] = {0};
        unravel(i, in->shape, ix);
        if (n->op == GAN__OP_SCATTER_ADD)
            ix[0] = (int)x[n->in[1]][ix[0]];
        double *to = &y[ravel(ix, n->shape)];
        *to = n->op == GAN__OP_MAX ? fmax(*to, a[i]) : *to + a[i];
    }
}

static void matmul(const gan_graph *g, const gan__node *n, double *y, double **x)
{
    const gan_shape sa = g->node[n->in[0]].shape, sb = g->node[n->in[1]].shape, s = n->shape;
    const int r = s.rank, terms = sa.dim[n->p[0] ? r - 2 : r - 1];
    for (size_t i = 0; i < gan__shape_count(s); i++) {
        int ia[GAN_RANK_MAX], ib[GAN_RANK_MAX];
        unravel(i, s, ia);
        memcpy(ib, ia, sizeof ib);
        const int row = ia[r - 2], col = ia[r - 1];
        y[i] = 0;
        for (int k = 0; k < terms; k++) {
            ia[r - 2] = n->p[0] ? k : row;
            ia[r - 1] = n->p[0] ? row : k;
            ib[r - 2] = n->p[1] ? col : k;
            ib[r - 1] = n->p[1] ? k : col;
            y[i] += x[n->in[0]][ravel(ia, sa)] * x[n->in[1]][ravel(ib, sb)];
        }
    }
}

/* One loop nest serves all three: every product x w y, added to the one that is asked for. */
static void conv(const gan_graph *g, const gan__node *t, double *result, double **v)
{
    const gan__op op = t->op;
    const gan_shape self = t->shape, a = g->node[t->in[0]].shape, b = g->node[t->in[1]].shape;
    const gan_shape sx = op == GAN__OP_CONV_DX ? self : a, sw = op == GAN__OP_CONV_DW ? self : b,
                    sy = op == GAN__OP_CONV      ? self
                         : op == GAN__OP_CONV_DX ? a
                                                 : b;
    const int r = sx.rank, og = sy.dim[r - 1] / t->p[12], cg = sx.dim[r - 1] / t->p[12];
    memset(result, 0, gan__shape_count(self) * sizeof *result);
    for (size_t j = 0; j < gan__shape_count(sy); j++)
        for (size_t k = 0; k < gan__shape_count(sw); k++) {
            int iy[GAN_RANK_MAX], iw[GAN_RANK_MAX], ix[GAN_RANK_MAX];
            bool inside = true;
            unravel(j, sy, iy);
            unravel(k, sw, iw);
            if (iw[r - 1] != iy[r - 1])
                continue;
            ix[0] = iy[0];
            ix[r - 1] = iy[r - 1] / og * cg + iw[r - 2];
            for (int d = 0; d < r - 2; d++) {
                ix[1 + d] = iy[1 + d] * t->p[d] + iw[d] * t->p[3 + d] - t->p[6 + d];
                inside = inside && ix[1 + d] >= 0 && ix[1 + d] < sx.dim[1 + d];
            }
            if (!inside)
                continue;
            const size_t q = ravel(ix, sx);
            if (op == GAN__OP_CONV)
                result[j] += v[t->in[0]][q] * v[t->in[1]][k];
            else if (op == GAN__OP_CONV_DX)
                result[q] += v[t->in[0]][j] * v[t->in[1]][k];
            else
                result[k] += v[t->in[0]][q] * v[t->in[1]][j];
        }
}

static double *moment(double **slot, int state, size_t n)
{
    if (!slot[state])
        slot[state] = calloc(n, sizeof(double));
    assert(slot[state]);
    return slot[state];
}

/* UPDATE's own value is the next version; PARAM of that version copies it. */
static void update(const gan_graph *g, const gan__node *n, double *y, ref_values *r, int id)
{
    const size_t count = gan__shape_count(n->shape);
    const double b1 = (double)n->a, b2 = (double)n->b;
    const double *w = NULL;
    for (int i = 0; i < id; i++)
        if ((g->node[i].op == GAN__OP_PARAM || g->node[i].op == GAN__OP_UPDATE ||
             g->node[i].op == GAN__OP_ASSIGN) &&
            g->node[i].state == n->state && g->node[i].version == n->version - 1)
            w = r->x[i];
    assert(w);
    double *m = moment(r->moment1, n->state, count), *v = moment(r->moment2, n->state, count);
    for (size_t i = 0; i < count; i++) {
        const double d = r->x[n->in[0]][i];
        m[i] = b1 * m[i] + (double)n->d * d;
        v[i] = b2 * v[i] + (double)n->e * d * d;
        y[i] = w[i] - *r->x[n->in[1]] * m[i] / (sqrt(v[i]) * *r->x[n->in[2]] + (double)n->c);
    }
}

static void evaluate(const gan_graph *g, int id, ref_values *r, ref_feed *feed, void *ctx)
{
    const gan__node *n = &g->node[id];
    const size_t count = gan__shape_count(n->shape);
    double *y = r->x[id];
    switch (n->op) {
    case GAN__OP_INPUT: feed(ctx, n, id, y); break;
    case GAN__OP_PARAM:
        if (n->in[0] >= 0)
            memcpy(y, r->x[n->in[0]], count * sizeof *y);
        else
            feed(ctx, n, id, y);
        break;
    case GAN__OP_UPDATE: update(g, n, y, r, id); break;
    case GAN__OP_ASSIGN: memcpy(y, r->x[n->in[0]], count * sizeof *y); break;
    case GAN__OP_AVERAGE: {
        double *a = moment(r->average, n->state, count), decay = *r->x[n->in[1]];
        for (size_t i = 0; i < count; i++)
            y[i] = a[i] = decay * a[i] + (1 - decay) * r->x[n->in[0]][i];
        break;
    }
    case GAN__OP_SUM:
    case GAN__OP_MAX:
    case GAN__OP_SCATTER_ADD: reduce(g, n, y, r->x); break;
    case GAN__OP_MATMUL: matmul(g, n, y, r->x); break;
    case GAN__OP_CONV:
    case GAN__OP_CONV_DX:
    case GAN__OP_CONV_DW: conv(g, n, y, r->x); break;
    case GAN__OP_CONST:
    case GAN__OP_ADD:
    case GAN__OP_SUB:
    case GAN__OP_MUL:
    case GAN__OP_DIV:
    case GAN__OP_AFFINE:
    case GAN__OP_EXP:
    case GAN__OP_LOG:
    case GAN__OP_SQRT:
    case GAN__OP_TANH:
    case GAN__OP_SIGMOID:
    case GAN__OP_SOFTPLUS:
    case GAN__OP_LRELU:
    case GAN__OP_SLOPE:
    case GAN__OP_STOP:
    case GAN__OP_RESHAPE:
    case GAN__OP_PERMUTE:
    case GAN__OP_BROADCAST:
    case GAN__OP_SLICE:
    case GAN__OP_PAD:
    case GAN__OP_CONCAT:
    case GAN__OP_GATHER: elementwise(g, n, y, r->x); break;
    case GAN__OP_COUNT: break;
    }
}

ref_values ref_eval(const gan_graph *g, int last, ref_feed *feed, void *ctx)
{
    const size_t states = (size_t)g->states + 1;
    ref_values r = {.x = calloc((size_t)g->count, sizeof *r.x),
                    .count = g->count,
                    .moment1 = calloc(states, sizeof(double *)),
                    .moment2 = calloc(states, sizeof(double *)),
                    .average = calloc(states, sizeof(double *)),
                    .states = g->states};
    assert(r.x && r.moment1 && r.moment2 && r.average);
    for (int i = 0; i <= last; i++) {
        r.x[i] = calloc(gan__shape_count(g->node[i].shape), sizeof(double));
        assert(r.x[i]);
        evaluate(g, i, &r, feed, ctx);
    }
    return r;
}

void ref_free(ref_values *v)
{
    for (int i = 0; i < v->count; i++)
        free(v->x[i]);
    for (int i = 0; i < v->states; i++) {
        free(v->moment1[i]);
        free(v->moment2[i]);
        free(v->average[i]);
    }
    free(v->x);
    free(v->moment1);
    free(v->moment2);
    free(v->average);
}
