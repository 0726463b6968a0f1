/* views.c - tensors as strides over a buffer. */
#include "plan/views.h"

gan__view gan__view_contiguous(int buffer, size_t offset, gan_shape shape)
{
    gan__view v = {.buffer = buffer, .offset = offset, .shape = shape};
    size_t stride = 1;
    for (int i = shape.rank - 1; i >= 0; i--) {
        v.stride[i] = stride;
        stride *= (size_t)shape.dim[i];
    }
    return v;
}

bool gan__view_is_contiguous(const gan__view *v)
{
    if (v->panels)
        return false;
    size_t stride = 1;
    for (int i = v->shape.rank - 1; i >= 0; i--) {
        if (v->shape.dim[i] != 1 && v->stride[i] != stride)
            return false;
        stride *= (size_t)v->shape.dim[i];
    }
    return true;
}

/* Only axes of one element may come or go, unless the whole is contiguous: that covers what broadcasting
 * asks for; anything else is a copy. */
bool gan__view_reshape(const gan__view *v, gan_shape shape, gan__view *out)
{
    if (v->panels)
        return false;
    if (gan__view_is_contiguous(v)) {
        *out = gan__view_contiguous(v->buffer, v->offset, shape);
        return true;
    }
    *out = (gan__view){.buffer = v->buffer, .offset = v->offset, .shape = shape};
    int from = 0;
    for (int to = 0; to < shape.rank; to++) {
        if (shape.dim[to] == 1)
            continue;
        while (from < v->shape.rank && v->shape.dim[from] == 1)
            from++;
        if (from == v->shape.rank || v->shape.dim[from] != shape.dim[to])
            return false;
        out->stride[to] = v->stride[from++];
    }
    return true;
}
