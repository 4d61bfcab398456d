/* What every processor of the architecture has. On x86-64 that is no fused multiply-add: it is emulated, exactly. */
#include "kernel_sets.h"

#ifdef __x86_64__
#define SOFTWARE_FMA
#endif

#define ISA scalar
#define LANES 4
#include "vector_kernels.h"

#define TILE 2x16
#define TILE_ROWS 2
#define TILE_REGS 4
#include "tile.h"
#define TILE 1x16
#define TILE_ROWS 1
#define TILE_REGS 4
#include "tile.h"

#define TILE 2x16
#define TILE_ROWS 2
#define TILE_COLUMNS 16
#define SHORT_TILE 1x16
#define SHORT_ROWS 1
#define EDGE_TILE 1x16
#define EDGE_ROWS 1
#define PACKED_PANELS 6
#define KEY_TILE 2x16
#define KEY_ROWS 2
#define KEY_COLUMNS 16
#define KEY_EDGE_TILE 2x16
#include "matrix_kernels.h"

static bool is_supported(void) { return true; }

static const struct mae_matrix_kernels *const matrix_kernels[] = {&kernels_scalar_2x16};

const struct mae_kernel_set mae_scalar = {
    .isa = "scalar",
    .is_supported = is_supported,
    .vector = &vector_kernels,
    .matrix = matrix_kernels,
    .matrix_count = sizeof matrix_kernels / sizeof *matrix_kernels,
};
