/* games.h - the table of games. */
#ifndef GAN_GAME_GAMES_H
#define GAN_GAME_GAMES_H

#include "game/game.h"

const gan__game *gan__game_find(const char *name); /* NULL: none */

#endif
