/* ini.h - INI text: sections of key = value lines.
 *
 *     # a comment, on a line of its own; or after a value: " ; comment"
 *     [generator]
 *     layers = dense 256        a line that begins with white space goes on with the value before
 * it: relu                    "dense 256\nrelu"
 *
 * White space around keys and values is dropped; ':' may stand for '='. Limits: 197 bytes a line
 * (comments on lines of their own may be longer), 49 bytes for a section's name. Beyond them, and
 * for control characters or text that is not UTF-8, there is an error, never a cut.
 */
#ifndef GAN_FILE_INI_H
#define GAN_FILE_INI_H

#include <gan/status.h>
#include <stddef.h>

enum { GAN__INI_LINE_MAX = 197 };

/* Called for each entry in the order of the file, valid for the length of the call. section is ""
 * before the first [section]; line is where the key stands. A key that comes twice is handed over
 * twice. On failure: the status, and a message in err that says what is wrong; "file:line: " is put
 * before it. */
typedef gan_status gan__ini_fn(void *ctx, const char *section, const char *key, const char *value,
                               int line, gan_error *err);

/* gan__ini_parse - from memory (`bytes` of it; no zero byte needed); `name` is for messages.
 * gan__ini_read  - from a file of at most 1 MiB.
 * Errors  GAN_EFORMAT, with file and line; what the callback answers; GAN_ENOTFOUND, GAN_EIO,
 *         GAN_ENOMEM. The callback may have been called for entries before (and after) the bad
 * line. */
gan_status gan__ini_parse(const char *name, const char *text, size_t bytes, gan__ini_fn *fn,
                          void *ctx, gan_error *err);
gan_status gan__ini_read(const char *path, gan__ini_fn *fn, void *ctx, gan_error *err);

#endif
