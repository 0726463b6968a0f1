/* slerp.c - from one latent to another: see model.h. */
#include <gan/model.h>

#include <math.h>

void gan_slerp(float *out, const float *a, const float *b, int n, double t)
{
    double dot = 0, of_a = 0, of_b = 0;
    for (int i = 0; i < n; i++) {
        dot += (double)a[i] * (double)b[i];
        of_a += (double)a[i] * (double)a[i];
        of_b += (double)b[i] * (double)b[i];
    }
    const double lengths = sqrt(of_a * of_b), cosine = lengths > 0 ? fmax(-1, fmin(1, dot / lengths)) : 1, angle = acos(cosine),
                 sine = sin(angle), p = sine > 1e-6 ? sin((1 - t) * angle) / sine : 1 - t, q = sine > 1e-6 ? sin(t * angle) / sine : t;
    for (int i = 0; i < n; i++)
        out[i] = (float)(p * (double)a[i] + q * (double)b[i]);
}
