// The functions of canonical-v1, step by step those of CanonicalMath in MAECompute and docs/numerics.md.
#include "rounding.glsl"
#include "fma.glsl"
#include "division.glsl"

#define BITS(pattern) uintBitsToFloat(pattern)
#define ROUNDING_SHIFT BITS(0x4B400000u)
const float EXP_LOWER_BOUND = -86.5, EXP_UPPER_BOUND = 88.0;

// value · 2^n for normal results, `shifted` being n + ROUNDING_SHIFT.
float scaled_by_power(float value, float shifted) {
    uint power = floatBitsToUint(shifted) - 0x4B400000u;
    return uintBitsToFloat(floatBitsToUint(value) + (power << 23));
}

// Cuts x into n · ln 2 + r: returns e^r − 1, and n + ROUNDING_SHIFT.
float reduced_expm1(float x, out float shifted) {
    shifted = fused(x, BITS(0x3FB8AA3Bu), ROUNDING_SHIFT);
    precise float n = shifted - ROUNDING_SHIFT;
    float r = fused(n, BITS(0xBF317218u), x);
    r = fused(n, BITS(0x3102E308u), r);
    float p = BITS(0x3AB6DA07u);
    p = fused(p, r, BITS(0x3C091DA3u));
    p = fused(p, r, BITS(0x3D2AAA2Fu));
    p = fused(p, r, BITS(0x3E2AAA48u));
    p = fused(p, r, BITS(0x3F000000u));
    precise float square = r * r;
    return fused(square, p, r);
}

float exponential(float x) {
    float bounded = x < EXP_LOWER_BOUND ? EXP_LOWER_BOUND : (x > EXP_UPPER_BOUND ? EXP_UPPER_BOUND : x);
    float shifted;
    float expm1 = reduced_expm1(bounded, shifted);
    precise float power = 1.0 + expm1;
    float value = scaled_by_power(power, shifted);
    value = is_nan(x) ? x : value;
    value = x > EXP_UPPER_BOUND ? BITS(0x7F800000u) : value;
    return x < EXP_LOWER_BOUND ? 0.0 : value;
}

// e^x − 1 for x ≤ 0.
float expm1_of_non_positive(float x) {
    float bounded = x < EXP_LOWER_BOUND ? EXP_LOWER_BOUND : x;
    float shifted;
    float expm1 = reduced_expm1(bounded, shifted);
    float power = scaled_by_power(1.0, shifted);
    precise float less_one = power - 1.0;
    float value = fused(power, expm1, less_one);
    value = is_nan(x) ? x : value;
    return x < EXP_LOWER_BOUND ? -1.0 : value;
}

// x · Φ(x) = max(x, 0) − |x| · Φ(−|x|).
float gelu(float x) {
    float a = magnitude(x) > 6.0 ? 0.0 : magnitude(x);
    float t = BITS(0x34D2EB91u);
    t = fused(t, a, BITS(0xB702E306u));
    t = fused(t, a, BITS(0x3887152Du));
    t = fused(t, a, BITS(0xB9836CD5u));
    t = fused(t, a, BITS(0xB8441EE8u));
    t = fused(t, a, BITS(0x3BE546EBu));
    t = fused(t, a, BITS(0xBD56EEFDu));
    t = fused(t, a, BITS(0xBEEB1D8Bu));
    t = fused(t, a, BITS(0xBF93576Du));
    precise float exponent = a * t;
    precise float shifted = exponent + ROUNDING_SHIFT;
    precise float n = shifted - ROUNDING_SHIFT;
    precise float fraction = exponent - n;
    float e = BITS(0x392247D2u);
    e = fused(e, fraction, BITS(0x3AAFA3BAu));
    e = fused(e, fraction, BITS(0x3C1D94D5u));
    e = fused(e, fraction, BITS(0x3D635768u));
    e = fused(e, fraction, BITS(0x3E75FDF0u));
    e = fused(e, fraction, BITS(0x3F317218u));
    float power = fused(e, fraction, 1.0);
    precise float tail = 0.5 * scaled_by_power(power, shifted);
    float positive = x > 0.0 ? x : 0.0;
    return is_nan(x) ? x : fused(negated(a), tail, positive);
}

// x / (1 + e^(−z)).
float times_sigmoid(float x, float z) {
    precise float denominator = 1.0 + exponential(negated(z));
    return divide(x, denominator);
}

#define IDENTITY 0
#define GELU 1
#define GELU_TANH 2
#define QUICK_GELU 3
#define RELU 4
#define SILU 5
#define SELU 6

float activated(float x, uint activation) {
    switch (activation) {
    case GELU:
        return gelu(x);
    case GELU_TANH: {
        precise float squared = x * x;
        precise float cubed = squared * x;
        precise float z = BITS(0x3FCC422Au) * fused(cubed, BITS(0x3D372713u), x);
        return times_sigmoid(x, z);
    }
    case QUICK_GELU: {
        precise float z = BITS(0x3FD9DB23u) * x;
        return times_sigmoid(x, z);
    }
    case RELU:
        return x < 0.0 ? 0.0 : x;
    case SILU:
        return times_sigmoid(x, x);
    case SELU: {
        precise float negative = BITS(0x3FE10966u) * expm1_of_non_positive(x < 0.0 ? x : 0.0);
        precise float positive = BITS(0x3F867D5Fu) * x;
        return x < 0.0 ? negative : positive;
    }
    }
    return x;
}
