/* turn.c - see turn.h. */
#include "train/turn.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct picture {
    uint8_t *at;
    int h, w, c;
} picture;

static void swap(const picture *p, int y, int x, int with_y, int with_x)
{
    uint8_t *a = p->at + ((size_t)y * (size_t)p->w + (size_t)x) * (size_t)p->c,
            *b = p->at + ((size_t)with_y * (size_t)p->w + (size_t)with_x) * (size_t)p->c;
    for (int i = 0; i < p->c; i++) {
        const uint8_t t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

static void left_and_right(const picture *p)
{
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w / 2; x++)
            swap(p, y, x, y, p->w - 1 - x);
}

static void top_and_bottom(const picture *p)
{
    for (int y = 0; y < p->h / 2; y++)
        for (int x = 0; x < p->w; x++)
            swap(p, y, x, p->h - 1 - y, x);
}

static void over_the_diagonal(const picture *p)
{
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < y; x++)
            swap(p, y, x, x, y);
}

/* What makes each way, in this order. */
static const struct {
    bool diagonal, left_and_right, top_and_bottom;
} square[4] = {{0}, {.diagonal = true, .top_and_bottom = true}, {.left_and_right = true, .top_and_bottom = true},
               {.diagonal = true, .left_and_right = true}},
  oblong[4] = {{0}, {.left_and_right = true}, {.left_and_right = true, .top_and_bottom = true}, {.top_and_bottom = true}};

void gan__turn(uint8_t *pixels, int h, int w, int c, int way)
{
    const picture p = {pixels, h, w, c};
    if (h == w && square[way].diagonal)
        over_the_diagonal(&p);
    if (h == w ? square[way].left_and_right : oblong[way].left_and_right)
        left_and_right(&p);
    if (h == w ? square[way].top_and_bottom : oblong[way].top_and_bottom)
        top_and_bottom(&p);
}

void gan__mirror(uint8_t *pixels, int h, int w, int c)
{
    left_and_right(&(picture){pixels, h, w, c});
}
