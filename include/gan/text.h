/* text.h - words from outside: numbers that mean the same everywhere, and text that is safe to print. */
#ifndef GAN_TEXT_H
#define GAN_TEXT_H

#include <gan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* gan_text_number - a decimal number, "0.5", "-3", "2e-4", with a point whatever the locale; false for
 * anything else (hexadecimal, nan, inf, white space, what overflows).
 * gan_text_int - a whole number, "10000" or "1e4". */
GAN_API bool gan_text_number(const char *text, double *out);
GAN_API bool gan_text_int(const char *text, int64_t *out);

/* gan_text_clean - a copy for a terminal or a log, on one line and at most bytes - 1 bytes long: control
 * characters (C0, DEL, C1) and what is not UTF-8 become '?'; what is too long loses its middle to "...".
 * `out` may be `text`. Returns out. */
GAN_API char *gan_text_clean(char *out, size_t bytes, const char *text);

#ifdef __cplusplus
}
#endif

#endif
