/* nearest_rows.c - for each row of one set the nearest of another, exactly: by scores, then by distances of the few that may be it. */
#include "measure/scores.h"

#include "base/error.h"

#include <float.h>
#include <math.h>

typedef struct search {
    const gan_features *of, *among;
    double error;
    int *which;
    double *distance;
} search;

/* The first among equals. */
static void find(void *ctx, int thread, int row, const float *scores, double half)
{
    const search *s = ctx;
    const int n = s->among->n;
    float least = FLT_MAX;
    (void)thread, (void)half;
    for (int first = 0; first < n; first += GAN__SCORES)
        for (int i = first; gan__any_below(scores + first, least) && i < first + GAN__SCORES; i++)
            least = scores[i] < least ? scores[i] : least;
    const float most = (float)((double)least + 2 * s->error + (double)FLT_EPSILON);
    double nearest = HUGE_VAL;
    int which = 0;
    for (int first = 0; first < n; first += GAN__SCORES) {
        if (!gan__any_below(scores + first, most))
            continue;
        for (int i = first; i < n && i < first + GAN__SCORES; i++) {
            const double d = scores[i] <= most ? gan__squared(s->of, row, s->among, i) : HUGE_VAL;
            if (d < nearest) {
                nearest = d;
                which = i;
            }
        }
    }
    if (s->which)
        s->which[row] = which;
    if (s->distance)
        s->distance[row] = sqrt(nearest);
}

gan_status gan_nearest(const gan_features *of, const gan_features *among, gan_team *team, int *which, double *distance,
                       gan_error *err)
{
    gan__frame frame;
    if (among->n < 1)
        return gan__fail(err, GAN_EINVAL, "the nearest of no rows");
    if (of->dims != among->dims)
        return gan__fail(err, GAN_ESHAPE, "features of %d numbers among features of %d", of->dims, among->dims);
    gan_status status = gan__frame_make(&frame, of, among, err);
    search s = {of, among, frame.error, which, distance};
    if (status == GAN_OK)
        status = gan__scores(of, among, &frame, team, find, &s, err);
    gan__frame_release(&frame);
    return status;
}
