/* nn.h - networks from layer lines.
 *
 * A network is a list of lines, `dense 128 relu`: a layer, its words, an activation. Layers are built from graph
 * operations alone, so all of them differentiate twice. A line may be named and read again, and a run of lines may be a
 * block that is used several times:
 *
 *     block res C               # C: a parameter
 *       dense C silu
 *       dense C
 *       add @in                 # what the block was given
 *     end
 *     dense 64 @start
 *     res 64
 *     res 64
 *     concat @start
 *     dense 1
 *
 * The grammar: nn/grammar.h and the man page. One row per layer in nn/layers.def, one per activation in
 * nn/activations.c, one per initialiser in nn/init.c.
 */
#ifndef GAN_NN_H
#define GAN_NN_H

#include <gan/graph.h>
#include <gan/params.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_net gan_net;

/* gan_net_create - parse `layers` (one a line; blank lines and what follows '#' are skipped) and add the
 * parameters to `params`, named NAME.0.weight, NAME.0.bias, NAME.1.weight, ... by layer, blocks written out.
 *
 * input   shape of one sample, without the batch: GAN_SHAPE(100)
 * Errors  GAN_EKEY with the line number, what is wrong and, for an unknown word, the nearest known one;
 *         GAN_ESHAPE; GAN_ENOMEM. The net owns nothing of params and must not outlive it. */
GAN_API gan_status gan_net_create(gan_net **out, const char *name, const char *layers,
                                  gan_shape input, gan_params *params, gan_error *err);
/* gan_net_create_labelled - the same where samples have a label, 0 to classes - 1: lines may read it. */
GAN_API gan_status gan_net_create_labelled(gan_net **out, const char *name, const char *layers, gan_shape input,
                                           int classes, gan_params *params, gan_error *err);
GAN_API void gan_net_free(gan_net *net);

/* One application of a net.
 * training     statistics are the batch's, dropout drops; else the running ones are read, and nothing is dropped
 * write        where it is given, running statistics take a step: an ASSIGN for each is put there, a sink for the plan
 *              (writes counts on beyond writes_max: then the table was too small)
 * label        [N], each sample's class as a whole number; NULL: none (a net that reads labels needs it)
 * stream       end of the names of the noise that layers draw, so that each application has its own; NULL: none
 * given_noise  noise comes from inputs of its stream's name, NET.NUMBER.STREAM, not from the plan: for tests
 * results      where it is given, room for a node a layer: what each gives, behind its activation (the last one's too) */
typedef struct gan_pass {
    gan_graph *graph;
    bool training;
    gan_node *write;
    int writes, writes_max;
    const gan_node *label;
    const char *stream;
    bool given_noise;
    gan_node *results;
} gan_pass;

/* gan_net_run - the network's output for x [N, input...] with the current version of its parameters. gan_net_run_raw -
 * the same without the last line's activation: logits, where that is a sigmoid. gan_net_apply - as a sample is drawn. */
GAN_API gan_node gan_net_run(const gan_net *net, gan_pass *pass, gan_node x);
GAN_API gan_node gan_net_run_raw(const gan_net *net, gan_pass *pass, gan_node x);
GAN_API gan_node gan_net_apply(const gan_net *net, gan_graph *g, gan_node x);

GAN_API gan_shape gan_net_output(const gan_net *net); /* of one sample */
GAN_API int gan_net_layers(const gan_net *net);
GAN_API double gan_net_flops(const gan_net *net); /* products of one sample, forward */
/* gan_net_last_activation - "sigmoid"; "" where the last line has none. */
GAN_API const char *gan_net_last_activation(const gan_net *net);
/* gan_net_mixes_samples - even where nothing is trained. */
GAN_API bool gan_net_mixes_samples(const gan_net *net);
/* gan_one_hot - label [N], whole numbers 0 to classes - 1, as rows [N, classes] of 0s and a 1. */
GAN_API gan_node gan_one_hot(gan_graph *g, gan_node label, int classes);
/* gan_net_reads_labels - some line reads the sample's label. */
GAN_API bool gan_net_reads_labels(const gan_net *net);

/* gan_net_lines - what each line is, blocks written out, of at most so many lines; returns how many there are.
 * field: how many neighbours of the input a result looks at along an axis; 0: all. */
typedef struct gan_line_info {
    const char *text; /* the words, a block's parameters put in; lives as long as the net */
    int line;         /* of the recipe's layers, from 1 */
    gan_shape output;
    size_t parameters;
    double flops; /* of products, a sample forward */
    int field;
} gan_line_info;
GAN_API int gan_net_lines(const gan_net *net, gan_line_info *info, int most);
/* gan_net_mixes_rows - a sample's output depends on the batch around it (batch norm and the like). */
GAN_API bool gan_net_mixes_rows(const gan_net *net);

/* gan_net_init - draw the weights: element e of tensor T is a function of (seed, "init/"T, e).
 *
 * init   "glorot"  uniform +-sqrt(6 / (in + out))     Glorot & Bengio 2010
 *        "he"      uniform +-sqrt(6 / in)             He et al. 2015
 *        "lecun"   uniform +-sqrt(3 / in)             LeCun et al. 1998
 *        "normal S"  normal, standard deviation S (0.02)            Radford et al. 2016
 *        "fan G"     normal, standard deviation G / sqrt(in), G 1   Huang et al. 2024 (R3GAN)
 *        "zero"
 * A line's own `init RULE` goes before it. Biases are zero, scales one. Errors: GAN_EKEY for another name. */
GAN_API gan_status gan_net_init(const gan_net *net, gan_params *params, const char *init,
                                uint64_t seed, gan_error *err);

/* The tables, for help texts: how a layer, activation or rule of first weights is written, and what it is. */
typedef struct gan_word_info {
    const char *usage, *help;
} gan_word_info;
GAN_API int gan_layer_kinds(void);
GAN_API gan_word_info gan_layer_info(int i);
GAN_API int gan_init_rules(void);
GAN_API gan_word_info gan_init_info(int i);
GAN_API int gan_activations(void);
GAN_API gan_word_info gan_activation_info(int i);

#ifdef __cplusplus
}
#endif

#endif
