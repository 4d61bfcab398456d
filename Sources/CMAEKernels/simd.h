/* Vectors over the compiler's own vector types: one source for every instruction set.
 *
 * Include after defining LANES (floats in a register of the target) inside a target region. `v16` is the logical vector
 * that row kernels are written in: one AVX-512 register, two of AVX2, four of NEON. Each operation is one correctly
 * rounded IEEE operation a lane; nothing is contracted or reassociated. */
#ifndef MAE_SIMD_H
#define MAE_SIMD_H

#include "mae_kernels.h"

#pragma clang fp contract(off)
/* Every function that takes a vector is inlined, so no calling convention is involved. */
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline, unused))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vreg __attribute__((ext_vector_type(LANES)));
typedef float v2 __attribute__((ext_vector_type(2)));
typedef float v4 __attribute__((ext_vector_type(4)));
typedef float v8 __attribute__((ext_vector_type(8)));
typedef float v16 __attribute__((ext_vector_type(16)));
typedef int32_t v16i __attribute__((ext_vector_type(16)));
typedef uint32_t v16u __attribute__((ext_vector_type(16)));
typedef float v16_unaligned __attribute__((ext_vector_type(16), aligned(4)));

#ifdef SOFTWARE_FMA
/* One rounding without a fused instruction: the product of two floats is exact in double, TwoSum gives the error of the
 * addition, rounding to odd keeps it visible, and 53 bits are enough to round once more to 24 (Boldo and Melquiond,
 * 2008). */
INLINE float fma1(float a, float b, float c) {
    double product = (double)a * (double)b, addend = (double)c;
    double sum = product + addend;
    double part = sum - product;
    double error = (product - (sum - part)) + (addend - part);
    union { double value; uint64_t bits; } odd = {sum};
    bool is_finite = (odd.bits & 0x7FF0000000000000u) != 0x7FF0000000000000u;
    if (is_finite && error != 0 && (odd.bits & 1) == 0) odd.bits += (error > 0) == (sum > 0) ? 1 : -1;
    return (float)odd.value;
}
INLINE vreg fma_reg(vreg a, vreg b, vreg c) {
    vreg result;
    UNROLL for (int lane = 0; lane < LANES; lane++) result[lane] = fma1(a[lane], b[lane], c[lane]);
    return result;
}
INLINE v16 fma16(v16 a, v16 b, v16 c) {
    v16 result;
    UNROLL for (int lane = 0; lane < 16; lane++) result[lane] = fma1(a[lane], b[lane], c[lane]);
    return result;
}
#else
INLINE vreg fma_reg(vreg a, vreg b, vreg c) { return __builtin_elementwise_fma(a, b, c); }
INLINE v16 fma16(v16 a, v16 b, v16 c) { return __builtin_elementwise_fma(a, b, c); }
#endif

INLINE v16 splat(float value) { return (v16)(value); }
INLINE v16 from_bits(uint32_t bits) { return (v16)(v16u)(bits); }
/* Lanes of `yes` where `mask` is all ones, of `no` where it is zero. */
INLINE v16 pick(v16i mask, v16 yes, v16 no) { return mask ? yes : no; }
typedef bool b16 __attribute__((ext_vector_type(16)));
INLINE bool any16(v16i mask) { return __builtin_reduce_or(__builtin_convertvector(mask, b16)); }
INLINE v16 sqrt16(v16 value) { return __builtin_elementwise_sqrt(value); }

typedef float vreg_unaligned __attribute__((ext_vector_type(LANES), aligned(4)));
INLINE vreg load_reg(const float *from) { return *(const vreg_unaligned *)from; }
INLINE v16 load16(const float *from) { return *(const v16_unaligned *)from; }
INLINE void store16(float *to, v16 value) { *(v16_unaligned *)to = value; }
/* The first `count` elements, 16 at most; the other lanes hold `rest`. */
INLINE v16 load_up_to(const float *from, size_t count, float rest) {
    if (count >= 16) return load16(from);
    v16 value = splat(rest);
    for (size_t lane = 0; lane < count; lane++) value[lane] = from[lane];
    return value;
}
INLINE void store_up_to(float *to, size_t count, v16 value) {
    if (count >= 16) return store16(to, value);
    for (size_t lane = 0; lane < count; lane++) to[lane] = value[lane];
}
/* All ones in the first `count` lanes. */
INLINE v16i lanes_below(size_t count) {
    v16i lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return lane < (v16i)(count < 16 ? (int32_t)count : 16);
}

/* Lanes added pairwise at distance 8, 4, 2, 1. */
INLINE float sum_lanes(v16 v) {
    v8 halves = v.lo + v.hi;
    v4 quarters = halves.lo + halves.hi;
    v2 eighths = quarters.lo + quarters.hi;
    return eighths.lo + eighths.hi;
}

INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
INLINE size_t larger(size_t a, size_t b) { return a > b ? a : b; }
INLINE size_t round_up(size_t value, size_t step) { return (value + step - 1) / step * step; }

#endif
