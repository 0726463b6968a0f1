/* schedule.h - numbers that change from iteration to iteration, as functions of it alone.
 *
 * Double arithmetic without a libm function but sqrt, which is exact everywhere.
 */
#ifndef GAN_GAME_SCHEDULE_H
#define GAN_GAME_SCHEDULE_H

#include <gan/recipe.h>
#include <stdbool.h>

/* gan__power - x^n by squaring. Adam's 1 - beta^t comes from the iteration's number: nothing to store. */
double gan__power(double x, int64_t n);

/* gan__rate_factor - what the learning rate is multiplied by in iteration i (from 0): constant, linear or
 * cosine (Loshchilov & Hutter 2017, arXiv:1608.03983) over `length` iterations, the last value behind
 * it; rising from 0 over the first `warmup`. */
double gan__rate_factor(const char *schedule, int64_t i, int64_t length, int64_t warmup);

/* gan__average_decay - of the moving average in iteration i: min(decay, (i+1)/(i+10)) with warm-up. */
double gan__average_decay(double decay, bool warmup, int64_t i);

#endif
