/* model_file.h - writing the generator alone, and reading tensors back into a parameter set. */
#ifndef GAN_TRAIN_MODEL_FILE_H
#define GAN_TRAIN_MODEL_FILE_H

#include "file/safetensors.h"

#include <gan/data.h>
#include <gan/params.h>
#include <gan/recipe.h>

/* What every file of a run says about it. */
typedef struct gan__provenance {
    const gan_recipe *recipe;
    int64_t iteration;
    int height, width, channels, classes; /* classes: 0 where no labels are read */
    const char *data_name, *data_sha256;
    bool real; /* samples are points */
} gan__provenance;

/* A list of tensors being gathered: copies in logical order. */
typedef struct gan__bundle {
    gan__tensor *tensor;
    int count, capacity;
} gan__bundle;

/* gan__bundle_add - one slot of a whole set, each tensor named PREFIX + its name. */
gan_status gan__bundle_add(gan__bundle *b, const gan_params *p, gan_slot slot, const char *prefix,
                           gan_error *err);
void gan__bundle_release(gan__bundle *b);

/* gan__bundle_write - with `format` ("gander-model", "gander-state") and the provenance as metadata. */
gan_status gan__bundle_write(const gan__bundle *b, const char *path, const char *format,
                             const gan__provenance *from, gan_error *err);

/* gan__tensors_read - one slot of a whole set from a file: every tensor must be there with its shape. */
gan_status gan__tensors_read(const gan__safetensors *f, const char *path, gan_params *p, gan_slot slot,
                             const char *prefix, gan_error *err);

/* gan__check_format - the file says that it holds `want` ("gander-model", "gander-state"), and has its
 * digest: reading has compared that, but only where it is there. */
gan_status gan__check_format(const gan__safetensors *f, const char *path, const char *want,
                             gan_error *err);

/* What a net's numbers are as pixels: bytes 0 and 255, for whoever reads the file without us. */
#define GAN__PIXEL_RANGE "0 1"

/* gan__metadata - a key that must be there; gan__metadata_int - that must be a whole number. */
gan_status gan__metadata(const gan__safetensors *f, const char *path, const char *key,
                         const char **value, gan_error *err);
gan_status gan__metadata_int(const gan__safetensors *f, const char *path, const char *key, int64_t low,
                             int64_t high, int64_t *value, gan_error *err);

/* gan__model_iteration - of a model or state file. */
gan_status gan__model_iteration(const char *path, int64_t *iteration, gan_error *err);

#endif
