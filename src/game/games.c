/* games.c - the table of games. */
#include "game/games.h"

#include <string.h>

static const gan__game *const games[] = {&gan__game_gan, &gan__game_vae, &gan__game_classifier};

int gan__games(const gan__game *const **rows)
{
    *rows = games;
    return sizeof games / sizeof *games;
}

const gan__game *gan__game_find(const char *name)
{
    for (size_t i = 0; i < sizeof games / sizeof *games; i++)
        if (!strcmp(games[i]->name, name))
            return games[i];
    return NULL;
}
