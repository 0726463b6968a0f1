/* scarce.h - a test in which the Nth allocation fails.
 *
 * For tests whose name ends in _memory (tests/CMakeLists.txt links those with --wrap); one such
 * file is one program, so what it needs is defined here. Set `scarce_left` to how many allocations
 * succeed before one fails; -1: all succeed. `scarce_failed` counts the failures, `scarce_calls`
 * all requests.
 */
#ifndef GAN_TESTS_SCARCE_H
#define GAN_TESTS_SCARCE_H

#include <stdbool.h>
#include <stddef.h>

static long scarce_left = -1;
static long scarce_failed;
static long scarce_calls;

static bool scarce_refuses(void)
{
    scarce_calls++;
    if (scarce_left < 0 || scarce_left-- > 0)
        return false;
    scarce_left = -1; /* one failure: what is freed and said after it must work */
    scarce_failed++;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    return scarce_refuses() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return scarce_refuses() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return scarce_refuses() ? NULL : __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return scarce_refuses() ? NULL : __real_aligned_alloc(alignment, size);
}

#endif
