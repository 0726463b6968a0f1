/* words.c - see words.h. */
#include "base/words.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gan_text_number(const char *text, double *out)
{
    if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
        return false;
    char *end;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return false;
    *out = strtod_l(text, &end, c);
    freelocale(c);
    return end != text && !*end && isfinite(*out);
}

bool gan_text_int(const char *text, int64_t *out)
{
    char *end;
    double d;
    if (!gan_text_number(text, &d)) /* white space and the like, which strtoll would take */
        return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (end != text && !*end && !errno)
        return true;
    if (d != floor(d) || fabs(d) > 9e15)
        return false;
    *out = (int64_t)d;
    return true;
}

/* n digits of x, and its power of ten: 1.5e-3 is "15", -3. */
static int digits_of(double x, int n, char digits[20])
{
    char text[40];
    snprintf(text, sizeof text, "%.*e", n - 1, x);
    int count = 0;
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9') /* not the decimal point, which is the locale's */
            digits[count++] = *p;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    digits[count] = 0;
    return *p ? atoi(p + 1) : 0;
}

void gan__text_of_number(double x, char out[GAN__NUMBER_MAX])
{
    char digits[20];
    if (!(fabs(x) > 0)) {
        strcpy(out, "0");
        return;
    }
    const char *sign = x < 0 ? "-" : "";
    for (int n = 1; n <= 17; n++) {
        const int power = digits_of(fabs(x), n, digits), count = (int)strlen(digits);
        double back;
        if (power < -2 || power > 5)
            snprintf(out, GAN__NUMBER_MAX, "%s%c%s%se%d", sign, digits[0], count > 1 ? "." : "", digits + 1,
                     power);
        else if (power < 0)
            snprintf(out, GAN__NUMBER_MAX, "%s0.%.*s%s", sign, -power - 1, "00", digits);
        else if (count <= power + 1)
            snprintf(out, GAN__NUMBER_MAX, "%s%s%.*s", sign, digits, power + 1 - count, "000000");
        else
            snprintf(out, GAN__NUMBER_MAX, "%s%.*s.%s", sign, power + 1, digits, digits + power + 1);
        if (gan_text_number(out, &back) && !(back < x) && !(back > x))
            return;
    }
}

size_t gan__text_character(const char *text, size_t left)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80)
        return 1;
    const size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || left < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    const bool too_long = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    const bool surrogate = s[0] == 0xed && s[1] > 0x9f;
    const bool too_large = s[0] == 0xf4 && s[1] > 0x8f;
    return too_long || surrogate || too_large ? 0 : n;
}

static bool is_control(const char *s)
{
    const unsigned char c = (unsigned char)*s;
    return c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0); /* C0, DEL, C1 */
}

bool gan__text_is_plain(const char *s, size_t bytes)
{
    for (size_t i = 0; i < bytes;) {
        const size_t n = gan__text_character(s + i, bytes - i);
        if (n == 0 || (is_control(s + i) && s[i] != '\t'))
            return false;
        i += n;
    }
    return true;
}

/* Not inside a character: back to where one begins. */
static size_t at_boundary(const char *text, size_t at)
{
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

char *gan_text_clean(char *out, size_t bytes, const char *text)
{
    static const char dots[] = "...";
    const size_t length = strlen(text), most = bytes - 1;
    if (length <= most) {
        memmove(out, text, length + 1);
    } else if (most <= 2 * sizeof dots) {
        memmove(out, text, most);
        out[most] = 0;
    } else {
        const size_t room = most - (sizeof dots - 1), head = at_boundary(text, room * 2 / 3);
        size_t tail = room - room * 2 / 3, from = length - tail;
        while (tail && ((unsigned char)text[from] & 0xc0) == 0x80) {
            tail--;
            from++;
        }
        memmove(out, text, head);
        memmove(out + head + sizeof dots - 1, text + from, tail); /* head + dots end before from: text is longer */
        memcpy(out + head, dots, sizeof dots - 1);
        out[head + sizeof dots - 1 + tail] = 0;
    }
    const size_t have = strlen(out);
    for (size_t i = 0; i < have;) {
        const size_t n = gan__text_character(out + i, have - i);
        if (n > 0 && !is_control(out + i)) {
            i += n;
            continue;
        }
        out[i++] = '?';
        for (size_t k = 1; k < n; k++)
            out[i++] = '?';
    }
    return out;
}
