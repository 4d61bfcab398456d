/* AVX-512: 32 registers of 16 lanes. */
#include "kernel_sets.h"

#ifdef __x86_64__

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw"), min_vector_width(512))), apply_to = function)

#define ISA avx512
#define LANES 16
#include "vector_kernels.h"

#define TILE 12x32
#define TILE_ROWS 12
#define TILE_REGS 2
#include "tile.h"
#define TILE 10x32
#define TILE_ROWS 10
#define TILE_REGS 2
#include "tile.h"
#define TILE 6x32
#define TILE_ROWS 6
#define TILE_REGS 2
#include "tile.h"
#define TILE 8x48
#define TILE_ROWS 8
#define TILE_REGS 3
#include "tile.h"
#define TILE 7x48
#define TILE_ROWS 7
#define TILE_REGS 3
#include "tile.h"
#define TILE 4x48
#define TILE_ROWS 4
#define TILE_REGS 3
#include "tile.h"
#define TILE 8x16
#define TILE_ROWS 8
#define TILE_REGS 1
#include "tile.h"

#define TILE 12x32
#define TILE_ROWS 12
#define TILE_COLUMNS 32
#define SHORT_TILE 10x32
#define SHORT_ROWS 10
#define EDGE_TILE 6x32
#define EDGE_ROWS 6
#define PACKED_PANELS 0
#define KEY_TILE 8x48
#define KEY_ROWS 8
#define KEY_COLUMNS 48
#define KEY_EDGE_TILE 8x16
#include "matrix_kernels.h"

#define TILE 8x48
#define TILE_ROWS 8
#define TILE_COLUMNS 48
#define SHORT_TILE 7x48
#define SHORT_ROWS 7
#define EDGE_TILE 4x48
#define EDGE_ROWS 4
#define PACKED_PANELS 0
#define KEY_TILE 8x48
#define KEY_ROWS 8
#define KEY_COLUMNS 48
#define KEY_EDGE_TILE 8x16
#include "matrix_kernels.h"

#pragma clang attribute pop

static bool is_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bw");
}

static const struct mae_matrix_kernels *const matrix_kernels[] = {
    &kernels_avx512_12x32, &kernels_avx512_8x48};

const struct mae_kernel_set mae_avx512 = {
    .isa = "avx512",
    .is_supported = is_supported,
    .vector = &vector_kernels,
    .matrix = matrix_kernels,
    .matrix_count = sizeof matrix_kernels / sizeof *matrix_kernels,
};

#endif
