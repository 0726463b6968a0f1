/* run_loops.h - steps that are one loop. */
#ifndef GAN_PLAN_RUN_LOOPS_H
#define GAN_PLAN_RUN_LOOPS_H

#include "plan/share.h"

void gan__run_program(const gan__share *sh, const gan__step *s);
void gan__run_normal(const gan__share *sh, const gan__step *s);
void gan__run_from_u8(const gan__share *sh, const gan__step *s);
void gan__run_sum(const gan__share *sh, const gan__step *s);
void gan__run_sum_blocks(const gan__share *sh, const gan__step *s);
void gan__run_max(const gan__share *sh, const gan__step *s);
void gan__run_gather(const gan__share *sh, const gan__step *s);
void gan__run_scatter_add(const gan__share *sh, const gan__step *s);
void gan__run_conv_pack(const gan__share *sh, const gan__step *s);
void gan__run_conv(const gan__share *sh, const gan__step *s);
void gan__run_conv_dx(const gan__share *sh, const gan__step *s);
void gan__run_conv_dw(const gan__share *sh, const gan__step *s);
void gan__run_pack(const gan__share *sh, const gan__step *s);
void gan__run_unpack(const gan__share *sh, const gan__step *s);

#endif
