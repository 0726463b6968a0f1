/* schedule.c - see schedule.h. */
#include "game/schedule.h"

#include <string.h>

double gan__power(double x, int64_t n)
{
    double y = 1;
    for (; n > 0; n >>= 1, x *= x)
        if (n & 1)
            y *= x;
    return y;
}

/* cos(pi u), 0 <= u <= 1, as 1 - 2 sin^2(pi u / 2); the sine's series to the 21st power is exact to a
 * double's last bits on 0..pi/2. */
static double cos_pi(double u)
{
    const double x = u * 1.5707963267948966, z = x * x;
    double sum = 1;
    for (int k = 10; k > 0; k--)
        sum = 1 - sum * z / (2.0 * k * (2.0 * k + 1));
    const double sine = x * sum;
    return 1 - 2 * sine * sine;
}

double gan__rate_factor(const char *schedule, int64_t i, int64_t length, int64_t warmup)
{
    const double u = (double)(i < length ? i : length - 1) / (double)length;
    double f = 1;
    if (!strcmp(schedule, "linear"))
        f = 1 - u;
    else if (!strcmp(schedule, "cosine"))
        f = 0.5 * (1 + cos_pi(u));
    if (i < warmup)
        f *= (double)(i + 1) / (double)warmup;
    return f;
}

double gan__average_decay(double decay, bool warmup, int64_t i)
{
    const double early = ((double)i + 1) / ((double)i + 10);
    return warmup && early < decay ? early : decay;
}
