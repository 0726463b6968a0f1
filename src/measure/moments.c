/* moments.c - see moments.h. */
#include "measure/moments.h"

#include "base/error.h"
#include "base/random.h"
#include "measure/pairs.h"

#include <stdlib.h>
#include <string.h>

int gan__group_rows(int n, int groups, int g, int *rows)
{
    const uint32_t stream = gan__stream("measure/groups");
    const int first = (int)((long)n * g / groups), end = (int)((long)n * (g + 1) / groups);
    for (int i = first; i < end; i++)
        rows[i - first] = (int)gan__permute((uint64_t)i, (uint64_t)n, 0, stream, 0);
    return end - first;
}

/* Sums of one group: its columns as rows, about the centre, met with themselves. */
static gan_status add_group(gan__moments *m, int g, const gan_features *f, const int *rows, const double *centre, gan_team *team,
                            gan_error *err)
{
    const size_t dims = (size_t)m->dims, n = (size_t)m->count[g];
    gan_features columns;
    gan_status s = gan_features_make(&columns, m->dims, (int)n, err);
    if (s != GAN_OK)
        return s;
    double *sum = m->sum + (size_t)g * dims;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < dims; k++) {
            const double x = f->x[(size_t)rows[i] * dims + k] - centre[k];
            columns.x[k * n + i] = x;
            sum[k] += x;
        }
    s = gan__products(&columns, &columns, team, m->square + (size_t)g * dims * dims, err);
    gan_features_release(&columns);
    return s;
}

gan_status gan__moments_make(gan__moments *m, const gan_features *f, const int *rows, int n, const double *centre, int groups,
                             gan_team *team, gan_error *err)
{
    const size_t dims = (size_t)f->dims, each = (size_t)groups;
    int *own = malloc(((size_t)n + 1) * sizeof *own);
    *m = (gan__moments){.groups = groups, .dims = f->dims};
    m->count = calloc(each, sizeof *m->count);
    m->sum = calloc(each * dims, sizeof *m->sum);
    m->square = calloc(each * dims * dims, sizeof *m->square);
    gan_status s = own && m->count && m->sum && m->square ? GAN_OK : gan__fail_memory(err, "covariances");
    for (int g = 0; g < groups && s == GAN_OK; g++) {
        m->count[g] = gan__group_rows(n, groups, g, own);
        for (int i = 0; rows && i < m->count[g]; i++)
            own[i] = rows[own[i]];
        if (m->count[g])
            s = add_group(m, g, f, own, centre, team, err);
    }
    free(own);
    if (s != GAN_OK)
        gan__moments_release(m);
    return s;
}

void gan__moments_release(gan__moments *m)
{
    free(m->count);
    free(m->sum);
    free(m->square);
    *m = (gan__moments){0};
}

double gan__moments_of(const gan__moments *m, int groups, int without, double *mean, double *covariance)
{
    const size_t dims = (size_t)m->dims;
    double n = 0;
    memset(mean, 0, dims * sizeof *mean);
    memset(covariance, 0, dims * dims * sizeof *covariance);
    for (int g = 0; g < groups; g++) {
        if (g == without)
            continue;
        n += m->count[g];
        for (size_t k = 0; k < dims; k++)
            mean[k] += m->sum[(size_t)g * dims + k];
        for (size_t k = 0; k < dims * dims; k++)
            covariance[k] += m->square[(size_t)g * dims * dims + k];
    }
    for (size_t k = 0; k < dims; k++)
        mean[k] /= n;
    for (size_t i = 0; i < dims; i++)
        for (size_t k = 0; k < dims; k++)
            covariance[i * dims + k] = (covariance[i * dims + k] - n * mean[i] * mean[k]) / (n - 1);
    return n;
}
