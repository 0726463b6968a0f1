/* inspector.h - an inspector's parts. */
#ifndef GAN_INSPECT_INSPECTOR_H
#define GAN_INSPECT_INSPECTOR_H

#include "train/trainer_internal.h"

#include <gan/inspect.h>

/* D's words on samples: a graph, and a plan of its logits and one of its slopes too, made when first asked for. */
typedef struct gan__judge {
    gan_graph *graph; /* NULL: there is no such D */
    gan_node logits, slopes;
    gan_plan *plan[2];
} gan__judge;

struct gan_inspector {
    gan_trainer *trainer;
    int batch;           /* samples that layers are seen over */
    gan__iteration still; /* each phase's loss, its gradients, what the layers give */
    gan__judge judge;
};

/* gan__inspector_plan - of the trainer's nets, with their weights, not their averages. */
gan_status gan__inspector_plan(gan_plan **out, const gan_inspector *x, const gan_graph *g, const gan_node *sinks, int count, gan_error *err);

#endif
