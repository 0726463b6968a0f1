/* cmd_info.c - gander info: what is in a checkpoint. */
#include "command.h"

static bool take(void *ctx, int option, const char *value)
{
    const char **file = ctx;
    (void)option;
    if (*file) {
        cli_wrong(&cmd_info, "info: one file, not '%s' too", value);
        return false;
    }
    *file = value;
    return true;
}

static int run(int count, char **words)
{
    const char *file = NULL;
    gan_error err = {0};
    const int done = cli_parse(&cmd_info, count, words, take, &file);
    if (done)
        return done - 1;
    if (!file)
        return cli_wrong(&cmd_info, "info: which file?");
    return gan_info_print(file, stdout, &err) == GAN_OK ? EXIT_OK : cli_failed(&err);
}

const cli_command cmd_info = {
    "info", "what is in a model, a checkpoint or a run", "FILE|RUN", NULL, 0, run};
