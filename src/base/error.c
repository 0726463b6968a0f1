/* error.c - one line that says what, where and what to do. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
} statuses[] = {
#define X(name, text) {#name, text},
    GAN_STATUS_MAP(X)
#undef X
};

const char *gan_status_name(gan_status status)
{
    const size_t i = (size_t)status;
    return i < sizeof statuses / sizeof *statuses ? statuses[i].name : "?";
}

const char *gan_status_text(gan_status status)
{
    const size_t i = (size_t)status;
    return i < sizeof statuses / sizeof *statuses ? statuses[i].text : "unknown status";
}

/* What comes in with a file name or a file's content must not move a terminal's cursor. */
static void one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
}

gan_status gan__fail(gan_error *err, gan_status status, const char *format, ...)
{
    if (!err)
        return status;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    one_line(err->message);
    err->status = status;
    return status;
}

gan_status gan__fail_errno(gan_error *err, gan_status status, const char *format, ...)
{
    if (!err)
        return status;
    const int code = errno;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    const size_t n = strlen(err->message);
    char text[128];
    snprintf(err->message + n, sizeof err->message - n, ": %s",
             strerror_r(code, text, sizeof text));
    one_line(err->message);
    err->status = status;
    return status;
}

gan_status gan__fail_memory(gan_error *err, const char *what)
{
    return gan__fail(err, GAN_ENOMEM, "out of memory for %s", what);
}
