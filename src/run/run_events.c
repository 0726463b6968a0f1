/* run_events.c - what a run tells its observer and writes in its logs. */
#include "run/run_events.h"

#include "base/clock.h"
#include "run/log_lines.h"

#include <gan/text.h>

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_BYTES = 1024 };

/* Until the last iteration, or until time is up where that comes first (*timed). Negative: not known. */
static double seconds_left(const gan__run *r, int64_t i, bool *timed)
{
    const double by_iterations = r->rate > 0 ? (double)(r->target - i) / r->rate : -1,
                 by_time = 60 * r->p->minutes - (gan__seconds() - r->began);
    *timed = r->p->minutes > 0 && r->began > 0 && by_iterations > by_time;
    return !*timed ? by_iterations : by_time > 0 ? by_time : 0;
}

gan_event gan__run_event(const gan__run *r, gan_event_kind kind)
{
    const int64_t i = gan_trainer_iteration(r->trainer);
    gan_event e = {.kind = kind,
                   .iteration = i,
                   .iterations = r->target,
                   .rate = r->rate,
                   .dir = r->dir};
    e.over = kind == GAN_EVENT_END && r->over;
    e.seconds_left = seconds_left(r, i, &e.timed);
    gan_trainer_shape(r->trainer, &e.height, &e.width, &e.channels);
    return e;
}

gan_status gan__run_emit(const gan__run *r, const gan_event *e, gan_error *err)
{
    return r->p->observer ? r->p->observer(r->p->observer_ctx, e, err) : GAN_OK;
}

gan_status gan__run_say(const gan__run *r, gan_event_kind kind, gan_error *err, const char *format,
                        ...)
{
    char text[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    gan_text_clean(text, TEXT_BYTES, text);
    gan_event e = gan__run_event(r, kind);
    e.text = text;
    return gan__run_emit(r, &e, err);
}

static gan_status show_points(gan__run *r, gan_error *err)
{
    const gan_status s = gan_trainer_sample_floats(r->trainer, 0, GAN__POINTS_SHOWN, r->points, err);
    if (s != GAN_OK)
        return s;
    gan_event e = gan__run_event(r, GAN_EVENT_GRID);
    e.n = GAN__POINTS_SHOWN;
    e.points = r->points;
    e.real = r->points + (size_t)e.n * (size_t)e.height * (size_t)e.width * (size_t)e.channels;
    return gan__run_emit(r, &e, err);
}

gan_status gan__run_show_grid(gan__run *r, gan_error *err)
{
    if (!gan_trainer_draws(r->trainer))
        return GAN_OK;
    if (r->points)
        return show_points(r, err);
    gan_status s = gan_trainer_sample(r->trainer, 0, GAN__GRID, r->grid, err);
    if (s != GAN_OK)
        return s;
    gan_event e = gan__run_event(r, GAN_EVENT_GRID);
    e.pixels = r->grid;
    e.n = GAN__GRID;
    return gan__run_emit(r, &e, err);
}

gan_status gan__run_show_progress(gan__run *r, gan_error *err)
{
    const double now = gan__seconds(), since = now - r->shown;
    const int64_t i = gan_trainer_iteration(r->trainer);
    if (since < 0.5)
        return GAN_OK;
    const double rate = (double)(i - r->shown_at) / since;
    r->rate = r->rate > 0 ? 0.7 * r->rate + 0.3 * rate : rate;
    r->shown = now;
    r->shown_at = i;
    const gan_event e = gan__run_event(r, GAN_EVENT_PROGRESS);
    return gan__run_emit(r, &e, err);
}

gan_status gan__run_log(gan__run *r, const gan_metrics *m, gan_error *err)
{
    char line[GAN__LOG_LINE_MAX];
    gan_status s =
        gan__log_write(r->metrics, "metrics.jsonl", line, gan__metrics_line(m, line), err);
    if (s == GAN_OK)
        s = gan__log_write(
            r->timing, "timing.jsonl", line,
            gan__timing_line(m->iteration, gan__seconds() - r->began, r->rate, line), err);
    if (s != GAN_OK)
        return s;
    gan_event e = gan__run_event(r, GAN_EVENT_METRICS);
    e.metrics = m;
    return gan__run_emit(r, &e, err);
}
