/* games.h - the table of games. */
#ifndef GAN_GAME_GAMES_H
#define GAN_GAME_GAMES_H

#include "game/game.h"

int gan__games(const gan__game *const **rows); /* how many */
const gan__game *gan__game_find(const char *name); /* NULL: none */

#endif
