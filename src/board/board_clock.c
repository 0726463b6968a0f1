/* board_clock.c - see board_clock.h. A line of timing is one of metrics with other keys, so gan_history reads it. */
#include "board/board_clock.h"

#include "base/error.h"
#include "base/paths.h"

#include <gan/doctor.h>
#include <stdlib.h>

/* Each session of a run counts from 0: where the seconds fall, a new one began, which goes on from the line before. */
static gan_status fill(gan__board_clock *c, const gan_history *h, gan_error *err)
{
    const int rows = gan_history_rows(h);
    double before = 0, last = 0;
    c->iteration = calloc((size_t)rows + 1, sizeof *c->iteration);
    c->seconds = calloc((size_t)rows + 1, sizeof *c->seconds);
    if (!c->iteration || !c->seconds)
        return gan__fail_memory(err, "timing.jsonl");
    for (c->rows = 0; c->rows < rows; c->rows++) {
        const double seconds = gan_history_value(h, c->rows, "seconds");
        if (seconds < last)
            before += last;
        if (seconds >= 0) /* not where there are none */
            last = seconds;
        c->iteration[c->rows] = gan_history_iteration(h, c->rows);
        c->seconds[c->rows] = before + last;
    }
    return GAN_OK;
}

gan_status gan__board_clock_read(gan__board_clock *c, const char *run, gan_error *err)
{
    char *path = gan__path_join(run, "timing.jsonl");
    gan_history *h = NULL;
    *c = (gan__board_clock){0};
    gan_status s = path ? GAN_OK : gan__fail_memory(err, run);
    if (s == GAN_OK && gan__is_file(path))
        s = gan_history_read(&h, path, err);
    if (s == GAN_OK && h)
        s = fill(c, h, err);
    if (s != GAN_OK)
        gan__board_clock_release(c);
    gan_history_free(h);
    free(path);
    return s;
}

double gan__board_clock_at(const gan__board_clock *c, int64_t iteration)
{
    int low = 0, high = c->rows; /* lines before low are not later than it, those from high on are */
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (c->iteration[middle] <= iteration)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? c->seconds[low - 1] : 0;
}

void gan__board_clock_release(gan__board_clock *c)
{
    free(c->iteration);
    free(c->seconds);
    *c = (gan__board_clock){0};
}
