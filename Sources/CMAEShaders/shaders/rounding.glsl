// Integer halves of floating-point operations: taking numbers apart, and rounding them once.

bool is_nan(float x) { return (floatBitsToUint(x) & 0x7FFFFFFFu) > 0x7F800000u; }
float magnitude(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0x7FFFFFFFu); }
float negated(float x) { return uintBitsToFloat(floatBitsToUint(x) ^ 0x80000000u); }

// A finite number other than 0 is significand · 2^exponent, with 2^23 ≤ significand < 2^24, subnormals included.
void take_apart(uint bits, out uint significand, out int exponent) {
    uint field = bits >> 23 & 0xFFu, fraction = bits & 0x7FFFFFu;
    int raise = 23 - findMSB(fraction | 1u);
    bool is_subnormal = field == 0u;
    significand = is_subnormal ? fraction << raise : fraction | 0x800000u;
    exponent = is_subnormal ? -149 - raise : int(field) - 150;
}

// significand · 2^exponent rounded to nearest even, for 0 < significand < 2^30, whose lowest bit may stand for anything
// below it (then significand ≥ 2^25).
float rounded(uint sign, uint significand, int exponent) {
    int top = findMSB(significand);
    int biased = exponent + top + 127;
    int drop = min(top - 23 + max(1 - biased, 0), 31);
    uint kept = drop > 0 ? significand >> drop : significand << -drop;
    uint rest = drop > 0 ? significand - (kept << drop) : 0u;
    uint half_unit = drop > 0 ? 1u << (drop - 1) : 1u;
    kept += uint(rest > half_unit || (rest == half_unit && (kept & 1u) == 1u));
    // A carry out of the significand raises the exponent by itself.
    uint bits = biased > 0 ? (uint(biased - 1) << 23) + kept : kept;
    return uintBitsToFloat(sign | (biased > 254 ? 0x7F800000u : bits));
}
