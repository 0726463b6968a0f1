/* team_public.c - gan_team: the thread team of base/ as the library's users see it. */
#include "plan/layout.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

gan_status gan_team_create(gan_team **out, int threads, gan_error *err)
{
    *out = NULL;
    if (threads < 0 || threads > GAN__TEAM_MAX)
        return gan__fail(err, GAN_EINVAL, "%d threads: 1 to %d can be had, 0 means all processors",
                         threads, GAN__TEAM_MAX);
    gan_team *team = calloc(1, sizeof *team);
    if (!team)
        return gan__fail_memory(err, "a thread team");
    const char *crowded = getenv("GAN_CROWDED");
    const int most = gan__cpu_count();
    if (!threads || (threads > most && !(crowded && !strcmp(crowded, "1"))))
        threads = most;
    const gan_status s = gan__team_create(&team->threads, threads, err);
    if (s != GAN_OK) {
        free(team);
        return s;
    }
    *out = team;
    return GAN_OK;
}

void gan_team_free(gan_team *team)
{
    if (!team)
        return;
    gan__team_free(team->threads);
    gan__room_release(&team->room);
    free(team);
}

int gan_team_threads(const gan_team *team)
{
    return gan__team_size(team->threads);
}
