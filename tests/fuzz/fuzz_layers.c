/* fuzz_layers.c - any bytes as the layer lines of a net: refused with a message, or a net that can be applied, in training
 * and as a sample is drawn, whose shapes are what it says. */
#include "fuzz.h"

#include <gan/nn.h>

#include <stdlib.h>
#include <string.h>

enum { ROWS = 2, CLASSES = 3, SINKS = 64 };

static void apply(const gan_net *net, bool training)
{
    gan_graph *g = gan_graph_create();
    gan_error err = {0};
    gan_node sinks[SINKS];
    const gan_node x = gan_input(g, "x", GAN_SHAPE(ROWS, 8, 6, 3)), label = gan_input(g, "label", GAN_SHAPE(ROWS));
    gan_pass pass = {.graph = g, .training = training, .write = sinks, .writes_max = SINKS, .label = &label, .stream = "s"};
    const gan_node y = gan_net_run(net, &pass, x);
    const gan_shape says = gan_net_output(net), is = gan_graph_shape(g, y);
    const gan_status s = gan_graph_status(g, &err);
    if (s == GAN_OK && (is.rank != says.rank + 1 || memcmp(is.dim + 1, says.dim, (size_t)says.rank * sizeof *says.dim) != 0))
        abort();
    if (s != GAN_OK && !*err.message)
        abort();
    fuzz_sink = (unsigned)is.rank;
    gan_graph_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gan_error err = {0};
    gan_net *net;
    gan_params *params = gan_params_create();
    char *lines = malloc(size + 1);
    if (!lines || !params)
        abort();
    memcpy(lines, data, size);
    lines[size] = 0;
    if (gan_net_create_labelled(&net, "n", lines, GAN_SHAPE(8, 6, 3), CLASSES, params, &err) == GAN_OK) {
        apply(net, true);
        apply(net, false);
        gan_net_free(net);
    } else if (!*err.message || net) {
        abort();
    }
    free(lines);
    gan_params_free(params);
    return 0;
}
