/* steps.h - buffers, steps, and the copies that put a value where a kernel wants it. */
#ifndef GAN_PLAN_STEPS_H
#define GAN_PLAN_STEPS_H

#include "plan/lowering.h"
#include "plan/program.h"

int gan__lower_buffer(gan__lower *l, gan__memory memory, size_t floats);
gan__step *gan__lower_step(gan__lower *l, gan__step_kind kind, int node); /* NULL after an error */
void gan__step_use(gan__step *s, int k, int buffer, size_t offset);
/* Give a node a buffer of its own, row-major (or packed where l->panels says so). */
void gan__lower_result(gan__lower *l, int node);
/* Give it its place in the result of a CONCAT that reads it, so that nothing need be copied; false: none. */
bool gan__lower_into_concat(gan__lower *l, int node);
/* The node's value as strides (unpacking it first if need be), and as contiguous row-major memory
 * (copying first if need be). */
gan__view gan__lower_rows(gan__lower *l, int node);
gan__view gan__lower_contiguous(gan__lower *l, int node);
/* A step that copies v, which broadcasts to `to`'s shape, into `to`. */
void gan__lower_copy(gan__lower *l, const gan__view *v, const gan__view *to, int node);
/* The program of a group. */
gan__program *gan__lower_program(gan__lower *l, const gan__group *group, gan__ranges ranges);

#endif
