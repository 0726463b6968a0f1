/* nearest.c - edit distance over two words, three rows at a time. */
#include "base/nearest.h"

#include <string.h>

enum { WORD_MAX = 63 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

int gan__distance(const char *a, const char *b)
{
    int row[3][WORD_MAX + 2];
    const int n = (int)strnlen(a, WORD_MAX), m = (int)strnlen(b, WORD_MAX);
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3];
        const int *before = row[(i + 2) % 3], *two = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], two[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}
