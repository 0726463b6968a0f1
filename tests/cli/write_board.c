/* write_board.c - a run's event file, for the test that reads it with TensorBoard.
 *
 * usage: write_board RUN FOLDER     exit 77: built without what that needs
 */
#include <gan/board.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    gan_error err = {0};
    if (argc != 3) {
        fprintf(stderr, "usage: write_board RUN FOLDER\n");
        return 2;
    }
    const gan_status s = gan_board_write(argv[1], argv[2], &err);
    if (s != GAN_OK)
        fprintf(stderr, "write_board: %s\n", err.message);
    return s == GAN_OK ? 0 : s == GAN_EUNSUPPORTED ? 77 : 1;
}
