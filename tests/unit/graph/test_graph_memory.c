/* test_graph_memory.c - each allocation of a graph fails once: one sticky error, nothing lost. */
#include "graph/graph_internal.h"
#include "scarce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

enum { STATES = 40, LAYERS = 40 }; /* enough for every array to grow more than once */

/* A deep net, its gradient, and an update of each of its weights. */
static gan_node train_step(gan_graph *g)
{
    gan_node w[STATES], d[STATES], h = gan_input(g, "x", GAN_SHAPE(2, 3)), last = {-1};
    int state[STATES];
    for (int i = 0; i < STATES; i++) {
        state[i] = gan_state(g, w, i, GAN_SHAPE(3, 3));
        w[i] = gan_param(g, state[i]);
    }
    for (int i = 0; i < LAYERS; i++) {
        char name[128]; /* long names: the arena needs several blocks */
        snprintf(name, sizeof name, "%0100d", i);
        const gan_node noise = gan_noise(g, name, GAN_SHAPE(2, 3));
        h = gan_tanh(g, gan_add(g, gan_matmul(g, h, w[i % STATES], false, false), noise));
    }
    gan_grad(g, h, STATES, w, d);
    const gan_node one = gan_const(g, GAN_SCALAR, 1);
    for (int i = 0; i < STATES; i++)
        last = gan_update(g, state[i], d[i], one, one, gan_adam_of(0.5, 0.9, 1e-8));
    return last;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    long allocations = 0;
    for (bool failed = true; failed; allocations++) {
        scarce_failed = 0;
        scarce_left = allocations;
        gan_graph *g = gan_graph_create();
        failed = scarce_failed;
        if (!g) {
            assert_true(failed);
            continue;
        }
        const gan_node y = train_step(g);
        failed = scarce_failed;
        scarce_left = -1;
        gan_error err = {0};
        assert_int_equal(gan_graph_status(g, &err), failed ? GAN_ENOMEM : GAN_OK);
        assert_int_equal(y.id < 0, failed);
        if (failed)
            assert_int_equal(err.message[0], 'o'); /* "out of memory for ..." */
        gan_graph_free(g);
    }
    assert_in_range(allocations, 15, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
