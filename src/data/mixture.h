/* mixture.h - points on a plane from a few Gaussians: toy sets on which it can be counted which modes a generator found.
 *
 * ring: 8 modes on the unit circle, standard deviation 0.01; grid: 25 at {-4, -2, 0, 2, 4} squared, 0.05. Srivastava et al. 2017
 * (VEEGAN), arXiv:1705.07761, section 4.1; Lin et al. 2018 (PacGAN), arXiv:1712.04086, section 4.1, after Metz et al. 2016
 * (Unrolled GAN), arXiv:1611.02163. */
#ifndef GAN_DATA_MIXTURE_H
#define GAN_DATA_MIXTURE_H

#include <stdbool.h>
#include <stdint.h>

/* Points to learn from, and those of the numbers behind them, to test with. */
enum { GAN__POINTS_COUNT = 100000, GAN__POINTS_TEST = 10000 };
enum { GAN__MODES_MAX = 25 };

typedef struct gan__mixture {
    int modes;
    double deviation; /* along each axis, of each */
    double at[GAN__MODES_MAX][2];
} gan__mixture;

extern const gan__mixture gan__ring, gan__grid_of_modes;

/* gan__mixture_draw - point i, of mode i mod modes: a function of i alone, the same bytes from every compiler and processor.
 * gan__mixture_mode - the mode that is nearest; near: within three standard deviations of it. A point that is not finite is
 * near to none. */
void gan__mixture_draw(const gan__mixture *m, uint32_t i, float point[2]);
int gan__mixture_mode(const gan__mixture *m, const float point[2], bool *near);

#endif
