/* params.h - a parameter set: named tensors side by side in flat arrays.
 *
 * One block holds the value of all tensors, one each what an optimiser keeps (GAN_MOMENT1, GAN_MOMENT2: Adam's two
 * moments, say) and the moving average, so
 * the optimiser, clipping, a checkpoint are one loop each. A matrix (the last two axes of its shape)
 * that products read is kept packed in panels of 16 columns; everything that enters or leaves through
 * these functions is in logical row-major order.
 *
 *     create -> add, add, ... -> gan_graph uses it (gan_params_read) -> plans run
 *
 * The set owns its memory; plans made over it must be freed first.
 */
#ifndef GAN_PARAMS_H
#define GAN_PARAMS_H

#include <gan/graph.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_params gan_params;

typedef enum gan_slot { GAN_VALUE, GAN_MOMENT1, GAN_MOMENT2, GAN_AVERAGE, GAN_SLOTS } gan_slot;

GAN_API gan_params *gan_params_create(void); /* NULL when out of memory */
GAN_API void gan_params_free(gan_params *p);

/* gan_params_add - a tensor of zeros; `name` is copied, must be new in the set and not empty.
 * packed  keep it in panels: for the second operand of products, rank >= 2
 * *tensor its number, 0, 1, 2, ...
 * Errors  GAN_EINVAL: name taken; or a plan has been made (the set is sealed). GAN_ESHAPE: more than
 *         GAN_RANK_MAX axes, an axis of 0, or 2^31 numbers and more. GAN_ENOMEM. */
GAN_API gan_status gan_params_add(gan_params *p, const char *name, gan_shape shape, bool packed,
                                  int *tensor, gan_error *err);

/* A tensor's role: what an optimiser changes (a new tensor); what layers write as they go (running means); what nobody
 * changes. Moving averages are kept of the first two, so that samples see the statistics that belong to the weights. */
typedef enum gan_tensor_role { GAN_TRAINED, GAN_STATISTIC, GAN_FROZEN } gan_tensor_role;
GAN_API void gan_params_set_role(gan_params *p, int tensor, gan_tensor_role role);
GAN_API gan_tensor_role gan_params_role(const gan_params *p, int tensor);

GAN_API int gan_params_count(const gan_params *p);              /* tensors */
GAN_API const char *gan_params_name(const gan_params *p, int tensor);
GAN_API gan_shape gan_params_shape(const gan_params *p, int tensor);
GAN_API int gan_params_find(const gan_params *p, const char *name); /* -1: none */
GAN_API size_t gan_params_elements(const gan_params *p);        /* numbers, padding not counted */

/* gan_params_read - the tensor's current version in graph g (gan_param of its state).
 * gan_params_state - its state number in g. */
GAN_API gan_node gan_params_read(gan_params *p, gan_graph *g, int tensor);
GAN_API int gan_params_state(gan_params *p, gan_graph *g, int tensor);

/* gan_params_slot_state - the same of one of its slots: what an optimiser keeps is read with gan_param and written
 * with gan_assign. GAN_VALUE is the tensor itself. */
GAN_API int gan_params_slot_state(gan_params *p, gan_graph *g, int tensor, gan_slot slot);

/* gan_params_get / _set - copy a whole tensor out of / into one slot; `values` holds
 * the shape's number of floats. A slot not used so far reads as zeros. GAN_ENOMEM only. */
GAN_API gan_status gan_params_get(const gan_params *p, int tensor, gan_slot slot, float *values);
GAN_API gan_status gan_params_set(gan_params *p, int tensor, gan_slot slot, const float *values);

/* gan_params_average_from_value - the moving average starts as the weights. */
GAN_API gan_status gan_params_average_from_value(gan_params *p);

/* gan_params_bad - number of the first tensor with a NaN or infinity in a slot, or -1. */
GAN_API int gan_params_bad(const gan_params *p, gan_slot slot);

#ifdef __cplusplus
}
#endif

#endif
