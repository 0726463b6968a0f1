/* error.c - one line that says what, where and what to do. */
#include "base/error.h"

#include "base/words.h"

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

enum { LONGEST = 8192 }; /* before clipping: a path of any length and what is said about it */

static void put_message(gan_error *err, gan_status status, const char *behind, const char *format,
                        va_list args) GAN_PRINTF(4, 0);

static void put_message(gan_error *err, gan_status status, const char *behind, const char *format,
                        va_list args)
{
    char text[LONGEST];
    vsnprintf(text, sizeof text, format, args);
    const size_t n = strlen(text);
    if (behind)
        snprintf(text + n, sizeof text - n, ": %s", behind);
    gan_text_clean(err->message, sizeof err->message, text);
    err->status = status;
}

gan_status gan__fail(gan_error *err, gan_status status, const char *format, ...)
{
    if (!err)
        return status;
    va_list args;
    va_start(args, format);
    put_message(err, status, NULL, format, args);
    va_end(args);
    return status;
}

gan_status gan__fail_errno(gan_error *err, gan_status status, const char *format, ...)
{
    if (!err)
        return status;
    char text[128];
    const char *why = strerror_r(errno, text, sizeof text);
    va_list args;
    va_start(args, format);
    put_message(err, status, why, format, args);
    va_end(args);
    return status;
}

gan_status gan__fail_memory(gan_error *err, const char *what)
{
    return gan__fail(err, GAN_ENOMEM, "out of memory for %s", what);
}
