/* strokes.c - digits as pen strokes: a table of points, a hand that varies, a round nib.
 *
 *     points of the table -> jitter -> slant, size, place -> Hermite curves -> short segments
 *                         -> each pixel's distance to the nearest segment -> ink
 *
 * All of an image's variation comes from Philox words numbered (image, 0, 1, 2, ...), and all
 * arithmetic is +, -, *, / and sqrt on floats, each rounded once (no contraction, no libm), so the
 * set's SHA-256 is the same everywhere and a test pins it. An image takes some 5 us: bounding boxes
 * keep the distance work to the few pixels a segment can reach, and the square root is taken once a
 * pixel, of the least distance.
 */
#include "data/strokes.h"

#include "base/random.h"

#include <math.h>
#include <stdbool.h>

enum { SIDE = GAN__STROKES_SIDE, POINTS_MAX = 12, CURVE_PIECES = 4 };

/* ---- the table --------------------------------------------------------------------------------
 */

/* A glyph lies in a box 60 wide and 100 high, y down. A stroke runs from one point to the next,
 * smoothly through all but corners; UP ends it, END ends the glyph. */
typedef enum mark { SMOOTH, CORNER, UP, END } mark;

typedef struct point {
    uint8_t x, y, mark; /* UP, END: this point is the stroke's last */
} point;

#define S(x, y)                                                                                    \
    {                                                                                              \
        x, y, SMOOTH                                                                               \
    }
#define C(x, y)                                                                                    \
    {                                                                                              \
        x, y, CORNER                                                                               \
    }
#define U(x, y)                                                                                    \
    {                                                                                              \
        x, y, UP                                                                                   \
    }
#define E(x, y)                                                                                    \
    {                                                                                              \
        x, y, END                                                                                  \
    }

enum { VARIANTS = 2, GLYPH_POINTS_MAX = 16 };

static const point glyphs[GAN__STROKES_CLASSES][VARIANTS][GLYPH_POINTS_MAX] = {
    {{S(32, 2), S(11, 18), S(5, 52), S(12, 84), S(30, 98), S(49, 82), S(55, 48), S(48, 16),
      E(30, 3)},
     {S(40, 6), S(18, 8), S(5, 38), S(8, 78), S(28, 98), S(50, 76), S(55, 34), E(36, 4)}},
    {{C(32, 2), E(32, 98)}, {C(14, 26), C(34, 2), E(34, 98)}},
    {{S(8, 26), S(16, 7), S(34, 2), S(50, 14), S(48, 36), S(32, 62), C(6, 96), E(57, 96)},
     {S(8, 22), S(24, 3), S(46, 10), S(48, 34), S(28, 70), S(10, 92), S(12, 78), S(30, 84),
      E(56, 97)}},
    {{S(8, 13), S(26, 2), S(46, 10), S(46, 32), C(24, 46), S(48, 56), S(54, 76), S(38, 96),
      S(16, 97), E(4, 84)},
     {C(8, 4), C(50, 4), C(24, 40), S(48, 50), S(54, 74), S(38, 96), S(16, 97), E(4, 84)}},
    {{C(38, 2), C(4, 64), U(57, 64), C(42, 36), E(42, 98)},
     {C(11, 4), S(7, 32), C(8, 52), U(50, 52), C(49, 4), E(46, 98)}},
    {{C(50, 4), C(14, 4), C(10, 46), S(30, 38), S(50, 50), S(54, 72), S(40, 94), S(20, 97),
      E(4, 86)},
     {C(14, 4), C(11, 44), S(32, 37), S(51, 52), S(53, 76), S(34, 97), U(6, 88), C(14, 4),
      E(52, 3)}},
    {{S(44, 3), S(24, 20), S(10, 46), S(6, 72), S(18, 95), S(38, 96), S(51, 78), S(44, 58),
      S(26, 55), E(8, 72)},
     {S(30, 2), S(13, 30), S(6, 66), S(16, 94), S(38, 97), S(52, 82), S(46, 64), S(28, 58),
      E(9, 74)}},
    {{C(6, 6), C(54, 6), E(24, 98)}, {C(6, 6), C(54, 6), U(22, 98), C(16, 52), E(50, 52)}},
    {{S(48, 14), S(30, 2), S(12, 14), S(16, 34), S(44, 60), S(52, 80), S(30, 98), S(8, 80),
      S(17, 58), S(43, 36), E(48, 16)},
     {S(30, 46), S(12, 32), S(14, 8), S(32, 2), S(48, 16), S(43, 36), S(14, 62), S(10, 86),
      S(30, 98), S(51, 84), S(46, 60), E(30, 46)}},
    {{S(49, 24), S(34, 3), S(13, 10), S(7, 32), S(20, 50), S(40, 43), C(50, 20), E(45, 98)},
     {S(49, 22), S(34, 3), S(13, 10), S(7, 32), S(20, 50), S(40, 44), C(50, 22), S(49, 58),
      S(40, 90), E(16, 95)}},
};

#undef S
#undef C
#undef U
#undef E

/* ---- chance -----------------------------------------------------------------------------------
 */

typedef struct chance {
    uint32_t image, stream, block, word[4];
    int left;
} chance;

static uint32_t draw(chance *c)
{
    if (c->left == 0) {
        const uint32_t counter[4] = {c->block++, c->image, 0, c->stream};
        gan__philox(counter, (const uint32_t[2]){0, 0}, c->word);
        c->left = 4;
    }
    return c->word[--c->left];
}

/* Between low and high, evenly: 24 bits, so that the float is exact before it is scaled. */
static float between(chance *c, float low, float high)
{
    return low + (high - low) * ((float)(draw(c) >> 8) * 0x1p-24f);
}

/* Around 0, at most `reach` away, more often near (the sum of two even draws). */
static float around(chance *c, float reach)
{
    const float a = between(c, -0.5f, 0.5f);
    return reach * (a + between(c, -0.5f, 0.5f));
}

/* ---- the hand ---------------------------------------------------------------------------------
 */

typedef struct xy {
    float x, y;
} xy;

/* Table units to pixels, with this image's slant, turn, size and place; and how wide the nib is. */
typedef struct hand {
    float xx, xy, yx, yy; /* a 2 x 2 matrix */
    float x, y;           /* where the box's middle lands */
    float wobble;         /* table units */
    float nib;            /* radius, pixels */
} hand;

static hand take_hand(chance *c)
{
    const float size = between(c, 0.168f, 0.212f), narrow = between(c, 0.8f, 1.36f);
    const float slant = 0.1f + around(c, 0.34f), turn = around(c, 0.16f);
    const float wide = size * narrow;
    return (hand){.xx = wide,
                  .xy = -slant * size,
                  .yx = turn * wide,
                  .yy = size,
                  .x = 14.0f + around(c, 1.8f),
                  .y = 14.0f + around(c, 1.8f),
                  .wobble = between(c, 1.0f, 4.5f),
                  .nib = between(c, 0.75f, 1.75f)};
}

static xy place(const hand *h, point p, chance *c)
{
    const float x = (float)p.x - 30.0f + around(c, h->wobble);
    const float y = (float)p.y - 50.0f + around(c, h->wobble);
    return (xy){h->x + (h->xx * x + h->xy * y), h->y + (h->yx * x + h->yy * y)};
}

/* ---- ink --------------------------------------------------------------------------------------
 */

typedef struct sheet {
    float nib;
    float near[SIDE * SIDE]; /* least squared distance to a segment */
} sheet;

static int clamp_side(float v)
{
    return v < 0 ? 0 : v > SIDE ? SIDE : (int)v;
}

static void segment(sheet *s, xy a, xy b)
{
    const float reach = s->nib + 1.0f, dx = b.x - a.x, dy = b.y - a.y;
    const float square = dx * dx + dy * dy;
    const float inverse = square > 0 ? 1.0f / square : 0.0f;
    const int x0 = clamp_side((a.x < b.x ? a.x : b.x) - reach);
    const int x1 = clamp_side((a.x < b.x ? b.x : a.x) + reach + 1.0f);
    const int y0 = clamp_side((a.y < b.y ? a.y : b.y) - reach);
    const int y1 = clamp_side((a.y < b.y ? b.y : a.y) + reach + 1.0f);
    for (int y = y0; y < y1; y++) {
        float *near = s->near + y * SIDE;
        const float py = (float)y + 0.5f - a.y;
        for (int x = x0; x < x1; x++) {
            const float px = (float)x + 0.5f - a.x;
            float t = (px * dx + py * dy) * inverse;
            t = t < 0.0f ? 0.0f : t;
            t = t > 1.0f ? 1.0f : t;
            const float ex = px - t * dx, ey = py - t * dy;
            const float d = ex * ex + ey * ey;
            near[x] = d < near[x] ? d : near[x];
        }
    }
}

/* From a to b, leaving along ta and arriving along tb: a cubic Hermite curve. */
static void curve(sheet *s, xy a, xy b, xy ta, xy tb)
{
    xy from = a;
    for (int k = 1; k <= CURVE_PIECES; k++) {
        const float t = (float)k / (float)CURVE_PIECES, u = 1.0f - t;
        const float ha = (1.0f + 2.0f * t) * u * u, hb = t * t * (3.0f - 2.0f * t);
        const float ga = t * u * u, gb = -(t * t * u);
        const xy to = {(ha * a.x + hb * b.x) + (ga * ta.x + gb * tb.x),
                       (ha * a.y + hb * b.y) + (ga * ta.y + gb * tb.y)};
        segment(s, from, to);
        from = to;
    }
}

/* One stroke; a smooth point's direction is that from its neighbour before to the one behind
 * (Catmull-Rom), a corner or an end has none. */
static void stroke(sheet *s, const xy p[], const bool smooth[], int n)
{
    xy before = {0, 0};
    for (int i = 0; i + 1 < n; i++) {
        xy behind = {0, 0};
        if (smooth[i + 1] && i + 2 < n)
            behind = (xy){0.5f * (p[i + 2].x - p[i].x), 0.5f * (p[i + 2].y - p[i].y)};
        if (smooth[i] || smooth[i + 1])
            curve(s, p[i], p[i + 1], before, behind);
        else
            segment(s, p[i], p[i + 1]);
        before = behind;
    }
}

static void write_glyph(sheet *s, const point *glyph, const hand *h, chance *c)
{
    xy p[POINTS_MAX];
    bool smooth[POINTS_MAX];
    for (mark m = SMOOTH; m != END;) {
        int n = 0;
        do {
            m = (mark)glyph->mark;
            p[n] = place(h, *glyph++, c);
            smooth[n++] = m == SMOOTH;
        } while (m != UP && m != END);
        stroke(s, p, smooth, n);
    }
}

void gan__strokes_draw(uint32_t i, uint8_t *pixels)
{
    chance c = {.image = i, .stream = gan__stream("strokes")};
    const hand h = take_hand(&c);
    sheet s = {.nib = h.nib};
    for (int k = 0; k < SIDE * SIDE; k++)
        s.near[k] = 1e6f;
    write_glyph(&s, glyphs[i % GAN__STROKES_CLASSES][draw(&c) % VARIANTS], &h, &c);
    for (int k = 0; k < SIDE * SIDE; k++) {
        float ink = s.nib + 0.5f - sqrtf(s.near[k]);
        ink = ink < 0.0f ? 0.0f : ink;
        ink = ink > 1.0f ? 1.0f : ink;
        pixels[k] = (uint8_t)(int)(ink * 255.0f + 0.5f);
    }
}
