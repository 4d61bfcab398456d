/* The functions of canonical-v1, lane by lane the operations of CanonicalMath in MAECompute and docs/numerics.md. */
#ifndef MAE_CANONICAL_MATH_H
#define MAE_CANONICAL_MATH_H

#include "simd.h"

/* 1.5 · 2^23 rounds to an integer when added. */
#define ROUNDING_SHIFT from_bits(0x4B400000)
#define EXP_LOWER_BOUND splat(-86.5f)
#define EXP_UPPER_BOUND splat(88.0f)

/* Horner's rule, from the highest power down; coefficients are bit patterns, ascending. */
#define HORNER(coefficients, x) horner(coefficients, sizeof coefficients / sizeof *coefficients, x)
INLINE v16 horner(const uint32_t *coefficients, size_t count, v16 x) {
    v16 value = from_bits(coefficients[count - 1]);
    UNROLL for (size_t i = count - 1; i-- > 0;) value = fma16(value, x, from_bits(coefficients[i]));
    return value;
}

/* value · 2^n for normal results, `shifted` being n + ROUNDING_SHIFT, whose own bits leave no trace in the exponent. */
INLINE v16 scale_by_power(v16 value, v16 shifted) { return (v16)((v16u)value + ((v16u)shifted << 23)); }

/* Cuts x into n · ln 2 + r: returns e^r − 1, and n + ROUNDING_SHIFT. */
INLINE v16 reduced_expm1(v16 x, v16 *shifted) {
    static const uint32_t polynomial[] = {0x3F000000, 0x3E2AAA48, 0x3D2AAA2F, 0x3C091DA3, 0x3AB6DA07};
    v16 log2e = from_bits(0x3FB8AA3B), ln2_high = from_bits(0x3F317218), ln2_low = from_bits(0xB102E308);
    *shifted = fma16(x, log2e, ROUNDING_SHIFT);
    v16 n = *shifted - ROUNDING_SHIFT;
    v16 r = fma16(n, -ln2_high, x);
    r = fma16(n, -ln2_low, r);
    return fma16(r * r, HORNER(polynomial, r), r);
}

/* e^x between the bounds. */
INLINE v16 exp_within_bounds(v16 x) {
    v16 shifted;
    v16 expm1 = reduced_expm1(x, &shifted);
    return scale_by_power(splat(1) + expm1, shifted);
}

/* e^x for x ≤ EXP_UPPER_BOUND, or NaN. */
INLINE v16 exp_below_upper_bound(v16 x) {
    v16 value = exp_within_bounds(pick(x < EXP_LOWER_BOUND, EXP_LOWER_BOUND, x));
    value = pick(x != x, x, value);
    return pick(x < EXP_LOWER_BOUND, splat(0), value);
}

INLINE v16 exp16(v16 x) {
    v16 value = exp_below_upper_bound(pick(x > EXP_UPPER_BOUND, EXP_UPPER_BOUND, x));
    return pick(x > EXP_UPPER_BOUND, splat(__builtin_inff()), value);
}

/* e^x − 1 for x ≤ 0. */
INLINE v16 expm1_of_non_positive(v16 x) {
    v16 bounded = pick(x < EXP_LOWER_BOUND, EXP_LOWER_BOUND, x);
    v16 shifted;
    v16 expm1 = reduced_expm1(bounded, &shifted);
    v16 power = scale_by_power(splat(1), shifted);
    v16 value = fma16(power, expm1, power - splat(1));
    value = pick(x != x, x, value);
    return pick(x < EXP_LOWER_BOUND, splat(-1), value);
}

/* x · Φ(x) = max(x, 0) − |x| · Φ(−|x|). */
INLINE v16 gelu16(v16 x) {
    static const uint32_t tail_polynomial[] = {
        0xBF93576D, 0xBEEB1D8B, 0xBD56EEFD, 0x3BE546EB, 0xB8441EE8, 0xB9836CD5, 0x3887152D, 0xB702E306, 0x34D2EB91};
    static const uint32_t exp2_polynomial[] = {
        0x3F317218, 0x3E75FDF0, 0x3D635768, 0x3C1D94D5, 0x3AAFA3BA, 0x392247D2};
    v16 magnitude = (v16)((v16u)x & 0x7FFFFFFFu);
    v16 a = pick(magnitude > splat(6), splat(0), magnitude);
    v16 exponent = a * HORNER(tail_polynomial, a);
    v16 shifted = exponent + ROUNDING_SHIFT;
    v16 n = shifted - ROUNDING_SHIFT;
    v16 fraction = exponent - n;
    v16 power = fma16(HORNER(exp2_polynomial, fraction), fraction, splat(1));
    v16 tail = splat(0.5f) * scale_by_power(power, shifted);
    v16 positive = pick(x > splat(0), x, splat(0));
    return pick(x != x, x, fma16(-a, tail, positive));
}

/* x / (1 + e^(−z)). */
INLINE v16 times_sigmoid(v16 x, v16 z) { return x / (splat(1) + exp16(-z)); }

INLINE v16 activated(v16 x, enum mae_activation activation) {
    switch (activation) {
    case MAE_IDENTITY:
        return x;
    case MAE_GELU:
        return gelu16(x);
    case MAE_GELU_TANH: {
        v16 cubed = x * x * x;
        return times_sigmoid(x, from_bits(0x3FCC422A) * fma16(cubed, from_bits(0x3D372713), x));
    }
    case MAE_QUICK_GELU:
        return times_sigmoid(x, from_bits(0x3FD9DB23) * x);
    case MAE_RELU:
        return pick(x < splat(0), splat(0), x);
    case MAE_SILU:
        return times_sigmoid(x, x);
    case MAE_SELU: {
        v16 negative = from_bits(0x3FE10966) * expm1_of_non_positive(pick(x < splat(0), x, splat(0)));
        return pick(x < splat(0), negative, from_bits(0x3F867D5F) * x);
    }
    }
    return x;
}

#endif
