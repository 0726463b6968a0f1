/* test_data_memory.c - each allocation of a data set and of its parts fails once: one line, nothing
 * lost. */
#include "scarce.h"

#include <gan/data.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

enum { N = 40 };

/* A set, its parts, and what they answer; freed in an order that differs from that of their making.
 */
static gan_status use(const uint8_t *bytes, gan_error *err)
{
    gan_dataset *whole = NULL, *train = NULL, *held = NULL;
    char hex[65];
    gan_status s =
        gan_dataset_from_bytes(&whole, "mine", (const int[]){N, 1, 1, 1}, bytes, bytes, err);
    if (s == GAN_OK)
        s = gan_dataset_split(&train, &held, whole, 0.25, err);
    gan_dataset_free(whole);
    if (s == GAN_OK)
        s = gan_dataset_digest(held, (const char *[]){"image", "label"}, 2, hex, err);
    gan_dataset_free(train);
    gan_dataset_free(held);
    return s;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    uint8_t bytes[N] = {0};
    long allocations = 0;
    for (bool failed = true; failed; allocations++) {
        gan_error err = {0};
        scarce_failed = 0;
        scarce_left = allocations;
        const gan_status s = use(bytes, &err);
        failed = scarce_failed;
        scarce_left = -1;
        assert_int_equal(s, failed ? GAN_ENOMEM : GAN_OK);
        assert_int_equal(err.message[0], failed ? 'o' : 0); /* "out of memory for ..." */
    }
    assert_in_range(allocations, 15, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
