// The Box-Muller transform as torch.randn computes it on x86 with AVX2.
//
// PyTorch takes log and sincos from Cephes in the vector form of Julien Pommier (avx_mathfun.h), and the compiler of its
// published wheels fuses some of the multiplications with the additions that follow. Which ones it fuses is part of the
// result and is spelled out here: every fma is one that is fused there, and nothing else may be.

#include <math.h>

#include "torch_random.h"
#include "variants.h"

#pragma STDC FP_CONTRACT OFF

TORCH_RANDOM_INLINE float fma1(float a, float b, float c) { return __builtin_elementwise_fma(a, b, c); }

TORCH_RANDOM_INLINE uint32_t bits(float x) {
    union {
        float value;
        uint32_t bits;
    } pun = {x};
    return pun.bits;
}

TORCH_RANDOM_INLINE float from_bits(uint32_t bits) {
    union {
        uint32_t bits;
        float value;
    } pun = {bits};
    return pun.value;
}

// The natural logarithm of a positive normal number.
TORCH_RANDOM_INLINE float cephes_log(float argument) {
    float e = (float)((int32_t)(bits(argument) >> 23) - 0x7f) + 1.0f;
    float mantissa = from_bits((bits(argument) & 0x807fffffu) | 0x3f000000u);  // in [0.5, 1)
    int small = mantissa < 0.707106781186547524f;
    float x = (mantissa - 1.0f) + (small ? mantissa : 0.0f);
    e -= small ? 1.0f : 0.0f;

    float z = x * x;
    float y = 7.0376836292E-2f;
    y = fma1(y, x, -1.1514610310E-1f);
    y = fma1(y, x, 1.1676998740E-1f);
    y = fma1(y, x, -1.2420140846E-1f);
    y = fma1(y, x, 1.4249322787E-1f);
    y = fma1(y, x, -1.6668057665E-1f);
    y = fma1(y, x, 2.0000714765E-1f);
    y = fma1(y, x, -2.4999993993E-1f);
    y = fma1(y, x, 3.3333331174E-1f);
    y *= x;
    y = fma1(y, z, e * -2.12194440e-4f);
    y = fma1(-z, 0.5f, y);
    return fma1(e, 0.693359375f, x + y);
}

// Sine and cosine of an angle in [0, 2 pi].
TORCH_RANDOM_INLINE void cephes_sincos(float angle, float *sine, float *cosine) {
    int32_t octant = ((int32_t)(angle * 1.27323954473516f) + 1) & ~1;
    float y = (float)octant;
    float x = fma1(y, -0.78515625f, angle);
    x = fma1(y, -2.4187564849853515625e-4f, x);
    x = fma1(y, -3.77489497744594108e-8f, x);
    float z = x * x;

    float even = 2.443315711809948E-005f;
    even = fma1(even, z, -1.388731625493765E-003f);
    even = fma1(even, z, 4.166664568298827E-002f);
    even *= z;
    even = fma1(even, z, -(z * 0.5f)) + 1.0f;

    float odd = -1.9515295891E-4f;
    odd = fma1(odd, z, 8.3321608736E-3f);
    odd = fma1(odd, z, -1.6666654611E-1f);
    odd *= z;
    odd = fma1(odd, x, x);

    int swapped = (octant & 2) != 0;
    uint32_t sine_sign = (uint32_t)(octant & 4) << 29;
    uint32_t cosine_sign = (uint32_t)(~(octant - 2) & 4) << 29;
    *sine = from_bits(bits(swapped ? even : odd) ^ sine_sign);
    *cosine = from_bits(bits(swapped ? odd : even) ^ cosine_sign);
}

TORCH_RANDOM_INLINE void normal(float *values, size_t groups) {
    for (size_t group = 0; group < groups; group++) {
        float *u = values + 16 * group;
        float pair[16];
#pragma clang loop vectorize(enable) unroll(disable)
        for (int j = 0; j < 8; j++) {
            // 1 - u is in (0, 1], where the logarithm is defined.
            float radius = __builtin_elementwise_sqrt(-2.0f * cephes_log(1.0f - u[j]));
            float sine, cosine;
            cephes_sincos(6.283185307179586f * u[j + 8], &sine, &cosine);
            // PyTorch scales by 1 and adds a mean of 0 here, which turns -0 into +0.
            pair[j] = radius * cosine + 0.0f;
            pair[j + 8] = radius * sine + 0.0f;
        }
        __builtin_memcpy(u, pair, sizeof pair);
    }
}

TORCH_RANDOM_VARIANTS(normal, (float *values, size_t groups), normal, (values, groups))

void torch_random_normal(float *values, size_t groups, bool avx2) { TORCH_RANDOM_CALL(normal, avx2, (values, groups)); }

void torch_random_normal_pair(double u1, double u2, double normal[2]) {
    double radius = sqrt(-2.0 * log1p(-u2));
    double theta = 2.0 * 3.14159265358979323846 * u1;
    normal[0] = radius * cos(theta);
    normal[1] = radius * sin(theta);
}
