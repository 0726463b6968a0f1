/* optimiser_words.c - see optimiser_words.h. */
#include "recipe/optimiser_words.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word, *numbers, *kinds;
} rows[] = {
#define OPTIMISER(word, numbers, kinds) {#word, numbers, kinds},
#include "recipe/optimisers.def"
#undef OPTIMISER
};
#define OPTIMISER(word, numbers, kinds)                                                     \
    _Static_assert(sizeof kinds <= GAN__OPTIMISER_NUMBERS + 1, #word ": too many numbers"); \
    _Static_assert(sizeof #word <= GAN__NUMBER_MAX, #word ": too long");
#include "recipe/optimisers.def"
#undef OPTIMISER
static const char all[] = /* " | adam RATE BETA1 BETA2 | ..." */
#define OPTIMISER(word, numbers, kinds) " | " #word " " numbers
#include "recipe/optimisers.def"
#undef OPTIMISER
    ;
enum { ROWS = sizeof rows / sizeof *rows, WORDS = GAN__OPTIMISER_NUMBERS + 2 };

/* Up to WORDS words of at most GAN__NUMBER_MAX - 1 bytes; -1: one is longer. */
static int split(const char *text, char word[WORDS][GAN__NUMBER_MAX])
{
    int count = 0;
    while (*(text += strspn(text, " \t")) && count < WORDS) {
        const size_t n = strcspn(text, " \t");
        if (n >= GAN__NUMBER_MAX)
            return -1;
        memcpy(word[count], text, n);
        word[count++][n] = 0;
        text += n;
    }
    return count;
}

static bool in_range(char kind, double x)
{
    return kind == 'r' ? x > 0 && x <= 1 : kind == 'b' ? x >= 0 && x < 1 : x >= 0 && x <= 1;
}

static int find(const char *word)
{
    for (int i = 0; i < ROWS; i++)
        if (!strcmp(rows[i].word, word))
            return i;
    return -1;
}

static gan_status unknown(const char *word, gan_error *err)
{
    int best = 0;
    for (int i = 1; i < ROWS; i++)
        if (gan__distance(rows[i].word, word) < gan__distance(rows[best].word, word))
            best = i;
    return gan__fail(err, GAN_EKEY, "no optimiser '%.31s'; do you mean '%s %s'? (%s)", word, rows[best].word,
                     rows[best].numbers, all + 3);
}

gan_status gan__optimiser_words_read(gan__optimiser_words *out, const char *text, gan_error *err)
{
    char word[WORDS][GAN__NUMBER_MAX];
    const int words = split(text, word), i = words > 0 ? find(word[0]) : -1;
    if (i < 0)
        return unknown(words > 0 ? word[0] : text, err);
    *out = (gan__optimiser_words){.word = rows[i].word, .count = (int)strlen(rows[i].kinds)};
    bool ok = words - 1 == out->count;
    for (int k = 0; ok && k < out->count; k++)
        ok = gan_text_number(word[k + 1], &out->number[k]) && in_range(rows[i].kinds[k], out->number[k]);
    if (ok)
        return GAN_OK;
    return gan__fail(err, GAN_EKEY,
                     "must be %s %s (RATE: above 0, at most 1; DECAY: from 0 to 1; the others: from 0 to below 1)",
                     rows[i].word, rows[i].numbers);
}

void gan__optimiser_words_write(const gan__optimiser_words *words, char *out, size_t bytes)
{
    size_t n = (size_t)snprintf(out, bytes, "%s", words->word);
    for (int k = 0; k < words->count && n < bytes; k++) {
        char number[GAN__NUMBER_MAX];
        gan__text_of_number(words->number[k], number);
        n += (size_t)snprintf(out + n, bytes - n, " %s", number);
    }
}
