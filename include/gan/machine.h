/* machine.h - what this machine can do at most, measured now: what a share of its peak is a share of. */
#ifndef GAN_MACHINE_H
#define GAN_MACHINE_H

#include <gan/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* gan_machine_flops - fused multiply-adds that wait for nothing, in the kernels' form, by all threads of the
 * team (NULL: the caller's): float operations a second, two for each lane and FMA. The best of some tries of
 * `seconds` in all; shared machines change from moment to moment, so measure beside what is compared.
 *
 * gan_machine_read - bytes a second that the team reads from a block of `bytes`, each thread a part of its own;
 * a block that fits a cache measures that cache. 0: out of memory.
 * Both answer 0 where gan_isa() is "none". */
GAN_API double gan_machine_flops(gan_team *team, double seconds);
GAN_API double gan_machine_read(gan_team *team, size_t bytes, double seconds);

#ifdef __cplusplus
}
#endif

#endif
