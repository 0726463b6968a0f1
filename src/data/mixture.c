/* mixture.c - see mixture.h. */
#include "data/mixture.h"

#include "base/random.h"

#include <math.h>

#define HALF 0.70710678118654752440 /* of the unit circle's diagonal: sqrt(1/2) */

const gan__mixture gan__ring = {
    8, 0.01, {{1, 0}, {HALF, HALF}, {0, 1}, {-HALF, HALF}, {-1, 0}, {-HALF, -HALF}, {0, -1}, {HALF, -HALF}}};
const gan__mixture gan__grid_of_modes = {
    25, 0.05, {{-4, -4}, {-2, -4}, {0, -4}, {2, -4}, {4, -4}, {-4, -2}, {-2, -2}, {0, -2}, {2, -2},
               {4, -2},  {-4, 0},  {-2, 0}, {0, 0},  {2, 0},  {4, 0},   {-4, 2},  {-2, 2}, {0, 2},
               {2, 2},   {4, 2},   {-4, 4}, {-2, 4}, {0, 4},  {2, 4},   {4, 4}}};

/* The natural logarithm by additions and divisions alone, which no C library rounds in its own way. x = m 2^e, m in
 * [1/2, 1): log m = 2 atanh((m - 1) / (m + 1)). */
static double logarithm(double x)
{
    enum { TERMS = 20 }; /* |t| <= 1/3: the last is below 1e-20 */
    int e;
    const double m = frexp(x, &e), t = (m - 1) / (m + 1), square = t * t;
    double sum = 0;
    for (int k = TERMS; k >= 0; k--)
        sum = sum * square + 1.0 / (2 * k + 1);
    return 2 * t * sum + e * 0.69314718055994530942;
}

/* Two standard normals: the polar method, Marsaglia & Bray 1964. */
static void normals(uint32_t i, double out[2])
{
    const uint32_t stream = gan__stream("mixture");
    uint32_t attempt = 0;
    double x, y, square;
    do {
        x = 2 * gan__random_double(0, stream, attempt, i, 0) - 1;
        y = 2 * gan__random_double(0, stream, attempt, i, 1) - 1;
        square = x * x + y * y;
        attempt++;
    } while (square >= 1 || square <= 0);
    const double scale = sqrt(-2 * logarithm(square) / square);
    out[0] = x * scale;
    out[1] = y * scale;
}

void gan__mixture_draw(const gan__mixture *m, uint32_t i, float point[2])
{
    double normal[2];
    normals(i, normal);
    for (int k = 0; k < 2; k++)
        point[k] = (float)(m->at[i % (uint32_t)m->modes][k] + m->deviation * normal[k]);
}

int gan__mixture_mode(const gan__mixture *m, const float point[2], bool *near)
{
    int nearest = 0;
    double least = HUGE_VAL;
    for (int i = 0; i < m->modes; i++) {
        const double x = (double)point[0] - m->at[i][0], y = (double)point[1] - m->at[i][1], square = x * x + y * y;
        if (square < least) {
            least = square;
            nearest = i;
        }
    }
    *near = sqrt(least) <= 3 * m->deviation;
    return nearest;
}
