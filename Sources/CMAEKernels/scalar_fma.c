/* The scalar set where the processor fuses multiply and add: the same bits without the emulation. */
#include "kernel_sets.h"

#ifdef __x86_64__

#pragma clang attribute push(__attribute__((target("fma"))), apply_to = function)

#define ISA scalar_fma
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

#pragma clang attribute pop

static bool is_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("fma");
}

static const struct mae_matrix_kernels *const matrix_kernels[] = {&kernels_scalar_fma_2x16};

const struct mae_kernel_set mae_scalar_fma = {
    .isa = "scalar",
    .is_supported = is_supported,
    .vector = &vector_kernels,
    .matrix = matrix_kernels,
    .matrix_count = sizeof matrix_kernels / sizeof *matrix_kernels,
};

#endif
