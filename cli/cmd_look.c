/* cmd_look.c - gander look: a run in a browser, while it trains and afterwards. */
#include "command.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { REPORT, BOARD, PORT, DATA, THREADS, FORCE };

static const cli_option options[] = {
    [REPORT] = {0, "report", "FILE", "write the page into one HTML file that needs nothing, for a mail"},
    [BOARD] = {0, "tensorboard", "DIR", "write what it logged and drew as TensorBoard's event file into a folder"},
    [PORT] = {0, "port", "N", "at 127.0.0.1:N (default: any that is free)"},
    [DATA] = {0, "data", "DIR|NAME", "the run's data (default: where it lay)"},
    [THREADS] = {0, "threads", "N", "threads that draw samples (default: 1, the training has the others)"},
    [FORCE] = {0, "force", NULL, "overwrite what is there"},
};

typedef struct arguments {
    const char *run, *report, *board, *data;
    long long port, threads;
    bool force;
} arguments;

static bool take(void *ctx, int option, const char *value)
{
    arguments *a = ctx;
    switch (option) {
    case REPORT: a->report = value; return true;
    case BOARD: a->board = value; return true;
    case PORT: return cli_int(&cmd_look, "--port", value, 1, 65535, &a->port);
    case DATA: a->data = value; return true;
    case THREADS: return cli_int(&cmd_look, "--threads", value, 1, 256, &a->threads);
    case FORCE: return a->force = true;
    }
    if (a->run) {
        cli_wrong(&cmd_look, "look: one run, not '%s' too", value);
        return false;
    }
    a->run = value;
    return true;
}

static int write_report(gan_page *page, const arguments *a)
{
    gan_error err = {0};
    gan_status s = a->force || !cli_exists(a->report) ? GAN_OK : cli_refuse(&err, GAN_EEXISTS, a->report, "is there already (--force overwrites it)");
    if (s == GAN_OK)
        s = gan_page_report(page, a->report, &err);
    if (s != GAN_OK)
        return cli_failed(&err);
    printf("%s: open it in any browser\n", a->report);
    return EXIT_OK;
}

static int write_board(const arguments *a)
{
    char name[512];
    gan_error err = {0};
    if (gan_board_write(a->run, a->board, &err) != GAN_OK)
        return cli_failed(&err);
    printf("tensorboard --logdir '%s'\n", gan_text_clean(name, sizeof name, a->board));
    return EXIT_OK;
}

/* Until it is told to stop: Ctrl-C, or a terminal that is closed. */
static int serve(gan_page *page, const arguments *a)
{
    gan_page_server *server;
    gan_error err = {0};
    sigset_t ends;
    int which;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* the server's thread inherits it */
    signal(SIGPIPE, SIG_IGN);
    if (gan_page_serve(&server, page, (int)a->port, &err) != GAN_OK)
        return cli_failed(&err);
    printf("%s\nopen it in a browser of this machine; Ctrl-C ends it\n", gan_page_server_address(server));
    fflush(stdout);
    sigwait(&ends, &which);
    pthread_sigmask(SIG_UNBLOCK, &ends, NULL); /* a second one does not wait for an answer that is being made */
    gan_page_server_free(server);
    return EXIT_OK;
}

static int run(int count, char **words)
{
    arguments a = {.threads = 1};
    gan_page *page;
    gan_error err = {0};
    const int done = cli_parse(&cmd_look, count, words, take, &a);
    if (done)
        return done - 1;
    if (!a.run)
        return cli_wrong(&cmd_look, "look: which run?");
    if ((a.report != NULL) + (a.board != NULL) + (a.port != 0) > 1)
        return cli_wrong(&cmd_look, "look: one of --report, --tensorboard and --port");
    if (a.board)
        return write_board(&a);
    if (gan_page_create(&page, a.run, a.data, (int)a.threads, &err) != GAN_OK)
        return cli_failed(&err);
    const int code = a.report ? write_report(page, &a) : serve(page, &a);
    gan_page_free(page);
    return code;
}

const cli_command cmd_look = {"look",
                              "a run in a browser, while it trains and afterwards",
                              "RUN [--port N]             prints the address of a page that grows with the run\n"
                              "       gander look RUN --report FILE      the same as one file\n"
                              "       gander look RUN --tensorboard DIR  for TensorBoard",
                              options,
                              sizeof options / sizeof *options,
                              run};
