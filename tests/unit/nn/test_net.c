/* test_net.c - layer lines: what they build, what is refused, first weights. */
#include <gan/nn.h>
#include <gan/plan.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void builds(void **state)
{
    (void)state;
    gan_params *p = gan_params_create();
    gan_net *net;
    gan_error err = {0};
    const char *lines = "dense 128 relu\n\n  # a comment\n dense 7 leaky 0.1 # behind\r\ndense 3";
    assert_int_equal(gan_net_create(&net, "d", lines, GAN_SHAPE(4, 5), p, &err), GAN_OK);
    assert_int_equal(gan_net_layers(net), 3);
    assert_int_equal(gan_net_output(net).dim[0], 3);
    assert_string_equal(gan_net_last_activation(net), "");
    assert_false(gan_net_mixes_rows(net));
    static const char *const names[] = {"d.0.weight", "d.0.bias", "d.1.weight",
                                        "d.1.bias",   "d.2.weight", "d.2.bias"};
    assert_int_equal(gan_params_count(p), 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(gan_params_name(p, i), names[i]);
    assert_int_equal(gan_params_shape(p, 0).dim[0], 20); /* flattened */
    gan_graph *g = gan_graph_create();
    const gan_node y = gan_net_apply(net, g, gan_input(g, "x", GAN_SHAPE(2, 4, 5)));
    assert_int_equal(gan_graph_status(g, &err), GAN_OK);
    assert_int_equal(gan_graph_shape(g, y).dim[1], 3);
    gan_graph_free(g);
    gan_net_free(net);
    gan_params_free(p);
}

static void refuses(void **state)
{
    static const char *const rows[][2] = {
        {"", "has no layers"},
        {"dens 3", "line 1: no layer 'dens'; do you mean 'dense'"},
        {"dense 3\ndense", "line 2: write `dense UNITS"},
        {"dense 0", "is not a number of units"},
        {"dense 3x", "is not a number of units"},
        {"dense 99999999", "is not a number of units"},
        {"dense 3 rleu", "no activation 'rleu'; do you mean 'relu'"},
        {"dense 3 relu 0.2", "takes no number"},
        {"dense 3 leaky 11", "no slope"},
        {"dense 3 4 relu", "write `dense UNITS"},
        {"add", "line 1: write `add @NAME"},
        {"dense 3\nadd 4", "line 2: write `add @NAME"},
        {"dense 3 @a\ndense 5\nadd @a", "line 3: add: [3] of line 1 does not meet [5] of line 2"},
        {"dense 3 @first\nadd @frist", "line 2: no line is named @frist; do you mean @first?"},
        {"add @late\ndense 5 @late", "line 1: @late is made in line 2, further down"},
        {"dense 3 @a\ndense 3 @a", "line 2: @a is the name of line 1 already"},
        {"dense 3 @in", "'@in' cannot be a line's name"},
        {"batchnorm 3", "write `batchnorm"},
        {"block\nend", "line 1: write `block NAME"},
        {"block b C\ndense C", "line 1: block b has no end"},
        {"block b C\nend\nb", "line 3: block b takes 1 words, not 0"},
        {"block b C\ndense C\nend\nblock b\nend", "line 4: a block of that name stands above"},
        {"block b C\ndense C\nadd @x\nend\nb 3", "line 3: no line is named @x.1"},
        {"dense 3 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "too many words"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_params *p = gan_params_create();
        gan_net *net;
        gan_error err = {0};
        assert_int_equal(gan_net_create(&net, "g", rows[i][0], GAN_SHAPE(5), p, &err), GAN_EKEY);
        if (!strstr(err.message, rows[i][1]))
            fail_msg("'%s' does not say '%s'", err.message, rows[i][1]);
        assert_null(net);
        gan_params_free(p);
    }
}

/* A mistake in each kind of layer that reads a picture: the line, and what is there in place of what is wanted. */
static void mistakes(void **state)
{
    static const struct {
        const char *lines, *says;
        int classes;
    } rows[] = {
        {"conv 4", "line 1: write `conv CHANNELS KERNEL", 0},
        {"conv 4 9", "line 1: conv: a kernel of 9 is larger than the 8 places there are with padding; the net's input is [8, 6, 3]", 0},
        {"conv 4 3 @a\nconv 4 5", "line 2: conv: a kernel of 5 is larger than the 4 places there are with padding; line 1 gives [6, 4, 4]", 0},
        {"conv 4 3 groups 2", "conv: 2 groups do not divide 3 and 4 channels; the net's input is [8, 6, 3]", 0},
        {"conv 4 3 stride 0", "'0' is no stride (1 to 4096)", 0},
        {"conv 4 3 stride 1.5", "stride 1.5 is not a whole number", 0},
        {"conv 4 3 stride", "something must follow 'stride'", 0},
        {"conv 4 3 same pad 1", "pad or same, not both", 0},
        {"conv 4 3 same same", "'same' stands there twice", 0},
        {"conv 4 3 sane", "no activation 'sane'; do you mean 'same'?", 0},
        {"conv 4 3 relu same", "the activation stands last, but 'same' follows", 0},
        {"conv 4 256", "a kernel of 256 for 4 channels is too large", 0},
        {"conv 1000000 255", "is too large", 0},
        {"conv 4 3 init xavier", "line 1: no first weights 'xavier'; do you mean", 0},
        {"conv 4 3 init glorot 2", "line 1: glorot takes no number", 0},
        {"conv 4 3 init normal 1000", "'1000' is no scale of normal", 0},
        {"dense 5\n\nconv 4 3", "line 3: conv: needs [..., channels] with 1 to 3 axes before the channels; line 1 gives [5]", 0},
        {"tconv 4 1 stride 2 same", "same: a kernel of 1 leaves holes at stride 2", 0},
        {"tconv 4 3 pad 9", "a padding of 9 leaves nothing of the 10 places", 0},
        {"dense 5 @w\nmod @w 4 3", "mod: needs [..., channels] with 1 to 3 axes before the channels; line 1 gives [5]", 0},
        {"mod @in 4 3", "mod: a style is one row of numbers, not [8, 6, 3]; the net's input is [8, 6, 3]", 0},
        {"reshape 8 6 4", "reshape: [8, 6, 4] holds 192 numbers, not 144; the net's input is [8, 6, 3]", 0},
        {"reshape", "write `reshape", 0},
        {"basis 4 4 0", "'0' is not a number of channels", 0},
        {"bias 3", "write `bias`", 0},
        {"act", "write `act ACTIVATION`", 0},
        {"dense 3\npool", "pool: needs [..., channels]", 0},
        {"pool mean sum", "write `pool", 0},
        {"up 3 bilinear", "blur and bilinear go by 2, not by 3", 0},
        {"down 3 bilinear", "blur and bilinear go by 2, not by 3", 0},
        {"down 3 blur", "blur and bilinear go by 2, not by 3", 0},
        {"up 2 nearest blur", "write `up N", 0},
        {"up 100000", "100000 times is more than 65536 places; the net's input is [8, 6, 3]", 0},
        {"up 4000", "up: would give 2304000000 numbers a sample", 0},
        {"down 4", "down: 4 does not divide 6 places; the net's input is [8, 6, 3]", 0},
        {"crop 9 6", "crop: 9 places are more than 8; the net's input is [8, 6, 3]", 0},
        {"crop 8", "line 1: write `crop", 0},
        {"shuffle 2", "shuffle: 3 channels are no multiple of 2 for each of 2 axes; the net's input is [8, 6, 3]", 0},
        {"batchnorm class", "batchnorm reads labels, and the data has none", 0},
        {"layernorm 3", "write `layernorm`", 0},
        {"dense 3\ninstancenorm", "instancenorm: needs [..., channels]", 0},
        {"groupnorm 2", "groupnorm: 2 groups do not divide 3 channels; the net's input is [8, 6, 3]", 0},
        {"pixelnorm 1", "write `pixelnorm`", 0},
        {"minibatch 0", "'0' is not a number of samples", 0},
        {"attention", "attention: needs 8 channels at least; the net's input is [8, 6, 3]", 0},
        {"dropout 1", "'1' is no share to drop (0 to 0.99)", 0},
        {"noise 1", "write `noise`", 0},
        {"label", "label reads labels, and the data has none", 0},
        {"label 0", "'0' is not a number of numbers", 3},
        {"project", "project reads labels, and the data has none", 0},
        {"project 1", "write `project", 3},
        {"down 2 @h\nup 4\nadd @h", "line 3: add: [4, 3, 3] of line 1 does not meet [16, 12, 3] of line 2", 0},
        {"dense 4 @h\nfrom @in\nmul @h", "line 3: mul: [4] of line 1 does not meet [8, 6, 3] of line 2", 0},
        {"conv 4 3 @h\nfrom @in\nconcat @h", "line 3: concat: [6, 4, 4] of line 1 does not meet [8, 6, 3] of line 2", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_params *p = gan_params_create();
        gan_net *net;
        gan_error err = {0};
        if (gan_net_create_labelled(&net, "g", rows[i].lines, GAN_SHAPE(8, 6, 3), rows[i].classes, p, &err) != GAN_EKEY)
            fail_msg("'%s' is taken", rows[i].lines);
        if (!strstr(err.message, rows[i].says))
            fail_msg("'%s' does not say '%s'", err.message, rows[i].says);
        assert_null(net);
        gan_params_free(p);
    }
}

/* A block reads a name of its own before one of the net around it. */
static void names_around_a_block(void **state)
{
    (void)state;
    gan_params *p = gan_params_create();
    gan_net *net;
    gan_error err = {0};
    gan_line_info line[16];
    const char *lines = "block inner C\n dense C\n add @w\nend\nblock outer C\n dense C @w\n inner C\nend\n"
                        "dense 4 @w\ninner 4\nouter 4\nadd @w";
    if (gan_net_create(&net, "n", lines, GAN_SHAPE(3), p, &err) != GAN_OK)
        fail_msg("%s", err.message);
    static const char *const texts[] = {"dense 4 @w", "dense 4", "add @w", "dense 4 @w.2", "dense 4", "add @w.2", "add @w"};
    assert_int_equal(gan_net_lines(net, line, 16), 7);
    for (int i = 0; i < 7; i++)
        assert_string_equal(line[i].text, texts[i]);
    gan_net_free(net);
    gan_params_free(p);
}

/* What --shapes prints: shapes, numbers, FLOPs, and how far a result looks. */
static void lines_of_a_net(void **state)
{
    const struct {
        gan_shape output;
        size_t parameters;
        double flops;
        int field;
    } want[] = {{GAN_SHAPE(8, 8, 4), 9 * 3 * 4 + 4, 2.0 * 64 * 9 * 3 * 4, 3},
                {GAN_SHAPE(4, 4, 4), 4 * 16, 2.0 * 16 * 16 * 4, 6}, /* depthwise, stride 2: 3 + 3 * 1 */
                {GAN_SHAPE(4, 4, 5), 25, 2.0 * 16 * 20, 6},
                {GAN_SHAPE(8, 8, 5), 0, 0, 6},
                {GAN_SHAPE(8, 8, 2), 9 * 5 * 2, 2.0 * 64 * 9 * 5 * 2, 8}, /* places are 1 apart again */
                {GAN_SHAPE(8, 8, 3), 0, 0, 1},
                {GAN_SHAPE(7), 192 * 7 + 7, 2.0 * 192 * 7, 0}};
    const char *lines = "conv 4 3 same\nconv 4 4 stride 2 same groups 4 nobias\nconv 5 1\nup 2\nconv 2 3 same nobias\n"
                        "from @in\ndense 7";
    (void)state;
    gan_params *p = gan_params_create();
    gan_net *net;
    gan_line_info line[16];
    gan_error err = {0};
    if (gan_net_create(&net, "n", lines, GAN_SHAPE(8, 8, 3), p, &err) != GAN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(gan_net_lines(net, line, 16), 7);
    for (int i = 0; i < 7; i++) {
        assert_memory_equal(&line[i].output, &want[i].output, sizeof want[i].output);
        assert_int_equal(line[i].parameters, want[i].parameters);
        assert_true(line[i].flops == want[i].flops);
        assert_int_equal(line[i].field, want[i].field);
    }
    gan_net_free(net);
    gan_params_free(p);
}

static float at(size_t i)
{
    return (float)(i * 2654435761u % 1000) / 500 - 1;
}

/* Fill every tensor and the input, run one plan, give back what it computed; the caller frees it. */
static float *computed(gan_params *p, gan_graph *g, gan_node y, gan_node *sinks, int n, size_t numbers)
{
    gan_plan *plan;
    gan_error err = {0};
    sinks[n] = y;
    const gan_plan_params d = gan_plan_defaults(g, sinks, n + 1);
    if (gan_plan_create(&plan, &d, &err) != GAN_OK)
        fail_msg("%s", err.message);
    (void)p;
    float *x = gan_plan_input(plan, "x");
    for (size_t i = 0; i < 6 * 4; i++)
        x[i] = at(i + 7);
    gan_plan_run(plan, (gan_step){0});
    float *out = malloc(numbers * sizeof *out);
    memcpy(out, gan_plan_value(plan, y), numbers * sizeof *out);
    gan_plan_free(plan);
    return out;
}

static void fill(gan_params *p)
{
    for (int t = 0; t < gan_params_count(p); t++) {
        const gan_shape s = gan_params_shape(p, t);
        float v[4096];
        for (size_t i = 0; i < 4096; i++)
            v[i] = at(i + 31 * (size_t)t);
        assert_true(s.rank < 2 || s.dim[0] * s.dim[1] <= 4096);
        assert_int_equal(gan_params_set(p, t, GAN_VALUE, v), GAN_OK);
    }
}

/* A block used twice, a name read again, a branch: the same bytes as the graph said by hand. */
static void blocks_and_names(void **state)
{
    (void)state;
    const char *lines = "block res C # a residual block\n  dense C tanh @h\n  dense C\n  add @h\n  add @in\nend\n"
                        "dense 5 relu @start\nres 5\nres 5 # again\nconcat @start silu\nfrom @in\ndense 3\nconcat @start";
    gan_params *p = gan_params_create();
    gan_net *net;
    gan_error err = {0};
    if (gan_net_create(&net, "n", lines, GAN_SHAPE(4), p, &err) != GAN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(gan_net_layers(net), 13);
    assert_int_equal(gan_net_output(net).dim[0], 8);
    assert_true(gan_net_flops(net) == 2 * (4 * 5 + 4 * 5 * 5 + 4 * 3));
    fill(p);
    gan_graph *g = gan_graph_create();
    const gan_node x = gan_input(g, "x", GAN_SHAPE(6, 4));
    gan_node sinks[2];
#define DENSE(input, layer)                                                                        \
    gan_add(g, gan_matmul(g, input, gan_params_read(p, g, gan_params_find(p, "n." #layer ".weight")), false, false), \
            gan_params_read(p, g, gan_params_find(p, "n." #layer ".bias")))
    const gan_node start = gan_lrelu(g, DENSE(x, 0), 0);
    const gan_node third = DENSE(x, 11), by_hand = gan_concat(g, third, start, 1);
    float *net_says = computed(p, g, gan_net_apply(net, g, x), sinks, 0, 48), *hand_says = computed(p, g, by_hand, sinks, 0, 48);
    assert_memory_equal(net_says, hand_says, 48 * sizeof *net_says);
    free(net_says);
    free(hand_says);
    gan_net_free(net);
    gan_graph_free(g);
    gan_params_free(p);
    /* ends in the block: both uses, each with its own h and its own @in */
    p = gan_params_create();
    assert_int_equal(gan_net_create(&net, "n", "block res C\n dense C tanh @h\n dense C\n add @h\n add @in\nend\nres 4\nres 4",
                                    GAN_SHAPE(4), p, &err), GAN_OK);
    fill(p);
    g = gan_graph_create();
    const gan_node z = gan_input(g, "x", GAN_SHAPE(6, 4)), h = gan_tanh(g, DENSE(z, 0)),
                   one = gan_add(g, gan_add(g, DENSE(h, 1), h), z), k = gan_tanh(g, DENSE(one, 4)),
                   two = gan_add(g, gan_add(g, DENSE(k, 5), k), one);
    net_says = computed(p, g, gan_net_apply(net, g, z), sinks, 0, 24);
    hand_says = computed(p, g, two, sinks, 0, 24);
    assert_memory_equal(net_says, hand_says, 24 * sizeof *net_says);
    free(net_says);
    free(hand_says);
    gan_net_free(net);
    gan_graph_free(g);
    gan_params_free(p);
}

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-5 * fabs(want) + 1e-5))
        fail_msg("%.9g, not %.9g", got, want);
}

/* In training by the batch, and the running statistics take a step; a sample by the running ones alone. */
static void batch_normalisation(void **state)
{
    enum { N = 6, C = 4 };
    (void)state;
    gan_params *p = gan_params_create();
    gan_net *net;
    gan_error err = {0};
    float gamma[C], beta[C], mean[C], variance[C];
    assert_int_equal(gan_net_create(&net, "n", "batchnorm", GAN_SHAPE(C), p, &err), GAN_OK);
    assert_true(gan_net_mixes_rows(net));
    assert_int_equal(gan_net_init(net, p, "glorot", 1, &err), GAN_OK);
    gan_params_get(p, gan_params_find(p, "n.0.gamma"), GAN_VALUE, gamma);
    gan_params_get(p, gan_params_find(p, "n.0.variance"), GAN_VALUE, variance);
    assert_true(gamma[0] == 1 && variance[C - 1] == 1);
    assert_int_equal(gan_params_role(p, gan_params_find(p, "n.0.gamma")), GAN_TRAINED);
    assert_int_equal(gan_params_role(p, gan_params_find(p, "n.0.mean")), GAN_STATISTIC);
    for (int c = 0; c < C; c++) {
        gamma[c] = 1 + (float)c;
        beta[c] = (float)c / 8;
    }
    gan_params_set(p, gan_params_find(p, "n.0.gamma"), GAN_VALUE, gamma);
    gan_params_set(p, gan_params_find(p, "n.0.beta"), GAN_VALUE, beta);
    gan_graph *g = gan_graph_create();
    const gan_node x = gan_input(g, "x", GAN_SHAPE(N, C));
    gan_node sinks[8];
    gan_pass pass = {.graph = g, .training = true, .write = sinks, .writes_max = 4};
    const gan_node y = gan_net_run(net, &pass, x);
    assert_int_equal(pass.writes, 2);
    float *got = computed(p, g, y, sinks, 2, N * C);
    gan_params_get(p, gan_params_find(p, "n.0.mean"), GAN_VALUE, mean);
    gan_params_get(p, gan_params_find(p, "n.0.variance"), GAN_VALUE, variance);
    for (int c = 0; c < C; c++) {
        double m = 0, v = 0;
        for (int i = 0; i < N; i++)
            m += (double)at((size_t)(i * C + c) + 7) / N;
        for (int i = 0; i < N; i++)
            v += pow((double)at((size_t)(i * C + c) + 7) - m, 2) / N;
        near((double)mean[c], 0.1 * m);
        near((double)variance[c], 0.9 + 0.1 * v * N / (N - 1));
        for (int i = 0; i < N; i++)
            near((double)got[i * C + c],
                 ((double)at((size_t)(i * C + c) + 7) - m) / sqrt(v + 1e-5) * (double)gamma[c] + (double)beta[c]);
    }
    free(got);
    gan_graph_free(g);
    g = gan_graph_create();
    const gan_node again = gan_input(g, "x", GAN_SHAPE(N, C));
    got = computed(p, g, gan_net_apply(net, g, again), sinks, 0, N * C);
    for (int c = 0; c < C; c++)
        near((double)got[c],
             ((double)at((size_t)c + 7) - (double)mean[c]) / sqrt((double)variance[c] + 1e-5) * (double)gamma[c] +
                 (double)beta[c]);
    free(got);
    gan_graph_free(g);
    gan_net_free(net);
    gan_params_free(p);
}

static void tables_are_explained(void **state)
{
    (void)state;
    for (int i = 0; i < gan_layer_kinds(); i++)
        assert_true(*gan_layer_info(i).usage && *gan_layer_info(i).help);
    for (int i = 0; i < gan_activations(); i++)
        assert_true(*gan_activation_info(i).usage && *gan_activation_info(i).help);
}

static float *weights(const char *init, uint64_t seed, int in, int out)
{
    gan_params *p = gan_params_create();
    gan_net *net;
    char line[32];
    snprintf(line, sizeof line, "dense %d", out);
    assert_int_equal(gan_net_create(&net, "g", line, GAN_SHAPE(in), p, NULL), GAN_OK);
    assert_int_equal(gan_net_init(net, p, init, seed, NULL), GAN_OK);
    float *v = malloc((size_t)(in * out) * sizeof *v);
    gan_params_get(p, 0, GAN_VALUE, v);
    gan_net_free(net);
    gan_params_free(p);
    return v;
}

static void first_weights(void **state)
{
    enum { IN = 100, OUT = 300, N = IN * OUT };
    static const struct {
        const char *name;
        double deviation, bound;
    } rows[] = {{"glorot", 0.0707107, 0.122475}, {"he", 0.141421, 0.244949}, {"lecun", 0.1, 0.173206},
                {"normal", 0.02, 0.12},          {"normal 0.5", 0.5, 3},     {"fan 2", 0.2, 1.2}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        float *v = weights(rows[i].name, 1, IN, OUT), *again = weights(rows[i].name, 1, IN, OUT),
              *other = weights(rows[i].name, 2, IN, OUT);
        double sum = 0, squares = 0;
        for (int k = 0; k < N; k++) {
            assert_true(fabs((double)v[k]) <= rows[i].bound);
            sum += (double)v[k];
            squares += (double)v[k] * (double)v[k];
        }
        assert_true(fabs(sum / N) < 6 * rows[i].deviation / sqrt(N));
        assert_true(fabs(sqrt(squares / N) / rows[i].deviation - 1) < 0.03);
        assert_memory_equal(v, again, N * sizeof *v);
        assert_memory_not_equal(v, other, N * sizeof *v);
        free(v);
        free(again);
        free(other);
    }
    gan_params *p = gan_params_create();
    gan_net *net;
    gan_error err = {0};
    assert_int_equal(gan_net_create(&net, "g", "dense 2", GAN_SHAPE(2), p, NULL), GAN_OK);
    assert_int_equal(gan_net_init(net, p, "xavier", 1, &err), GAN_EKEY);
    assert_non_null(strstr(err.message, "no first weights 'xavier'; do you mean"));
    gan_net_free(net);
    gan_params_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(builds), cmocka_unit_test(refuses), cmocka_unit_test(mistakes),
                                       cmocka_unit_test(names_around_a_block), cmocka_unit_test(lines_of_a_net),
                                       cmocka_unit_test(first_weights), cmocka_unit_test(blocks_and_names),
                                       cmocka_unit_test(batch_normalisation), cmocka_unit_test(tables_are_explained)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
