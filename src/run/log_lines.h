/* log_lines.h - the lines of metrics.jsonl and timing.jsonl. */
#ifndef GAN_RUN_LOG_LINES_H
#define GAN_RUN_LOG_LINES_H

#include <gan/train.h>

enum { GAN__LOG_LINE_MAX = 96 * (GAN_METRICS_MAX + 1) };

/* gan__metrics_line - m as one line of JSON, its newline included; keys in the order of
 * its rows, nine digits (they name a float exactly), null for what is not finite. The same bytes
 * in any locale, and nothing is allocated. Returns the length. */
size_t gan__metrics_line(const gan_metrics *m, char line[GAN__LOG_LINE_MAX]);
size_t gan__timing_line(int64_t iteration, double seconds, double rate, char line[GAN__LOG_LINE_MAX]);

/* gan__log_open - open a log for adding lines, made if need be. gan__log_write - add one.
 * A log is a plain file descriptor: a line is one write, and a run allocates nothing for it. */
gan_status gan__log_open(const char *dir, const char *name, int *fd, gan_error *err);
gan_status gan__log_write(int fd, const char *name, const char *line, size_t bytes, gan_error *err);

#endif
