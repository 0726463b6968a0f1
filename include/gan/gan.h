/* gan.h - all of libgander; each header is its room's manual.
 *
 *     run.h       recipe + data set -> a run on disk
 *     train.h     the same in memory, iteration by iteration
 *     inspect.h   inside its nets: layers, D's word, ways through latent space
 *     model.h     a trained generator: file -> samples
 *     recipe.h    settings by name         data.h     data sets
 *     image.h     grids, PNG, terminal     status.h   errors
 *     graph.h     tensor mathematics       nn.h       networks from layer lines
 *     params.h    named tensors            plan.h     graph -> machine
 *     board.h     TensorBoard's files
 *     machine.h   what the machine can do  text.h     words from outside
 */
#ifndef GAN_GAN_H
#define GAN_GAN_H

#include <gan/board.h>
#include <gan/data.h>
#include <gan/doctor.h>
#include <gan/graph.h>
#include <gan/image.h>
#include <gan/inspect.h>
#include <gan/machine.h>
#include <gan/measure.h>
#include <gan/model.h>
#include <gan/nn.h>
#include <gan/page.h>
#include <gan/params.h>
#include <gan/pictures.h>
#include <gan/plan.h>
#include <gan/recipe.h>
#include <gan/run.h>
#include <gan/status.h>
#include <gan/text.h>
#include <gan/train.h>

#ifdef __cplusplus
extern "C" {
#endif

/* gan_version - "0.1.0". gan_arithmetic - rises whenever the bytes of a run change. */
GAN_API const char *gan_version(void);
GAN_API int gan_arithmetic(void);
/* gan_isa - the kernels' form in use here: "avx512", "avx2", "portable"; "none" where GAN_ISA asks for
 * one that is not there. */
GAN_API const char *gan_isa(void);

#ifdef __cplusplus
}
#endif

#endif
