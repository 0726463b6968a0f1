/* main.c - gander: the table of commands. */
#include "command.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const cli_command *const commands[] = {&cmd_train, &cmd_sample, &cmd_eval, &cmd_doctor, &cmd_look, &cmd_data, &cmd_recipes,
                                              &cmd_info,  &cmd_bench};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void help(FILE *out)
{
    fputs("gander - trains generative adversarial networks on an ordinary CPU\n\n"
          "usage: gander COMMAND [...]\n\n",
          out);
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n  gander COMMAND --help     options of a command\n"
          "  gander --version\n\n"
          "first steps:\n"
          "  gander data fetch mnist\n"
          "  gander train steady -o runs/first\n"
          "  gander sample runs/first -n 25 -o grid.png\n"
          "  gander train my-pictures                  a folder of your own\n"
          "  gander doctor runs/first                  is it well?\n",
          out);
}

static const cli_command *find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (!strcmp(word, "--version")) {
        printf("gander %s (arithmetic %d, %s)\n", gan_version(), gan_arithmetic(), gan_isa());
        return EXIT_OK;
    }
    const bool asks = !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
    const cli_command *c = find(asks && argc > 2 ? argv[2] : word);
    if (asks && (argc < 3 || c)) {
        c ? cli_help(c, stdout) : help(stdout);
        return EXIT_OK;
    }
    if (!c)
        return cli_wrong(NULL, "no command '%s'", asks ? argv[2] : word);
    return c->run(argc - 2, argv + 2);
}

/* A file opened later must not become standard output: where one of the three is closed, it is /dev/null. */
static void open_standard_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            _exit(EXIT_FAILED);
}

/* What was printed and could not be written (a full disk behind stdout) is a failure too. */
int main(int argc, char **argv)
{
    open_standard_streams();
    const int code = run(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("gander: writing to standard output failed\n", stderr);
        return EXIT_FAILED;
    }
    return code;
}
