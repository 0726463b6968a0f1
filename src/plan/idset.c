/* idset.c - a tree of bits, 64 ways at each level: three levels hold 262,144 numbers, and no operation looks at
 * more than two words of each. */
#include "plan/idset.h"

#include <assert.h>
#include <stddef.h>

bool gan__idset_init(gan__idset *s, gan__arena *arena, int n)
{
    *s = (gan__idset){0};
    do {
        n = n / 64 + 1;
        assert(s->levels < GAN__IDSET_LEVELS);
        s->words[s->levels] = n;
        s->level[s->levels] = gan__arena_alloc(arena, (size_t)n * sizeof(uint64_t));
        if (!s->level[s->levels++])
            return false;
    } while (n > 1);
    return true;
}

void gan__idset_add(gan__idset *s, int i)
{
    for (int k = 0; k < s->levels; k++, i /= 64)
        s->level[k][i / 64] |= (uint64_t)1 << i % 64;
}

void gan__idset_remove(gan__idset *s, int i)
{
    for (int k = 0; k < s->levels; k++, i /= 64) {
        s->level[k][i / 64] &= ~((uint64_t)1 << i % 64);
        if (s->level[k][i / 64])
            return;
    }
}

int gan__idset_next(const gan__idset *s, int from)
{
    for (int k = 0; k < s->levels && from / 64 < s->words[k]; k++) {
        const uint64_t rest = s->level[k][from / 64] >> from % 64;
        if (rest) {
            int i = from + __builtin_ctzll(rest);
            while (k--)
                i = i * 64 + __builtin_ctzll(s->level[k][i]);
            return i;
        }
        from = from / 64 + 1;
    }
    return -1;
}
