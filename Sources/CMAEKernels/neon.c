/* NEON: 32 registers of 4 lanes, in every 64-bit ARM processor. */
#include "kernel_sets.h"

#ifdef __aarch64__

#define ISA neon
#define LANES 4
#include "vector_kernels.h"

#define TILE 6x16
#define TILE_ROWS 6
#define TILE_REGS 4
#include "tile.h"
#define TILE 4x16
#define TILE_ROWS 4
#define TILE_REGS 4
#include "tile.h"

#define TILE 6x16
#define TILE_ROWS 6
#define TILE_COLUMNS 16
#define SHORT_TILE 4x16
#define SHORT_ROWS 4
#define EDGE_TILE 4x16
#define EDGE_ROWS 4
#define PACKED_PANELS 6
#define KEY_TILE 6x16
#define KEY_ROWS 6
#define KEY_COLUMNS 16
#define KEY_EDGE_TILE 6x16
#include "matrix_kernels.h"

static bool is_supported(void) { return true; }

static const struct mae_matrix_kernels *const matrix_kernels[] = {&kernels_neon_6x16};

const struct mae_kernel_set mae_neon = {
    .isa = "neon",
    .is_supported = is_supported,
    .vector = &vector_kernels,
    .matrix = matrix_kernels,
    .matrix_count = sizeof matrix_kernels / sizeof *matrix_kernels,
};

#endif
