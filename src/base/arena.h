/* arena.h - memory that is given back all at once.
 *
 * For objects that are born together and die together (a graph's nodes and names, a parsed recipe).
 * Pointers stay valid until the arena is released: blocks are chained, never moved.
 */
#ifndef GAN_BASE_ARENA_H
#define GAN_BASE_ARENA_H

#include <stddef.h>

typedef struct gan__arena {
    struct gan__arena_block *head; /* NULL: empty; {0} is a valid empty arena */
} gan__arena;

/* gan__arena_alloc - `bytes` zeroed bytes, aligned for any type; NULL when out of memory. */
void *gan__arena_alloc(gan__arena *arena, size_t bytes);
char *gan__arena_strdup(gan__arena *arena, const char *text);
void gan__arena_release(gan__arena *arena);

/* gan__aligned_alloc - zeroed, 64-byte aligned memory for floats that kernels touch; NULL when out of
 * memory or when count * size overflows. Free with free(). */
void *gan__aligned_alloc(size_t count, size_t size);

#endif
