/* views.h - tensors as strides over a buffer. */
#ifndef GAN_PLAN_VIEWS_H
#define GAN_PLAN_VIEWS_H

#include "plan/plan_internal.h"

gan__view gan__view_contiguous(int buffer, size_t offset, gan_shape shape);
bool gan__view_is_contiguous(const gan__view *v);
/* A view of the same elements in the same order under another shape; false where strides forbid it. */
bool gan__view_reshape(const gan__view *v, gan_shape shape, gan__view *out);

#endif
