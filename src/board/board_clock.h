/* board_clock.h - when an iteration was done. */
#ifndef GAN_BOARD_BOARD_CLOCK_H
#define GAN_BOARD_BOARD_CLOCK_H

#include <gan/status.h>
#include <stdint.h>

/* What timing.jsonl says: seconds since the run began, of each line's iteration. Owns its arrays. */
typedef struct gan__board_clock {
    int rows;
    int64_t *iteration;
    double *seconds;
} gan__board_clock;

/* gan__board_clock_read - RUN/timing.jsonl; without one, a clock that stands. Errors: gan_history_read's.
 * gan__board_clock_at   - of the last line up to that iteration, 0 before the first one. */
gan_status gan__board_clock_read(gan__board_clock *c, const char *run, gan_error *err);
double gan__board_clock_at(const gan__board_clock *c, int64_t iteration);
void gan__board_clock_release(gan__board_clock *c);

#endif
