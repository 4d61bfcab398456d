/* The matrix kernels of one register tile. Include inside a target region, after vector_kernels.h and tile.h, with
 *   TILE, TILE_ROWS, TILE_COLUMNS                        the tile of linear layers, and of values in attention
 *   SHORT_TILE, SHORT_ROWS, EDGE_TILE, EDGE_ROWS         as linear.h wants them, and PACKED_PANELS
 *   KEY_TILE, KEY_ROWS, KEY_COLUMNS, KEY_EDGE_TILE      the tiles of scores, as attention.h wants them */
#include "linear.h"
#include "attention.h"

#define NAMED(name) TILE_NAME(name, TILE)
static const struct mae_matrix_kernels NAMED(kernels) = {
    .name = TEXT(ISA) "-" TEXT(TILE),
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .pack_weights = NAMED(pack_weights),
    .linear_scratch = NAMED(linear_scratch),
    .linear = NAMED(linear),
    .attention_scratch = NAMED(attention_scratch),
    .attention = NAMED(attention),
};

#undef NAMED
#undef TILE
#undef TILE_ROWS
#undef TILE_COLUMNS
#undef SHORT_TILE
#undef SHORT_ROWS
#undef EDGE_TILE
#undef EDGE_ROWS
#undef PACKED_PANELS
#undef KEY_TILE
#undef KEY_ROWS
#undef KEY_COLUMNS
#undef KEY_EDGE_TILE
