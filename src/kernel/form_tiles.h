/* form_tiles.h - the register tiles of the product family: M rows x V vectors, a function for each.
 *
 * A file has a struct `tile` and the macro TILE_BODY(M, V, tail), `tail` where the last vector is not full; TILE_TABLE then
 * makes tiles[V - 1][tail][M - 1]. Sizes are macros, since an array sized by a const parameter is a VLA to gcc.
 */
#ifndef GAN_KERNEL_FORM_TILES_H
#define GAN_KERNEL_FORM_TILES_H

#include "kernel/form.h"

enum { TILE_ROWS = 6 };

#define TILE_PAIR(M, V)                                                                           \
    static void tile_##M##_##V(const tile *t) { TILE_BODY(M, V, false); }                         \
    static void tail_##M##_##V(const tile *t) { TILE_BODY(M, V, true); }
#define TILES(V) TILE_PAIR(1, V) TILE_PAIR(2, V) TILE_PAIR(3, V) TILE_PAIR(4, V) TILE_PAIR(5, V) TILE_PAIR(6, V)
#define TILES_OF(name, V) {name##_1_##V, name##_2_##V, name##_3_##V, name##_4_##V, name##_5_##V, name##_6_##V}
#define TILE_ENTRY(V) {TILES_OF(tile, V), TILES_OF(tail, V)}

#if TILE_VECTORS == 4
#define TILE_TABLE                                                                                \
    typedef void tile_fn(const tile *);                                                           \
    TILES(1) TILES(2) TILES(3) TILES(4)                                                           \
    static tile_fn *const tiles[4][2][TILE_ROWS] = {TILE_ENTRY(1), TILE_ENTRY(2), TILE_ENTRY(3), TILE_ENTRY(4)};
#else
#define TILE_TABLE                                                                                \
    typedef void tile_fn(const tile *);                                                           \
    TILES(1)                                                                                      \
    static tile_fn *const tiles[1][2][TILE_ROWS] = {TILE_ENTRY(1)};
#endif

/* A tile's sum to where it goes, added to what is there or not; cut: its first `last` columns alone. The fields of a tile are read
 * before the first store: as far as the compiler knows, a vector may be stored over them. */
INLINE void put_sum(float *y, vf sum, bool add, bool cut, int last)
{
    if (cut)
        v_store_n(y, add ? v_add(v_load_n(y, last), sum) : sum, last);
    else
        v_store(y, add ? v_add(v_load(y), sum) : sum);
}

/* Rows of the next tile when `left` are left: no tile of a single row but where there is only one. */
INLINE int tile_rows(int left)
{
    return left <= TILE_ROWS ? left : left < 2 * TILE_ROWS ? (left + 1) / 2 : TILE_ROWS;
}

#endif
