/* net_internal.h - a network's lines, parsed; and the rows that a layer, an activation and an initialiser
 * are. A new layer is one file with its functions and one row in layers.c. */
#ifndef GAN_NN_NET_INTERNAL_H
#define GAN_NN_NET_INTERNAL_H

#include <gan/nn.h>

enum { GAN__LINE_MAX = 200, GAN__LAYERS_MAX = 64, GAN__WORDS_MAX = 12, GAN__WORD_MAX = 32 };

typedef struct gan__activation {
    const char *name;
    bool takes_number; /* "leaky 0.2" */
    float fallback;
    gan_node (*build)(gan_graph *g, gan_node x, float number);
} gan__activation;

typedef struct gan__layer gan__layer;

/* One kind of layer. parse: the line's words behind the name (and before the activation), the shape of a
 * sample that comes in -> parameters added, l->output set. apply: x [N, input...] -> [N, output...]. */
typedef struct gan__layer_kind {
    const char *name, *usage;
    bool mixes_rows;
    gan_status (*parse)(gan__layer *l, gan_params *params, int words, char (*word)[GAN__WORD_MAX],
                        gan_error *err);
    gan_node (*apply)(const gan__layer *l, gan_graph *g, gan_node x);
} gan__layer_kind;

struct gan__layer {
    const gan__layer_kind *kind;
    const char *net; /* its net's name */
    int number, line; /* of the layer in the net; of its line in the text, from 1 */
    gan_shape input, output;
    gan_params *params;
    int weight, bias;      /* tensors; -1: none */
    int fan_in, fan_out;   /* of the weight, for initialisers */
    const gan__activation *activation; /* NULL: none */
    float number_of_activation;
};

struct gan_net {
    char *name;
    gan_shape input;
    int count;
    gan__layer layer[GAN__LAYERS_MAX];
};

const gan__layer_kind *gan__layer_find(const char *name);      /* NULL: none */
const gan__activation *gan__activation_find(const char *name); /* NULL: none */

/* gan__nearest_* - the known name that is least far from a wrong one, for messages. */
const char *gan__layer_nearest(const char *name);
const char *gan__activation_nearest(const char *name);

/* gan__layer_tensor - add tensor NET.NUMBER.what. */
gan_status gan__layer_tensor(const gan__layer *l, const char *what, gan_shape shape, bool packed,
                             int *tensor, gan_error *err);

/* gan__layer_count - a word that must be a whole number from 1 to 1,000,000. */
gan_status gan__layer_count(const gan__layer *l, const char *word, const char *what, int *out,
                            gan_error *err);

extern const gan__layer_kind gan__dense;

#endif
