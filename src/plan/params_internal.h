/* params_internal.h - a parameter set as the plan sees it: flat arrays and offsets. */
#ifndef GAN_PLAN_PARAMS_INTERNAL_H
#define GAN_PLAN_PARAMS_INTERNAL_H

#include <gan/params.h>

typedef struct gan__param {
    char *name;
    gan_shape shape;
    gan_tensor_role role;
    bool packed;    /* the last two axes lie in panels of 16 columns, leading axes one after another */
    size_t offset;  /* floats, a multiple of 16 */
    size_t storage; /* floats with padding, a multiple of 16 */
} gan__param;

struct gan_params {
    gan__param *tensor;
    int count, capacity;
    size_t total;            /* floats in each slot */
    float *block[GAN_SLOTS]; /* memory of the slots */
    float *slot[GAN_SLOTS];  /* NULL until something needs it; GAN_VALUE once sealed */
    bool sealed;             /* a plan or a value exists: no more tensors */
};

#endif
