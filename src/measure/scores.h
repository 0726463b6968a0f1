/* scores.h - a first look at all pairs of rows of two sets, in float32: who may be near whom.
 *
 * The score of y for x is |y|^2 / 2 - x y, about a common centre and scaled so that no row is longer than 1: half the squared
 * distance, less |x|^2 / 2, at a quarter of the work of squared differences in double. It is off by `error` at most (a dot product of
 * n terms: n u |x| |y|, Higham 2002, section 3.1), so whoever asks takes those that may matter by their scores, and then their
 * distances in double: what is found is what double alone finds, and how this look rounds, in one instruction set or another,
 * does not show. */
#ifndef GAN_MEASURE_SCORES_H
#define GAN_MEASURE_SCORES_H

#include <gan/measure.h>

typedef struct gan__frame {
    double *centre; /* owned: the mean of the second set's rows */
    double scale;   /* of a distance */
    double error;   /* of a score at most */
} gan__frame;

gan_status gan__frame_make(gan__frame *f, const gan_features *a, const gan_features *b, gan_error *err);
void gan__frame_release(gan__frame *f);

enum { GAN__SCORES = 16 };

/* Row `row` of `of`: a score for each row of `among`, and FLT_MAX behind them up to a multiple of GAN__SCORES; half: |x|^2 / 2, so that half + score is half the scaled squared distance.
 * In ascending order of rows within a thread; threads have neighbouring rows. */
typedef void gan__scores_fn(void *ctx, int thread, int row, const float *scores, double half);

/* gan__scores - the frame must be made of both sets. GAN_ENOMEM. */
gan_status gan__scores(const gan_features *of, const gan_features *among, const gan__frame *f, gan_team *team, gan__scores_fn *fn,
                       void *ctx, gan_error *err);

/* gan__any_below - is one of GAN__SCORES scores at most that? What a scan of many scores begins with. */
static inline bool gan__any_below(const float *scores, float bound)
{
    int any = 0;
    for (int k = 0; k < GAN__SCORES; k++)
        any |= scores[k] <= bound;
    return any;
}

/* gan__squared - the squared distance of row i of a and row k of b, in double, dimensions ascending. */
double gan__squared(const gan_features *a, int i, const gan_features *b, int k);

#endif
