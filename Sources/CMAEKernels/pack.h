/* Packing into the order in which the register tile reads: [k][lane], lanes being rows of the source. */
#ifndef MAE_PACK_H
#define MAE_PACK_H

#include "simd.h"

typedef float v4_unaligned __attribute__((ext_vector_type(4), aligned(4)));

/* Four rows of four elements become four columns. */
INLINE void transpose_4x4(const float *restrict from, size_t stride, float *restrict to, size_t width) {
    v4 a = *(const v4_unaligned *)from, b = *(const v4_unaligned *)(from + stride);
    v4 c = *(const v4_unaligned *)(from + 2 * stride), d = *(const v4_unaligned *)(from + 3 * stride);
    v4 ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    v4 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(v4_unaligned *)to = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    *(v4_unaligned *)(to + width) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    *(v4_unaligned *)(to + 2 * width) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    *(v4_unaligned *)(to + 3 * width) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/* packed[k · width + r] = source[r · stride + k] for r < rows. */
INLINE void pack_transposed(
    const float *restrict source, size_t stride, size_t rows, size_t depth, size_t width, float *restrict packed) {
    size_t whole_depth = rows < 4 ? 0 : depth / 4 * 4;
    for (size_t k = 0; k < whole_depth; k += 4) {
        /* The last four rows overlap those before when rows are no multiple of four. */
        for (size_t done = 0; done < rows; done += 4) {
            size_t row = smaller(done, rows - 4);
            transpose_4x4(source + row * stride + k, stride, packed + k * width + row, width);
        }
    }
    for (size_t k = whole_depth; k < depth; k++) {
        for (size_t row = 0; row < rows; row++) packed[k * width + row] = source[row * stride + k];
    }
}

/* The same, with +0 in the lanes that no row fills. */
INLINE void pack_tile(
    const float *restrict source, size_t stride, size_t rows, size_t depth, size_t width, float *restrict packed) {
    pack_transposed(source, stride, rows, depth, width, packed);
    for (size_t k = 0; k < depth; k++)
        for (size_t lane = rows; lane < width; lane++) packed[k * width + lane] = 0;
}

/* packed[r · width + c] = source[r · stride + c] for c < columns, +0 for columns ≤ c < width. */
INLINE void pack_rows(
    const float *restrict source, size_t stride, size_t rows, size_t columns, size_t width, float *restrict packed) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < width; c += 16) {
            size_t count = columns > c ? columns - c : 0;
            store16(packed + r * width + c, load_up_to(source + r * stride + c, count, 0));
        }
    }
}

INLINE void copy_row(const float *restrict from, size_t count, float *restrict to) {
    for (size_t c = 0; c < count; c += 16) store_up_to(to + c, count - c, load16(from + c));
}

#endif
