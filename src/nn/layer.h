/* layer.h - what a layer is: a line of a net, its row in layers.def, and what it is applied in.
 *
 * A new kind is one file with a gan__layer_kind and one row in layers.def.
 */
#ifndef GAN_NN_LAYER_H
#define GAN_NN_LAYER_H

#include "base/arena.h"

#include <gan/nn.h>

enum { GAN__WORDS_MAX = 12, GAN__WORD_MAX = 32 };

typedef struct gan__layer gan__layer;
typedef struct gan__init_rule gan__init_rule;

typedef struct gan__activation {
    const char *name, *help;
    bool takes_number; /* "leaky 0.2" */
    float fallback;
    gan_node (*build)(gan_graph *g, gan_node x, float number);
} gan__activation;

/* One kind of layer.
 * parse       the line's words behind the name (and before the activation), l->input known -> tensors added, l->output
 *             and l->own set
 * apply       x [N, input...] -> [N, output...]
 * initialise  first values of its tensors, beyond zeros; NULL: none
 * flops       of one sample forward, products only; NULL: none */
typedef struct gan__layer_kind {
    const char *name, *usage, *help;
    bool mixes_rows; /* a row's result depends on the other rows */
    bool joins;      /* reads a named line: its first word is @NAME, found before parse is called */
    gan_status (*parse)(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err);
    gan_node (*apply)(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined);
    gan_status (*initialise)(const gan__layer *l, const gan__init_rule *rule, uint64_t seed, gan_error *err);
    double (*flops)(const gan__layer *l);
} gan__layer_kind;

struct gan__layer {
    const gan__layer_kind *kind;
    const char *net;  /* its net's name */
    int number, line; /* of the layer in the net; of its line in the text, from 1 */
    char name[GAN__WORD_MAX]; /* that the line gives its result; "": none */
    int joined;       /* the layer whose result it reads too; -1: the net's input, where kind->joins */
    gan_shape input, joined_shape, output;
    gan_params *params;
    gan__arena *arena; /* for `own`; lives as long as the net */
    void *own;         /* the kind's */
    const gan__activation *activation; /* NULL: none */
    float number_of_activation;
};

/* gan__layer_tensor - add tensor NET.NUMBER.what.
 * gan__layer_count - a word that must be a whole number from 1 to 1,000,000.
 * gan__layer_usage - the error that says how the line is written. */
gan_status gan__layer_tensor(const gan__layer *l, const char *what, gan_shape shape, bool packed,
                             int *tensor, gan_error *err);
gan_status gan__layer_count(const gan__layer *l, const char *word, const char *what, int *out,
                            gan_error *err);
gan_status gan__layer_usage(const gan__layer *l, gan_error *err);

/* gan__layer_shape_text - "[28, 28, 1]". */
enum { GAN__LAYER_SHAPE_TEXT = 96 };
char *gan__layer_shape_text(gan_shape s, char text[GAN__LAYER_SHAPE_TEXT]);

/* gan__layer_read - a tensor's current version. gan__layer_statistic - write the next version of a statistic, where the
 * pass takes note of such. */
gan_node gan__layer_read(const gan__layer *l, const gan_pass *pass, int tensor);
void gan__layer_statistic(const gan__layer *l, gan_pass *pass, int tensor, gan_node x);

#endif
