/* pairs.h - the dot product of each pair of rows of two sets. In double; a lane is always another pair and each operation rounds
 * once, so the numbers are the same in every form and for any number of threads. Distances: scores.h. */
#ifndef GAN_MEASURE_PAIRS_H
#define GAN_MEASURE_PAIRS_H

#include <gan/measure.h>

/* A set laid out to be met: 8 rows side by side. */
typedef struct gan__panels {
    int n, dims;
    double *block; /* owned */
} gan__panels;

gan_status gan__panels_make(gan__panels *p, const gan_features *f, gan_error *err);
void gan__panels_release(gan__panels *p);

/* Row `row` against every row of the panels, in ascending order of rows within a thread. Threads have neighbouring rows. */
typedef void gan__pairs_fn(void *ctx, int thread, int row, const double *values);

gan_status gan__pairs(const gan_features *rows, const gan__panels *columns, gan_team *team,
                      gan__pairs_fn *fn, void *ctx, gan_error *err);

/* gan__products - out [a.n, b.n] = a b', dots of rows. */
gan_status gan__products(const gan_features *a, const gan_features *b, gan_team *team, double *out, gan_error *err);

int gan__threads_of(const gan_team *team); /* 1 where it is NULL */

#endif
