/* test_net.c - layer lines: what they build, what is refused, first weights. */
#include <gan/nn.h>

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
    } rows[] = {{"glorot", 0.0707107, 0.122475}, {"he", 0.141421, 0.244949},
                {"lecun", 0.1, 0.173206},        {"normal", 0.02, 0.12}};
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
    assert_non_null(strstr(err.message, "glorot, he, lecun and normal"));
    gan_net_free(net);
    gan_params_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(builds), cmocka_unit_test(refuses),
                                       cmocka_unit_test(first_weights)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
