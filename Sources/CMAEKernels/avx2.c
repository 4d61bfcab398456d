/* AVX2 with FMA: 16 registers of 8 lanes. */
#include "kernel_sets.h"

#ifdef __x86_64__

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define ISA avx2
#define LANES 8
#include "vector_kernels.h"

#define TILE 6x16
#define TILE_ROWS 6
#define TILE_REGS 2
#include "tile.h"
#define TILE 4x16
#define TILE_ROWS 4
#define TILE_REGS 2
#include "tile.h"

#define TILE 6x16
#define TILE_ROWS 6
#define TILE_COLUMNS 16
#define SHORT_TILE 4x16
#define SHORT_ROWS 4
#define EDGE_TILE 4x16
#define EDGE_ROWS 4
#define PACKED_PANELS 12
#define KEY_TILE 6x16
#define KEY_ROWS 6
#define KEY_COLUMNS 16
#define KEY_EDGE_TILE 6x16
#include "matrix_kernels.h"

#pragma clang attribute pop

static bool is_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static const struct mae_matrix_kernels *const matrix_kernels[] = {&kernels_avx2_6x16};

const struct mae_kernel_set mae_avx2 = {
    .isa = "avx2",
    .is_supported = is_supported,
    .vector = &vector_kernels,
    .matrix = matrix_kernels,
    .matrix_count = sizeof matrix_kernels / sizeof *matrix_kernels,
};

#endif
