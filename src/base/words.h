/* words.h - see include/gan/text.h; and what the library alone needs of it. */
#ifndef GAN_BASE_WORDS_H
#define GAN_BASE_WORDS_H

#include <gan/text.h>

/* gan__text_character - bytes of the UTF-8 character at s (RFC 3629), or 0 where it is none. */
size_t gan__text_character(const char *s, size_t left);

/* gan__text_is_plain - UTF-8 without control characters; a tab is allowed. */
bool gan__text_is_plain(const char *s, size_t bytes);

/* gan__text_of_number - the one way to write x: the fewest digits that read back as x, "0.1", "2e-4",
 * "1e6". Equal numbers have equal texts. */
enum { GAN__NUMBER_MAX = 32 };
void gan__text_of_number(double x, char out[GAN__NUMBER_MAX]);

#endif
