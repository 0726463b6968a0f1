/* params.c - named tensors side by side in flat arrays.
 *
 *     slot[GAN_VALUE]  | g.0.weight, panels | g.0.bias | g.1.weight ...
 *     slot[GAN_MOMENT1]| the same offsets
 *
 * Offsets are multiples of 16 floats, so every tensor starts on a cache line and vector loops over
 * a whole slot need no special cases. Slots are made when something first needs them: a generator that
 * only samples has no moments.
 */
#include "base/error.h"
#include "graph/dims.h"
#include "kernel/kernel.h"
#include "plan/params_internal.h"
#include "plan/slots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

gan_params *gan_params_create(void)
{
    return calloc(1, sizeof(gan_params));
}

void gan_params_free(gan_params *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->count; i++)
        free(p->tensor[i].name);
    for (int s = 0; s < GAN_SLOTS; s++)
        free(p->block[s]);
    free(p->tensor);
    free(p);
}

/* The matrix that the last two axes are, and how many of them there are. */
static void matrix_of(const gan__param *t, int *matrices, int *k, int *n)
{
    const int r = t->shape.rank;
    *k = t->shape.dim[r - 2];
    *n = t->shape.dim[r - 1];
    *matrices = (int)(gan__shape_count(t->shape) / ((size_t)*k * (size_t)*n));
}

static size_t storage_of(const gan__param *t)
{
    if (t->packed) {
        int matrices, k, n;
        matrix_of(t, &matrices, &k, &n);
        return (size_t)matrices * gan__panels_size(k, n);
    }
    const size_t lanes = GAN__LANES;
    return (gan__shape_count(t->shape) + lanes - 1) / lanes * lanes;
}

static bool is_shape(gan_shape s)
{
    long long n = 1;
    bool ok = s.rank >= 0 && s.rank <= GAN_RANK_MAX;
    for (int i = 0; ok && i < s.rank; i++) {
        ok = s.dim[i] >= 1 && n <= INT32_MAX / s.dim[i];
        n *= s.dim[i];
    }
    return ok;
}

gan_status gan_params_add(gan_params *p, const char *name, gan_shape shape, bool packed, int *tensor,
                          gan_error *err)
{
    if (p->sealed)
        return gan__fail(err, GAN_EINVAL, "parameter %s: the set is in use and takes no more", name);
    if (!*name || gan_params_find(p, name) >= 0)
        return gan__fail(err, GAN_EINVAL, "parameter '%s': the name is %s", name,
                         *name ? "taken" : "empty");
    if (packed && shape.rank < 2)
        return gan__fail(err, GAN_EINVAL, "parameter %s: only a matrix can be packed", name);
    if (!is_shape(shape))
        return gan__fail(err, GAN_ESHAPE,
                         "parameter %s: a shape has 0 to %d axes of at least 1, and fewer than 2^31 numbers in all",
                         name, GAN_RANK_MAX);
    if (p->count == p->capacity) {
        const int capacity = p->capacity ? 2 * p->capacity : 16;
        gan__param *grown = realloc(p->tensor, (size_t)capacity * sizeof *grown);
        if (!grown)
            return gan__fail_memory(err, "parameters");
        p->tensor = grown;
        p->capacity = capacity;
    }
    gan__param *t = &p->tensor[p->count];
    *t = (gan__param){.name = strdup(name), .shape = shape, .packed = packed, .offset = p->total};
    if (!t->name)
        return gan__fail_memory(err, "parameters");
    t->storage = storage_of(t);
    p->total += t->storage;
    *tensor = p->count++;
    return GAN_OK;
}

void gan_params_set_role(gan_params *p, int tensor, gan_tensor_role role)
{
    p->tensor[tensor].role = role;
}

gan_tensor_role gan_params_role(const gan_params *p, int tensor)
{
    return p->tensor[tensor].role;
}

int gan_params_count(const gan_params *p)
{
    return p->count;
}

const char *gan_params_name(const gan_params *p, int tensor)
{
    return p->tensor[tensor].name;
}

gan_shape gan_params_shape(const gan_params *p, int tensor)
{
    return p->tensor[tensor].shape;
}

int gan_params_find(const gan_params *p, const char *name)
{
    for (int i = 0; i < p->count; i++)
        if (!strcmp(p->tensor[i].name, name))
            return i;
    return -1;
}

size_t gan_params_elements(const gan_params *p)
{
    size_t n = 0;
    for (int i = 0; i < p->count; i++)
        n += gan__shape_count(p->tensor[i].shape);
    return n;
}

int gan_params_state(gan_params *p, gan_graph *g, int tensor)
{
    return gan_params_slot_state(p, g, tensor, GAN_VALUE);
}

int gan_params_slot_state(gan_params *p, gan_graph *g, int tensor, gan_slot slot)
{
    return gan_state(g, p, tensor * GAN_SLOTS + (int)slot, p->tensor[tensor].shape);
}

gan_node gan_params_read(gan_params *p, gan_graph *g, int tensor)
{
    return gan_param(g, gan_params_state(p, g, tensor));
}

gan_status gan_params_get(const gan_params *p, int tensor, gan_slot slot, float *values)
{
    const gan__param *t = &p->tensor[tensor];
    const size_t count = gan__shape_count(t->shape);
    if (!p->slot[slot]) {
        memset(values, 0, count * sizeof *values);
        return GAN_OK;
    }
    const float *from = p->slot[slot] + t->offset;
    if (!t->packed) {
        memcpy(values, from, count * sizeof *values);
        return GAN_OK;
    }
    int matrices, k, n;
    matrix_of(t, &matrices, &k, &n);
    for (int i = 0; i < matrices; i++)
        gan__panels_unpack(values + (size_t)i * (size_t)k * (size_t)n,
                           from + (size_t)i * gan__panels_size(k, n), k, n);
    return GAN_OK;
}

gan_status gan_params_set(gan_params *p, int tensor, gan_slot slot, const float *values)
{
    float *to = gan__params_slot(p, slot);
    if (!to)
        return GAN_ENOMEM;
    const gan__param *t = &p->tensor[tensor];
    to += t->offset;
    if (!t->packed) {
        memcpy(to, values, gan__shape_count(t->shape) * sizeof *values);
        return GAN_OK;
    }
    int matrices, k, n;
    matrix_of(t, &matrices, &k, &n);
    for (int i = 0; i < matrices; i++)
        gan__panels_pack(to + (size_t)i * gan__panels_size(k, n),
                         values + (size_t)i * (size_t)k * (size_t)n, k, n);
    return GAN_OK;
}

gan_status gan_params_average_from_value(gan_params *p)
{
    const float *value = gan__params_slot(p, GAN_VALUE);
    float *average = gan__params_slot(p, GAN_AVERAGE);
    if (!value || !average)
        return GAN_ENOMEM;
    memcpy(average, value, p->total * sizeof *average);
    return GAN_OK;
}

/* Padding columns stay finite where the columns beside them do, so whole storage may be looked at:
 * they start as zeros and see the same operations on zero gradients. */
int gan_params_bad(const gan_params *p, gan_slot slot)
{
    for (int i = 0; p->slot[slot] && i < p->count; i++) {
        const float *v = p->slot[slot] + p->tensor[i].offset;
        for (size_t k = 0; k < p->tensor[i].storage; k++)
            if (!isfinite(v[k]))
                return i;
    }
    return -1;
}
