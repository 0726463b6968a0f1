/* log_lines.c - see log_lines.h. */
#include "run/log_lines.h"

#include "base/error.h"
#include "base/fileio.h"
#include "base/paths.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* As jansson writes reals with nine digits: 0.0, 1.5, 2e-5. A decimal point is whatever the
 * process's locale says it is; here it is a point. */
static char *put_number(char *p, double x)
{
    char digits[64];
    const char *d = digits;
    bool whole = true;
    if (!isfinite(x))
        return stpcpy(p, "null");
    snprintf(digits, sizeof digits, "%.9g", x);
    for (; *d && *d != 'e'; d++) {
        const bool digit = strchr("0123456789-", *d) != NULL;
        if (digit || whole)
            *p++ = digit ? *d : '.';
        whole &= digit;
    }
    if (!*d)
        return whole ? stpcpy(p, ".0") : p;
    *p++ = *d++;
    if (*d == '-')
        *p++ = *d;
    return stpcpy(p, d + strspn(d, "+-0"));
}

static char *put_key(char *p, const char *key)
{
    return stpcpy(stpcpy(stpcpy(p, ",\""), key), "\":");
}

static char *put_iteration(char *line, int64_t iteration)
{
    return line + snprintf(line, GAN__LOG_LINE_MAX, "{\"iteration\":%lld", (long long)iteration);
}

static size_t end_line(const char *line, char *p)
{
    return (size_t)(stpcpy(p, "}\n") - line);
}

size_t gan__metrics_line(const gan_metrics *m, char line[GAN__LOG_LINE_MAX])
{
    char *p = put_iteration(line, m->iteration);
    for (int i = 0; i < m->count; i++)
        p = put_number(put_key(p, m->row[i].key), (double)m->row[i].value);
    return end_line(line, p);
}

size_t gan__timing_line(int64_t iteration, double seconds, double rate, char line[GAN__LOG_LINE_MAX])
{
    char *p = put_iteration(line, iteration);
    p = put_number(put_key(p, "seconds"), seconds);
    p = put_number(put_key(p, "rate"), rate);
    return end_line(line, p);
}

gan_status gan__log_open(const char *dir, const char *name, int *fd, gan_error *err)
{
    char *path = gan__path_join(dir, name);
    if (!path)
        return gan__fail_memory(err, name);
    struct stat st;
    *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    const gan_status s = *fd < 0 || fstat(*fd, &st) != 0 ? gan__fail_errno(err, GAN_EIO, "%s: cannot be written", path)
                         : !S_ISREG(st.st_mode) ? gan__fail(err, GAN_EIO, "%s: is not a regular file", path)
                                                : gan__sync_dir(path, err);
    free(path);
    return s;
}

gan_status gan__log_write(int fd, const char *name, const char *line, size_t bytes, gan_error *err)
{
    if (gan__write_all(fd, line, bytes))
        return GAN_OK;
    return gan__fail_errno(err, GAN_EIO, "%s: writing failed; free some space and resume the run",
                           name);
}
