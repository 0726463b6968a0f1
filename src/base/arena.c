/* arena.c - chained blocks, each twice the last up to 256 KiB; a larger request gets its own. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 256 * 1024 };

struct gan__arena_block {
    struct gan__arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

void *gan__arena_alloc(gan__arena *arena, size_t bytes)
{
    const size_t unit = alignof(max_align_t);
    if (bytes > SIZE_MAX - unit - sizeof(struct gan__arena_block))
        return NULL;
    bytes = (bytes + unit - 1) / unit * unit;
    struct gan__arena_block *head = arena->head;
    if (!head || head->size - head->used < bytes) {
        size_t size = !head ? FIRST_BLOCK : head->size < LARGEST_BLOCK ? 2 * head->size : head->size;
        if (size < bytes)
            size = bytes;
        struct gan__arena_block *block = calloc(1, sizeof *block + size);
        if (!block)
            return NULL;
        block->size = size;
        block->next = head;
        arena->head = head = block;
    }
    void *p = head->data + head->used;
    head->used += bytes;
    return p;
}

char *gan__arena_strdup(gan__arena *arena, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *copy = gan__arena_alloc(arena, n);
    return copy ? memcpy(copy, text, n) : NULL;
}

void gan__arena_release(gan__arena *arena)
{
    while (arena->head) {
        struct gan__arena_block *next = arena->head->next;
        free(arena->head);
        arena->head = next;
    }
}

void *gan__aligned_alloc(size_t count, size_t size)
{
    enum { LINE = 64 };
    if (size && count > (SIZE_MAX - LINE) / size)
        return NULL;
    const size_t bytes = (count * size + LINE - 1) / LINE * LINE;
    void *p = aligned_alloc(LINE, bytes ? bytes : LINE);
    return p ? memset(p, 0, bytes) : NULL;
}
