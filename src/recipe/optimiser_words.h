/* optimiser_words.h - an optimiser as a recipe says it: "adam 2e-4 0.5 0.999". */
#ifndef GAN_RECIPE_OPTIMISER_WORDS_H
#define GAN_RECIPE_OPTIMISER_WORDS_H

#include <gan/status.h>
#include <stddef.h>

enum { GAN__OPTIMISER_NUMBERS = 4 };

typedef struct gan__optimiser_words {
    const char *word; /* of the table */
    int count;        /* numbers; the first is the learning rate */
    double number[GAN__OPTIMISER_NUMBERS];
} gan__optimiser_words;

/* gan__optimiser_words_read - GAN_EKEY: no such optimiser (the nearest is named, and all), a number missing, too many, out
 * of range. gan__optimiser_words_write - the one way to say it. */
gan_status gan__optimiser_words_read(gan__optimiser_words *out, const char *text, gan_error *err);
void gan__optimiser_words_write(const gan__optimiser_words *words, char *out, size_t bytes);

#endif
