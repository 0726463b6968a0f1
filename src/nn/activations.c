/* activations.c - one row each; a new one is a function and a row. */
#include "nn/activations.h"

#include "base/nearest.h"

#include <string.h>

static gan_node relu(gan_graph *g, gan_node x, float number) { (void)number; return gan_lrelu(g, x, 0); }
static gan_node leaky(gan_graph *g, gan_node x, float number) { return gan_lrelu(g, x, number); }
static gan_node hyperbolic(gan_graph *g, gan_node x, float number) { (void)number; return gan_tanh(g, x); }
static gan_node sigmoid(gan_graph *g, gan_node x, float number) { (void)number; return gan_sigmoid(g, x); }
static gan_node softplus(gan_graph *g, gan_node x, float number) { (void)number; return gan_softplus(g, x); }
/* x sigmoid(x): Elfwing et al. 2018, arXiv:1702.03118. */
static gan_node silu(gan_graph *g, gan_node x, float number) { (void)number; return gan_mul(g, x, gan_sigmoid(g, x)); }

static double of_hyperbolic(double y) { return 1 - y * y; }
static double of_sigmoid(double y) { return 4 * y * (1 - y); }

static const gan__activation activations[] = {
    {"relu", "max(0, x)", false, 0, relu, true, NULL},
    {"leaky", "x, or SLOPE x below 0 (leaky 0.2)", true, 0.2f, leaky, false, NULL},
    {"tanh", "from -1 to 1", false, 0, hyperbolic, false, of_hyperbolic},
    {"sigmoid", "from 0 to 1: 1 / (1 + exp(-x))", false, 0, sigmoid, false, of_sigmoid},
    {"silu", "x sigmoid(x), smooth; Elfwing et al. 2018", false, 0, silu, false, NULL},
    {"softplus", "log(1 + exp(x))", false, 0, softplus, false, NULL},
};
enum { ACTIVATIONS = sizeof activations / sizeof *activations };

const gan__activation *gan__activation_find(const char *name)
{
    for (int i = 0; i < ACTIVATIONS; i++)
        if (!strcmp(activations[i].name, name))
            return &activations[i];
    return NULL;
}

const char *gan__activation_nearest(const char *name)
{
    int best = 0;
    for (int i = 1; i < ACTIVATIONS; i++)
        if (gan__distance(activations[i].name, name) < gan__distance(activations[best].name, name))
            best = i;
    return activations[best].name;
}

int gan_activations(void)
{
    return ACTIVATIONS;
}

gan_word_info gan_activation_info(int i)
{
    return (gan_word_info){activations[i].name, activations[i].help};
}
