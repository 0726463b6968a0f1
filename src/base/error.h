/* error.h - how the library's own code reports failure. */
#ifndef GAN_BASE_ERROR_H
#define GAN_BASE_ERROR_H

#include <gan/status.h>

/* gan__fail - fill err (may be NULL) with status and a formatted line, and return status.
 * The line is cleaned and clipped as by gan_text_clean: what comes in with a file's name or content must
 * not move a terminal's cursor, and what a long name costs is its middle, not the remedy behind it. */
gan_status gan__fail(gan_error *err, gan_status status, const char *format, ...) GAN_PRINTF(3, 4);

/* gan__fail_errno - the same, with ": strerror(errno)" behind it. */
gan_status gan__fail_errno(gan_error *err, gan_status status, const char *format, ...)
    GAN_PRINTF(3, 4);

/* gan__fail_memory - the one sentence for an allocation that failed. */
gan_status gan__fail_memory(gan_error *err, const char *what);

#endif
