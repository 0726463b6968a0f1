/* layer.h - what a layer is: a line of a net, its row in layers.def, and what it is applied in.
 *
 * A new kind is one file with a gan__layer_kind and one row in layers.def.
 */
#ifndef GAN_NN_LAYER_H
#define GAN_NN_LAYER_H

#include "base/arena.h"

#include <gan/nn.h>

enum { GAN__WORDS_MAX = 24, GAN__WORD_MAX = 32, GAN__OPTIONS_MAX = 8 };

typedef struct gan__layer gan__layer;
typedef struct gan__init gan__init;

/* silent      where its result is 0, so is its slope
 * steepness   its slope where its result is y, as a share of the steepest; NULL: it has no flat ends */
typedef struct gan__activation {
    const char *name, *help;
    bool takes_number; /* "leaky 0.2" */
    float fallback;
    gan_node (*build)(gan_graph *g, gan_node x, float number);
    bool silent;
    double (*steepness)(double y);
} gan__activation;

/* A word that a line may hold between its numbers and its activation, with what follows it: `stride 2`, `same`. */
typedef struct gan__option_kind {
    const char *name;
    int least, most; /* words behind it; those above the least are taken where they are numbers */
} gan__option_kind;

typedef struct gan__option {
    const gan__option_kind *kind;
    int words;
    char word[2][GAN__WORD_MAX];
} gan__option;

/* How far a result looks: over `kernel` neighbours, `up` results for each `down` inputs along an axis. kernel 0:
 * everywhere. */
typedef struct gan__reach {
    int kernel, up, down;
} gan__reach;

/* What becomes of a direction in what a line reads: it is lost among others, it stays as it is (but for its length), or
 * it meets a matrix. */
typedef enum gan__way { GAN__WAY_LOST, GAN__WAY_ON, GAN__WAY_PRODUCT } gan__way;

/* One kind of layer.
 * options     the words that it knows beside numbers, ended by a name NULL; NULL: none
 * parse       the line's first words behind the name (numbers and @NAME), l->input known; the options by
 *             gan__layer_option -> tensors added, l->output and l->own set
 * apply       x [N, input...] -> [N, output...]
 * initialise  first values of its tensors, beyond zeros; NULL: none
 * flops       of one sample forward, products only; NULL: none
 * reach       NULL: each result looks at its own place alone */
typedef struct gan__layer_kind {
    const char *name, *usage, *help;
    bool mixes_rows;    /* a row's result depends on the other rows, in training */
    bool mixes_samples; /* and where samples are drawn */
    bool forgets;       /* what the line above gives is not read */
    bool joins;         /* reads a named line: its first word is @NAME, found before parse is called */
    gan__way way;
    const gan__option_kind *options;
    gan_status (*parse)(gan__layer *l, int words, char (*word)[GAN__WORD_MAX], gan_error *err);
    gan_node (*apply)(const gan__layer *l, gan_pass *pass, gan_node x, gan_node joined);
    gan_status (*initialise)(const gan__layer *l, const gan__init *init, uint64_t seed, gan_error *err);
    double (*flops)(const gan__layer *l);
    gan__reach (*reach)(const gan__layer *l);
} gan__layer_kind;

struct gan__layer {
    const gan__layer_kind *kind;
    const char *net;  /* its net's name */
    int number, line; /* of the layer in the net; of its line in the text, from 1 */
    int above;        /* the line that gives its input; 0: it is the net's */
    int classes;      /* of the labels; 0: there are none */
    bool labelled;    /* it reads them: set by parse */
    char name[GAN__WORD_MAX]; /* that the line gives its result; "": none */
    const char *text;         /* the line, a block's parameters put in */
    int joined;       /* the layer whose result it reads too; -1: the net's input, where kind->joins */
    int joined_line;  /* its line; 0: the net's input */
    gan_shape input, joined_shape, output;
    gan_params *params;
    gan__arena *arena; /* for `own`; lives as long as the net */
    void *own;         /* the kind's */
    const gan__option *option; /* while it is parsed */
    int options;
    int tensor, tensors; /* its tensors: the first of so many on end */
    size_t parameters; /* numbers in its tensors, all roles */
    const gan__activation *activation; /* NULL: none */
    float number_of_activation;
};

const gan__layer *gan__net_layer(const gan_net *net, int i); /* from 0; lives as long as the net */

/* gan__layer_tensor - add tensor NET.NUMBER.what, in a role.
 * gan__layer_count - a word that must be a whole number from 1 to 1,000,000.
 * gan__layer_number - a word that must be a number from low to high.
 * gan__layer_option - the option of that name; NULL: the line has none.
 * gan__layer_usage - the error that says how the line is written. */
gan_status gan__layer_tensor(gan__layer *l, const char *what, gan_shape shape, bool packed, gan_tensor_role role,
                             int *tensor, gan_error *err);
gan_status gan__layer_count(const gan__layer *l, const char *word, const char *what, int *out,
                            gan_error *err);
gan_status gan__layer_number(const gan__layer *l, const char *word, const char *what, double low, double high,
                             double *out, gan_error *err);
const gan__option *gan__layer_option(const gan__layer *l, const char *name);
gan_status gan__layer_usage(const gan__layer *l, gan_error *err);

/* gan__layer_misfit - the error that what the layer is given does not suit it: `why`, then the shape and its line.
 * gan__layer_spatial - axes between the batch and the channels of the input: 1, 2 or 3. Errors  GAN_EKEY for another
 * number. gan__layer_unlabelled - the error that the layer needs labels, and there are none. */
gan_status gan__layer_misfit(const gan__layer *l, gan_error *err, const char *why, ...)
    __attribute__((format(printf, 3, 4)));
gan_status gan__layer_spatial(const gan__layer *l, int *axes, gan_error *err);
gan_status gan__layer_unlabelled(const gan__layer *l, gan_error *err);

/* gan__layer_shape_text - "[28, 28, 1]". */
enum { GAN__LAYER_SHAPE_TEXT = 96 };
char *gan__layer_shape_text(gan_shape s, char text[GAN__LAYER_SHAPE_TEXT]);

/* gan__layer_numbers - of one sample of a shape. gan__layer_channels - the last axis of the input, which has one.
 * gan__layer_sees_all - the `reach` of a layer whose results look everywhere. */
int gan__layer_numbers(gan_shape s);
int gan__layer_channels(const gan__layer *l);
gan__reach gan__layer_sees_all(const gan__layer *l);

/* gan__layer_read - a tensor's current version. gan__layer_statistic - write the next version of a statistic, where the
 * pass takes note of such. */
gan_node gan__layer_read(const gan__layer *l, const gan_pass *pass, int tensor);
void gan__layer_statistic(const gan__layer *l, gan_pass *pass, int tensor, gan_node x);

/* gan__layer_label - each sample's class. gan__layer_noise - standard normals of the layer's own stream in this pass. gan__layer_rows - x's first axis.
 * gan__layer_batch - the shape of so many samples. */
gan_node gan__layer_label(const gan_pass *pass);
/* gan__layer_of_class - a row of numbers by channel [C], or where the layer is labelled the row of each sample's class
 * of [classes, C], as something that x [N, ..., C] can be multiplied with. */
gan_node gan__layer_of_class(const gan__layer *l, const gan_pass *pass, gan_node x, int tensor);
gan_node gan__layer_noise(const gan__layer *l, const gan_pass *pass, gan_shape shape);
int gan__layer_rows(const gan_pass *pass, gan_node x);
gan_shape gan__layer_batch(int rows, gan_shape sample);

#endif
