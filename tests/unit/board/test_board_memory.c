/* test_board_memory.c - each allocation of writing an event file fails once: a clean answer, and no file. */
#include "../../scarce.h"
#include "planted_run.h"

#include <gan/board.h>

static void each_allocation(void **state)
{
    (void)state;
    plant_run();
    char run[256], folder[256];
    strcpy(run, scratch("run"));
    strcpy(folder, scratch("board"));
    for (long n = 0;; n++) {
        gan_error err = {0};
        scarce_failed = 0;
        scarce_left = n;
        const gan_status s = gan_board_write(run, folder, &err);
        scarce_left = -1;
        if (!scarce_failed) {
            assert_int_equal(s, GAN_HAVE_PROTOBUF ? GAN_OK : GAN_EUNSUPPORTED);
            assert_true(n > 20 || !GAN_HAVE_PROTOBUF);
            return;
        }
        if (s != GAN_ENOMEM)
            fail_msg("allocation %ld: %d %s", n, s, err.message);
        assert_int_not_equal(access(scratch("board/events.out.tfevents.0000000030.gander"), F_OK), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation)};
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
